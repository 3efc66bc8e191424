// The login pages in a browser: on a phone and on a desk, light and dark, to the application and back.
// USERPOOL_SCREENSHOTS names a folder for pictures of every page.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';

import { Chromium } from './chromium.mjs';
import { POOL, Server } from './server.mjs';

const PASSWORD = 'Right-passw0rd!';
const AXE = readFileSync(new URL('node_modules/axe-core/axe.min.js', import.meta.url), 'utf8');
const SIZES = { phone: [360, 740], desk: [1280, 800] };

let server, browser, application, page, login;

before(async () => {
	const folder = join(process.env.USERPOOL_WORK, 'pages');
	mkdirSync(folder);
	server = await Server.start(folder);
	application = createServer((_, reply) => reply.end('the application'));
	await new Promise((resolve) => application.listen(0, resolve));
	const back = `http://localhost:${application.address().port}/back`;
	const { UserPoolClient } = await server.administer('CreateUserPoolClient', {
		UserPoolId: POOL,
		ClientName: 'pages',
		AllowedOAuthFlows: ['code'],
		AllowedOAuthFlowsUserPoolClient: true,
		AllowedOAuthScopes: ['openid'],
		CallbackURLs: [back],
	});
	const query = new URLSearchParams({
		client_id: UserPoolClient.ClientId,
		redirect_uri: back,
		response_type: 'code',
		prompt: 'login',
	});
	login = `${server.endpoint}/${POOL}/oauth2/authorize?${query}`;
	browser = Chromium.start(folder);
	page = await browser.open(login);
});

after(async () => {
	await browser?.close();
	application?.close();
	await server?.close();
});

// Fills the form of the page and sends it; waits until another page is there.
async function send(fields, button = 'form button') {
	await page.evaluate(`(() => {
		for (const [name, value] of Object.entries(${JSON.stringify(fields)})) {
			document.querySelector(\`[name="\${name}"]\`).value = value;
		}
		document.documentElement.dataset.sent = 'yes';
		document.querySelector(${JSON.stringify(button)}).click();
	})()`);
	await loaded();
}

async function visit(url) {
	await page.evaluate(`document.documentElement.dataset.sent = 'yes'`);
	await page.send('Page.navigate', { url });
	await loaded();
}

// Waits until the page that was marked has gone and the next is there.
async function loaded() {
	for (let tries = 0; tries < 200; tries += 1) {
		const there = await page
			.evaluate(`document.readyState === 'complete' && !document.documentElement.dataset.sent`)
			.catch(() => false);
		if (there) return;
		await wait(25);
	}
	throw new Error(`no page follows ${await page.evaluate('document.body.innerText')}`);
}

// What a password manager is told of the fields, and whose password it is to keep.
const completed = () =>
	page.evaluate(`[...document.querySelectorAll('input[autocomplete]')].map(({ autocomplete, value }) =>
		[autocomplete, value].join(' ').trim())`);

const title = () => page.evaluate('document.title');

// Waits until the browser is back at the application, with what it was sent for.
async function cameBack(pattern) {
	for (let tries = 0; tries < 200; tries += 1) {
		if (pattern.test(await page.evaluate('location.href').catch(() => ''))) return;
		await wait(25);
	}
	assert.match(await page.evaluate('location.href'), pattern);
}

