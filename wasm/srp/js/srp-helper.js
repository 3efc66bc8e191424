// The functions of cognito-srp-helper over the wasm module. They give at once what they are asked, so that this entry
// waits for the module while it is imported.

import {
	allHex, base64, claim, deviceSecret, freshPair, fromHex, hexOf, mac, passwordHash, ready, sharedKey, timestampOf,
} from './exchange.js';
import * as errors from './srp-helper-errors.js';

await ready();

export * from './srp-helper-errors.js';

export const createSecretHash = (userId, clientId, secretId) => mac(secretId, userId, clientId);

export const createPasswordHash = (userId, password, poolId) => allHex(passwordHash(abbreviated(poolId), userId, password));

export function createDeviceVerifier(deviceKey, deviceGroupKey) {
	const { password, salt, verifier } = deviceSecret(deviceGroupKey, deviceKey);
	return {
		DeviceRandomPassword: password,
		DeviceSecretVerifierConfig: { PasswordVerifier: base64(verifier), Salt: base64(salt) },
	};
}

export function createSrpSession(username, password, poolId, isHashed = true) {
	const { secret, a } = freshPair();
	return {
		username,
		poolId,
		poolIdAbbr: abbreviated(poolId),
		password,
		isHashed,
		timestamp: timestampOf(),
		smallA: hexOf(secret),
		largeA: hexOf(a),
	};
}

export function signSrpSession(session, response) {
	const { USER_ID_FOR_SRP: user } = asked(response, 'USER_ID_FOR_SRP');
	const { poolIdAbbr, password, isHashed } = session;
	const inner = isHashed ? fromHex(password, 32) : passwordHash(poolIdAbbr, user, password);
	return signed(session, response, poolIdAbbr, user, inner);
}

export function signSrpSessionWithDevice(session, response, deviceGroupKey, deviceRandomPassword) {
	const { DEVICE_KEY: device } = asked(response, 'DEVICE_KEY');
	return signed(session, response, deviceGroupKey, device, passwordHash(deviceGroupKey, device, deviceRandomPassword));
}

export const wrapInitiateAuth = (session, request) => ({
	...request,
	AuthParameters: { ...request.AuthParameters, SRP_A: session.largeA },
});

export const wrapAuthChallenge = (session, request) => ({
	...request,
	ChallengeResponses: {
		...request.ChallengeResponses,
		PASSWORD_CLAIM_SECRET_BLOCK: session.secret,
		PASSWORD_CLAIM_SIGNATURE: session.passwordSignature,
		SRP_A: session.largeA,
		TIMESTAMP: session.timestamp,
	},
});

// The parameters of a challenge; the first that is missing is said.
function asked({ ChallengeParameters: parameters }, last) {
	if (!parameters) throw new errors.MissingChallengeResponsesError();
	for (const name of ['SALT', 'SECRET_BLOCK', 'SRP_B', last]) {
		if (!parameters[name]) throw new MISSING[name]();
	}
	return parameters;
}

const MISSING = {
	SALT: errors.MissingSaltError,
	SECRET_BLOCK: errors.MissingSecretError,
	SRP_B: errors.MissingLargeBError,
	USER_ID_FOR_SRP: errors.MissingUserIdForSrpBError,
	DEVICE_KEY: errors.MissingDeviceKeyError,
};

function signed(session, { ChallengeParameters: { SALT, SECRET_BLOCK, SRP_B } }, group, user, inner) {
	const secret = fromHex(session.smallA, 32, 128);
	const key = sharedKey(secret, fromHex(session.largeA, 384), fromHex(SRP_B, 384), inner, fromHex(SALT, 1, 1024));
	for (const one of [secret, inner]) one.fill(0);
	if (!key) throw new errors.AbortOnZeroBSrpError();
	const passwordSignature = claim(key, group, user, SECRET_BLOCK, session.timestamp);
	key.fill(0);
	return { ...session, salt: SALT, secret: SECRET_BLOCK, largeB: SRP_B, passwordSignature };
}

const abbreviated = (poolId) => poolId.split('_')[1];

export default {
	createSecretHash, createPasswordHash, createDeviceVerifier, createSrpSession, signSrpSession, signSrpSessionWithDevice,
	wrapInitiateAuth, wrapAuthChallenge, ...errors,
};
