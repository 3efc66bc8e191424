// @aws-sdk/client-cognito-identity-provider with cognito-srp-helper; tokens verified by aws-jwt-verify.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
	CognitoIdentityProvider,
	CodeMismatchException,
	NotAuthorizedException,
	UserNotFoundException,
	paginateListUsers,
} from '@aws-sdk/client-cognito-identity-provider';
import { CognitoJwtVerifier, JwtRsaVerifier } from 'aws-jwt-verify';
import {
	createSecretHash,
	createSrpSession,
	signSrpSession,
	wrapAuthChallenge,
	wrapInitiateAuth,
} from 'cognito-srp-helper';

import { otherCode } from './inbox.mjs';
import { awsIssuer, confirmedUser, makePool, own, unique, uniqueAddress } from './server.mjs';

const FIRST = 'First-passw0rd!';
const SECOND = 'Second passw0rd: ✓';
const THIRD = 'Third-passw0rd?';

// A client without credentials, as browsers and phones have it.
function publicClient(server) {
	return new CognitoIdentityProvider({
		endpoint: server.endpoint,
		credentials: { accessKeyId: '', secretAccessKey: '' },
	});
}

function proof(app, name) {
	return app.clientSecret ? createSecretHash(name, app.clientId, app.clientSecret) : undefined;
}

async function signIn(idp, app, name, password) {
	const session = createSrpSession(name, password, app.poolId, false);
	const first = await idp.initiateAuth(
		wrapInitiateAuth(session, {
			ClientId: app.clientId,
			AuthFlow: 'USER_SRP_AUTH',
			AuthParameters: {
				CHALLENGE_NAME: 'SRP_A',
				USERNAME: name,
				...(app.clientSecret && { SECRET_HASH: proof(app, name) }),
			},
		})
	);
	assert.equal(first.ChallengeName, 'PASSWORD_VERIFIER');
	const second = await idp.respondToAuthChallenge(
		wrapAuthChallenge(signSrpSession(session, first), {
			ClientId: app.clientId,
			ChallengeName: 'PASSWORD_VERIFIER',
			ChallengeResponses: {
				USERNAME: name,
				...(app.clientSecret && { SECRET_HASH: proof(app, name) }),
			},
		})
	);
	return second.AuthenticationResult;
}

const wrongPassword = (error) =>
	error instanceof NotAuthorizedException && error.message === 'Incorrect username or password.';
const wrongCode = (error) =>
	error instanceof CodeMismatchException &&
	error.message === 'Invalid verification code provided, please try again.';

for (const secret of [false, true]) {
	for (const [kind, settings] of Object.entries({
		'user names': {},
		'e-mail as alias': { AliasAttributes: ['email'] },
		'e-mail as user name': { UsernameAttributes: ['email'] },
	})) {
		test(`a user signs up, lives and leaves: ${kind}, ${secret ? 'with' : 'without'} a secret`, async () => {
			const app = await makePool(own, { pool: settings, client: { GenerateSecret: secret } });
			const idp = publicClient(own);
			const ClientId = app.clientId;
			const email = uniqueAddress();
			const signUpName = settings.UsernameAttributes ? email : unique('user');
			const name = settings.AliasAttributes ? email : signUpName;
			const hashed = (Username) => ({ ClientId, Username, SecretHash: proof(app, Username) });

			const { result, code } = await own.inbox.codeFrom(email, () =>
				idp.signUp({
					...hashed(signUpName),
					Password: FIRST,
					UserAttributes: [{ Name: 'email', Value: email }],
				})
			);
			assert.equal(result.UserConfirmed, false);
			await assert.rejects(
				idp.confirmSignUp({ ...hashed(signUpName), ConfirmationCode: otherCode(code) }),
				wrongCode
			);
			await idp.confirmSignUp({ ...hashed(signUpName), ConfirmationCode: code });

			await assert.rejects(signIn(idp, app, name, SECOND), wrongPassword);
			const tokens = await signIn(idp, app, name, FIRST);
			const user = await idp.getUser({ AccessToken: tokens.AccessToken });
			assert.equal(user.Username, settings.UsernameAttributes ? result.UserSub : signUpName);
			assert.ok(user.UserAttributes.some((one) => one.Name === 'email' && one.Value === email));

			const refreshed = await idp.getTokensFromRefreshToken({
				ClientId,
				RefreshToken: tokens.RefreshToken,
				ClientSecret: app.clientSecret,
			});
			assert.equal(refreshed.AuthenticationResult.RefreshToken, undefined);
			await idp.getUser({ AccessToken: refreshed.AuthenticationResult.AccessToken });

			await idp.changePassword({
				AccessToken: tokens.AccessToken,
				PreviousPassword: FIRST,
				ProposedPassword: SECOND,
			});
			await assert.rejects(signIn(idp, app, name, FIRST), wrongPassword);

			const reset = await own.inbox.codeFrom(email, () => idp.forgotPassword(hashed(name)));
			await idp.confirmForgotPassword({
				...hashed(name),
				ConfirmationCode: reset.code,
				Password: THIRD,
			});
			const again = await signIn(idp, app, name, THIRD);

			await idp.globalSignOut({ AccessToken: again.AccessToken });
			await assert.rejects(idp.getUser({ AccessToken: tokens.AccessToken }), {
				name: 'NotAuthorizedException',
				message: 'Access Token has been revoked',
			});

			const last = await signIn(idp, app, name, THIRD);
			await idp.deleteUser({ AccessToken: last.AccessToken });
			await assert.rejects(signIn(idp, app, name, THIRD), (error) => error instanceof UserNotFoundException);
		});
	}
}

