// Remembered devices, as amazon-cognito-identity-js and Amplify confirm, prove and forget them.
import assert from 'node:assert/strict';
import { test } from 'node:test';

// Amplify names a device after the browser, and confirms none where there is no browser to name.
globalThis.navigator ??= { userAgent: 'node' };

const { AuthenticationDetails, CognitoUser, CognitoUserPool } = await import('amazon-cognito-identity-js');
const { Amplify } = await import('aws-amplify');
const { fetchAuthSession, fetchDevices, forgetDevice, rememberDevice, signIn, signOut } = await import(
	'aws-amplify/auth'
);

import { confirmedUser, makePool, own } from './server.mjs';

const PASSWORD = 'Right-passw0rd!';

// A pool that remembers devices, at once or when the user says so, and has codes in e-mails as second factor.
async function devicePool(onPrompt = false) {
	const pool = await makePool(own, {
		pool: {
			DeviceConfiguration: { ChallengeRequiredOnNewDevice: true, DeviceOnlyRememberedOnUserPrompt: onPrompt },
		},
	});
	await own.idp.setUserPoolMfaConfig({
		UserPoolId: pool.poolId,
		MfaConfiguration: 'OPTIONAL',
		EmailMfaConfiguration: {},
		SmsMfaConfiguration: {},
	});
	return pool;
}

async function preferMail({ poolId }, name) {
	await own.idp.adminSetUserMFAPreference({
		UserPoolId: poolId,
		Username: name,
		SMSMfaSettings: { Enabled: false },
		EmailMfaSettings: { Enabled: true },
	});
}

async function devicesOf({ poolId }, name) {
	const reply = await own.idp.adminListDevices({ UserPoolId: poolId, Username: name });
	return reply.Devices.map((device) => device.DeviceKey);
}

// The devices of a user with what administrators see of them.
async function statusOf({ poolId }, name, key) {
	const { Device } = await own.idp.adminGetDevice({ UserPoolId: poolId, Username: name, DeviceKey: key });
	return Device.DeviceAttributes.find((it) => it.Name === 'dev:device_remembered_status').Value;
}

// What a sign-in with identity-js calls first, and with what. Its store outlives users, as a browser's does.
function begin({ poolId, clientId }, name, flow) {
	const Pool = new CognitoUserPool({ UserPoolId: poolId, ClientId: clientId, endpoint: own.endpoint });
	const user = new CognitoUser({ Username: name, Pool });
	if (flow) user.setAuthenticationFlowType(flow);
	const details = new AuthenticationDetails({ Username: name, Password: PASSWORD });
	const told = new Promise((resolve, reject) => {
		user.authenticateUser(details, {
			onSuccess: (session, confirmationNecessary) => resolve(['signed in', session, confirmationNecessary]),
			onFailure: reject,
			mfaRequired: (asked) => resolve([asked]),
		});
	});
	return { user, told };
}

// Calls a method that takes nothing but callbacks.
function called(object, method, ...args) {
	return new Promise((resolve, reject) => {
		object[method](...args, { onSuccess: resolve, onFailure: reject });
	});
}

for (const flow of ['USER_SRP_AUTH', 'USER_PASSWORD_AUTH']) {
	test(`identity-js signs in from a remembered device without the second factor, by ${flow}`, async () => {
		const pool = await devicePool();
		const { name } = await confirmedUser(own, pool.poolId, PASSWORD);
		const [, first, necessary] = await begin(pool, name, flow).told;
		assert.notEqual(necessary, true);
		const key = first.getAccessToken().payload.device_key;
		assert.deepEqual(await devicesOf(pool, name), [key]);
		await preferMail(pool, name);
		const other = await own.idp.initiateAuth({
			ClientId: pool.clientId,
			AuthFlow: 'USER_PASSWORD_AUTH',
			AuthParameters: { USERNAME: name, PASSWORD },
		});
		assert.equal(other.ChallengeName, 'EMAIL_OTP');

		for (let again = 0; again < 2; again++) {
			const { told } = begin(pool, name, flow);
			const [end, session] = await told;
			assert.equal(end, 'signed in');
			assert.equal(session.getAccessToken().payload.device_key, key);
		}
		const { user, told } = begin(pool, name, flow);
		const [, session] = await told;
		const refreshed = await new Promise((resolve, reject) => {
			user.refreshSession(session.getRefreshToken(), (error, reply) => (error ? reject(error) : resolve(reply)));
		});
		assert.equal(refreshed.getAccessToken().payload.device_key, key);
		assert.deepEqual(await devicesOf(pool, name), [key]);
	});
}

