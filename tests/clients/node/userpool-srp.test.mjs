// The project's own client of SRP, userpool-srp: beside the AWS SDK, in the place of what other libraries compute, and
// beside what they compute. The package is the folder that USERPOOL_SRP names.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';

import { CognitoIdentityProvider } from '@aws-sdk/client-cognito-identity-provider';
import * as original from 'cognito-srp-helper';

import { confirmedUser, makePool, own } from './server.mjs';

const folder = pathToFileURL(`${process.env.USERPOOL_SRP}/`);
const { beginDeviceSignIn, beginSignIn, confirmDevice, secretHash } = await import(new URL('index.js', folder));
const ours = await import(new URL('srp-helper.js', folder));
const { default: Helper } = await import(new URL('identity-js.js', folder));
const vectors = JSON.parse(await readFile(new URL('../../vectors/srp.json', import.meta.url)));

const require = createRequire(import.meta.url);
const { default: OriginalHelper } = require('amazon-cognito-identity-js/lib/AuthenticationHelper.js');
const { default: BigInteger } = require('amazon-cognito-identity-js/lib/BigInteger.js');

const PASSWORD = 'Right passw0rd: ✓';
const idp = new CognitoIdentityProvider({
	endpoint: own.endpoint,
	credentials: { accessKeyId: '', secretAccessKey: '' },
});

// The reply to a proof of the password, with whatever the client's own requests add.
async function prove({ poolId, clientId, clientSecret }, username, { password = PASSWORD, deviceKey } = {}) {
	const app = clientSecret && { clientId, clientSecret };
	const srp = await beginSignIn();
	const first = await idp.initiateAuth({
		ClientId: clientId,
		AuthFlow: 'USER_SRP_AUTH',
		AuthParameters: {
			USERNAME: username,
			SRP_A: srp.srpA,
			...(app && { SECRET_HASH: await secretHash({ ...app, username }) }),
			...(deviceKey && { DEVICE_KEY: deviceKey }),
		},
	});
	const challengeParameters = first.ChallengeParameters;
	return idp.respondToAuthChallenge({
		ClientId: clientId,
		ChallengeName: first.ChallengeName,
		ChallengeResponses: srp.answer({ userPoolId: poolId, password, challengeParameters, deviceKey, ...app }),
		Session: first.Session,
	});
}

test('the SDK signs in by SRP, with the password as text and as bytes', async () => {
	const app = await makePool(own);
	const { name } = await confirmedUser(own, app.poolId, PASSWORD);
	for (const password of [PASSWORD, new TextEncoder().encode(PASSWORD)]) {
		const { AuthenticationResult } = await prove(app, name, { password });
		const user = await idp.getUser({ AccessToken: AuthenticationResult.AccessToken });
		assert.equal(user.Username, name);
	}
	await assert.rejects(prove(app, name, { password: 'Wrong' }), { message: 'Incorrect username or password.' });
});

test('an app client with a secret signs in by an e-mail address', async () => {
	const app = await makePool(own, { pool: { UsernameAttributes: ['email'] }, client: { GenerateSecret: true } });
	const { email } = await confirmedUser(own, app.poolId, PASSWORD, { name: 'jane@example.com', email: 'jane@example.com' });
	assert.ok((await prove(app, email)).AuthenticationResult.IdToken);
});

// A pool that remembers devices at once, and has codes in e-mails as second factor.
async function devicePool() {
	const app = await makePool(own, { pool: { DeviceConfiguration: { ChallengeRequiredOnNewDevice: true } } });
	await own.idp.setUserPoolMfaConfig({
		UserPoolId: app.poolId,
		MfaConfiguration: 'OPTIONAL',
		EmailMfaConfiguration: {},
	});
	return app;
}

const preferMail = ({ poolId }, name) =>
	own.idp.adminSetUserMFAPreference({
		UserPoolId: poolId,
		Username: name,
		EmailMfaSettings: { Enabled: true, PreferredMfa: true },
	});

