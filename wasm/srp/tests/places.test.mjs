// The other places where the package works: Deno, Bun, programs in TypeScript, and pages made by bundlers.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { Chromium } from '../../../tests/browser/chromium.mjs';

const places = fileURLToPath(new URL('places/', import.meta.url));
const work = join(process.env.USERPOOL_WORK, 'places');
const program = (name) => join(places, 'node_modules/.bin', name);
const run = (name, ...given) => promisify(execFile)(program(name), given, { cwd: work });

let browser;

before(async () => {
	// As it would be installed.
	await cp(process.env.USERPOOL_SRP, join(work, 'node_modules/userpool-srp'), { recursive: true });
	for (const file of ['page.mjs', 'types.ts']) await cp(join(places, file), join(work, file));
	await mkdir(join(work, 'profile'));
	browser = Chromium.start(join(work, 'profile'));
});

after(() => browser?.close());

for (const [name, ...options] of [['deno', 'run', '--no-prompt', '--allow-read'], ['bun']]) {
	test(`every check holds in ${name}`, async () => {
		const { stdout } = await run(name, ...options, join(places, 'all.mjs'), process.env.USERPOOL_SRP);
		assert.match(stdout, /^[3-9]\d held\n$/);
	});
}

for (const [module, resolution] of [['nodenext', 'nodenext'], ['esnext', 'bundler']]) {
	test(`TypeScript finds the types by ${resolution}, and refuses what makes no sense`, async () => {
		const options = ['--strict', '--noEmit', '--target', 'es2022', '--lib', 'es2022,dom'];
		await writeFile(join(work, 'package.json'), '{ "type": "module" }');
		await run('tsc', ...options, '--module', module, '--moduleResolution', resolution, 'types.ts').catch((error) =>
			assert.fail(error.stdout)
		);
	});
}

test('a page made by Vite answers', async () => {
	await writeFile(join(work, 'index.html'), '<!doctype html><script type="module" src="/page.mjs"></script>');
	await run('vite', 'build', '--target', 'es2022', '--outDir', 'vite');
	assert.equal(await answerOf('vite'), 'true,bigint,true');
});

test('a page made by webpack answers', async () => {
	const { default: webpack } = await import(join(places, 'node_modules/webpack/lib/index.js'));
	const compiler = webpack({ mode: 'production', context: work, entry: './page.mjs', output: { path: join(work, 'webpack') } });
	const stats = await promisify(compiler.run.bind(compiler))();
	assert.ok(!stats.hasErrors(), stats.toString());
	await writeFile(join(work, 'webpack/index.html'), '<!doctype html><script src="/main.js"></script>');
	assert.equal(await answerOf('webpack'), 'true,bigint,true');
});

// What a page of a folder comes to, under a policy that lets it evaluate nothing.
async function answerOf(folder) {
	const types = { '.html': 'text/html', '.js': 'text/javascript', '.wasm': 'application/wasm' };
	const site = createServer(async ({ url }, reply) => {
		const path = url === '/' ? '/index.html' : url;
		const bytes = await readFile(join(work, folder, path)).catch(() => undefined);
		if (!bytes) return reply.writeHead(404).end();
		reply.setHeader('content-type', types[extname(path)] ?? 'text/plain');
		reply.setHeader('content-security-policy', "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'");
		return reply.end(bytes);
	}).listen(0, '127.0.0.1');
	await new Promise((resolve) => site.once('listening', resolve));
	try {
		const page = await browser.open(`http://127.0.0.1:${site.address().port}/`);
		return await page.evaluate(`new Promise((resolve) => {
			const look = () => (globalThis.answered ? resolve(answered) : setTimeout(look, 20));
			look();
		})`);
	} finally {
		site.closeAllConnections();
		site.close();
	}
}
