// Amplify in a browser: to the login pages and back, and passkeys.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { Chromium } from './chromium.mjs';
import { POOL, Server } from './server.mjs';

const PASSWORD = 'Right-passw0rd!';
const here = fileURLToPath(new URL('.', import.meta.url));
const clients = join(here, '../clients/node');

let server, door, site, browser, home, client;

before(async () => {
	const folder = join(process.env.USERPOOL_WORK, 'amplify');
	mkdirSync(folder);
	door = await secure(folder);
	const endpoint = `https://localhost:${door.address().port}`;
	server = await Server.start(folder, { USERPOOL_BASE_URL: endpoint });
	await server.administer('SetUserPoolMfaConfig', {
		UserPoolId: POOL,
		WebAuthnConfiguration: { RelyingPartyId: 'localhost', UserVerification: 'required' },
	});
	const { buildSync } = createRequire(join(clients, 'package.json'))('esbuild');
	const options = { bundle: true, write: false, format: 'iife', nodePaths: [join(clients, 'node_modules')] };
	const [{ contents: app }] = buildSync({ entryPoints: [join(here, 'amplify-app.mjs')], ...options }).outputFiles;
	let page = '';
	site = createServer(({ url }, reply) => {
		reply.setHeader('content-type', url === '/app.js' ? 'text/javascript' : 'text/html; charset=utf-8');
		reply.end(url === '/app.js' ? app : page);
	});
	await new Promise((resolve) => site.listen(0, resolve));
	home = `http://localhost:${site.address().port}/`;
	({ UserPoolClient: client } = await server.administer('CreateUserPoolClient', {
		UserPoolId: POOL,
		ClientName: 'amplify',
		ExplicitAuthFlows: ['ALLOW_USER_AUTH', 'ALLOW_USER_SRP_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'],
		AllowedOAuthFlows: ['code'],
		AllowedOAuthFlowsUserPoolClient: true,
		AllowedOAuthScopes: ['openid', 'email', 'aws.cognito.signin.user.admin'],
		CallbackURLs: [home],
		LogoutURLs: [home],
	}));
	const settings = {
		userPoolId: POOL,
		userPoolClientId: client.ClientId,
		userPoolEndpoint: endpoint,
		loginWith: {
			oauth: {
				domain: `${new URL(endpoint).host}/${POOL}`,
				scopes: ['openid', 'email', 'aws.cognito.signin.user.admin'],
				redirectSignIn: [home],
				redirectSignOut: [home],
				responseType: 'code',
			},
		},
	};
	page = `<!doctype html><title>the application</title>
<script id="settings" type="application/json">${JSON.stringify(settings)}</script><script src="/app.js"></script>`;
	browser = Chromium.start(folder, '--ignore-certificate-errors');
});

after(async () => {
	await browser?.close();
	site?.close();
	door?.closeAllConnections();
	door?.close();
	await server?.close();
});

// TLS in front of the server: Amplify speaks to login pages over nothing else.
async function secure(folder) {
	const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
	const made = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1'];
	execFileSync('openssl', [...made, '-subj', '/CN=localhost', '-keyout', key, '-out', certificate], { stdio: 'ignore' });
	const options = { key: readFileSync(key), cert: readFileSync(certificate) };
	const door = createSecureServer(options, (asked, reply) => {
		const { method, url, headers } = asked;
		const on = request(new URL(url, server.endpoint), { method, headers }, (answer) => {
			reply.writeHead(answer.statusCode, answer.headers);
			answer.pipe(reply);
		});
		on.on('error', () => reply.destroy());
		asked.pipe(on);
	});
	await new Promise((resolve) => door.listen(0, resolve));
	return door;
}

// What an expression comes to, once it is something; pages come and go meanwhile.
async function until(page, expression) {
	for (let tries = 0; tries < 400; tries += 1) {
		const value = await page.evaluate(expression).catch(() => undefined);
		if (value) return value;
		await wait(25);
	}
	throw new Error(`${expression} of ${await page.evaluate('location.href + document.body.innerText')}`);
}

async function user(username) {
	const named = { UserPoolId: POOL, Username: username };
	const email = { Name: 'email', Value: `${username}@example.com` };
	const verified = { Name: 'email_verified', Value: 'true' };
	await server.administer('AdminCreateUser', { ...named, UserAttributes: [email, verified], MessageAction: 'SUPPRESS' });
	await server.administer('AdminSetUserPassword', { ...named, Password: PASSWORD, Permanent: true });
}

test('signInWithRedirect leads to the login pages and back, and signOut ends both sessions', async () => {
	await user('ada');
	const page = await browser.open(home);
	assert.equal(await page.evaluate('session()'), undefined);
	for (let times = 0; times < 2; times += 1) {
		page.evaluate('auth.signInWithRedirect()').catch(() => {}); // The page goes.
		// No session of the pages is left from the first time.
		await until(page, `document.title === 'Sign in'`);
		await page.evaluate(`(() => {
			document.querySelector('[name=username]').value = 'ada';
			document.querySelector('[name=password]').value = ${JSON.stringify(PASSWORD)};
			document.querySelector('form button').click();
		})()`);
		// A passkey is offered, and whoever declines is left alone the next time.
		if (times === 0) {
			await until(page, `document.title === 'Add a passkey'`);
			page.evaluate(`document.querySelector('[value=later]').click()`).catch(() => {});
		}
		const { id, access, text } = await until(page, `globalThis.session && session()`);
		assert.equal(id['cognito:username'], 'ada');
		assert.equal(id.email, 'ada@example.com');
		assert.deepEqual(access.scope.split(' ').sort(), ['aws.cognito.signin.user.admin', 'email', 'openid']);
		assert.equal((await page.call('auth.fetchUserAttributes')).email, 'ada@example.com');
		const renewed = await page.call('session', { forceRefresh: true });
		assert.equal(renewed.id.sub, id.sub);
		assert.notEqual(renewed.text, text);
		// The session ends before the page leaves for the login pages; what counts is the page that comes back.
		page.evaluate('globalThis.left = true, auth.signOut()').catch(() => {});
		await until(page, `!globalThis.left && globalThis.session && session().then((session) => session === undefined)`);
		assert.equal(await page.evaluate('location.href'), home);
	}
});

test('passkeys are registered, signed in with and deleted by Amplify', async () => {
	await user('grace');
	const page = await browser.open(home);
	await page.addAuthenticator();
	const options = { authFlowType: 'USER_AUTH', preferredChallenge: 'PASSWORD_SRP' };
	const first = await page.call('auth.signIn', { username: 'grace', password: PASSWORD, options });
	assert.equal(first.isSignedIn, true);
	await page.call('auth.associateWebAuthnCredential');
	const { credentials } = await page.call('auth.listWebAuthnCredentials');
	assert.equal(credentials.length, 1);
	assert.equal(credentials[0].relyingPartyId, 'localhost');
	page.evaluate('auth.signOut()').catch(() => {});
	await until(page, `globalThis.session && session().then((session) => session === undefined)`);
	const passkey = { authFlowType: 'USER_AUTH', preferredChallenge: 'WEB_AUTHN' };
	const second = await page.call('auth.signIn', { username: 'grace', options: passkey });
	assert.equal(second.isSignedIn, true);
	assert.equal((await page.call('session')).id['cognito:username'], 'grace');
	await page.call('auth.deleteWebAuthnCredential', { credentialId: credentials[0].credentialId });
	assert.deepEqual((await page.call('auth.listWebAuthnCredentials')).credentials, []);
});
