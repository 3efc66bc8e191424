// Second factors, as amazon-cognito-identity-js and Amplify set them up and answer them.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { AuthenticationDetails, CognitoUser, CognitoUserPool } from 'amazon-cognito-identity-js';
import { Amplify } from 'aws-amplify';
import {
	confirmSignIn,
	fetchMFAPreference,
	setUpTOTP,
	signIn,
	signOut,
	updateMFAPreference,
	verifyTOTPSetup,
} from 'aws-amplify/auth';

import { confirmedUser, makePool, own, unique, uniqueAddress } from './server.mjs';
import { totp } from './totp.mjs';

const PASSWORD = 'Right-passw0rd!';
const PHONE = `+1206555${String(process.pid % 10_000).padStart(4, '0')}`;

// A pool with every second factor.
async function mfaPool(mfa = 'OPTIONAL') {
	const pool = await makePool(own, { pool: { AutoVerifiedAttributes: [] } });
	await own.idp.setUserPoolMfaConfig({
		UserPoolId: pool.poolId,
		MfaConfiguration: mfa,
		SmsMfaConfiguration: {},
		SoftwareTokenMfaConfiguration: { Enabled: true },
		EmailMfaConfiguration: {},
	});
	return pool;
}

// A CONFIRMED user without any address.
async function bareUser({ poolId }) {
	const name = unique('user');
	await own.idp.adminCreateUser({ UserPoolId: poolId, Username: name, MessageAction: 'SUPPRESS' });
	await own.idp.adminSetUserPassword({ UserPoolId: poolId, Username: name, Password: PASSWORD, Permanent: true });
	return name;
}

// What a method with a callback object calls first, and with what.
function told(object, method, ...args) {
	return new Promise((resolve, reject) => {
		const names = [
			'onSuccess', 'associateSecretCode', 'mfaRequired', 'mfaSetup', 'selectMFAType', 'totpRequired',
		];
		const callbacks = Object.fromEntries(names.map((name) => [name, (...values) => resolve([name, ...values])]));
		object[method](...args, { ...callbacks, onFailure: reject });
	});
}

function begin({ poolId, clientId }, name) {
	const Pool = new CognitoUserPool({ UserPoolId: poolId, ClientId: clientId, endpoint: own.endpoint });
	const user = new CognitoUser({ Username: name, Pool });
	const details = new AuthenticationDetails({ Username: name, Password: PASSWORD });
	return { user, first: told(user, 'authenticateUser', details) };
}

// Sends a code; `type` is given for software tokens alone.
function sendCode(user, code, type) {
	return new Promise((resolve, reject) => {
		user.sendMFACode(code, { onSuccess: resolve, onFailure: reject }, type);
	});
}

test('identity-js sets up a software token and chooses among two factors', async () => {
	const pool = await mfaPool();
	const { name } = await confirmedUser(own, pool.poolId, PASSWORD);
	await own.idp.adminUpdateUserAttributes({
		UserPoolId: pool.poolId,
		Username: name,
		UserAttributes: [{ Name: 'phone_number', Value: PHONE }],
	});
	const signedIn = begin(pool, name);
	assert.equal((await signedIn.first)[0], 'onSuccess');
	const [, secret] = await told(signedIn.user, 'associateSoftwareToken');
	await told(signedIn.user, 'verifySoftwareToken', totp(secret, -1), 'phone');
	const on = { Enabled: true, PreferredMfa: false };
	const set = await new Promise((resolve, reject) => {
		signedIn.user.setUserMfaPreference(on, on, (error, reply) => (error ? reject(error) : resolve(reply)));
	});
	assert.equal(set, 'SUCCESS');

	const first = begin(pool, name);
	const [asked, , parameters] = await first.first;
	assert.equal(asked, 'selectMFAType');
	assert.equal(parameters.MFAS_CAN_CHOOSE, '["SMS_MFA","SOFTWARE_TOKEN_MFA"]');
	assert.equal((await told(first.user, 'sendMFASelectionAnswer', 'SOFTWARE_TOKEN_MFA'))[0], 'totpRequired');
	await assert.rejects(sendCode(first.user, totp(secret, -1), 'SOFTWARE_TOKEN_MFA'), {
		code: 'ExpiredCodeException',
	});
	const session = await sendCode(first.user, totp(secret, 0), 'SOFTWARE_TOKEN_MFA');
	assert.equal(session.isValid(), true);

	const second = begin(pool, name);
	await second.first;
	const { result, code } = await own.inbox.codeFrom(PHONE, () =>
		told(second.user, 'sendMFASelectionAnswer', 'SMS_MFA')
	);
	assert.equal(result[0], 'mfaRequired');
	assert.equal((await sendCode(second.user, code)).isValid(), true);
});

