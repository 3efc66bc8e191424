// Signing and making keys through WebCrypto, which does it beside the event loop, where the host has it.

const ALGORITHM = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
// How many signing keys are kept.
const KEPT = 16;

/** The signing keys in use, none of which can be exported. Where there is no WebCrypto, everything answers null. */
export class KeyRing {
	#keys = new Map();

	/** A key pair. */
	async generate() {
		const { subtle } = globalThis.crypto;
		if (!subtle) return null;
		const shape = { ...ALGORITHM, modulusLength: 2048, publicExponent: Uint8Array.of(1, 0, 1) };
		const { privateKey } = await subtle.generateKey(shape, true, ['sign', 'verify']);
		return { pkcs8: new Uint8Array(await subtle.exportKey('pkcs8', privateKey)) };
	}

	/** A signature by a named key, which `pkcs8` tells where it is not at hand. */
	async sign({ pool, kid, message }, pkcs8) {
		const { subtle } = globalThis.crypto;
		if (!subtle) return null;
		const name = `${pool}/${kid}`;
		let key = this.#keys.get(name);
		if (!key) {
			const bytes = pkcs8();
			key = await subtle.importKey('pkcs8', bytes, ALGORITHM, false, ['sign']);
			bytes.fill(0);
			if (this.#keys.size === KEPT) this.#keys.clear();
			this.#keys.set(name, key);
		}
		return { signature: new Uint8Array(await subtle.sign(ALGORITHM, key, message)) };
	}
}