// Looks at a page in every size and colour scheme.
async function look(name, { language = 'en', scripts, sizes = Object.keys(SIZES), schemes = ['light', 'dark'] } = {}) {
	// Of the pages only that with the form of a sign-in has a script of its own.
	scripts ??= await page.evaluate(`document.querySelectorAll('form[data-begin]').length`);
	for (const size of sizes) {
		const [width, height] = SIZES[size];
		for (const scheme of schemes) {
			await page.send('Emulation.setDeviceMetricsOverride', {
				width,
				height,
				deviceScaleFactor: 1,
				mobile: size === 'phone',
			});
			await page.send('Emulation.setEmulatedMedia', {
				features: [{ name: 'prefers-color-scheme', value: scheme }],
			});
			const wrong = await page.evaluate(`(${faults})(${JSON.stringify(language)}, ${scripts})`);
			assert.deepEqual(wrong, [], `${name} ${size} ${scheme}`);
			assert.deepEqual(await violations(), [], `${name} ${size} ${scheme}`);
			const folder = process.env.USERPOOL_SCREENSHOTS;
			if (folder) {
				const { data } = await page.send('Page.captureScreenshot', { format: 'png' });
				writeFileSync(join(folder, `${name}-${size}-${scheme}.png`), Buffer.from(data, 'base64'));
			}
		}
	}
}

// What axe-core finds in the page; from elsewhere than the page, so that its policy does not keep the script out.
async function violations() {
	await page.evaluate(`void (window.axe ?? (() => { ${AXE}; })())`);
	return page.evaluate(`axe.run().then(({ violations }) =>
		violations.map(({ id, impact, nodes }) => ({ id, impact, at: nodes.map(({ html }) => html) })))`);
}

// What keeps somebody from using the page (WCAG 2.2: 1.3.1, 1.4.3, 1.4.10, 2.5.8, 3.1.1); runs in the page.
function faults(language, scripts = 0) {
	const found = [];
	if (document.documentElement.lang !== language) found.push('not the language');
	if (document.querySelectorAll('h1').length !== 1) found.push('not one heading');
	if (document.documentElement.scrollWidth > innerWidth) found.push('scrolls sideways');
	if (document.scripts.length !== scripts) found.push('a script too many or too few');
	const shown = 'input:not([type=hidden], [hidden])';
	for (const input of document.querySelectorAll(shown)) {
		if (!input.labels.length) found.push(`no label for ${input.name}`);
	}
	for (const target of document.querySelectorAll(`button, a, ${shown}:not([type=radio])`)) {
		if (target.getBoundingClientRect().height < 24) found.push(`too small: ${target.outerHTML}`);
	}
	const numbers = (colour) => colour.match(/[\d.]+/g).map(Number);
	const light = (colour) =>
		numbers(colour)
			.slice(0, 3)
			.map((part) => part / 255)
			.map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
			.reduce((sum, part, at) => sum + part * [0.2126, 0.7152, 0.0722][at], 0);
	const behind = (element) => {
		for (let at = element; at; at = at.parentElement) {
			const colour = getComputedStyle(at).backgroundColor;
			if (numbers(colour)[3] !== 0) return colour;
		}
		return 'rgb(255, 255, 255)';
	};
	for (const element of document.querySelectorAll(`h1, p, a, label, button, ${shown}`)) {
		const pair = [light(getComputedStyle(element).color), light(behind(element))].sort((a, b) => b - a);
		if ((pair[0] + 0.05) / (pair[1] + 0.05) < 4.5) found.push(`hard to read: ${element.outerHTML}`);
	}
	return found;
}

test('somebody makes an account, confirms it, signs in and is back in the application', async () => {
	assert.equal(await title(), 'Sign in');
	await look('sign-in', { scripts: 1 });
	await visit(await page.evaluate(`[...document.links].find((link) => link.text === 'Create an account').href`));
	await look('sign-up');
	await send({ username: 'ada', 'attribute.email': 'ada@example.com', password: PASSWORD });
	assert.equal(await title(), 'Confirm your account');
	await look('confirm');
	await send({ code: server.codeTo('ada@example.com') });
	assert.equal(await title(), 'Sign in');
	await send({ username: 'ada', password: 'Wrong-passw0rd!' });
	await look('wrong-password');
	await send({ username: 'ada', password: PASSWORD });
	// The policy of the page lets the form lead there, and nowhere else.
	assert.match(await page.evaluate('location.href'), /^http:\/\/localhost:\d+\/back\?code=/);
	assert.equal(await page.evaluate('document.body.innerText'), 'the application');
});

