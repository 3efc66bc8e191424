// The package in Node, from the folder that USERPOOL_SRP names.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';

import { checks } from './checks.mjs';

const folder = pathToFileURL(`${process.env.USERPOOL_SRP}/`);
const load = (name, query = '') => import(new URL(name, folder) + query);
const vectors = JSON.parse(await readFile(new URL('../../../tests/vectors/srp.json', import.meta.url)));
const srp = await load('index.js');
const steps = await load('exchange.js');

for (const { sentence, body } of checks({ srp, steps, vectors })) test(sentence, body);

test('nothing is left in memory of what a step was given', async () => {
	const { instantiate } = WebAssembly;
	let memory;
	WebAssembly.instantiate = async (...given) => {
		const instance = await instantiate(...given);
		memory = new Uint8Array(instance.exports.memory.buffer);
		return instance;
	};
	const own = await load('exchange.js', '?own');
	await own.ready();
	WebAssembly.instantiate = instantiate;
	const [one] = vectors.user;
	const secret = own.fromHex(one.a, 32, 128);
	const found = (bytes) => Buffer.from(memory).includes(bytes);
	const inner = own.passwordHash(one.pool_name, one.user_id_for_srp, one.password);
	const a = own.publicValue(secret);
	const key = own.sharedKey(secret, a, own.fromHex(one.B, 384), inner, own.fromHex(one.salt, 1, 1024));
	assert.equal(own.allHex(key), one.hkdf_key);
	own.claim(key, one.pool_name, one.user_id_for_srp, one.secret_block, one.timestamp);
	assert.throws(() => own.passwordHash(one.password, 'x'.repeat(32_768), ''), RangeError);

	assert.ok(!found(one.password));
	for (const bytes of [secret, inner, key, ...[one.x, one.prk, one.S_hashed].map((hex) => Buffer.from(hex, 'hex'))]) {
		assert.ok(!found(bytes.subarray(0, 16)));
	}
	assert.ok(found('Caldera Derived Key'), 'what is meant to be there is found');
});

test('a load that failed is tried again, and takes bytes or a module', async () => {
	const bytes = await readFile(new URL('userpool_srp.wasm', folder));
	for (const source of [bytes, await WebAssembly.compile(bytes), Promise.resolve(bytes)]) {
		const own = await load('exchange.js', `?${Math.random()}`);
		await assert.rejects(own.ready(new URL('no-such-file.wasm', folder)), { code: 'ENOENT' });
		assert.throws(() => own.publicValue(new Uint8Array(32)), /await ready/);
		await own.ready(source);
		assert.equal(own.publicValue(new Uint8Array(32).fill(1)).length, 384);
	}
});

test('what a server sends is compiled, by whatever type it calls it', async () => {
	const bytes = await readFile(new URL('userpool_srp.wasm', folder));
	for (const type of ['application/wasm', 'application/octet-stream']) {
		const own = await load('exchange.js', `?${Math.random()}`);
		await own.ready(new Response(bytes, { headers: { 'content-type': type } }));
		assert.equal(own.publicValue(new Uint8Array(32).fill(1)).length, 384);
	}
	const own = await load('exchange.js', `?${Math.random()}`);
	await assert.rejects(own.ready(new Response('gone', { status: 404 })), /404/);
});
