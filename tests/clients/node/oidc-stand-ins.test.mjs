// Google, Facebook, Amazon, Apple and a provider of one's own, by stand-ins made with oidc-provider: each signs a user in.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { startStandIns } from './oidc-stand-ins.mjs';
import { Browser } from './pages.mjs';
import { makePool, own } from './server.mjs';

const BACK = 'https://app.example.com/back';
const CLAIMS = {
	id: '4711',
	user_id: 'amzn1.account.ADA',
	name: 'Ada Lovelace',
	email: 'ada@example.com',
	email_verified: true,
	picture: 'https://img.example.com/ada.png',
	postal_code: '20095',
};
const mapped = { email: 'email', email_verified: 'email_verified' };
const KINDS = {
	Google: { id: 'ada-1', mapping: { ...mapped, picture: 'picture' }, told: { picture: CLAIMS.picture } },
	Facebook: { id: CLAIMS.id, mapping: { name: 'name' }, told: { name: CLAIMS.name } },
	LoginWithAmazon: { id: CLAIMS.user_id, mapping: { address: 'postal_code' }, told: { address: { formatted: CLAIMS.postal_code } } },
	SignInWithApple: { id: 'ada-1', mapping: mapped, told: {} },
	OIDC: { id: 'ada-1', mapping: mapped, told: {} },
};

const levels = [];
const standIns = await startStandIns({ sub: 'ada-1', claims: CLAIMS, levels });
after(() => standIns.stop());
const { poolId } = await makePool(own);
const base = `${own.endpoint}/${poolId}`;
standIns.serve(`${base}/oauth2/idpresponse`);
for (const [ProviderType, { mapping }] of Object.entries(KINDS)) {
	await own.idp.createIdentityProvider({
		UserPoolId: poolId,
		ProviderName: named(ProviderType),
		ProviderType,
		ProviderDetails: standIns.details[ProviderType],
		AttributeMapping: mapping,
		...(ProviderType === 'OIDC' && { AcrMapping: { Level1: 'urn:one', Level2: 'urn:two' } }),
	});
}
const { UserPoolClient } = await own.idp.createUserPoolClient({
	UserPoolId: poolId,
	ClientName: 'web',
	AllowedOAuthFlows: ['code'],
	AllowedOAuthFlowsUserPoolClient: true,
	AllowedOAuthScopes: ['openid', 'email', 'profile'],
	CallbackURLs: [BACK],
	SupportedIdentityProviders: Object.keys(KINDS).map(named),
});
const client = UserPoolClient.ClientId;

// What the pool calls a kind of provider.
function named(kind) {
	return kind === 'OIDC' ? 'Partner' : kind;
}

// The claims of the ID token of a sign-in by a provider.
async function signIn(browser, name, more = {}) {
	const query = { client_id: client, redirect_uri: BACK, response_type: 'code', identity_provider: name, ...more };
	let page = await browser.open(`${base}/oauth2/authorize?${new URLSearchParams(query)}`);
	while (page.leftFor?.hostname === '127.0.0.1') page = await browser.open(page.leftFor);
	// Apple's answer is a form.
	if (!page.leftFor) page = await browser.send(page, {});
	while (page.leftFor?.hostname === '127.0.0.1') page = await browser.open(page.leftFor);
	assert.ok(page.leftFor, page.text);
	assert.equal(page.leftFor.searchParams.get('error_description'), null);
	const reply = await fetch(`${base}/oauth2/token`, {
		method: 'POST',
		body: new URLSearchParams({
			grant_type: 'authorization_code',
			client_id: client,
			redirect_uri: BACK,
			code: page.leftFor.searchParams.get('code'),
		}),
	});
	const tokens = await reply.json();
	assert.ok(tokens.id_token, JSON.stringify(tokens));
	return JSON.parse(Buffer.from(tokens.id_token.split('.')[1], 'base64url').toString());
}

for (const [kind, { id, mapping, told }] of Object.entries(KINDS)) {
	test(`a user signs in by a stand-in of ${kind}, again and again`, async () => {
		const name = named(kind);
		const first = await signIn(new Browser(), name);
		assert.equal(first['cognito:username'].toLowerCase(), `${name}_${id}`.toLowerCase());
		const [identity] = first.identities;
		assert.deepEqual(
			[identity.userId, identity.providerName, identity.providerType, identity.primary],
			[id, name, kind, 'true']
		);
		if (mapping.email) assert.deepEqual([first.email, first.email_verified], [CLAIMS.email, true]);
		for (const [attribute, value] of Object.entries(told)) assert.deepEqual(first[attribute], value);
		assert.deepEqual(first['cognito:groups'], [`${poolId}_${name}`]);
		const second = await signIn(new Browser(), name);
		assert.equal(second.sub, first.sub);
	});
}

test('each stand-in was asked as the one that it stands for is', () => {
	const { seen } = standIns;
	assert.deepEqual(new Set(seen.asked.map(String)), new Set(['Facebook,public_profile, email', 'LoginWithAmazon,profile postal_code']));
	assert.deepEqual(
		new Set(seen.fields.map(String)),
		new Set(['Google,email,email_verified,picture', 'Facebook,id,name', 'LoginWithAmazon,'])
	);
	assert.equal(seen.secrets.length, 2);
	const [secret] = seen.secrets;
	assert.deepEqual([secret.alg, secret.kid], ['ES256', 'KEY1234567']);
	assert.equal(secret.exp - secret.iat, 300);
});

test('a level of authentication is asked of a provider by its name, and told by that of the pool', async () => {
	const { UserPool } = await own.idp.describeUserPool({ UserPoolId: poolId });
	const { Level1, Level2 } = UserPool.AcrConfiguration;
	levels.push('urn:two', 'urn:one');
	const higher = await signIn(new Browser(), 'Partner', { acr_values: Level2.AcrValue });
	assert.equal(higher.acr, Level2.AcrValue);
	assert.equal(standIns.seen.levels.at(-1), 'urn:two');
	const lower = await signIn(new Browser(), 'Partner');
	assert.equal(lower.acr, Level1.AcrValue);
});