// Waits until the page has loaded what it proves passwords with.
async function proving() {
	for (let tries = 0; tries < 200; tries += 1) {
		const there = `performance.getEntriesByType('resource').some(({ name, responseEnd }) => name.endsWith('.wasm') && responseEnd)`;
		if (await page.evaluate(there)) return;
		await wait(25);
	}
	throw new Error('no WebAssembly');
}

test('a password is proven and never leaves the page', async () => {
	const requests = await page.watchRequests();
	const posts = (word) => requests.filter(({ method, url, postData = '' }) => method === 'POST' && `${url} ${postData}`.includes(word));
	await visit(login);
	await send({ username: 'ada', password: 'Wrong-passw0rd!' });
	assert.equal(await page.evaluate(`document.querySelector('[role=alert]').innerText`), 'Incorrect username or password.');
	// What is refused before there is a proof is told in the same page, which can be sent again.
	await page.evaluate(`document.querySelector('#username').value = 'nobody'`);
	await page.evaluate(`document.querySelector('#password').value = 'Wrong-passw0rd!'`);
	await page.evaluate(`document.querySelector('form button').click()`);
	const said = `document.querySelector('[role=alert]').innerText`;
	for (let tries = 0; tries < 200 && /Incorrect/.test(await page.evaluate(said)); tries += 1) await wait(25);
	assert.equal(await page.evaluate(said), 'User does not exist.');
	await look('wrong-name', { sizes: ['phone'], schemes: ['light'] });
	await send({ username: 'ada', password: PASSWORD });
	assert.match(await page.evaluate('location.href'), /\/back\?code=/);
	assert.equal(posts('/login/srp').length, 3);
	assert.equal(posts('signature=').length, 2);
	assert.equal(posts('passw0rd').length, 0, JSON.stringify(posts('passw0rd')));
});

test('where there is no WebAssembly the form is sent as it is', async () => {
	const requests = await page.watchRequests();
	await page.send('Network.setBlockedURLs', { urls: ['*.wasm'] });
	await visit(login);
	await send({ username: 'ada', password: PASSWORD });
	assert.match(await page.evaluate('location.href'), /\/back\?code=/);
	assert.ok(requests.some(({ postData = '' }) => postData.includes('password=')));
	await page.send('Network.setBlockedURLs', { urls: [] });
	await page.send('Network.disable');
});

test('somebody who forgot the password sets another one', async () => {
	await visit(login);
	await visit(await page.evaluate(`[...document.links].find((link) => link.text.startsWith('Forgot')).href`));
	await look('forgot-password');
	await send({ username: 'ada' });
	await look('reset-password');
	assert.deepEqual(await completed(), ['one-time-code', 'username ada', 'new-password']);
	await send({ code: server.codeTo('ada@example.com'), password: 'Other-passw0rd!' });
	assert.equal(await title(), 'Sign in');
	await send({ username: 'ada', password: 'Other-passw0rd!' });
	assert.match(await page.evaluate('location.href'), /\/back\?code=/);
});

test('an authenticator app is asked for where the pool demands one', async () => {
	await server.administer('UpdateUserPool', {
		UserPoolId: POOL,
		AutoVerifiedAttributes: ['email'],
		Policies: { SignInPolicy: { AllowedFirstAuthFactors: ['PASSWORD'] } },
	});
	await server.administer('SetUserPoolMfaConfig', {
		UserPoolId: POOL,
		MfaConfiguration: 'ON',
		SoftwareTokenMfaConfiguration: { Enabled: true },
	});
	await visit(login);
	await send({ username: 'ada', password: 'Other-passw0rd!' });
	assert.equal(await title(), 'Set up an authenticator app');
	await look('set-up-app');
});

