// Choice-based sign-in, as Amplify does it: every way to begin, and the sign-in that follows a sign-up at once.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Amplify } from 'aws-amplify';
import { autoSignIn, confirmSignIn, confirmSignUp, fetchAuthSession, signIn, signOut, signUp } from 'aws-amplify/auth';

import { otherCode } from './inbox.mjs';
import { confirmedUser, makePool, own, unique, uniqueAddress } from './server.mjs';

// After a sign-up Amplify keeps a timer of three minutes, which would keep the process when the journeys are over.
const { setTimeout: schedule } = globalThis;
globalThis.setTimeout = (act, delay, ...given) => {
	const timer = schedule(act, delay, ...given);
	if (delay >= 60_000) timer.unref();
	return timer;
};

const PASSWORD = 'Right-passw0rd!';
const PHONE = `+1206556${String(process.pid % 10_000).padStart(4, '0')}`;

// A pool whose users choose, and a client for it.
async function choosing() {
	const first = { AllowedFirstAuthFactors: ['PASSWORD', 'EMAIL_OTP', 'SMS_OTP'] };
	const pool = await makePool(own, {
		pool: { Policies: { SignInPolicy: first } },
		client: { ExplicitAuthFlows: ['ALLOW_USER_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'] },
	});
	Amplify.configure({
		Auth: {
			Cognito: {
				userPoolId: pool.poolId,
				userPoolClientId: pool.clientId,
				userPoolEndpoint: own.endpoint,
			},
		},
	});
	return pool;
}

const begin = (username, preferredChallenge, password) =>
	signIn({ username, password, options: { authFlowType: 'USER_AUTH', preferredChallenge } });

const answer = (challengeResponse) => confirmSignIn({ challengeResponse });

async function done({ isSignedIn, nextStep }) {
	assert.equal(nextStep.signInStep, 'DONE');
	assert.equal(isSignedIn, true);
	assert.ok((await fetchAuthSession()).tokens.accessToken);
	await signOut();
}

test('a user chooses among the factors, and begins with each', async () => {
	const { poolId } = await choosing();
	const { name, email } = await confirmedUser(own, poolId, PASSWORD);
	await own.idp.adminUpdateUserAttributes({
		UserPoolId: poolId,
		Username: name,
		UserAttributes: [
			{ Name: 'phone_number', Value: PHONE },
			{ Name: 'phone_number_verified', Value: 'true' },
		],
	});

	const choice = async () => {
		const { nextStep } = await begin(name);
		assert.equal(nextStep.signInStep, 'CONTINUE_SIGN_IN_WITH_FIRST_FACTOR_SELECTION');
		assert.deepEqual(nextStep.availableChallenges, ['PASSWORD_SRP', 'PASSWORD', 'EMAIL_OTP', 'SMS_OTP']);
	};

	for (const way of ['PASSWORD', 'PASSWORD_SRP']) {
		await choice();
		const { nextStep } = await answer(way);
		assert.equal(nextStep.signInStep, 'CONFIRM_SIGN_IN_WITH_PASSWORD');
		await done(await answer(PASSWORD));
	}
	for (const [way, step, address] of [
		['EMAIL_OTP', 'CONFIRM_SIGN_IN_WITH_EMAIL_CODE', email],
		['SMS_OTP', 'CONFIRM_SIGN_IN_WITH_SMS_CODE', PHONE],
	]) {
		await choice();
		const { result, code } = await own.inbox.codeFrom(address, () => answer(way));
		assert.equal(result.nextStep.signInStep, step);
		assert.equal(result.nextStep.codeDeliveryDetails.deliveryMedium, way.replace('_OTP', ''));
		await assert.rejects(answer(otherCode(code)), { name: 'CodeMismatchException' });
		await done(await answer(code));
	}
});

test('a preferred factor is asked for at once', async () => {
	const { poolId } = await choosing();
	const { name, email } = await confirmedUser(own, poolId, PASSWORD);
	await done(await begin(name, 'PASSWORD', PASSWORD));
	await done(await begin(name, 'PASSWORD_SRP', PASSWORD));
	await assert.rejects(begin(name, 'PASSWORD', 'Wrong-passw0rd!'), {
		name: 'NotAuthorizedException',
		message: 'Incorrect username or password.',
	});
	const { result, code } = await own.inbox.codeFrom(email, () => begin(name, 'EMAIL_OTP'));
	assert.equal(result.nextStep.signInStep, 'CONFIRM_SIGN_IN_WITH_EMAIL_CODE');
	await done(await answer(code));
	const { nextStep } = await begin(name, 'SMS_OTP');
	assert.equal(nextStep.signInStep, 'CONTINUE_SIGN_IN_WITH_FIRST_FACTOR_SELECTION');
	assert.deepEqual(nextStep.availableChallenges, ['PASSWORD_SRP', 'PASSWORD', 'EMAIL_OTP']);
});

test('who signs up without a password is signed in by the confirmation, and later by a code', async () => {
	await choosing();
	const [username, email] = [unique('user'), uniqueAddress()];
	const { result, code } = await own.inbox.codeFrom(email, () =>
		signUp({
			username,
			options: { userAttributes: { email }, autoSignIn: { authFlowType: 'USER_AUTH' } },
		})
	);
	assert.equal(result.nextStep.signUpStep, 'CONFIRM_SIGN_UP');
	const confirmed = await confirmSignUp({ username, confirmationCode: code });
	assert.equal(confirmed.nextStep.signUpStep, 'COMPLETE_AUTO_SIGN_IN');
	await done(await autoSignIn());

	const { nextStep } = await begin(username);
	assert.deepEqual(nextStep.availableChallenges, ['EMAIL_OTP']);
	const sent = await own.inbox.codeFrom(email, () => answer('EMAIL_OTP'));
	await done(await answer(sent.code));
});