test('the SDK has a device remembered, which proves itself in place of the second factor', async () => {
	const app = await devicePool();
	const { name } = await confirmedUser(own, app.poolId, PASSWORD);
	const { AuthenticationResult: first } = await prove(app, name);
	const { DeviceKey: deviceKey, DeviceGroupKey: deviceGroupKey } = first.NewDeviceMetadata;
	const { DeviceSecretVerifierConfig, password } = await confirmDevice({ deviceKey, deviceGroupKey });
	await idp.confirmDevice({ AccessToken: first.AccessToken, DeviceKey: deviceKey, DeviceSecretVerifierConfig });
	await preferMail(app, name);
	assert.equal((await prove(app, name)).ChallengeName, 'EMAIL_OTP');

	for (let again = 0; again < 2; again++) {
		const asked = await prove(app, name, { deviceKey });
		assert.equal(asked.ChallengeName, 'DEVICE_SRP_AUTH');
		const srp = await beginDeviceSignIn();
		const challenge = await idp.respondToAuthChallenge({
			ClientId: app.clientId,
			ChallengeName: asked.ChallengeName,
			ChallengeResponses: { USERNAME: name, DEVICE_KEY: deviceKey, SRP_A: srp.srpA },
			Session: asked.Session,
		});
		const challengeParameters = challenge.ChallengeParameters;
		const { AuthenticationResult } = await idp.respondToAuthChallenge({
			ClientId: app.clientId,
			ChallengeName: challenge.ChallengeName,
			ChallengeResponses: srp.answer({ deviceKey, deviceGroupKey, password, challengeParameters }),
			Session: challenge.Session,
		});
		assert.ok(AuthenticationResult.AccessToken);
	}
});

test('identity-js signs in and remembers its device with our helper in the place of its own', async () => {
	const path = require.resolve('amazon-cognito-identity-js/lib/AuthenticationHelper.js');
	let made = 0;
	class Counted extends Helper {
		constructor(name) {
			super(name);
			made++;
		}
	}
	const { CognitoUserPool, CognitoUser, AuthenticationDetails } = withModule(path, { __esModule: true, default: Counted }, () =>
		require('amazon-cognito-identity-js')
	);
	const app = await devicePool();
	const { name } = await confirmedUser(own, app.poolId, PASSWORD);
	const signIn = () =>
		new Promise((resolve, reject) => {
			const Pool = new CognitoUserPool({ UserPoolId: app.poolId, ClientId: app.clientId, endpoint: own.endpoint });
			const user = new CognitoUser({ Username: name, Pool });
			user.authenticateUser(new AuthenticationDetails({ Username: name, Password: PASSWORD }), {
				onSuccess: resolve,
				onFailure: reject,
				mfaRequired: (asked) => reject(new Error(asked)),
			});
		});
	const first = await signIn();
	await preferMail(app, name);
	const second = await signIn();
	const key = second.getAccessToken().payload.device_key;
	assert.ok(key && made >= 3, `${made} helpers`);
	assert.equal(key, first.getAccessToken().payload.device_key);
});

// What `body` requires sees this in the place of one module; nobody else does.
function withModule(path, exports, body) {
	const folder = path.replace(/lib.AuthenticationHelper\.js$/, '');
	const others = Object.entries(require.cache).filter(([name]) => name.startsWith(folder));
	for (const [name] of others) delete require.cache[name];
	require.cache[path] = { id: path, filename: path, loaded: true, exports, children: [], paths: [] };
	try {
		return body();
	} finally {
		for (const name of Object.keys(require.cache)) if (name.startsWith(folder)) delete require.cache[name];
		Object.assign(require.cache, Object.fromEntries(others));
	}
}

// --- beside the originals ------------------------------------------------------------------------------------------

const called = (object, method, ...given) =>
	new Promise((resolve, reject) => {
		object[method](...given, (error, value) => (error ? reject(error) : resolve(value)));
	});

test('our helper gives identity-js the key that its own helper gives for the same secret', async () => {
	for (const one of vectors.user.slice(0, 12)) {
		const helper = new Helper(one.pool_name);
		const A = await called(helper, 'getLargeAValue');
		const their = new OriginalHelper(one.pool_name);
		their.smallAValue = new BigInteger(helper.getSmallAValue().toString(16), 16);
		their.largeAValue = new BigInteger(A.toString(16), 16);
		const [B, salt] = [new BigInteger(one.B, 16), new BigInteger(one.salt, 16)];
		const given = ['getPasswordAuthenticationKey', one.user_id_for_srp, one.password, B, salt];
		assert.deepEqual(new Uint8Array(await called(helper, ...given)), new Uint8Array(await called(their, ...given)));
	}
});

test('our helper has the public face of the helper of identity-js', async () => {
	const [helper, their] = [new Helper('pool'), new OriginalHelper('pool')];
	for (const one of [helper, their]) await called(one, 'generateHashDevice', 'group', 'key');
	const prefix = 'getNewPasswordRequiredChallengeUserAttributePrefix';
	assert.equal(helper[prefix](), their[prefix]());
	for (const method of ['getRandomPassword', 'generateRandomString']) {
		assert.equal(helper[method]().length, their[method]().length);
	}
	for (const method of ['getSaltDevices', 'getVerifierDevices']) {
		for (const one of [helper, their]) assert.match(one[method](), /^([0-7][0-9a-f]|00[89a-f][0-9a-f])([0-9a-f]{2})*$/);
	}
	for (const one of [helper, their]) {
		const zero = new BigInteger('0', 16);
		assert.throws(() => one.getPasswordAuthenticationKey('jane', PASSWORD, zero, zero, () => {}), {
			message: 'B cannot be zero.',
		});
	}
});