test('who has an authenticator app and an address chooses between them', async () => {
	const secret = await page.evaluate(`document.querySelector('.key').innerText`);
	const now = Math.floor(Date.now() / 30_000);
	await send({ answer: totp(secret, now) });
	assert.match(await page.evaluate('location.href'), /\/back\?code=/);
	await server.administer('SetUserPoolMfaConfig', {
		UserPoolId: POOL,
		MfaConfiguration: 'OPTIONAL',
		SoftwareTokenMfaConfiguration: { Enabled: true },
		EmailMfaConfiguration: {},
	});
	const on = { Enabled: true };
	await server.administer('AdminSetUserMFAPreference', {
		UserPoolId: POOL,
		Username: 'ada',
		SoftwareTokenMfaSettings: on,
		EmailMfaSettings: on,
	});
	await visit(login);
	await send({ username: 'ada', password: 'Other-passw0rd!' });
	assert.equal(await title(), 'Choose a way');
	await look('choose-a-way');
	await page.evaluate(`document.querySelector('[value=SOFTWARE_TOKEN_MFA]').checked = true`);
	await send({});
	assert.equal(await title(), 'Enter a code');
	await look('app-code');
	await send({ answer: totp(secret, now + 1) });
	assert.match(await page.evaluate('location.href'), /\/back\?code=/);
	await visit(login);
	await send({ username: 'ada', password: 'Other-passw0rd!' });
	await page.evaluate(`document.querySelector('[value=EMAIL_OTP]').checked = true`);
	await send({});
	await look('email-code');
	await send({ answer: server.codeTo('ada@example.com') });
	assert.match(await page.evaluate('location.href'), /\/back\?code=/);
});

// The code of a software token at a step of 30 seconds (RFC 6238).
function totp(secret, step) {
	const bits = [...secret].map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0'));
	const bytes = bits.join('').match(/.{8}/g).map((byte) => Number.parseInt(byte, 2));
	const counter = Buffer.alloc(8);
	counter.writeBigUInt64BE(BigInt(step));
	const mac = createHmac('sha1', Buffer.from(bytes)).update(counter).digest();
	const number = mac.readUInt32BE(mac[19] & 15) & 0x7fff_ffff;
	return String(number % 1_000_000).padStart(6, '0');
}

test('who was given a password sets another one, and an address where codes are demanded', async () => {
	const user = { UserPoolId: POOL, Username: 'grace' };
	await server.administer('AdminCreateUser', { ...user, TemporaryPassword: PASSWORD, MessageAction: 'SUPPRESS' });
	await visit(login);
	await send({ username: 'grace', password: PASSWORD });
	assert.equal(await title(), 'Set a new password');
	await look('new-password');
	assert.deepEqual(await completed(), ['username grace', 'new-password']);
	await send({ NEW_PASSWORD: 'Other-passw0rd!' });
	assert.match(await page.evaluate('location.href'), /\/back\?code=/);
	await server.administer('SetUserPoolMfaConfig', {
		UserPoolId: POOL,
		MfaConfiguration: 'ON',
		SoftwareTokenMfaConfiguration: { Enabled: false },
		EmailMfaConfiguration: {},
	});
	await visit(login);
	await send({ username: 'grace', password: 'Other-passw0rd!' });
	assert.equal(await title(), 'Add an email address');
	await look('add-address');
});

test('every language fits on a phone, and is kept', async () => {
	const scripts = 1;
	for (const language of ['de', 'es', 'fr', 'id', 'it', 'ja', 'ko', 'nl', 'pt-BR', 'zh-CN', 'zh-TW', 'en']) {
		await visit(`${login}&lang=${language}`);
		assert.deepEqual(await page.evaluate(`(${faults})(${JSON.stringify(language)}, ${scripts})`), [], language);
		await visit(login);
		assert.equal(await page.evaluate('document.documentElement.lang'), language);
		await visit(await page.evaluate(`[...document.links].find((link) => link.href.includes('/signup')).href`));
		await look(`sign-up-${language}`, { language, sizes: ['phone'], schemes: ['light'] });
	}
});

