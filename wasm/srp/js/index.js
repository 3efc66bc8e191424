// The client's side of SRP for Amazon Cognito user pools and what speaks their protocol. Types and docs: index.d.ts.

import { base64, claim, deviceSecret, freshPair, fromHex, hexOf, mac, passwordHash, ready, sharedKey, timestampOf } from './exchange.js';

export { ready };

// The module is on its way as soon as this is imported; who needs it hears of a failure.
ready().catch(() => {});

export async function beginSignIn() {
	await ready();
	return exchange(({ userPoolId }, { USER_ID_FOR_SRP }) => [poolName(userPoolId), USER_ID_FOR_SRP]);
}

export async function beginDeviceSignIn() {
	await ready();
	return exchange(({ deviceGroupKey, deviceKey }, { DEVICE_KEY = deviceKey }) => [deviceGroupKey, DEVICE_KEY]);
}

export async function confirmDevice({ deviceGroupKey, deviceKey }) {
	await ready();
	const { password, salt, verifier } = deviceSecret(deviceGroupKey, deviceKey);
	return { DeviceSecretVerifierConfig: { PasswordVerifier: base64(verifier), Salt: base64(salt) }, password };
}

export async function secretHash({ username, clientId, clientSecret }) {
	await ready();
	return mac(clientSecret, username, clientId);
}

// One exchange: a secret, its public value, and one answer, after which the secret is gone.
function exchange(whose) {
	let { secret, a } = freshPair();
	return {
		srpA: hexOf(a),
		answer(given) {
			if (!secret) throw new Error('an exchange answers once');
			const { challengeParameters: asked, password, now, clientId, clientSecret, deviceKey } = given;
			const { SALT, SRP_B, SECRET_BLOCK } = asked;
			const [group, user] = whose(given, asked);
			const username = asked.USER_ID_FOR_SRP ?? asked.USERNAME ?? given.username;
			let inner, key;
			try {
				inner = passwordHash(group, user, password);
				key = sharedKey(secret, a, fromHex(SRP_B, 384), inner, fromHex(SALT, 1, 1024));
				if (!key) throw new Error('the server sent no public value of SRP');
				const timestamp = timestampOf(now);
				return {
					USERNAME: username,
					PASSWORD_CLAIM_SECRET_BLOCK: SECRET_BLOCK,
					PASSWORD_CLAIM_SIGNATURE: claim(key, group, user, SECRET_BLOCK, timestamp),
					TIMESTAMP: timestamp,
					...(deviceKey && { DEVICE_KEY: deviceKey }),
					...(clientSecret && { SECRET_HASH: mac(clientSecret, username, clientId) }),
				};
			} finally {
				for (const one of [secret, inner, key]) one?.fill(0);
				secret = undefined;
			}
		},
	};
}

function poolName(id) {
	const name = id.split('_')[1];
	if (!name) throw new TypeError('the id of a user pool has the form region_name');
	return name;
}
