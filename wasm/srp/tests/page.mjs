// The checks in a page or a worker: what failed, or how many held.
import * as srp from '/userpool-srp/index.js';
import * as steps from '/userpool-srp/exchange.js';

import { checks } from '/tests/checks.mjs';

async function run() {
	const vectors = await (await fetch('/vectors/srp.json')).json();
	const list = checks({ srp, steps, vectors });
	const failed = [];
	for (const { sentence, body } of list) {
		try {
			await body();
		} catch (error) {
			failed.push(`${sentence}: ${error.message}`);
		}
	}
	return { held: list.length - failed.length, failed };
}

globalThis.run = run;
globalThis.inWorker = () =>
	new Promise((resolve, reject) => {
		const worker = new Worker('/tests/page.mjs', { type: 'module' });
		worker.onmessage = ({ data }) => resolve(data);
		worker.onerror = (event) => reject(new Error(event.message));
	});
globalThis.load = () => srp.ready().then(
	() => 'loaded',
	(error) => error.name
);

if (!globalThis.document) postMessage(await run());