test('a passkey is made after a sign-in and signs in from then on, and an account is chosen', async () => {
	const { UserPool } = await server.administer('CreateUserPool', {
		PoolName: 'passkeys',
		Policies: { SignInPolicy: { AllowedFirstAuthFactors: ['PASSWORD', 'EMAIL_OTP', 'WEB_AUTHN'] } },
	});
	const UserPoolId = UserPool.Id;
	await server.administer('SetUserPoolMfaConfig', { UserPoolId, WebAuthnConfiguration: { RelyingPartyId: 'localhost' } });
	const callback = new URL(login).searchParams.get('redirect_uri');
	const { UserPoolClient } = await server.administer('CreateUserPoolClient', {
		UserPoolId,
		ClientName: 'passkeys',
		ExplicitAuthFlows: ['ALLOW_USER_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'],
		AllowedOAuthFlows: ['code'],
		AllowedOAuthFlowsUserPoolClient: true,
		AllowedOAuthScopes: ['openid'],
		CallbackURLs: [callback],
	});
	const user = { UserPoolId, Username: 'ada' };
	await server.administer('AdminCreateUser', { ...user, MessageAction: 'SUPPRESS' });
	await server.administer('AdminSetUserPassword', { ...user, Password: PASSWORD, Permanent: true });
	const query = { client_id: UserPoolClient.ClientId, redirect_uri: callback, response_type: 'code' };
	const place = `http://localhost:${new URL(server.endpoint).port}/${UserPoolId}`;
	const ask = (prompt) => `${place}/oauth2/authorize?${new URLSearchParams({ ...query, prompt })}`;
	const authenticatorId = await page.addAuthenticator();

	await visit(ask('login'));
	await look('without-password');
	await send({ username: 'ada', password: PASSWORD });
	assert.equal(await title(), 'Add a passkey');
	await look('passkey-offer');
	await page.evaluate(`document.querySelector('[value=begin]').click()`);
	await cameBack(/\/back\?code=/);

	await page.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled: false });
	await visit(ask('login'));
	await send({ username: 'ada' }, '[value=passkey]');
	await look('passkey', { scripts: 1 });
	await page.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled: true });
	await page.evaluate(`document.querySelector('form button').click()`);
	await cameBack(/\/back\?code=/);

	await visit(ask('select_account'));
	await look('choose-account');
	assert.match(await page.evaluate(`document.querySelector('form button').innerText`), /^Continue as ada$/);
	await send({});
	assert.match(await page.evaluate('location.href'), /\/back\?code=/);

	// Without scripts a passkey is refused with a word, and everything else works.
	await page.send('Emulation.setScriptExecutionDisabled', { value: true });
	await visit(ask('login'));
	await send({ username: 'ada' }, '[value=passkey]');
	assert.match(await page.evaluate('document.body.innerText'), /Passkeys need JavaScript\./);
	await visit(ask('login'));
	await send({ username: 'ada', password: PASSWORD });
	assert.match(await page.evaluate('location.href'), /\/back\?code=/);
	await page.send('Emulation.setScriptExecutionDisabled', { value: false });
});

