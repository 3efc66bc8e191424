// A provider of SAML made with samlify: from its metadata to a sign-in and a sign-out at both.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { Browser } from './pages.mjs';
import { startProvider } from './saml-provider.mjs';
import { makePool, own } from './server.mjs';

const BACK = 'https://app.example.com/back';
const OUT = 'https://app.example.com/out';

// A pool with a provider, and an app client whose users come from it.
async function join(provider, details) {
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
	return { base, client: UserPoolClient.ClientId, told: IdentityProvider.ProviderDetails };
}

function authorize({ base, client }, more = {}) {
	const query = { client_id: client, redirect_uri: BACK, response_type: 'code', scope: 'openid email', ...more };
	return `${base}/oauth2/authorize?${new URLSearchParams(query)}`;
}

test('a user signs in and out by a provider of SAML', async () => {
	const provider = await startProvider({ name: 'ada', attributes: { mail: 'ada@example.com' } });
	after(() => provider.stop());
	const pool = await join(provider);
	const { base, client } = pool;
	assert.match(pool.told.SSORedirectBindingURI, /\/sso$/);

	const browser = new Browser();
	const away = await browser.open(authorize(pool));
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
			client_id: client,
			redirect_uri: BACK,
			code: leftFor.searchParams.get('code'),
		}),
	});
	const tokens = await reply.json();
	const claims = JSON.parse(Buffer.from(tokens.id_token.split('.')[1], 'base64url').toString());
	assert.equal(claims['cognito:username'], 'Partner_ada');
	assert.equal(claims.email, 'ada@example.com');
	assert.equal(provider.seen.signIns.length, 1);

	const out = new URLSearchParams({ client_id: client, logout_uri: OUT });
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

test('a provider that takes forms alone signs a user in, and out by itself in either way', async () => {
	const provider = await startProvider({ name: 'ada', attributes: { mail: 'ada@example.com' } }, { posts: true });
	after(() => provider.stop());
	const pool = await join(provider);
	assert.equal(pool.told.SSORedirectBindingURI, undefined);
	for (const binding of ['redirect', 'post']) {
		const browser = new Browser();
		const away = await browser.open(authorize(pool));
		const page = await browser.send(away, {});
		assert.equal(page.status, 200, page.text);
		const { leftFor, text } = await browser.send(page, {});
		assert.ok(leftFor?.searchParams.get('code'), text);
		assert.ok((await browser.open(authorize(pool, { prompt: 'none' }))).leftFor.searchParams.get('code'));

		const { id, to, page: form } = provider.signOut(binding);
		const out = to ? await browser.open(to) : await browser.send(form, {});
		assert.match(out.leftFor?.pathname ?? out.text, /\/slo$/);
		assert.match((await browser.open(out.leftFor)).text, /signed out/);
		const { response, state } = provider.seen.answers.at(-1);
		assert.deepEqual([response.inResponseTo, state], [id, 'own state']);
		const over = await browser.open(authorize(pool, { prompt: 'none' }));
		assert.equal(over.leftFor.searchParams.get('error'), 'login_required');
	}
	assert.equal(provider.seen.signIns.length, 2);
});
