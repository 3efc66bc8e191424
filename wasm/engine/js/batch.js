// The bounds of a batch: what every store refuses. Bytes in order, at most so many and so long.

const MAX_KEY = 512;
const MAX_VALUE = 64 * 1024;
const MAX_WRITES = 64;
const MAX_BATCH = 1024 * 1024;

/** How long a store remembers the token of a batch that landed, in milliseconds. */
export const TOKEN_LIFE = 10 * 60 * 1000;

/** Throws where a batch breaks a bound of the contract. */
export function check({ writes }) {
	if (writes.length > MAX_WRITES) throw new RangeError('a batch has too many writes');
	let total = 0;
	let last;
	for (const { key, at, put } of writes) {
		if (key.length === 0 || key.length > MAX_KEY) throw new RangeError('a key has a length outside 1 to 512 bytes');
		const name = text(key);
		if (last !== undefined && last >= name) throw new RangeError('the keys of a batch are not in ascending order');
		last = name;
		if (put && put.value.length > MAX_VALUE) throw new RangeError('a value is longer than 64 KiB');
		if (!put && at === null) throw new TypeError('a remove or check must name a version');
		total += key.length + (put?.value.length ?? 0);
	}
	if (total > MAX_BATCH) throw new RangeError('a batch is larger than 1 MiB');
}

/** Whether what a write expects of its entry holds. */
export const holds = ({ at }, entry) => (at === null ? !entry : entry?.version === at);

/** Bytes as a text of one character each: texts are in the order of their bytes. */
export const text = (bytes) => Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