// A session that a vector fixes, but for what both libraries add by themselves.
const session = (one, more) => ({
	username: one.user_id_for_srp ?? one.username,
	poolId: one.pool_id ?? 'us-east-1_any',
	poolIdAbbr: one.pool_name ?? 'any',
	password: one.password ?? 'any',
	isHashed: false,
	timestamp: one.timestamp,
	smallA: one.a,
	largeA: one.A,
	...more,
});

const reply = (one) => ({
	ChallengeParameters: {
		SALT: one.salt,
		SRP_B: one.B,
		SECRET_BLOCK: one.secret_block,
		USER_ID_FOR_SRP: one.user_id_for_srp,
		DEVICE_KEY: one.device_key,
	},
});

test('a session is signed as cognito-srp-helper signs it, with the password and with its hash', () => {
	for (const one of vectors.user) {
		const hash = ours.createPasswordHash(one.user_id_for_srp, one.password, one.pool_id);
		assert.equal(hash, original.createPasswordHash(one.user_id_for_srp, one.password, one.pool_id));
		const hashed = session(one, { password: hash, isHashed: true });
		assert.equal(ours.signSrpSession(hashed, reply(one)).passwordSignature, one.signature);
		const signed = ours.signSrpSession(session(one), reply(one));
		assert.equal(signed.passwordSignature, one.signature);
		assert.deepEqual(signed, original.signSrpSession(session(one), reply(one)));
		const request = { ClientId: 'client', ChallengeResponses: { USERNAME: 'jane' } };
		assert.deepEqual(ours.wrapAuthChallenge(signed, request), original.wrapAuthChallenge(signed, request));
	}
});

test('a session is signed for a device as cognito-srp-helper signs it', () => {
	for (const one of vectors.device) {
		const given = [session(one), reply(one), one.device_group_key, one.device_password];
		const signed = ours.signSrpSessionWithDevice(...given);
		assert.equal(signed.passwordSignature, one.signature);
		assert.deepEqual(signed, original.signSrpSessionWithDevice(...given));
	}
});

test('sessions, hashes and verifiers have the members of those of cognito-srp-helper', () => {
	const hashed = ['jane', 'client', 'secret'];
	assert.equal(ours.createSecretHash(...hashed), original.createSecretHash(...hashed));
	const given = ['jane', PASSWORD, 'us-east-1_AbCdEf123', false];
	const [mine, their] = [ours.createSrpSession(...given), original.createSrpSession(...given)];
	assert.deepEqual(Object.keys(mine), Object.keys(their));
	assert.match(mine.timestamp, /^\w{3} \w{3} \d\d? \d\d:\d\d:\d\d UTC \d{4}$/);
	assert.equal(ours.createSrpSession('jane', 'ab', 'us-east-1_x').isHashed, true);
	const request = { ClientId: 'client', AuthFlow: 'USER_SRP_AUTH', AuthParameters: { USERNAME: 'jane' } };
	assert.deepEqual(ours.wrapInitiateAuth(mine, request), original.wrapInitiateAuth(mine, request));
	const [device, theirs] = [ours, original].map((one) => one.createDeviceVerifier('key', 'group'));
	assert.deepEqual(Object.keys(device), Object.keys(theirs));
	assert.equal(device.DeviceRandomPassword.length, theirs.DeviceRandomPassword.length);
	const members = (of) => Object.keys(of).sort();
	assert.deepEqual(members(ours), members(original));
	assert.deepEqual(members(ours.default), members(original.default));
});

test('what is missing or zero is said with the errors of cognito-srp-helper', () => {
	const [user] = vectors.user;
	const [device] = vectors.device;
	const said = (library, method, one, change) => {
		const response = reply(one);
		Object.assign(response.ChallengeParameters, change);
		if (!change) delete response.ChallengeParameters;
		try {
			library[method](session(one), response, 'group', 'password');
		} catch (error) {
			const [name] = Object.entries(library).find(([, type]) => type === error.constructor);
			return { name, message: error.message };
		}
		return undefined;
	};
	for (const [method, one, last] of [
		['signSrpSession', user, 'USER_ID_FOR_SRP'],
		['signSrpSessionWithDevice', device, 'DEVICE_KEY'],
	]) {
		const changes = ['SALT', 'SECRET_BLOCK', 'SRP_B', last].map((name) => ({ [name]: undefined }));
		for (const change of [undefined, ...changes, { SRP_B: '000' }, { SALT: '', SRP_B: '' }]) {
			const expected = said(original, method, one, change);
			assert.ok(expected);
			assert.deepEqual(said(ours, method, one, change), expected);
		}
	}
});
