// openid-client: a certified relying party, from discovery to signing out.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as client from 'openid-client';

import { Browser } from './pages.mjs';
import { confirmedUser, makePool, own, unique } from './server.mjs';

const PASSWORD = 'Right-passw0rd!';
const BACK = 'https://app.example.com/back';
const OUT = 'https://app.example.com/out';

const web = {
	AllowedOAuthFlows: ['code'],
	AllowedOAuthFlowsUserPoolClient: true,
	AllowedOAuthScopes: ['openid', 'email', 'profile'],
	CallbackURLs: [BACK],
	LogoutURLs: [OUT],
};

// The server under test speaks plain HTTP on loopback.
function discover({ poolId, clientId, clientSecret }) {
	return client.discovery(new URL(own.issuer(poolId)), clientId, clientSecret, undefined, {
		execute: [client.allowInsecureRequests],
	});
}

test('a relying party discovers a pool from its issuer', async () => {
	const made = await makePool(own);
	const metadata = (await discover(made)).serverMetadata();
	assert.equal(metadata.issuer, own.issuer(made.poolId));
	assert.equal(metadata.jwks_uri, `${own.issuer(made.poolId)}/.well-known/jwks.json`);
	assert.deepEqual(metadata.id_token_signing_alg_values_supported, ['RS256']);
	assert.ok(metadata.supportsPKCE());
	assert.equal(metadata.authorization_response_iss_parameter_supported, true);
});

for (const GenerateSecret of [true, false]) {
	test(`a user signs in on the page of a client ${GenerateSecret ? 'with' : 'without'} a secret`, async () => {
		const made = await makePool(own, { client: { ...web, GenerateSecret } });
		const { name } = await confirmedUser(own, made.poolId, PASSWORD);
		const config = GenerateSecret
			? await discover(made)
			: await client.discovery(new URL(own.issuer(made.poolId)), made.clientId, undefined, client.None(), {
					execute: [client.allowInsecureRequests],
				});
		const pkceCodeVerifier = client.randomPKCECodeVerifier();
		const [expectedState, expectedNonce] = [client.randomState(), client.randomNonce()];
		const url = client.buildAuthorizationUrl(config, {
			redirect_uri: BACK,
			scope: 'openid email',
			code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
			code_challenge_method: 'S256',
			state: expectedState,
			nonce: expectedNonce,
		});
		const browser = new Browser();
		const page = await browser.open(url);
		assert.equal(page.status, 200);
		const { leftFor } = await browser.send(page, { username: name, password: PASSWORD });
		assert.ok(leftFor, 'the browser was sent back');

		const tokens = await client.authorizationCodeGrant(config, leftFor, {
			pkceCodeVerifier,
			expectedState,
			expectedNonce,
			idTokenExpected: true,
		});
		const claims = tokens.claims();
		assert.equal(claims['cognito:username'], name);
		const told = await client.fetchUserInfo(config, tokens.access_token, claims.sub);
		assert.equal(told.username, name);

		const renewed = await client.refreshTokenGrant(config, tokens.refresh_token);
		assert.equal(renewed.claims().sub, claims.sub);

		const signedOut = async (out, to) => {
			assert.equal((await browser.open(out)).leftFor.href, to);
			assert.equal((await browser.open(url)).status, 200);
		};
		const out = new URL(config.serverMetadata().end_session_endpoint);
		out.search = new URLSearchParams({ client_id: made.clientId, logout_uri: OUT });
		await signedOut(out, OUT);
		await browser.send(await browser.open(url), { username: name, password: PASSWORD });
		const words = { post_logout_redirect_uri: OUT, id_token_hint: tokens.id_token, state: 'kept' };
		await signedOut(client.buildEndSessionUrl(config, words), `${OUT}?state=kept`);

		await client.tokenRevocation(config, tokens.refresh_token);
		await assert.rejects(client.refreshTokenGrant(config, tokens.refresh_token), { error: 'invalid_grant' });
	});
}

test('a machine gets a token with the scopes of an API', async () => {
	const { poolId } = await makePool(own);
	const Identifier = unique('api');
	await own.idp.createResourceServer({
		UserPoolId: poolId,
		Identifier,
		Name: 'API',
		Scopes: [{ ScopeName: 'read', ScopeDescription: 'Reads' }],
	});
	const { UserPoolClient } = await own.idp.createUserPoolClient({
		UserPoolId: poolId,
		ClientName: unique('machine'),
		GenerateSecret: true,
		AllowedOAuthFlows: ['client_credentials'],
		AllowedOAuthFlowsUserPoolClient: true,
		AllowedOAuthScopes: [`${Identifier}/read`],
	});
	const { ClientId: clientId, ClientSecret: clientSecret } = UserPoolClient;
	const config = await discover({ poolId, clientId, clientSecret });
	const tokens = await client.clientCredentialsGrant(config, { scope: `${Identifier}/read` });
	assert.equal(tokens.token_type, 'bearer');
	assert.ok(tokens.access_token);
	assert.equal(tokens.id_token, undefined);
});

test('an application registers itself and signs a user in', async () => {
	const made = await makePool(own, { pool: { DcrConfiguration: { EnableStatus: 'Enabled', OpenDcrEnabled: true } } });
	const { name } = await confirmedUser(own, made.poolId, PASSWORD);
	const metadata = { client_name: 'Notes', redirect_uris: [BACK], token_endpoint_auth_method: 'client_secret_post' };
	const config = await client.dynamicClientRegistration(new URL(own.issuer(made.poolId)), metadata, undefined, {
		execute: [client.allowInsecureRequests],
	});
	const url = client.buildAuthorizationUrl(config, {
		redirect_uri: BACK,
		scope: 'openid email',
		resource: 'https://api.example.com/notes',
	});
	const browser = new Browser();
	const page = await browser.open(url);
	const { leftFor, text } = await browser.send(page, { username: name, password: PASSWORD });
	assert.ok(leftFor, text);
	const tokens = await client.authorizationCodeGrant(config, leftFor);
	assert.equal(tokens.claims().aud, config.clientMetadata().client_id);
	const access = JSON.parse(Buffer.from(tokens.access_token.split('.')[1], 'base64url').toString());
	assert.equal(access.aud, 'https://api.example.com/notes');
});
