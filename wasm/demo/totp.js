// What an authenticator app does: time-based codes, RFC 6238 with SHA-1, 30 seconds and six digits.

/** The code of a secret in base32 (RFC 4648 §6) at a time in milliseconds. */
export async function codeAt(secret, now) {
	const bits = [...secret.replace(/=+$/, '')].map((char) => ALPHABET.indexOf(char).toString(2).padStart(5, '0')).join('');
	const bytes = Uint8Array.from(bits.match(/.{8}/g), (byte) => parseInt(byte, 2));
	const key = await crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-1' }, false, ['sign']);
	const counter = new DataView(new ArrayBuffer(8));
	counter.setBigUint64(0, BigInt(Math.floor(now / STEP)));
	const mac = new DataView(await crypto.subtle.sign('HMAC', key, counter));
	// RFC 4226 §5.3.
	const cut = mac.getUint32(mac.getUint8(19) & 15) & 0x7fff_ffff;
	return String(cut % 1_000_000).padStart(6, '0');
}

/** How long a code lasts, in milliseconds. */
export const STEP = 30_000;
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
