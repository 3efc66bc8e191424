// The wasm module: steps as plain objects, with bytes where the module writes base64.

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Compiles the module, from its place beside this file or from what is given: bytes, a Response, a URL, a module. */
export async function compile(source = new URL('./userpool.wasm', import.meta.url)) {
	source = await source;
	if (source instanceof WebAssembly.Module) return source;
	if (source.protocol === 'file:') {
		const files = 'node:fs/promises'; // named out of sight of bundlers for browsers
		source = await (await import(/* webpackIgnore: true */ /* @vite-ignore */ files)).readFile(source);
	} else if (source instanceof URL) {
		source = await fetch(source);
	}
	if (source.arrayBuffer) {
		if (!source.ok) throw new Error(`no wasm module at ${source.url}: ${source.status}`);
		if (/^application\/wasm/.test(source.headers.get('content-type'))) return WebAssembly.compileStreaming(source);
		source = await source.arrayBuffer();
	}
	return WebAssembly.compile(source);
}

/** One instance of the module, opened with settings. */
export class Engine {
	#steps;

	static async open(module, settings) {
		const engine = new Engine();
		engine.#steps = (await WebAssembly.instantiate(module)).exports;
		engine.#say(settings);
		if (!engine.#steps.open()) throw new TypeError('the settings of the issuer are not complete');
		return engine;
	}

	/** Begins a request; its first step. */
	begin(request) {
		this.#say(request);
		this.#steps.begin();
		return this.#told();
	}

	/** Goes on with a request; its next step. */
	resume(id, answer) {
		this.#say(answer);
		this.#steps.resume(id);
		return this.#told();
	}

	/** The private key of the signature that a request waits for at a place, PKCS #8. Whoever is done with it wipes it. */
	pkcs8(id, index) {
		const bytes = this.#steps.pkcs8(id, index) ? this.#output().slice() : undefined;
		this.#steps.wipe();
		return bytes;
	}

	#say(value) {
		const bytes = encoder.encode(JSON.stringify(value, (_, it) => (it instanceof Uint8Array ? toBase64(it) : it)));
		const at = this.#steps.input(bytes.length); // which may move the memory
		new Uint8Array(this.#steps.memory.buffer, at, bytes.length).set(bytes);
		bytes.fill(0);
	}

	#told() {
		const step = JSON.parse(decoder.decode(this.#output()));
		this.#steps.wipe();
		return plain(step);
	}

	#output() {
		return new Uint8Array(this.#steps.memory.buffer, this.#steps.output(), this.#steps.output_length());
	}
}

// A step with bytes for base64.
function plain(step) {
	switch (step.kind) {
		case 'load':
			return { ...step, keys: step.keys.map(fromBase64) };
		case 'page':
			return { ...step, prefix: fromBase64(step.prefix), after: step.after && fromBase64(step.after) };
		case 'work':
			return { ...step, works: step.works.map((work) => (work.message ? { ...work, message: fromBase64(work.message) } : work)) };
		case 'fetch':
			return { ...step, body: fromBase64(step.body) };
		case 'commit':
		case 'settle':
			return { ...step, token: fromBase64(step.token), writes: step.writes.map(write) };
		default:
			return step;
	}
}

const write = ({ put, ...rest }) => ({
	...rest,
	key: fromBase64(rest.key),
	...(put && { put: { ...put, value: fromBase64(put.value) } }),
});

const fromBase64 = Uint8Array.fromBase64
	? (text) => Uint8Array.fromBase64(text)
	: (text) => Uint8Array.from(atob(text), (char) => char.charCodeAt(0));

export const toBase64 = Uint8Array.prototype.toBase64
	? (bytes) => bytes.toBase64()
	: (bytes) => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
