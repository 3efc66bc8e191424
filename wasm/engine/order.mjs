// Names the functions of a module so that `wasm-opt --reorder-functions-by-name` puts functions that resemble each
// other side by side: gzip looks back 32 kB, and what it finds there costs next to nothing.
//
// From each function the next is the one of whose sequences of SEQUENCE bytes the largest part occurs in what
// stands in the window already. Sequences that many functions have say nothing about resemblance and are left out.
//
// usage: node order.mjs in.wasm out.wasm
import { readFileSync, writeFileSync } from 'node:fs';

const SEQUENCE = 6;
const COMMON = 120; // functions
const WINDOW = 32_768; // bytes
const CUSTOM = 0;
const IMPORT = 2;
const CODE = 10;

/** Reads an unsigned integer in LEB128: its value, and where it ends. */
function integer(bytes, at) {
	let value = 0;
	for (let shift = 0; ; shift += 7) {
		const byte = bytes[at++];
		value += (byte & 0x7f) * 2 ** shift;
		if (byte < 0x80) return [value, at];
	}
}

/** An unsigned integer in LEB128. */
function leb(value) {
	const bytes = [];
	for (; value >= 0x80; value = Math.floor(value / 0x80)) bytes.push((value % 0x80) | 0x80);
	return Buffer.from([...bytes, value]);
}

/** A run of bytes with its length in front. */
const counted = (bytes) => Buffer.concat([leb(bytes.length), bytes]);

/** The sections of a module. */
function* sections(module) {
	for (let at = 8; at < module.length; ) {
		const id = module[at];
		const [length, start] = integer(module, at + 1);
		at = start + length;
		yield { id, start, end: at };
	}
}

/** The bodies of the functions. */
function bodies(module, start) {
	let [count, at] = integer(module, start);
	return Array.from({ length: count }, () => {
		const [length, from] = integer(module, at);
		at = from + length;
		return module.subarray(from, at);
	});
}

/** For each function the numbers of its sequences, and for each sequence its functions. */
function sequences(functions) {
	const numbers = new Map();
	const owners = [];
	const parts = functions.map((body, owner) => {
		const own = new Set();
		for (let at = 0; at + SEQUENCE <= body.length; at++) {
			const text = body.latin1Slice(at, at + SEQUENCE);
			let number = numbers.get(text);
			if (number === undefined) {
				number = owners.push([]) - 1;
				numbers.set(text, number);
			}
			own.add(number);
		}
		for (const number of own) owners[number].push(owner);
		return [...own];
	});
	const tells = (number) => owners[number].length > 1 && owners[number].length <= COMMON;
	return { parts: parts.map((own) => own.filter(tells)), owners };
}

/** The functions in an order that compresses well. */
function order(functions) {
	const { parts, owners } = sequences(functions);
	const here = new Uint32Array(owners.length);
	const shared = new Int32Array(functions.length);
	const placed = new Uint8Array(functions.length);
	const window = [];
	let bytes = 0;
	const enter = (one) => {
		for (const part of parts[one]) if (here[part]++ === 0) for (const owner of owners[part]) shared[owner]++;
	};
	const leave = (one) => {
		for (const part of parts[one]) if (--here[part] === 0) for (const owner of owners[part]) shared[owner]--;
	};
	const ordered = [];
	while (ordered.length < functions.length) {
		let [next, best] = [placed.indexOf(0), 0];
		for (let one = 0; one < functions.length; one++) {
			const part = shared[one] / (functions[one].length + 8) ** 0.9;
			if (!placed[one] && part > best) [next, best] = [one, part];
		}
		placed[next] = 1;
		ordered.push(next);
		window.push(next);
		enter(next);
		bytes += functions[next].length;
		while (bytes > WINDOW && window.length > 1) {
			const gone = window.shift();
			bytes -= functions[gone].length;
			leave(gone);
		}
	}
	return ordered;
}

const [, , from, to] = process.argv;
const module = readFileSync(from);
const all = [...sections(module)];
if (all.some(({ id }) => id === IMPORT)) throw new Error('the functions of a module with imports have other numbers');
const code = all.find(({ id }) => id === CODE);
const ordered = order(bodies(module, code.start));
const names = [];
ordered.forEach((number, place) => {
	names[number] = Buffer.concat([leb(number), counted(Buffer.from(String(place).padStart(6, '0')))]);
});
const FUNCTION_NAMES = Buffer.from([1]);
const table = Buffer.concat([leb(names.length), ...names]);
const section = Buffer.concat([counted(Buffer.from('name')), FUNCTION_NAMES, counted(table)]);
const kept = all.filter(({ id }) => id !== CUSTOM);
const plain = kept.map(({ id, start, end }) => Buffer.concat([Buffer.from([id]), counted(module.subarray(start, end))]));
writeFileSync(to, Buffer.concat([module.subarray(0, 8), ...plain, Buffer.from([CUSTOM]), counted(section)]));
