// amazon-cognito-identity-js: the library of older web applications.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
	AuthenticationDetails,
	CognitoRefreshToken,
	CognitoUser,
	CognitoUserAttribute,
	CognitoUserPool,
} from 'amazon-cognito-identity-js';

import { otherCode } from './inbox.mjs';
import { confirmedUser, makePool, own, unique, uniqueAddress } from './server.mjs';

const FIRST = 'First-passw0rd!';
const SECOND = 'Second passw0rd: ✓';
const THIRD = 'Third-passw0rd?';

// Calls a method whose last argument is a node-style callback.
function called(object, method, ...args) {
	return new Promise((resolve, reject) => {
		object[method](...args, (error, result) => (error ? reject(error) : resolve(result)));
	});
}

// Calls a method whose last argument has onSuccess, onFailure and the like.
function answered(object, method, ...args) {
	return new Promise((resolve, reject) => {
		object[method](...args, {
			onSuccess: resolve,
			onFailure: reject,
			inputVerificationCode: resolve,
			newPasswordRequired: (userAttributes, requiredAttributes) =>
				resolve({ newPasswordRequired: { userAttributes, requiredAttributes } }),
		});
	});
}

function userOf({ poolId, clientId }, name) {
	const Pool = new CognitoUserPool({ UserPoolId: poolId, ClientId: clientId, endpoint: own.endpoint });
	return new CognitoUser({ Username: name, Pool });
}

function signIn(user, name, password) {
	return answered(user, 'authenticateUser', new AuthenticationDetails({ Username: name, Password: password }));
}

function refusal(name, message) {
	return { name, code: name, message };
}

const WRONG_PASSWORD = refusal('NotAuthorizedException', 'Incorrect username or password.');
const WRONG_CODE = refusal('CodeMismatchException', 'Invalid verification code provided, please try again.');

const kinds = {
	'user names': {},
	'e-mail as alias': { AliasAttributes: ['email'] },
	'e-mail as user name': { UsernameAttributes: ['email'] },
};

for (const [kind, settings] of Object.entries(kinds)) {
	test(`a user signs up, lives and leaves in a pool of ${kind}`, async () => {
		const pool = await makePool(own, { pool: settings });
		const email = uniqueAddress();
		const signUpName = settings.UsernameAttributes ? email : unique('user');
		const name = settings.AliasAttributes ? email : signUpName;

		const userPool = new CognitoUserPool({
			UserPoolId: pool.poolId,
			ClientId: pool.clientId,
			endpoint: own.endpoint,
		});
		const attributes = [new CognitoUserAttribute({ Name: 'email', Value: email })];
		const { result, code } = await own.inbox.codeFrom(email, () =>
			called(userPool, 'signUp', signUpName, FIRST, attributes, null)
		);
		assert.equal(result.userConfirmed, false);
		assert.equal(result.codeDeliveryDetails.AttributeName, 'email');
		const sub = result.userSub;

		const newcomer = result.user;
		await assert.rejects(
			signIn(newcomer, signUpName, FIRST),
			refusal('UserNotConfirmedException', 'User is not confirmed.')
		);
		await assert.rejects(called(newcomer, 'confirmRegistration', otherCode(code), false), WRONG_CODE);
		const resent = await own.inbox.codeFrom(email, () => called(newcomer, 'resendConfirmationCode'));
		assert.equal(await called(newcomer, 'confirmRegistration', resent.code, false), 'SUCCESS');

		await assert.rejects(signIn(userOf(pool, name), name, SECOND), WRONG_PASSWORD);
		const user = userOf(pool, name);
		const session = await signIn(user, name, FIRST);
		assert.equal(session.isValid(), true);
		const claims = session.getIdToken().decodePayload();
		assert.equal(claims.sub, sub);
		assert.equal(claims.iss, own.issuer(pool.poolId));
		assert.equal(claims['cognito:username'], settings.UsernameAttributes ? sub : signUpName);

		const told = await called(user, 'getUserAttributes');
		assert.equal(told.find((attribute) => attribute.getName() === 'email').getValue(), email);
		assert.equal(told.find((attribute) => attribute.getName() === 'email_verified').getValue(), 'true');
		const data = await called(user, 'getUserData');
		assert.equal(data.Username, claims['cognito:username']);

		const refreshed = await called(user, 'refreshSession', session.getRefreshToken());
		assert.notEqual(refreshed.getAccessToken().getJwtToken(), session.getAccessToken().getJwtToken());
		assert.equal(refreshed.getRefreshToken().getToken(), session.getRefreshToken().getToken());
		assert.equal(refreshed.getIdToken().decodePayload().auth_time, claims.auth_time);

		await called(user, 'updateAttributes', [new CognitoUserAttribute({ Name: 'given_name', Value: 'Ada' })]);
		await called(user, 'deleteAttributes', ['given_name']);

		await assert.rejects(called(user, 'changePassword', SECOND, THIRD), WRONG_PASSWORD);
		assert.equal(await called(user, 'changePassword', FIRST, SECOND), 'SUCCESS');
		await assert.rejects(signIn(userOf(pool, name), name, FIRST), WRONG_PASSWORD);

		const forgetful = userOf(pool, name);
		const reset = await own.inbox.codeFrom(email, () => answered(forgetful, 'forgotPassword'));
		assert.equal(reset.result.CodeDeliveryDetails.DeliveryMedium, 'EMAIL');
		await assert.rejects(answered(forgetful, 'confirmPassword', otherCode(reset.code), THIRD), WRONG_CODE);
		assert.equal(await answered(forgetful, 'confirmPassword', reset.code, THIRD), 'SUCCESS');
		await assert.rejects(signIn(userOf(pool, name), name, SECOND), WRONG_PASSWORD);

		const other = userOf(pool, name);
		await signIn(other, name, THIRD);
		await signIn(user, name, THIRD);
		assert.equal(await answered(user, 'globalSignOut'), 'SUCCESS');
		await assert.rejects(
			called(other, 'getUserAttributes'),
			refusal('NotAuthorizedException', 'Access Token has been revoked')
		);

		await signIn(user, name, THIRD);
		assert.equal(await called(user, 'deleteUser'), 'SUCCESS');
		await assert.rejects(
			signIn(userOf(pool, name), name, THIRD),
			refusal('UserNotFoundException', 'User does not exist.')
		);
	});
}

