// A provider of SAML made with samlify: from its metadata to a sign-in and a sign-out at both.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { Browser } from './pages.mjs';
import { startProvider } from './saml-provider.mjs';
import { makePool, own } from './server.mjs';

const BACK = 'https://app.example.com/back';
const OUT = 'https://app.example.com/out';

test('a user signs in and out by a provider of SAML', async () => {
	const provider = await startProvider({ name: 'ada', attributes: { mail: 'ada@example.com' } });
	after(() => provider.stop());
	const { poolId } = await makePool(own);
	const { Certificate: certificate } = await own.idp.getSigningCertificate({ UserPoolId: poolId });
	const base = `${own.endpoint}/${poolId}`;
	provider.serve({
		entityID: `urn:amazon:cognito:sp:${poolId}`,
		address: `${base}/saml2/idpresponse`,
		logout: `${base}/saml2/logout`,
		certificate,
	});
	const { IdentityProvider } = await own.idp.createIdentityProvider({
		UserPoolId: poolId,
		ProviderName: 'Partner',
		ProviderType: 'SAML',
		ProviderDetails: { MetadataURL: provider.metadata, IDPSignout: 'true', RequestSigningAlgorithm: 'rsa-sha256' },
		AttributeMapping: { email: 'mail' },
	});
	assert.match(IdentityProvider.ProviderDetails.SSORedirectBindingURI, /\/sso$/);
	const { UserPoolClient } = await own.idp.createUserPoolClient({
		UserPoolId: poolId,
		ClientName: 'web',
		AllowedOAuthFlows: ['code'],
		AllowedOAuthFlowsUserPoolClient: true,
		AllowedOAuthScopes: ['openid', 'email'],
		CallbackURLs: [BACK],
		LogoutURLs: [OUT],
		SupportedIdentityProviders: ['Partner'],
	});

	const browser = new Browser();
	const query = { client_id: UserPoolClient.ClientId, redirect_uri: BACK, response_type: 'code', scope: 'openid email' };
	const away = await browser.open(`${base}/oauth2/authorize?${new URLSearchParams(query)}`);
	assert.ok(away.leftFor, away.text);
	const page = await browser.open(away.leftFor);
	assert.equal(page.status, 200, page.text);
	const { leftFor, text } = await browser.send(page, {});
	assert.ok(leftFor, text);
	assert.equal(leftFor.searchParams.get('error_description'), null);
	const reply = await fetch(`${base}/oauth2/token`, {
		method: 'POST',
		body: new URLSearchParams({
			grant_type: 'authorization_code',
			client_id: UserPoolClient.ClientId,
			redirect_uri: BACK,
			code: leftFor.searchParams.get('code'),
		}),
	});
	const tokens = await reply.json();
	const claims = JSON.parse(Buffer.from(tokens.id_token.split('.')[1], 'base64url').toString());
	assert.equal(claims['cognito:username'], 'Partner_ada');
	assert.equal(claims.email, 'ada@example.com');
	assert.equal(provider.seen.signIns.length, 1);

	const out = new URLSearchParams({ client_id: UserPoolClient.ClientId, logout_uri: OUT });
	const leaving = await browser.open(`${base}/logout?${out}`);
	assert.match(leaving.leftFor.href, /\/slo\?SAMLRequest=/);
	const returning = await browser.open(leaving.leftFor);
	assert.ok(returning.leftFor, returning.text);
	const left = await browser.open(returning.leftFor);
	assert.ok(left.leftFor, left.text);
	assert.equal(left.leftFor.href, OUT);
	assert.equal(provider.seen.signOuts[0].nameID, 'ada');
	assert.equal(provider.seen.signOuts[0].sessionIndex, '_session-1');
});
