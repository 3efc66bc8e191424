// The contract of storage, for every store the same: each check is a sentence and a function over a fresh store.
// It is that of core/ports/src/storage.rs.

const bytes = (text) => new TextEncoder().encode(text);
const texts = (list) => list.map((it) => new TextDecoder().decode(it));
let tokens = 0;
const batch = (writes, { now = 1000, token = bytes(String(++tokens).padStart(16, '0')) } = {}) => ({ token, now, writes });
const put = (key, value, { at = null, expires = null } = {}) => ({ key: bytes(key), at, put: { value: bytes(value), expires } });
const remove = (key, at) => ({ key: bytes(key), at, remove: true });
const locked = (key, at) => ({ key: bytes(key), at, check: true });
const page = (prefix, { after, limit = 10 } = {}) => ({ prefix: bytes(prefix), after: after ? bytes(after) : null, limit });

async function value(store, key) {
	const [entry] = await store.load([bytes(key)]);
	return entry && texts([entry.value])[0];
}

async function version(store, key) {
	return (await store.load([bytes(key)]))[0].version;
}

export function checks({ assert }) {
	const is = (...given) => assert.deepEqual(...given);
	return {
		'what was put is loaded, in the order asked': async (store) => {
			is(await store.commit(batch([put('a', '1'), put('b', '2', { expires: 5000 })])), 'committed');
			const [b, none, a] = await store.load(['b', 'c', 'a'].map(bytes));
			is(texts([b.value, a.value]), ['2', '1']);
			is([b.expires, none, a.expires], [5000, null, null]);
		},
		'a batch lands as a whole or not at all': async (store) => {
			await store.commit(batch([put('a', '1')]));
			is(await store.commit(batch([put('a', '2'), put('b', '2')])), 'conflict');
			is(await value(store, 'a'), '1');
			is(await value(store, 'b'), null);
			const at = await version(store, 'a');
			is(await store.commit(batch([put('a', '2', { at }), put('b', '2')])), 'committed');
			is(await store.commit(batch([put('a', '3', { at })])), 'conflict');
			is(await value(store, 'a'), '2');
		},
		'a version never comes again, even after a removal': async (store) => {
			await store.commit(batch([put('a', '1')]));
			const first = await version(store, 'a');
			is(await store.commit(batch([remove('a', first)])), 'committed');
			is(await value(store, 'a'), null);
			await store.commit(batch([put('a', '1')]));
			assert.notEqual(await version(store, 'a'), first);
			is(await store.commit(batch([remove('a', first)])), 'conflict');
		},
		'what is only checked stays as it is': async (store) => {
			await store.commit(batch([put('a', '1')]));
			const at = await version(store, 'a');
			is(await store.commit(batch([locked('a', at), put('b', '1')])), 'committed');
			is(await version(store, 'a'), at);
			is(await store.commit(batch([locked('a', at + 100), put('c', '1')])), 'conflict');
			is(await value(store, 'c'), null);
		},
		'a token lands once': async (store) => {
			const once = batch([put('a', '1')]);
			is(await store.commit(once), 'committed');
			await store.commit(batch([put('a', '2', { at: await version(store, 'a') })]));
			is(await store.commit(once), 'committed');
			is(await value(store, 'a'), '2');
		},
		'a page is in the order of bytes, behind its cursor, and ends': async (store) => {
			const keys = ['p/a', 'p/b', 'p/\u007f', 'p/é', 'p0', 'o'].sort();
			await store.commit(batch(keys.map((key) => put(key, key))));
			const names = async (request) => texts((await store.page(request)).map(([key]) => key));
			is(await names(page('p/')), ['p/a', 'p/b', 'p/\u007f', 'p/é']);
			is(await names(page('p/', { limit: 2 })), ['p/a', 'p/b']);
			is(await names(page('p/', { after: 'p/b' })), ['p/\u007f', 'p/é']);
			is(await names(page('p/', { after: 'p/aa', limit: 1 })), ['p/b']);
			is(await names(page('p/', { after: 'o' })), ['p/a', 'p/b', 'p/\u007f', 'p/é']);
			is(await names(page('p/', { after: 'z' })), []);
			is(await names(page('')), ['o', 'p/a', 'p/b', 'p/\u007f', 'p/é', 'p0']);
			const high = { token: bytes('high-bytes-token'), now: 0, writes: [{ ...put('', 'x'), key: Uint8Array.of(255, 255) }] };
			is(await store.commit(high), 'committed');
			is((await store.page({ prefix: Uint8Array.of(255), after: null, limit: 5 })).length, 1);
		},
		'a sweep takes what has ended, in bounded steps': async (store) => {
			await store.commit(batch([put('a', '1', { expires: 10 }), put('b', '1', { expires: 20 }), put('c', '1', { expires: 21 }), put('d', '1')]));
			is(await store.sweep(20, 1), 1);
			is(await store.sweep(20, 10), 1);
			is(await store.sweep(20, 10), 0);
			is([await value(store, 'c'), await value(store, 'd')], ['1', '1']);
		},
		'a token is forgotten ten minutes later': async (store) => {
			const once = batch([put('a', '1')]);
			await store.commit(once);
			is(await store.sweep(600_999, 10), 0);
			is(await store.sweep(601_000, 10), 1);
			is(await store.commit(once), 'conflict');
		},
		'a batch beyond the bounds is refused and changes nothing': async (store) => {
			const many = Array.from({ length: 65 }, (_, at) => put(String(at).padStart(3, '0'), ''));
			for (const writes of [
				many,
				[put('b', ''), put('a', '')],
				[put('a', ''), put('a', '')],
				[put('', '')],
				[put('k'.repeat(513), '')],
				[put('a', 'v'.repeat(65_537))],
				[remove('a', null)],
				Array.from({ length: 17 }, (_, at) => put(String(at).padStart(3, '0'), 'v'.repeat(65_536))),
			]) {
				await assert.rejects(store.commit(batch(writes)));
			}
			is(await store.page(page('')), []);
		},
		'of two batches that replace one state, one lands': async (store) => {
			await store.commit(batch([put('a', '1')]));
			const at = await version(store, 'a');
			const ends = await Promise.all(['2', '3', '4'].map((text) => store.commit(batch([put('a', text, { at })]))));
			is(ends.sort(), ['committed', 'conflict', 'conflict']);
		},
		'the root key is the same every time': async (store) => {
			const [one, other] = [await store.rootKey(), await store.rootKey()];
			is(one.length, 32);
			is(one, other);
		},
	};
}