test('identity-js signs in again after its device was forgotten', async () => {
	const pool = await devicePool();
	const { name } = await confirmedUser(own, pool.poolId, PASSWORD);
	await begin(pool, name).told;
	const [key] = await devicesOf(pool, name);
	await own.idp.adminForgetDevice({ UserPoolId: pool.poolId, Username: name, DeviceKey: key });

	const [end] = await begin(pool, name).told;

	assert.equal(end, 'signed in');
	const [next] = await devicesOf(pool, name);
	assert.notEqual(next, key);
});

test('identity-js says which devices are remembered, lists and forgets them', async () => {
	const pool = await devicePool(true);
	const { name } = await confirmedUser(own, pool.poolId, PASSWORD);
	const { user, told } = begin(pool, name);
	const [, , necessary] = await told;
	assert.equal(necessary, true);
	const [key] = await devicesOf(pool, name);
	assert.equal(await statusOf(pool, name, key), 'not_remembered');

	assert.equal(await called(user, 'setDeviceStatusRemembered'), 'SUCCESS');
	assert.equal(await statusOf(pool, name, key), 'remembered');
	assert.equal((await begin(pool, name).told)[0], 'signed in');
	assert.equal(await called(user, 'setDeviceStatusNotRemembered'), 'SUCCESS');
	assert.equal(await statusOf(pool, name, key), 'not_remembered');
	assert.equal((await called(user, 'getDevice')).Device.DeviceKey, key);
	const listed = await called(user, 'listDevices', 10, null);
	assert.deepEqual(
		listed.Devices.map((device) => device.DeviceKey),
		[key]
	);
	assert.equal(await called(user, 'forgetDevice'), 'SUCCESS');
	assert.deepEqual(await devicesOf(pool, name), []);
});

test('Amplify remembers, proves, refreshes from, lists and forgets a device', async () => {
	const pool = await devicePool(true);
	Amplify.configure({
		Auth: {
			Cognito: {
				userPoolId: pool.poolId,
				userPoolClientId: pool.clientId,
				userPoolEndpoint: own.endpoint,
			},
		},
	});
	const { name } = await confirmedUser(own, pool.poolId, PASSWORD);
	await signIn({ username: name, password: PASSWORD });
	const [key] = await devicesOf(pool, name);
	await preferMail(pool, name);
	await rememberDevice();
	assert.equal(await statusOf(pool, name, key), 'remembered');
	await signOut();

	for (const authFlowType of ['USER_SRP_AUTH', 'USER_PASSWORD_AUTH']) {
		const done = await signIn({ username: name, password: PASSWORD, options: { authFlowType } });
		assert.equal(done.isSignedIn, true, done.nextStep.signInStep);
		const renewed = await fetchAuthSession({ forceRefresh: true });
		assert.equal(renewed.tokens.accessToken.payload.device_key, key);
		const devices = await fetchDevices();
		assert.deepEqual(
			devices.map((device) => device.id),
			[key]
		);
		await signOut();
	}

	await own.idp.adminForgetDevice({ UserPoolId: pool.poolId, Username: name, DeviceKey: key });
	const asked = await signIn({ username: name, password: PASSWORD });
	assert.equal(asked.nextStep.signInStep, 'CONFIRM_SIGN_IN_WITH_EMAIL_CODE');
	await own.idp.adminSetUserMFAPreference({
		UserPoolId: pool.poolId,
		Username: name,
		EmailMfaSettings: { Enabled: false },
	});
	await signIn({ username: name, password: PASSWORD });
	const [next] = await devicesOf(pool, name);
	assert.notEqual(next, key);
	await forgetDevice();
	assert.deepEqual(await devicesOf(pool, name), []);
});
