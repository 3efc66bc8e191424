// The page: it starts the worker, keeps the messages, and runs the contract of storage over IndexedDB.
import { IndexedDbStore, open } from '/userpool-wasm/index.js';
import { start } from '/userpool-wasm/page.js';

import { CLIENT, POOL } from '/tests/pool.mjs';
import { checks } from '/tests/stores.mjs';

const messages = [];

globalThis.begin = async () => {
	configure(POOL, CLIENT);
	await start('/worker.mjs', { onMessage: (message) => messages.push(message) });
	return navigator.serviceWorker.controller.scriptURL;
};

// A worker is for pages below the folder of its script.
globalThis.beginElsewhere = () => start('/tests/worker.mjs');

globalThis.codeTo = (address) => messages.findLast(({ to }) => to === address)?.code;

globalThis.tokens = async (options) => {
	const { tokens } = await auth.fetchAuthSession(options);
	return tokens?.idToken.payload;
};

// What failed, or how many checks held.
globalThis.contract = async () => {
	const failed = [];
	const all = Object.entries(checks({ assert }));
	for (const [at, [sentence, body]] of all.entries()) {
		const store = new IndexedDbStore(`contract-${at}`);
		await body(store).catch((error) => failed.push(`${sentence}: ${error.message}`));
		await store.clear();
	}
	return { held: all.length - failed.length, failed };
};

// Two issuers over one store, as two tabs have them: of twenty sign-ups by one name, one succeeds.
globalThis.race = async (pools) => {
	const issuers = await Promise.all([0, 1].map(() => open({ pools, store: new IndexedDbStore('race') })));
	const request = { ClientId: CLIENT, Username: 'ada', Password: 'Correct-horse-7' };
	const ends = Array.from({ length: 20 }, (_, at) =>
		issuers[at % 2].call('SignUp', request).then(
			() => 'signed up',
			({ name }) => name
		)
	);
	return (await Promise.all(ends)).sort();
};

// As much of node:assert as the contract uses.
const text = (value) => JSON.stringify(value, (_, it) => (it instanceof Uint8Array ? [...it] : it));
const ok = (holds, message) => {
	if (!holds) throw new Error(message);
};
const assert = {
	deepEqual: (is, should) => ok(text(is) === text(should), `${text(is)} is not ${text(should)}`),
	notEqual: (is, other) => ok(is !== other, `${is} again`),
	rejects: (promise) =>
		promise.then(
			() => ok(false, 'nothing was thrown'),
			() => {}
		),
};
