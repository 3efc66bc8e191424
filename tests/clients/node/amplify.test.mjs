// aws-amplify v6: the library of today's web applications.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Amplify } from 'aws-amplify';
import {
	confirmResetPassword,
	confirmSignIn,
	confirmSignUp,
	confirmUserAttribute,
	deleteUser,
	deleteUserAttributes,
	fetchAuthSession,
	fetchUserAttributes,
	getCurrentUser,
	resendSignUpCode,
	resetPassword,
	sendUserAttributeVerificationCode,
	signIn,
	signOut,
	signUp,
	updatePassword,
	updateUserAttribute,
	updateUserAttributes,
} from 'aws-amplify/auth';

import { otherCode } from './inbox.mjs';
import { confirmedUser, makePool, own, unique, uniqueAddress } from './server.mjs';

const FIRST = 'First-passw0rd!';
const SECOND = 'Second passw0rd: ✓';
const THIRD = 'Third-passw0rd?';

const WRONG_PASSWORD = { name: 'NotAuthorizedException', message: 'Incorrect username or password.' };
const WRONG_CODE = {
	name: 'CodeMismatchException',
	message: 'Invalid verification code provided, please try again.',
};

function configure({ poolId, clientId }) {
	Amplify.configure({
		Auth: {
			Cognito: { userPoolId: poolId, userPoolClientId: clientId, userPoolEndpoint: own.endpoint },
		},
	});
}

async function signedIn(username, password, options) {
	const { isSignedIn, nextStep } = await signIn({ username, password, options });
	assert.equal(isSignedIn, true);
	assert.equal(nextStep.signInStep, 'DONE');
}

const kinds = {
	'user names': {},
	'e-mail as alias': { AliasAttributes: ['email'] },
	'e-mail as user name': { UsernameAttributes: ['email'] },
};

for (const [kind, settings] of Object.entries(kinds)) {
	test(`a user signs up, lives and leaves in a pool of ${kind}`, async () => {
		const pool = await makePool(own, { pool: settings });
		configure(pool);
		const email = uniqueAddress();
		const signUpName = settings.UsernameAttributes ? email : unique('user');
		const name = settings.AliasAttributes ? email : signUpName;

		const { result, code } = await own.inbox.codeFrom(email, () =>
			signUp({ username: signUpName, password: FIRST, options: { userAttributes: { email } } })
		);
		assert.equal(result.nextStep.signUpStep, 'CONFIRM_SIGN_UP');
		assert.equal(result.nextStep.codeDeliveryDetails.deliveryMedium, 'EMAIL');
		assert.equal(result.nextStep.codeDeliveryDetails.destination, 'u***@e***');

		const early = await signIn({ username: signUpName, password: FIRST });
		assert.equal(early.nextStep.signInStep, 'CONFIRM_SIGN_UP');
		await assert.rejects(
			confirmSignUp({ username: signUpName, confirmationCode: otherCode(code) }),
			WRONG_CODE
		);
		const resent = await own.inbox.codeFrom(email, () => resendSignUpCode({ username: signUpName }));
		assert.equal(resent.result.attributeName, 'email');
		const confirmed = await confirmSignUp({ username: signUpName, confirmationCode: resent.code });
		assert.equal(confirmed.nextStep.signUpStep, 'DONE');

		await assert.rejects(signIn({ username: name, password: SECOND }), WRONG_PASSWORD);
		await signedIn(name, FIRST);
		const current = await getCurrentUser();
		assert.equal(current.userId, result.userId);
		const attributes = await fetchUserAttributes();
		assert.equal(attributes.email, email);
		assert.equal(attributes.email_verified, 'true');
		assert.equal(attributes.sub, result.userId);

		const before = (await fetchAuthSession()).tokens;
		const after = (await fetchAuthSession({ forceRefresh: true })).tokens;
		assert.notEqual(after.accessToken.toString(), before.accessToken.toString());
		assert.equal(after.idToken.payload.auth_time, before.idToken.payload.auth_time);
		assert.equal(after.idToken.payload.email, email);

		const changes = await updateUserAttributes({ userAttributes: { given_name: 'Ada', family_name: 'L' } });
		assert.equal(changes.given_name.isUpdated, true);
		await deleteUserAttributes({ userAttributeKeys: ['family_name'] });
		assert.equal((await fetchUserAttributes()).family_name, undefined);

		await assert.rejects(updatePassword({ oldPassword: SECOND, newPassword: THIRD }), WRONG_PASSWORD);
		await updatePassword({ oldPassword: FIRST, newPassword: SECOND });
		await signOut();
		await assert.rejects(signIn({ username: name, password: FIRST }), WRONG_PASSWORD);

		const reset = await own.inbox.codeFrom(email, () => resetPassword({ username: name }));
		assert.equal(reset.result.nextStep.resetPasswordStep, 'CONFIRM_RESET_PASSWORD_WITH_CODE');
		const answer = { username: name, newPassword: THIRD };
		await assert.rejects(
			confirmResetPassword({ ...answer, confirmationCode: otherCode(reset.code) }),
			WRONG_CODE
		);
		await confirmResetPassword({ ...answer, confirmationCode: reset.code });
		await assert.rejects(signIn({ username: name, password: SECOND }), WRONG_PASSWORD);

		await signedIn(name, THIRD);
		const { tokens } = await fetchAuthSession();
		await signOut({ global: true });
		await assert.rejects(own.idp.getUser({ AccessToken: tokens.accessToken.toString() }), {
			name: 'NotAuthorizedException',
			message: 'Access Token has been revoked',
		});

		await signedIn(name, THIRD);
		await deleteUser();
		await assert.rejects(signIn({ username: name, password: THIRD }), {
			name: 'UserNotFoundException',
			message: 'User does not exist.',
		});
	});
}