test('users are listed page by page by the SDK paginator', async () => {
	const app = await makePool(own);
	const names = [];
	for (let number = 0; number < 5; number += 1) {
		names.push((await confirmedUser(own, app.poolId, FIRST)).name);
	}
	const listed = [];
	for await (const page of paginateListUsers({ client: own.idp, pageSize: 2 }, { UserPoolId: app.poolId })) {
		assert.ok(page.Users.length <= 2);
		listed.push(...page.Users.map((user) => user.Username));
	}
	assert.deepEqual(listed.sort(), names.sort());
});

test('a secret hash of another name is refused', async () => {
	const app = await makePool(own, { client: { GenerateSecret: true } });
	await assert.rejects(
		publicClient(own).signUp({
			ClientId: app.clientId,
			Username: unique('user'),
			Password: FIRST,
			SecretHash: proof(app, 'somebody-else'),
		}),
		{
			name: 'NotAuthorizedException',
			message: `Unable to verify secret hash for client ${app.clientId}`,
		}
	);
});

// One character in the middle of the signature changed.
function touched(token) {
	const at = token.lastIndexOf('.') + 20;
	return token.slice(0, at) + (token[at] === 'A' ? 'B' : 'A') + token.slice(at + 1);
}

test('tokens with the issuer of AWS verify with CognitoJwtVerifier', async () => {
	const app = await makePool(awsIssuer);
	const { name } = await confirmedUser(awsIssuer, app.poolId, FIRST);
	const tokens = await signIn(publicClient(awsIssuer), app, name, FIRST);
	const jwks = await awsIssuer.jwks(app.poolId);

	for (const [tokenUse, token] of [
		['id', tokens.IdToken],
		['access', tokens.AccessToken],
	]) {
		const verifier = CognitoJwtVerifier.create({
			userPoolId: app.poolId,
			clientId: app.clientId,
			tokenUse,
		});
		verifier.cacheJwks(jwks);
		const claims = await verifier.verify(token);
		assert.equal(claims.iss, awsIssuer.issuer(app.poolId));
		assert.equal(claims.token_use, tokenUse);
		await assert.rejects(verifier.verify(touched(token)));
	}

	const foreign = CognitoJwtVerifier.create({
		userPoolId: app.poolId,
		clientId: 'anotherclient',
		tokenUse: 'access',
	});
	foreign.cacheJwks(jwks);
	await assert.rejects(foreign.verify(tokens.AccessToken));
});

test('tokens with the issuer of the server verify with the generic verifier', async () => {
	const app = await makePool(own);
	const { name } = await confirmedUser(own, app.poolId, FIRST);
	const tokens = await signIn(publicClient(own), app, name, FIRST);
	const jwks = await own.jwks(app.poolId);

	for (const [audience, token] of [
		[app.clientId, tokens.IdToken],
		[null, tokens.AccessToken],
	]) {
		const verifier = JwtRsaVerifier.create({
			issuer: own.issuer(app.poolId),
			audience,
			jwksUri: `${own.endpoint}/${app.poolId}/.well-known/jwks.json`,
		});
		verifier.cacheJwks(jwks);
		assert.equal((await verifier.verify(token)).iss, own.issuer(app.poolId));
		await assert.rejects(verifier.verify(touched(token)));
	}
});

test('a server with the issuer of AWS still names itself in the discovery document', async () => {
	const { poolId } = await makePool(awsIssuer);
	const reply = await fetch(`${awsIssuer.endpoint}/${poolId}/.well-known/openid-configuration`);
	const document = await reply.json();
	assert.equal(document.issuer, awsIssuer.issuer(poolId));
	for (const member of ['jwks_uri', 'authorization_endpoint', 'token_endpoint', 'userinfo_endpoint']) {
		assert.ok(document[member].startsWith(`${awsIssuer.endpoint}/`), `${member}: ${document[member]}`);
	}
});
