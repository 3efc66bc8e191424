// The package in Chromium: an app on Amplify whose calls a service worker answers, over IndexedDB.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { extname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { Chromium } from '../../../tests/browser/chromium.mjs';
import { PASSWORD, pools } from './pool.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const clients = join(here, '../../../tests/clients/node');
const FOLDERS = { 'userpool-wasm': process.env.USERPOOL_WASM, tests: here };
const TYPES = { '.js': 'text/javascript', '.mjs': 'text/javascript', '.wasm': 'application/wasm' };
const PAGE = '<!doctype html><title>app</title><script src="/app.js"></script><script type="module" src="/tests/page.mjs"></script>';
const POLICY =
	"default-src 'none'; connect-src 'self' https://cognito-idp.us-east-1.amazonaws.com; worker-src 'self'; " +
	"script-src 'self' 'wasm-unsafe-eval'";

let app, site, origin, browser;

before(async () => {
	const { buildSync } = createRequire(join(clients, 'package.json'))('esbuild');
	const options = { bundle: true, minify: true, write: false, format: 'iife', nodePaths: [join(clients, 'node_modules')] };
	[{ contents: app }] = buildSync({ entryPoints: [join(here, 'app.mjs')], ...options }).outputFiles;
	site = createServer(serve).listen(0, '127.0.0.1');
	await new Promise((resolve) => site.once('listening', resolve));
	origin = `http://127.0.0.1:${site.address().port}`;
	browser = Chromium.start(process.env.USERPOOL_WORK);
});

after(async () => {
	await browser?.close();
	site?.closeAllConnections();
	site?.close();
});

async function serve({ url }, reply) {
	const [, folder, file] = new URL(url, origin).pathname.split('/');
	reply.setHeader('content-security-policy', POLICY);
	reply.setHeader('content-type', TYPES[extname(url)] ?? 'text/html');
	if (folder === '') return reply.end(PAGE);
	if (folder === 'app.js') return reply.end(app);
	const path = folder === 'worker.mjs' ? join(here, folder) : join(FOLDERS[folder] ?? here, file ?? '');
	const bytes = await readFile(path).catch(() => undefined);
	if (!bytes) return reply.writeHead(404).end();
	reply.end(bytes);
}

// A page whose calls the worker answers.
async function opened() {
	const page = await browser.open(origin);
	assert.equal(await page.call('begin'), `${origin}/worker.mjs`);
	return page;
}

test('IndexedDB keeps the contract of storage', async () => {
	const page = await browser.open(origin);
	assert.deepEqual(await page.call('contract'), { held: 11, failed: [] });
});

test('two issuers over one store let a name be taken once', async () => {
	const page = await browser.open(origin);
	assert.deepEqual(await page.call('race', pools), [...Array(19).fill('UsernameExistsException'), 'signed up']);
});

test('an app on Amplify signs up and in with no server, and is still signed in after a reload and a restart', async () => {
	let page = await opened();
	const options = { userAttributes: { email: 'ada@example.com' } };
	const { nextStep } = await page.call('auth.signUp', { username: 'ada', password: PASSWORD, options });
	assert.equal(nextStep.signUpStep, 'CONFIRM_SIGN_UP');
	const confirmationCode = await page.call('codeTo', 'ada@example.com');
	await page.call('auth.confirmSignUp', { username: 'ada', confirmationCode });
	const { isSignedIn } = await page.call('auth.signIn', { username: 'ada', password: PASSWORD });
	assert.equal(isSignedIn, true);
	const { sub, auth_time: since } = await page.call('tokens');
	assert.deepEqual(await page.call('auth.fetchUserAttributes'), {
		email: 'ada@example.com',
		email_verified: 'true',
		sub,
	});

	// Another page has the tokens, and the engine the grant that refreshes them.
	page = await opened();
	assert.equal((await page.call('tokens', { forceRefresh: true })).auth_time, since);

	await browser.close();
	browser = Chromium.start(process.env.USERPOOL_WORK);
	page = await opened();
	assert.equal((await page.call('tokens', { forceRefresh: true })).sub, sub);
	await page.call('auth.signOut');
	await assert.rejects(page.call('auth.signIn', { username: 'ada', password: 'wrong' }), /NotAuthorizedException/);
	assert.ok((await page.call('auth.signIn', { username: 'ada', password: PASSWORD })).isSignedIn);
	assert.equal((await page.call('tokens')).sub, sub);
});

test('a page that was reloaded past its worker is taken again', async () => {
	const page = await opened();
	await page.send('Page.reload', { ignoreCache: true });
	await page.evaluate(`new Promise((done) => {
		const again = () => (globalThis.begin && document.readyState === 'complete' ? done() : setTimeout(again, 10));
		again();
	})`);
	assert.equal(await page.evaluate('navigator.serviceWorker.controller'), null);
	assert.equal(await page.call('begin'), `${origin}/worker.mjs`);
});

test('a worker that is not for the page says so', async () => {
	const page = await browser.open(origin);
	await assert.rejects(page.call('beginElsewhere'), /answers pages below http:.*\/tests\/ and not this one/);
});