test('a user of an administrator must choose a password', async () => {
	const pool = await makePool(own);
	configure(pool);
	const name = unique('invited');
	await own.idp.adminCreateUser({
		UserPoolId: pool.poolId,
		Username: name,
		MessageAction: 'SUPPRESS',
		TemporaryPassword: FIRST,
		UserAttributes: [{ Name: 'email', Value: uniqueAddress() }],
	});

	const { nextStep } = await signIn({ username: name, password: FIRST });
	assert.equal(nextStep.signInStep, 'CONFIRM_SIGN_IN_WITH_NEW_PASSWORD_REQUIRED');
	assert.deepEqual(nextStep.missingAttributes, []);
	const done = await confirmSignIn({ challengeResponse: SECOND });
	assert.equal(done.isSignedIn, true);
	await signOut();
	await signedIn(name, SECOND);
	await signOut();
});

test('a reset by the administrator leads to a new password', async () => {
	const pool = await makePool(own);
	configure(pool);
	const { name, email } = await confirmedUser(own, pool.poolId, FIRST);
	const { code } = await own.inbox.codeFrom(email, () =>
		own.idp.adminResetUserPassword({ UserPoolId: pool.poolId, Username: name })
	);

	const { nextStep } = await signIn({ username: name, password: FIRST });
	assert.equal(nextStep.signInStep, 'RESET_PASSWORD');
	await confirmResetPassword({ username: name, confirmationCode: code, newPassword: SECOND });
	await signedIn(name, SECOND);
	await signOut();
});

test('a sign-out revokes the refresh token', async () => {
	const pool = await makePool(own);
	configure(pool);
	const { name } = await confirmedUser(own, pool.poolId, FIRST);
	await signedIn(name, FIRST);
	const { tokens } = await fetchAuthSession();
	await signOut();
	await assert.rejects(own.idp.getUser({ AccessToken: tokens.accessToken.toString() }), {
		name: 'NotAuthorizedException',
		message: 'Access Token has been revoked',
	});
	await assert.rejects(fetchUserAttributes(), { name: 'UserUnAuthenticatedException' });
});

test('a changed address is verified by its code', async () => {
	const pool = await makePool(own);
	configure(pool);
	const { name } = await confirmedUser(own, pool.poolId, FIRST);
	await signedIn(name, FIRST);
	const email = uniqueAddress();

	const changed = await own.inbox.codeFrom(email, () =>
		updateUserAttribute({ userAttribute: { attributeKey: 'email', value: email } })
	);
	assert.equal(changed.result.nextStep.updateAttributeStep, 'CONFIRM_ATTRIBUTE_WITH_CODE');
	const key = { userAttributeKey: 'email' };
	await assert.rejects(confirmUserAttribute({ ...key, confirmationCode: otherCode(changed.code) }), WRONG_CODE);
	const again = await own.inbox.codeFrom(email, () => sendUserAttributeVerificationCode(key));
	await confirmUserAttribute({ ...key, confirmationCode: again.code });
	assert.equal((await fetchUserAttributes()).email_verified, 'true');
	await signOut();
});

test('rotated refresh tokens are kept and used', async () => {
	const pool = await makePool(own, {
		client: {
			ExplicitAuthFlows: ['ALLOW_USER_SRP_AUTH'],
			RefreshTokenRotation: { Feature: 'ENABLED', RetryGracePeriodSeconds: 0 },
		},
	});
	configure(pool);
	const { name } = await confirmedUser(own, pool.poolId, FIRST);
	await signedIn(name, FIRST);
	const seen = new Set();
	for (let round = 0; round < 3; round += 1) {
		const { tokens } = await fetchAuthSession({ forceRefresh: true });
		seen.add(tokens.accessToken.toString());
	}
	assert.equal(seen.size, 3);
	await signOut();
});

test('sign-in by plain password works where the client allows it', async () => {
	const pool = await makePool(own);
	configure(pool);
	const { name } = await confirmedUser(own, pool.poolId, FIRST);
	await signedIn(name, FIRST, { authFlowType: 'USER_PASSWORD_AUTH' });
	await signOut();
});

test('sign-up names the broken rule and the taken name', async () => {
	const pool = await makePool(own);
	configure(pool);
	const { name } = await confirmedUser(own, pool.poolId, FIRST);
	await assert.rejects(signUp({ username: unique('user'), password: 'short' }), {
		name: 'InvalidPasswordException',
		message: 'Password did not conform with policy: Password not long enough',
	});
	await assert.rejects(signUp({ username: name, password: FIRST }), {
		name: 'UsernameExistsException',
		message: 'User already exists',
	});
});

test('five failures lock the user out', async () => {
	const pool = await makePool(own);
	configure(pool);
	// The first lock lasts a second. A run slower than that proves nothing and is made again.
	for (let round = 0; ; round += 1) {
		assert.ok(round < 20, 'this machine is too slow to reach a lock of a second');
		const { name } = await confirmedUser(own, pool.poolId, FIRST);
		let started;
		for (let failure = 0; failure < 5; failure += 1) {
			started = performance.now();
			await assert.rejects(signIn({ username: name, password: SECOND }), WRONG_PASSWORD);
		}
		const refused = await signIn({ username: name, password: FIRST }).then(
			() => null,
			(error) => error
		);
		if (refused) {
			assert.equal(refused.name, 'NotAuthorizedException');
			assert.equal(refused.message, 'Password attempts exceeded');
			return;
		}
		await signOut();
		assert.ok(performance.now() - started > 1000, 'the right password passed during the lock');
	}
});
