// The wasm module, and the steps of an exchange over its one buffer. Not an entry of the package: see index.js.

const encoder = new TextEncoder();
let steps; // what the module exports, once it is there
let io; // its buffer, which nothing ever moves
let stack; // where it computes
let loading;

/** Resolves when the module is there. A load that failed is tried again by the next call. */
export function ready(source) {
	return (loading ??= load(source).catch((error) => {
		loading = undefined;
		throw error;
	}));
}

/** Calls now where the module is there, and as soon as it is otherwise. */
export const whenReady = (then, failed) => (steps ? then() : ready().then(then, failed));

async function load(source = new URL('./userpool_srp.wasm', import.meta.url)) {
	const module = source instanceof WebAssembly.Module ? source : await compile(await source);
	steps = (await WebAssembly.instantiate(module)).exports;
	io = new Uint8Array(steps.memory.buffer, steps.io(), 32768);
	stack = new Uint8Array(steps.memory.buffer, 0, steps.stack());
}

async function compile(source) {
	if (source.protocol === 'file:') {
		const files = 'node:fs/promises'; // named out of sight of bundlers for browsers
		source = await (await import(/* webpackIgnore: true */ /* @vite-ignore */ files)).readFile(source);
	} else if (source instanceof URL) {
		source = await fetch(source);
	}
	if (source.arrayBuffer) {
		if (!source.ok) throw new Error(`no wasm module at ${source.url}: ${source.status}`);
		// Servers that do not know application/wasm are asked for nothing better.
		if (/^application\/wasm/.test(source.headers.get('content-type'))) return WebAssembly.compileStreaming(source);
		source = await source.arrayBuffer();
	}
	return WebAssembly.compile(source);
}

// Puts parts into the buffer, one behind the other, calls a step with their lengths and takes what it gives.
// The buffer and the stack are wiped before this returns: strings are encoded in place, so that no other copy is made of them.
function run(gives, parts, step) {
	if (!steps) throw new Error('userpool-srp: await ready() first');
	let at = 0;
	try {
		const lengths = parts.map((part) => {
			const place = io.subarray(at);
			let length = part.length;
			if (typeof part === 'string') {
				const { read, written } = encoder.encodeInto(part, place);
				length = read < length ? Infinity : written;
			}
			if (!(length <= place.length)) throw new RangeError('more than an exchange can hold');
			if (typeof part !== 'string') place.set(part);
			at += length;
			return length;
		});
		return step(...lengths) ? io.slice(0, gives) : undefined;
	} finally {
		io.fill(0);
		stack.fill(0);
	}
}

/** `A = g^a`, of 384 bytes. */
export const publicValue = (secret) => run(384, [secret], (length) => steps.public(length));

/** The hash that stands for a password: strings are taken as UTF-8. */
export const passwordHash = (group, user, password) =>
	run(32, [group, user, password], (...lengths) => steps.password_hash(...lengths));

/** The key that both sides arrive at; `undefined` where the server's value is none. */
export const sharedKey = (secret, a, b, inner, salt) =>
	b && run(16, [secret, a, b, inner, salt], (secret, _a, _b, _inner, salt) => steps.key(secret, salt));

/** The verifier `v = g^x`, of 384 bytes. */
export const verifier = (inner, salt) => run(384, [inner, salt], (_inner, salt) => steps.verifier(salt));

/** HMAC-SHA-256 in base64. */
export const mac = (key, ...message) =>
	base64(run(32, [key, ...message], (key, ...lengths) => steps.mac(key, lengths.reduce((sum, one) => sum + one))));

/** A time as claims have it: `Sat, 07 Mar 2026 15:09:26 GMT` becomes `Sat Mar 7 15:09:26 UTC 2026`. */
export function timestampOf(now = Date.now()) {
	const [day, date, month, year, time] = new Date(now).toUTCString().split(/,? /);
	return `${day} ${month} ${+date} ${time} UTC ${year}`;
}

/** What claims a secret block for a user at a time. */
export const claim = (key, group, user, secretBlock, timestamp) =>
	mac(key, group, user, fromBase64(secretBlock), timestamp);

/** A random secret and its public value. */
export function freshPair() {
	const secret = random(32);
	return { secret, a: publicValue(secret) };
}

/** A new device's secret, its salt and the verifier, both as Java writes integers. */
export function deviceSecret(group, device) {
	const password = base64(random(40));
	const salt = random(16);
	const inner = passwordHash(group, device, password);
	const secret = { password, salt: signed(salt), verifier: signed(verifier(inner, salt)) };
	inner.fill(0);
	return secret;
}

export const random = (length) => crypto.getRandomValues(new Uint8Array(length));

/** The shortest form in two's complement, as BigInteger.toByteArray of Java gives it. */
export function signed(bytes) {
	const first = bytes.findIndex((byte) => byte);
	const sign = first < 0 || bytes[first] > 127 ? [0] : [];
	return Uint8Array.of(...sign, ...(first < 0 ? [] : bytes.subarray(first)));
}

export const base64 = (bytes) => btoa(String.fromCharCode(...bytes));

export const fromBase64 = (text) => Uint8Array.from(atob(text), (char) => char.charCodeAt(0));

/** Lower-case hex without leading zeros. */
export const hexOf = (bytes) => allHex(bytes).replace(/^0+(?=.)/, '');

/** All digits of some bytes. */
export const allHex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

/** The bytes of an integer in hex, with zeros in front up to a length; `undefined` where it is longer or none. */
export function fromHex(text, least, most = least) {
	const digits = text.replace(/^0+/, '');
	const length = Math.max(least, (digits.length + 1) >> 1);
	if (length > most || /[^0-9a-f]/i.test(digits)) return undefined;
	return Uint8Array.from(digits.padStart(2 * length, '0').match(/../g), (pair) => parseInt(pair, 16));
}
