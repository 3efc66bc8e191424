// A store in IndexedDB: it outlives the page, and pages and workers of an origin share it.
//
// Every batch is one transaction over its tokens and entries, and a commit answers when the browser says that the
// transaction is complete. IndexedDB orders keys of bytes as bytes, as the contract wants.

import { TOKEN_LIFE, check, holds } from './batch.js';

export class IndexedDbStore {
	#name;
	#opening;

	constructor(name = 'userpool') {
		this.#name = name;
	}

	/** The key that seals what is secret in this store: made with it. */
	async rootKey() {
		return this.#visit('readwrite', async ({ meta }) => {
			const kept = await wait(meta.get('rootKey'));
			if (kept) return kept;
			const made = crypto.getRandomValues(new Uint8Array(32));
			meta.put(made, 'rootKey');
			return made;
		});
	}

	/** The entries of these keys, in the order asked, null where there is none. */
	async load(keys) {
		return this.#visit('readonly', async ({ entries }) => {
			const found = await Promise.all(keys.map((key) => wait(entries.get(key))));
			return found.map((entry) => entry ?? null);
		});
	}

	/** At most `limit` keys with their entries under a prefix, after a key. */
	async page({ prefix, after, limit }) {
		const open = Boolean(after && indexedDB.cmp(after, prefix) >= 0);
		const to = behind(prefix);
		const from = open ? after : prefix;
		// A cursor that is past the prefix has nothing behind it.
		if (to && indexedDB.cmp(from, to) >= 0) return [];
		const range = to ? IDBKeyRange.bound(from, to, open, true) : IDBKeyRange.lowerBound(from, open);
		return this.#visit('readonly', async ({ entries }) => {
			const [keys, found] = await Promise.all([wait(entries.getAllKeys(range, limit)), wait(entries.getAll(range, limit))]);
			return keys.map((key, at) => [new Uint8Array(key), found[at]]);
		});
	}

	/** Applies a batch, all or nothing; answers when it is kept. */
	async commit(batch) {
		check(batch);
		return this.#visit('readwrite', async ({ entries, tokens, meta }) => {
			if ((await wait(tokens.getKey(batch.token))) !== undefined) return 'committed';
			const found = await Promise.all(batch.writes.map(({ key }) => wait(entries.get(key))));
			if (!batch.writes.every((write, at) => holds(write, found[at]))) return 'conflict';
			const version = ((await wait(meta.get('sequence'))) ?? 0) + 1;
			meta.put(version, 'sequence');
			for (const { key, put, remove } of batch.writes) {
				if (put) entries.put({ ...put, version }, key);
				else if (remove) entries.delete(key);
			}
			tokens.put({ until: batch.now + TOKEN_LIFE }, batch.token);
			return 'committed';
		});
	}

	/** Removes at most `max` ended entries and tokens; how many. */
	async sweep(now, max) {
		return this.#visit('readwrite', async ({ entries, tokens }) => {
			const ended = IDBKeyRange.upperBound(now);
			let swept = 0;
			for (const [store, index] of [[entries, 'expires'], [tokens, 'until']]) {
				// A count of 0 would ask for all of them.
				const keys = swept < max ? await wait(store.index(index).getAllKeys(ended, max - swept)) : [];
				for (const key of keys) store.delete(key);
				swept += keys.length;
			}
			return swept;
		});
	}

	/** Removes the store with everything in it. */
	async clear() {
		(await this.#opening)?.close();
		this.#opening = undefined;
		await wait(indexedDB.deleteDatabase(this.#name));
	}

	// What a function gives once the transaction that it visits is complete.
	async #visit(mode, visit) {
		const db = await (this.#opening ??= this.#open());
		const transaction = db.transaction(['entries', 'tokens', 'meta'], mode, { durability: 'strict' });
		const complete = new Promise((resolve, reject) => {
			transaction.oncomplete = resolve;
			transaction.onabort = () => reject(transaction.error ?? new Error('the transaction was aborted'));
		});
		const stores = Object.fromEntries(Array.from(transaction.objectStoreNames, (name) => [name, transaction.objectStore(name)]));
		try {
			const result = await visit(stores);
			await complete;
			return result;
		} catch (error) {
			complete.catch(() => {});
			try {
				transaction.abort();
			} catch {
				// It has ended already.
			}
			throw error;
		}
	}

	async #open() {
		const request = indexedDB.open(this.#name, 1);
		request.onupgradeneeded = () => {
			request.result.createObjectStore('entries').createIndex('expires', 'expires');
			request.result.createObjectStore('tokens').createIndex('until', 'until');
			request.result.createObjectStore('meta');
		};
		try {
			const db = await wait(request);
			// Whoever removes the store is not kept waiting by a page that is open.
			db.onversionchange = () => db.close();
			db.onclose = () => (this.#opening = undefined);
			return db;
		} catch (error) {
			this.#opening = undefined;
			throw error;
		}
	}
}

// The first key behind all that begin with a prefix; none where the prefix is empty or of the highest bytes only.
function behind(prefix) {
	const last = prefix.findLastIndex((byte) => byte < 255);
	if (last < 0) return undefined;
	const key = prefix.slice(0, last + 1);
	key[last] += 1;
	return key;
}

const wait = (request) =>
	new Promise((resolve, reject) => {
		request.onsuccess = () => resolve(request.result);
		request.onerror = () => reject(request.error);
	});
