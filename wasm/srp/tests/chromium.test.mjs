// The package in Chromium, straight from its folder: in a page and in a worker, under a strict content security policy.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { Chromium } from '../../../tests/browser/chromium.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const FOLDERS = {
	'userpool-srp': process.env.USERPOOL_SRP,
	tests: here,
	vectors: join(here, '../../../tests/vectors'),
};
const TYPES = { '.js': 'text/javascript', '.mjs': 'text/javascript', '.wasm': 'application/wasm', '.json': 'application/json' };
const POLICY = "default-src 'none'; connect-src 'self'; worker-src 'self'; script-src 'self'";

let site, origin, browser;

before(async () => {
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
	const policy = folder === 'closed' ? POLICY : `${POLICY} 'wasm-unsafe-eval'`;
	reply.setHeader('content-security-policy', policy);
	if (folder === 'open' || folder === 'closed') {
		reply.setHeader('content-type', 'text/html');
		return reply.end('<!doctype html><title>userpool-srp</title><script type="module" src="/tests/page.mjs"></script>');
	}
	const bytes = await readFile(join(FOLDERS[folder] ?? here, file ?? '')).catch(() => undefined);
	if (!bytes) return reply.writeHead(404).end();
	reply.setHeader('content-type', TYPES[extname(file)] ?? 'text/plain');
	reply.end(bytes);
}

for (const [place, call] of [['page', 'run'], ['worker', 'inWorker']]) {
	test(`every check holds in a ${place} that may compile wasm and evaluate nothing`, async () => {
		const page = await browser.open(`${origin}/open`);

		const { held, failed } = await page.call(call);

		assert.deepEqual(failed, []);
		assert.ok(held > 30, `${held} checks`);
	});
}

test('the policy of these pages is kept', async () => {
	const page = await browser.open(`${origin}/open`);
	assert.equal(await page.evaluate(`new Promise((done) => {
		addEventListener('securitypolicyviolation', (event) => done(event.effectiveDirective));
		const script = document.createElement('script');
		script.textContent = 'globalThis.evaluated = true';
		document.head.append(script);
	})`), 'script-src-elem');
});

test('a page that may not compile wasm is told', async () => {
	const page = await browser.open(`${origin}/closed`);
	assert.equal(await page.call('load'), 'CompileError');
});