test('a user of an administrator must choose a password', async () => {
	const pool = await makePool(own);
	const name = unique('invited');
	await own.idp.adminCreateUser({
		UserPoolId: pool.poolId,
		Username: name,
		MessageAction: 'SUPPRESS',
		TemporaryPassword: FIRST,
		UserAttributes: [{ Name: 'email', Value: uniqueAddress() }],
	});

	const user = userOf(pool, name);
	const { newPasswordRequired } = await signIn(user, name, FIRST);
	assert.ok(newPasswordRequired.userAttributes.email);
	assert.deepEqual(newPasswordRequired.requiredAttributes, []);
	const session = await answered(user, 'completeNewPasswordChallenge', SECOND, {});

	assert.equal(session.isValid(), true);
	await signIn(userOf(pool, name), name, SECOND);
});

test('a sign-out revokes the refresh token', async () => {
	const pool = await makePool(own);
	const { name } = await confirmedUser(own, pool.poolId, FIRST);
	const user = userOf(pool, name);
	const session = await signIn(user, name, FIRST);

	await called(user, 'signOut');

	await assert.rejects(
		own.idp.initiateAuth({
			ClientId: pool.clientId,
			AuthFlow: 'REFRESH_TOKEN_AUTH',
			AuthParameters: { REFRESH_TOKEN: session.getRefreshToken().getToken() },
		}),
		{ name: 'NotAuthorizedException', message: 'Refresh Token has been revoked' }
	);
});

test('a session is restored from its stored refresh token', async () => {
	const pool = await makePool(own);
	const { name } = await confirmedUser(own, pool.poolId, FIRST);
	const session = await signIn(userOf(pool, name), name, FIRST);

	const restored = userOf(pool, name);
	const token = new CognitoRefreshToken({ RefreshToken: session.getRefreshToken().getToken() });
	const refreshed = await called(restored, 'refreshSession', token);

	assert.equal(refreshed.getIdToken().decodePayload()['cognito:username'], name);
});

test('an address is verified by its code', async () => {
	const pool = await makePool(own);
	const { name } = await confirmedUser(own, pool.poolId, FIRST);
	const user = userOf(pool, name);
	await signIn(user, name, FIRST);
	const email = uniqueAddress();

	const changed = await own.inbox.codeFrom(email, () =>
		called(user, 'updateAttributes', [new CognitoUserAttribute({ Name: 'email', Value: email })])
	);
	await assert.rejects(answered(user, 'verifyAttribute', 'email', otherCode(changed.code)), WRONG_CODE);
	const again = await own.inbox.codeFrom(email, () => answered(user, 'getAttributeVerificationCode', 'email'));
	assert.equal(await answered(user, 'verifyAttribute', 'email', again.code), 'SUCCESS');
});

test('five failures lock the user out', async () => {
	const pool = await makePool(own);
	// The first lock lasts a second. A run slower than that proves nothing and is made again.
	for (let round = 0; ; round += 1) {
		assert.ok(round < 20, 'this machine is too slow to reach a lock of a second');
		const { name } = await confirmedUser(own, pool.poolId, FIRST);
		let started;
		for (let failure = 0; failure < 5; failure += 1) {
			started = performance.now();
			await assert.rejects(signIn(userOf(pool, name), name, SECOND), WRONG_PASSWORD);
		}
		const refused = await signIn(userOf(pool, name), name, FIRST).then(
			() => null,
			(error) => error
		);
		if (refused) {
			assert.equal(refused.name, 'NotAuthorizedException');
			assert.equal(refused.message, 'Password attempts exceeded');
			return;
		}
		assert.ok(performance.now() - started > 1000, 'the right password passed during the lock');
	}
});

test('sign-in by plain password works where the client allows it', async () => {
	const pool = await makePool(own);
	const { name } = await confirmedUser(own, pool.poolId, FIRST);
	const user = userOf(pool, name);
	user.setAuthenticationFlowType('USER_PASSWORD_AUTH');
	assert.equal((await signIn(user, name, FIRST)).isValid(), true);
	await assert.rejects(signIn(user, name, SECOND), WRONG_PASSWORD);
});
