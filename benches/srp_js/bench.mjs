// The client's side of SRP beside other libraries: time and size, in Node and in Chromium. See benches/README.md.
//
//   node bench.mjs <folder of the package userpool-srp> <folder for bundles>
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { cpus, tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';

import { build } from 'esbuild';

import { Chromium } from '../../tests/browser/chromium.mjs';
import { cold, repeat, warm } from './timing.mjs';

const OURS = 'userpool-srp';
const RIVAL = 'identity-js';
const NAMES = {
	[OURS]: 'userpool-srp',
	[RIVAL]: 'amazon-cognito-identity-js 6.3.21',
	amplify: '@aws-amplify/auth 6.21.1',
	'srp-helper': 'cognito-srp-helper 2.3.4',
};
const WARM = { least: 25, rounds: 9 };
const COLD = { least: 8, rounds: 7 };
const SIZE = 20 * 1024;

const here = fileURLToPath(new URL('.', import.meta.url));
const vector = JSON.parse(readFileSync(join(here, '../../tests/vectors/srp.json'))).user[0];
const given = {
	userPoolId: vector.pool_id,
	password: vector.password,
	challengeParameters: {
		SALT: vector.salt,
		SRP_B: vector.B,
		SECRET_BLOCK: vector.secret_block,
		USERNAME: vector.user_id_for_srp,
		USER_ID_FOR_SRP: vector.user_id_for_srp,
	},
};

const [, , packageFolder, bundles, only] = process.argv;
if (only) {
	// A process of its own, for one cold start.
	console.log(await cold(bundle(only), given, processorTime));
	process.exit();
}
await main();

async function main() {
	const sizes = await bundleAll();
	const node = { warm: await nodeWarm(), cold: await nodeCold() };
	const chromium = await inChromium();
	table(sizes, node, chromium);
	let missed = 0;
	const bar = (name, figure, limit, unit, holds, digits) => {
		const [is, should] = [figure, limit].map((number) => number.toFixed(digits));
		missed += !holds;
		console.log(`bar  ${name.padEnd(52)} ${is.padStart(14)} ${unit} ${should.padStart(8)} ${holds ? 'ok' : 'MISSED'}`);
	};
	for (const [place, times] of Object.entries({ Node: node, Chromium: chromium })) {
		for (const [kind, { least }] of Object.entries({ warm: WARM, cold: COLD })) {
			const faster = ratio(times[kind][RIVAL], times[kind][OURS]);
			bar(`srp_js, ${kind}: times identity-js, ${place}`, faster, least, '>=', faster >= least, 1);
		}
	}
	bar('srp_js, module and glue after gzip, bytes', sizes[OURS], SIZE, '<=', sizes[OURS] <= SIZE, 0);
	process.exitCode = missed ? 1 : 0;
}

// Each side minified into one file, as a site would have it; the bytes after gzip, with the module's.
async function bundleAll() {
	mkdirSync(bundles, { recursive: true });
	const srp = join(here, 'node_modules/@aws-amplify/auth/dist/esm/providers/cognito/utils/srp');
	const gzip = (file) => gzipSync(readFileSync(file), { level: 9 }).length;
	const sizes = {};
	for (const name of Object.keys(NAMES)) {
		const outfile = fileURLToPath(bundle(name));
		await build({
			entryPoints: [join(here, 'sides', `${name}.mjs`)],
			outfile,
			bundle: true,
			minify: true,
			format: 'esm',
			platform: 'browser',
			target: 'es2022',
			define: { global: 'globalThis' }, // as sites with identity-js have to
			legalComments: 'none',
			logLevel: 'error',
			alias: { 'userpool-srp': join(packageFolder, 'index.js'), srp },
		});
		sizes[name] = gzip(outfile);
	}
	const module = join(bundles, 'userpool_srp.wasm');
	copyFileSync(join(packageFolder, 'userpool_srp.wasm'), module);
	sizes[OURS] += gzip(module);
	return sizes;
}

function bundle(name) {
	return pathToFileURL(join(bundles, `${name}.mjs`)).href;
}

function processorTime() {
	return process.cpuUsage().user / 1000;
}

async function nodeWarm() {
	const sides = {};
	for (const name of Object.keys(NAMES)) sides[name] = await import(bundle(name));
	const again = (name, count) => repeat(sides[name].signIn, given, count);
	return warm(Object.keys(NAMES), again, processorTime, WARM.rounds);
}

function nodeCold() {
	return rounds(COLD.rounds, (name) => {
		const told = execFileSync(process.execPath, [fileURLToPath(import.meta.url), packageFolder, bundles, name]);
		return Number(told);
	});
}

async function inChromium() {
	const server = createServer(({ url }, reply) => {
		const folder = url.startsWith('/timing.mjs') ? here : bundles;
		if (url === '/') return reply.setHeader('content-type', 'text/html').end('<!doctype html><title>bench</title>');
		let file;
		try {
			file = readFileSync(join(folder, url));
		} catch {
			return reply.writeHead(404).end();
		}
		reply.setHeader('content-type', extname(url) === '.wasm' ? 'application/wasm' : 'text/javascript');
		reply.setHeader('cache-control', 'no-store');
		return reply.end(file);
	}).listen(0, '127.0.0.1');
	await new Promise((resolve) => server.once('listening', resolve));
	const origin = `http://127.0.0.1:${server.address().port}`;
	// A browser that has seen no code of it.
	const fresh = async (body) => {
		const folder = mkdtempSync(join(tmpdir(), 'srp-js-'));
		const browser = Chromium.start(folder);
		try {
			const page = await browser.open(`${origin}/`);
			await page.evaluate(`import('${origin}/timing.mjs').then((timing) => void Object.assign(globalThis, timing))`);
			return await body((expression) => page.evaluate(expression), browser);
		} finally {
			await browser.close();
			rmSync(folder, { recursive: true, force: true });
		}
	};
	const told = JSON.stringify(given);
	const warmed = await fresh((evaluate, browser) => {
		const again = (name, count) =>
			evaluate(`import('${origin}/${name}.mjs').then(({ signIn }) => repeat(signIn, ${told}, ${count}))`);
		// Processor time of all that the browser runs.
		const clock = async () => {
			const { processInfo } = await browser.send('SystemInfo.getProcessInfo');
			return processInfo.reduce((sum, { cpuTime }) => sum + cpuTime, 0) * 1000;
		};
		return warm(Object.keys(NAMES), again, clock, WARM.rounds);
	});
	const chilled = await rounds(COLD.rounds, (name) =>
		fresh((evaluate) => evaluate(`cold('${origin}/${name}.mjs', ${told})`))
	);
	server.closeAllConnections();
	server.close();
	return { warm: warmed, cold: chilled };
}

// The sides take turns.
async function rounds(count, measure) {
	const times = Object.fromEntries(Object.keys(NAMES).map((name) => [name, []]));
	for (let round = 0; round < count; round++) {
		for (const name of Object.keys(NAMES)) times[name].push(await measure(name));
	}
	return times;
}

function median(figures) {
	const sorted = [...figures].sort((one, other) => one - other);
	return sorted[sorted.length >> 1];
}

// Each round has its ratio, and the median of the rounds counts.
function ratio(theirs, ours) {
	return median(theirs.map((time, round) => time / ours[round]));
}

function table(sizes, node, chromium) {
	console.log(`Node ${process.version}, ${cpus()[0].model}, ${cpus().length} processors; milliseconds of a sign-in: processor time, in Chromium cold the time of day`);
	console.log();
	console.log('| | gzip | Node, warm | cold | Chromium, warm | cold |');
	console.log('|---|---|---|---|---|---|');
	for (const [name, title] of Object.entries(NAMES)) {
		const times = [node.warm, node.cold, chromium.warm, chromium.cold].map((one) => median(one[name]).toFixed(1));
		console.log(`| ${[title, sizes[name].toLocaleString('en'), ...times].join(' | ')} |`);
	}
	console.log();
}