test('identity-js sets up a required software token in the middle of a sign-in', async () => {
	const pool = await mfaPool('ON');
	const name = await bareUser(pool);
	const { user, first } = begin(pool, name);

	assert.equal((await first)[0], 'mfaSetup');
	const [, secret] = await told(user, 'associateSoftwareToken');
	const [end, session] = await told(user, 'verifySoftwareToken', totp(secret, -1), 'phone');

	assert.equal(end, 'onSuccess');
	assert.equal(session.isValid(), true);
	const again = begin(pool, name);
	assert.equal((await again.first)[0], 'totpRequired');
	assert.equal((await sendCode(again.user, totp(secret, 0), 'SOFTWARE_TOKEN_MFA')).isValid(), true);
});

function configure({ poolId, clientId }) {
	Amplify.configure({
		Auth: { Cognito: { userPoolId: poolId, userPoolClientId: clientId, userPoolEndpoint: own.endpoint } },
	});
}

test('Amplify sets up a software token, prefers it and signs in with it', async () => {
	const pool = await mfaPool();
	configure(pool);
	const { name } = await confirmedUser(own, pool.poolId, PASSWORD);
	await signIn({ username: name, password: PASSWORD });
	const { sharedSecret } = await setUpTOTP();
	await verifyTOTPSetup({ code: totp(sharedSecret, -1) });
	await updateMFAPreference({ totp: 'PREFERRED', email: 'ENABLED' });
	const shown = await fetchMFAPreference();
	assert.equal(shown.preferred, 'TOTP');
	assert.deepEqual([...shown.enabled].sort(), ['EMAIL', 'TOTP']);
	await signOut();

	const asked = await signIn({ username: name, password: PASSWORD });
	assert.equal(asked.nextStep.signInStep, 'CONFIRM_SIGN_IN_WITH_TOTP_CODE');
	const done = await confirmSignIn({ challengeResponse: totp(sharedSecret, 0) });
	assert.equal(done.isSignedIn, true);
	await signOut();
});

test('Amplify chooses a code in an e-mail among several factors', async () => {
	const pool = await mfaPool();
	configure(pool);
	const { name, email } = await confirmedUser(own, pool.poolId, PASSWORD);
	await own.idp.adminUpdateUserAttributes({
		UserPoolId: pool.poolId,
		Username: name,
		UserAttributes: [{ Name: 'phone_number', Value: PHONE }],
	});
	await own.idp.adminSetUserMFAPreference({
		UserPoolId: pool.poolId,
		Username: name,
		SMSMfaSettings: { Enabled: true },
		EmailMfaSettings: { Enabled: true },
	});

	const asked = await signIn({ username: name, password: PASSWORD });
	assert.equal(asked.nextStep.signInStep, 'CONTINUE_SIGN_IN_WITH_MFA_SELECTION');
	assert.deepEqual([...asked.nextStep.allowedMFATypes].sort(), ['EMAIL', 'SMS']);
	const { result, code } = await own.inbox.codeFrom(email, () => confirmSignIn({ challengeResponse: 'EMAIL' }));
	assert.equal(result.nextStep.signInStep, 'CONFIRM_SIGN_IN_WITH_EMAIL_CODE');
	assert.equal((await confirmSignIn({ challengeResponse: code })).isSignedIn, true);
	await signOut();

	await signIn({ username: name, password: PASSWORD });
	const byPhone = await own.inbox.codeFrom(PHONE, () => confirmSignIn({ challengeResponse: 'SMS' }));
	assert.equal(byPhone.result.nextStep.signInStep, 'CONFIRM_SIGN_IN_WITH_SMS_CODE');
	assert.equal((await confirmSignIn({ challengeResponse: byPhone.code })).isSignedIn, true);
	await signOut();
});

test('Amplify sets up a required factor: a software token, or an address', async () => {
	const pool = await mfaPool('ON');
	configure(pool);
	const name = await bareUser(pool);
	const asked = await signIn({ username: name, password: PASSWORD });
	assert.equal(asked.nextStep.signInStep, 'CONTINUE_SIGN_IN_WITH_MFA_SETUP_SELECTION');
	const setup = await confirmSignIn({ challengeResponse: 'TOTP' });
	assert.equal(setup.nextStep.signInStep, 'CONTINUE_SIGN_IN_WITH_TOTP_SETUP');
	const secret = setup.nextStep.totpSetupDetails.sharedSecret;
	assert.equal((await confirmSignIn({ challengeResponse: totp(secret, -1) })).isSignedIn, true);
	await signOut();

	const other = await bareUser(pool);
	const address = uniqueAddress();
	await signIn({ username: other, password: PASSWORD });
	const chosen = await confirmSignIn({ challengeResponse: 'EMAIL' });
	assert.equal(chosen.nextStep.signInStep, 'CONTINUE_SIGN_IN_WITH_EMAIL_SETUP');
	const { result, code } = await own.inbox.codeFrom(address, () => confirmSignIn({ challengeResponse: address }));
	assert.equal(result.nextStep.signInStep, 'CONFIRM_SIGN_IN_WITH_EMAIL_CODE');
	assert.equal((await confirmSignIn({ challengeResponse: code })).isSignedIn, true);
	await signOut();
});
