// A whole user pool without a server. Types and docs: index.d.ts.

import { handler } from './http.js';
import { IndexedDbStore } from './indexeddb.js';
import { Issuer } from './issuer.js';
import { MemoryStore } from './memory.js';

export { IndexedDbStore, Issuer, MemoryStore };

export async function open(options = {}) {
	const issuer = new Issuer(options);
	await issuer.start(options.pools ?? []);
	return Object.assign(issuer, { handle: handler(issuer) });
}
