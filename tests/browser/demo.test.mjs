// The demonstration page: signed up to and in on, with a second factor, against the engine inside it and against the server.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';

import { Chromium } from './chromium.mjs';
import { Server } from './server.mjs';

const folder = join(process.env.USERPOOL_WORK, 'demo');
const screenshots = process.env.USERPOOL_SCREENSHOTS ?? join(folder, 'screenshots');
let server, browser;

before(async () => {
	for (const made of [folder, screenshots]) mkdirSync(made, { recursive: true });
	server = await Server.start(folder, { USERPOOL_DEMO: process.env.USERPOOL_DEMO_PAGE });
	browser = Chromium.start(folder);
});

after(async () => {
	await browser?.close();
	await server?.close();
});

// Fills a form in and sends it; what it says when it is done.
async function send(page, form, values = {}) {
	await page.evaluate(`(() => {
		const form = document.getElementById('${form}');
		for (const [name, value] of Object.entries(${JSON.stringify(values)})) form.elements[name].value = value;
		form.requestSubmit();
	})()`);
	return said(page, form);
}

async function press(page, form, name) {
	await page.evaluate(`document.getElementById('${form}').elements['${name}'].click()`);
	return said(page, form);
}

const said = (page, form) => until(page, `!document.querySelector('#${form} button:not(:disabled)') ? '' :
	/^(…|.* is measured …)$/.test(document.querySelector('#${form} output').textContent) ? '' :
	document.querySelector('#${form} output').textContent || 'nothing'`);

// The value of an expression once there is one.
async function until(page, expression) {
	for (let tries = 0; tries < 2400; tries += 1) {
		const value = await page.evaluate(expression);
		if (value) return value;
		await wait(25);
	}
	throw new Error(`nothing came of ${expression}`);
}

async function screenshot(page, name, { width = 1200, height = 900, scheme = 'light' } = {}) {
	await page.send('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: scheme }] });
	await page.send('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: width < 600 });
	const across = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
	assert.ok(across <= 0, `${name} is ${across} pixels too wide`);
	const { data } = await page.send('Page.captureScreenshot', { format: 'png', captureBeyondViewport: true });
	writeFileSync(join(screenshots, `${name}.png`), Buffer.from(data, 'base64'));
}

for (const issuer of ['page', 'server']) {
	test(`a user signs up and in with SRP, and with a second factor, where the ${issuer} answers`, async () => {
		const page = await browser.open(`${server.endpoint}/demo/`);
		await until(page, `!document.querySelector('[value=server]').disabled`);
		await page.evaluate(`document.querySelector('[value=${issuer}]').click()`);

		assert.match(await send(page, 'sign-up'), /ada is signed up/);
		const code = await until(page, `document.getElementById('code')?.textContent`);
		assert.match(await send(page, 'confirm', { code: '000000' === code ? '000001' : '000000' }), /CodeMismatchException/);
		assert.match(await send(page, 'confirm', { code }), /ada is confirmed/);
		assert.match(await send(page, 'sign-in', { password: 'Wrong-horse-7' }), /Incorrect username or password/);
		assert.match(await send(page, 'sign-in', { password: 'Correct-horse-7' }), /Signed in, in \d+ ms/);
		const [id, access] = await page.evaluate(
			`[...document.querySelectorAll('#tokens pre')].map((it) => JSON.parse(it.textContent.slice(it.textContent.indexOf('}') + 1)))`
		);
		assert.equal(id.email, 'ada@example.com');
		assert.equal(access.username, 'ada');
		assert.equal(access.iss, `${server.endpoint}/${issuer === 'page' ? 'demo/' : ''}us-east-1_Demo00001`);

		await press(page, 'totp', 'begin');
		const now = () => page.evaluate(`document.getElementById('code-now').textContent`);
		assert.match(await send(page, 'totp', { code: await now() }), /From now on/);
		assert.match(await press(page, 'session', 'refresh'), /New tokens/);
		await screenshot(page, `${issuer}-light`);

		assert.match(await send(page, 'sign-in'), /One more step/);
		const old = await now();
		// A code counts once: the next one is as good within its window.
		const next = await page.evaluate(`import('/demo/totp.js').then(({ STEP, codeAt }) =>
			codeAt(document.getElementById('secret').textContent, Date.now() + STEP))`);
		assert.match(await send(page, 'second', { code: old }), /nothing|CodeMismatch|ExpiredCode|NotAuthorized/);
		if (!(await page.evaluate(`document.getElementById('second').hidden`))) {
			assert.match(await send(page, 'second', { code: next }), /nothing/);
		}
		assert.match(await until(page, `document.querySelector('#sign-in output').textContent`), /two factors/);
	});
}

test('what was signed up in the page is there after a reload, and SRP is measured beside other clients', async () => {
	const page = await browser.open(`${server.endpoint}/demo/`);
	assert.match(await send(page, 'sign-up'), /UsernameExistsException/);
	await press(page, 'timing', 'run');
	const times = await page.evaluate(`[...document.querySelectorAll('#timing td.number')].map((it) => Number(it.textContent))`);
	assert.equal(times.length, 4);
	assert.ok(times.every((time) => time > 0));
	assert.ok(times[0] < times[1], `${times}`);
	await screenshot(page, 'timing-dark', { scheme: 'dark' });
	await screenshot(page, 'timing-phone', { width: 390, height: 844 });
});

test('every field and button of the page has a name', async () => {
	const page = await browser.open(`${server.endpoint}/demo/`);
	await page.send('Accessibility.enable');
	const { nodes } = await page.send('Accessibility.getFullAXTree');
	const unnamed = nodes
		.filter(({ ignored, role }) => !ignored && ['button', 'textbox', 'radio', 'checkbox'].includes(role?.value))
		.filter(({ name }) => !name?.value);
	assert.deepEqual(unnamed, []);
});

test('the codes are not told to other origins', async () => {
	const page = await browser.open('data:text/html,<title>elsewhere</title>');
	const reply = await page.evaluate(
		`fetch('${server.endpoint}/demo/messages', { headers: { 'x-userpool-demo': '1' } }).then(() => 'told', () => 'refused')`
	);
	assert.equal(reply, 'refused');
});
