// A store in memory: gone with the page. The whole contract of storage over an ordered list and two maps.

import { TOKEN_LIFE, check, holds, text } from './batch.js';

export class MemoryStore {
	#names = []; // the names of the entries in ascending order
	#entries = new Map(); // name → [key, entry]
	#tokens = new Map(); // token → when it may be forgotten
	#sequence = 0;
	#rootKey = crypto.getRandomValues(new Uint8Array(32));

	/** The key that seals what is secret in this store. */
	async rootKey() {
		return this.#rootKey.slice();
	}

	/** The entries of these keys, in the order asked, null where there is none. */
	async load(keys) {
		return keys.map((key) => this.#entries.get(text(key))?.[1] ?? null);
	}

	/** At most `limit` keys with their entries under a prefix, after a key. */
	async page({ prefix, after, limit }) {
		const [under, from] = [text(prefix), after ? text(after) : ''];
		const page = [];
		for (let at = this.#place(from > under ? from : under); at < this.#names.length && page.length < limit; at++) {
			const name = this.#names[at];
			if (!name.startsWith(under)) break;
			if (!after || name > from) page.push(this.#entries.get(name));
		}
		return page;
	}

	/** Applies a batch, all or nothing. */
	async commit(batch) {
		check(batch);
		const token = text(batch.token);
		if (this.#tokens.has(token)) return 'committed';
		const found = (write) => this.#entries.get(text(write.key))?.[1];
		if (!batch.writes.every((write) => holds(write, found(write)))) return 'conflict';
		const version = ++this.#sequence;
		for (const { key, put, remove } of batch.writes) {
			const name = text(key);
			if (put) {
				if (!this.#entries.has(name)) this.#names.splice(this.#place(name), 0, name);
				this.#entries.set(name, [key, Object.freeze({ ...put, version })]);
			} else if (remove) {
				this.#remove(name);
			}
		}
		this.#tokens.set(token, batch.now + TOKEN_LIFE);
		return 'committed';
	}

	/** Removes at most `max` ended entries and tokens; how many. */
	async sweep(now, max) {
		const ended = this.#names.filter((name) => {
			const { expires } = this.#entries.get(name)[1];
			return expires !== null && expires <= now;
		});
		const entries = ended.slice(0, max);
		for (const name of entries) this.#remove(name);
		const forgotten = [...this.#tokens].filter(([, until]) => until <= now).slice(0, max - entries.length);
		for (const [token] of forgotten) this.#tokens.delete(token);
		return entries.length + forgotten.length;
	}

	#remove(name) {
		if (this.#entries.delete(name)) this.#names.splice(this.#place(name), 1);
	}

	// Where a name is, or would be.
	#place(name) {
		let [from, to] = [0, this.#names.length];
		while (from < to) {
			const middle = (from + to) >> 1;
			if (this.#names[middle] < name) from = middle + 1;
			else to = middle;
		}
		return from;
	}
}