test('managed login branding changes colours, corners, logo and background', async () => {
	const svg = (body) => Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 120 40">${body}</svg>`).toString('base64');
	const asset = (Category, ColorMode, body) => ({ Category, ColorMode, Extension: 'SVG', Bytes: svg(body) });
	const ClientId = new URL(login).searchParams.get('client_id');
	const { ManagedLoginBranding } = await server.administer('CreateManagedLoginBranding', {
		UserPoolId: POOL,
		ClientId,
		Settings: {
			categories: { global: { colorSchemeMode: 'DYNAMIC', pageHeader: { enabled: true } } },
			componentClasses: { buttons: { borderRadius: 24 }, input: { borderRadius: 12 } },
			components: {
				form: { borderRadius: 0, logo: { enabled: true, location: 'START' }, lightMode: { borderColor: '7c2d12ff' } },
				pageBackground: { lightMode: { color: 'fff1e6ff' }, darkMode: { color: '1c0f0aff' } },
				pageHeader: { logo: { enabled: true, location: 'END' }, lightMode: { background: { color: '7c2d12ff' } } },
				primaryButton: {
					lightMode: { defaults: { backgroundColor: '7c2d12ff', textColor: 'ffffffff' } },
					darkMode: { defaults: { backgroundColor: 'fdba74ff', textColor: '1c0f0aff' } },
				},
			},
		},
		Assets: [
			asset('FORM_LOGO', 'LIGHT', '<rect width="120" height="40" rx="8" fill="#7c2d12"/><circle cx="20" cy="20" r="10" fill="#fff"/>'),
			asset('FORM_LOGO', 'DARK', '<rect width="120" height="40" rx="8" fill="#fdba74"/><circle cx="20" cy="20" r="10" fill="#000"/>'),
			asset('PAGE_HEADER_LOGO', 'DYNAMIC', '<circle cx="60" cy="20" r="18" fill="#fdba74"/>'),
			asset('PAGE_BACKGROUND', 'LIGHT', '<circle cx="60" cy="20" r="40" fill="#fde4cf"/>'),
			asset('FAVICON_SVG', 'DYNAMIC', '<circle cx="20" cy="20" r="18" fill="#7c2d12"/>'),
		],
	});
	await visit(login);
	await look('branding');
	await page.send('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: 'light' }] });
	const style = (selector, name) => page.evaluate(`getComputedStyle(document.querySelector('${selector}'))['${name}']`);
	assert.equal(await style('body', 'backgroundColor'), 'rgb(255, 241, 230)');
	assert.equal(await style('form button', 'backgroundColor'), 'rgb(124, 45, 18)');
	assert.equal(await style('form button', 'borderRadius'), '24px');
	assert.match(await style('.mark.in', 'backgroundImage'), /\/light\/form-logo/);
	const loaded = await page.evaluate(`performance.getEntriesByType('resource')
		.filter(({ responseStatus }) => responseStatus === 200).map(({ name }) => name.split('/').pop()).sort()`);
	for (const name of ['form-logo', 'header-logo', 'page-background', 'style.css']) assert.ok(loaded.includes(name), loaded);
	await server.administer('DeleteManagedLoginBranding', {
		UserPoolId: POOL,
		ManagedLoginBrandingId: ManagedLoginBranding.ManagedLoginBrandingId,
	});
	await visit(login);
	assert.notEqual(await style('body', 'backgroundColor'), 'rgb(255, 241, 230)');
});

test('a page weighs at most 50 KB, asks nobody else, and costs at most two milliseconds of the processor', async () => {
	await visit(login);
	await proving();
	const loaded = await page.evaluate(`['navigation', 'resource']
		.flatMap((kind) => performance.getEntriesByType(kind))
		.map(({ name, transferSize, encodedBodySize }) => ({ name, bytes: Math.max(transferSize, encodedBodySize) }))`);
	assert.ok(loaded.every(({ name }) => name.startsWith(`${server.endpoint}/`)), JSON.stringify(loaded));
	const bytes = loaded.reduce((sum, { bytes }) => sum + bytes, 0);
	const address = await page.evaluate('location.href');
	const pages = 200;
	const before = server.processorTime();
	for (let number = 0; number < pages; number += 1) {
		const reply = await fetch(address);
		assert.equal(reply.status, 200);
		await reply.text();
	}
	const cost = (server.processorTime() - before) / pages;
	console.log(`a page: ${bytes} bytes with all that it loads, ${cost.toFixed(2)} ms of the processor`);
	assert.ok(bytes > 1_000 && bytes <= 50_000, `${bytes} bytes`);
	assert.ok(cost <= 2, `${cost} ms`);
});

test('a request of nobody known is told so', async () => {
	await visit(`${server.endpoint}/${POOL}/login?client_id=nobody`);
	assert.equal(await title(), 'Error');
	await look('error');
});
