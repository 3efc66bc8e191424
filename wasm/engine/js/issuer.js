// An issuer: the engine with a store, a clock, chance and a courier around it.

import { Engine, compile } from './module.js';
import { MemoryStore } from './memory.js';
import { KeyRing } from './webcrypto.js';

// How old a request may be when it commits: a page that slept must not revive what was spent.
const COMMIT_DEADLINE = 60_000;
// How many ended entries a round of upkeep removes.
const SWEEP = 1000;

// What is misspelt would be left out without a word.
function nothingIn(others, has) {
	const [name] = Object.keys(others);
	if (name !== undefined) throw new TypeError(`${has} and no ${name}`);
}

export class Issuer {
	#options;
	#ring = new KeyRing();
	#module;
	#engine;

	constructor({ wasm, ...options } = {}) {
		const { baseUrl = 'https://cognito-idp.us-east-1.amazonaws.com' } = options;
		this.#options = {
			accountId: '000000000000',
			region: 'us-east-1',
			issuer: '{base}/{pool}',
			store: new MemoryStore(),
			now: () => Date.now(),
			seed: () => crypto.getRandomValues(new Uint8Array(32)),
			onMessage: () => {},
			...options,
			baseUrl: baseUrl.replace(/\/$/, ''),
		};
		this.#module = compile(wasm);
		this.#module.catch(() => {}); // whoever asks first hears of it
	}

	/** Proves that the store is of this issuer, and makes the pools and app clients that it does not have yet. */
	async start(pools) {
		await this.#done({ prove: true });
		for (const { id, settings, clients = [], ...others } of pools) {
			nothingIn(others, 'a pool has id, settings, clients');
			await this.#done({ declarePool: id, settings: { PoolName: id, ...settings } });
			for (const { id: client, settings, ...others } of clients) {
				nothingIn(others, 'an app client has id, settings');
				await this.#done({ declareClient: client, settings: { UserPoolId: id, ClientName: client, ...settings } });
			}
		}
	}

	/** Calls an operation by its name, as the page's own administrator; the reply. */
	async call(operation, request = {}) {
		const target = `AWSCognitoIdentityProviderService.${operation}`;
		const body = await this.#done({ target, body: JSON.stringify(request) });
		return body === '' ? {} : JSON.parse(body);
	}

	/** One round of what the engine does between requests; whether more is left to do at once. */
	async upkeep() {
		const swept = await this.#options.store.sweep(this.#options.now(), SWEEP);
		const worked = await this.#done({ upkeep: 'jobs' });
		const { body, error } = await this.run({ upkeep: 'messages' });
		return swept === SWEEP || worked === 'true' || body === 'true' || error === 'CodeDeliveryFailureException';
	}

	/** Drives a request to its end: the step `done`. */
	async run(request) {
		const began = this.#options.now();
		const engine = await (this.#engine ??= this.#open());
		try {
			let step = engine.begin({ ...request, now: began, seed: this.#options.seed() });
			while (step.kind !== 'done') {
				const late = step.kind === 'commit' && this.#options.now() - began > COMMIT_DEADLINE;
				const answer = late ? { fault: 'the request is too old to commit' } : await this.#answer(engine, step);
				step = engine.resume(step.id, answer);
			}
			return step;
		} catch (error) {
			// A module that trapped is thrown away; whatever counts is in the store.
			if (error instanceof WebAssembly.RuntimeError) this.#engine = undefined;
			throw error;
		}
	}

	async #done(request) {
		const { status, body, error, message, cause } = await this.run(request);
		if (status === 200) return body;
		throw Object.assign(new Error(message, { cause }), { name: error });
	}

	async #open() {
		try {
			const { accountId, region, baseUrl, issuer, store, ask } = this.#options;
			const settings = { accountId, region, baseUrl, issuer, rootKey: await store.rootKey(), asks: Boolean(ask) };
			return await Engine.open(await this.#module, settings);
		} catch (error) {
			this.#engine = undefined;
			throw error;
		}
	}

	async #answer(engine, step) {
		const { store, onMessage, ask, fetch } = this.#options;
		switch (step.kind) {
			case 'load':
				return stored(async () => ({ loaded: await store.load(step.keys) }));
			case 'page':
				return stored(async () => ({ paged: await store.page(step) }));
			case 'commit':
				return stored(async () => ({ landed: await store.commit(step) }));
			case 'settle':
				stored(() => store.commit(step));
				return { settled: true };
			case 'work':
				return { worked: await Promise.all(step.works.map((work, at) => this.#work(engine, step.id, work, at))) };
			case 'deliver':
				return { delivered: await Promise.resolve(step.message).then(onMessage).then(() => true, () => false) };
			case 'ask':
				return { asked: await answered(ask, step) };
			case 'fetch':
				return { fetched: await exchanged(fetch, step) };
			default:
				throw new Error(`a step of a kind that is not known: ${step.kind}`);
		}
	}

	// What null answers is done by the module.
	async #work(engine, id, work, at) {
		try {
			if (work.name === 'GenerateKey') return await this.#ring.generate();
			if (work.name === 'Sign') return await this.#ring.sign(work, () => engine.pkcs8(id, at));
			return null;
		} catch {
			return null;
		}
	}
}

async function stored(visit) {
	try {
		return await visit();
	} catch (error) {
		return { fault: String(error?.message ?? error) };
	}
}

// Triggers: the answer is the event with its response, or an error whose text reaches the caller.
async function answered(ask, { trigger, function: name, event }) {
	if (!ask) return { unreachable: 'this issuer serves no triggers' };
	try {
		return { answer: JSON.stringify(await ask({ trigger, function: name, event: JSON.parse(event) })) };
	} catch (error) {
		return { refused: String(error?.message ?? error) };
	}
}

// `reach` is `public` where an administrator of a pool or an identity provider named the address.
async function exchanged(fetch, { method, url, headers, body, reach }) {
	if (!fetch) return { fault: 'this issuer makes no outbound exchanges' };
	try {
		const reply = await fetch(url, { method, headers, ...(body.length && { body }) }, reach);
		return { status: reply.status, body: new Uint8Array(await reply.arrayBuffer()) };
	} catch (error) {
		return { fault: String(error?.message ?? error) };
	}
}
