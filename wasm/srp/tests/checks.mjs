// What the package has to compute, by the project's vectors and beside a server in plain BigInt: the same in Node and
// in a browser, so that nothing here is of either. Each check is a sentence and a function that throws.

// `srp` is the package, `steps` its inner module: the vectors fix the secret of the client.
export function checks({ srp, steps, vectors }) {
	const list = [];
	const check = (sentence, body) => list.push({ sentence, body });
	const bytes = (hex, least = 0) => steps.fromHex(hex, least, 4096);

	for (const one of vectors.user) {
		check(`the vector ${one.name} signs in`, async () => {
			await steps.ready();
			const secret = bytes(one.a, 32);
			const a = steps.publicValue(secret);
			equal(steps.hexOf(a), one.A);
			const password = new TextEncoder().encode(one.password);
			equal(steps.allHex(password), one.password_utf8_hex);
			for (const given of [one.password, password]) {
				const inner = steps.passwordHash(one.pool_name, one.user_id_for_srp, given);
				equal(steps.allHex(inner), one.inner_hash);
				for (const salt of [one.salt, one.salt_hashed, `0000${one.salt.toUpperCase()}`]) {
					const key = steps.sharedKey(secret, a, bytes(one.B, 384), inner, bytes(salt, 1));
					equal(steps.allHex(key), one.hkdf_key);
				}
			}
			const key = bytes(one.hkdf_key, 16);
			equal(steps.timestampOf(one.epoch * 1000), one.timestamp);
			equal(steps.claim(key, one.pool_name, one.user_id_for_srp, one.secret_block, one.timestamp), one.signature);
			if (one.client_secret) {
				const app = { clientId: one.client_id, clientSecret: one.client_secret };
				equal(await srp.secretHash({ ...app, username: one.username_sent }), one.secret_hash_initiate);
				equal(await srp.secretHash({ ...app, username: one.user_id_for_srp }), one.secret_hash_respond);
			}
		});
	}

	for (const one of vectors.device) {
		check(`the vector ${one.name} is confirmed and signs in`, async () => {
			await steps.ready();
			const inner = steps.passwordHash(one.device_group_key, one.device_key, one.device_password);
			equal(steps.allHex(inner), one.inner_hash);
			const v = steps.signed(steps.verifier(inner, bytes(one.salt, 1)));
			equal(steps.allHex(v), one.v_padded);
			equal(steps.base64(v), one.confirm_device.PasswordVerifier);
			equal(steps.base64(steps.signed(bytes(one.salt, 1))), one.confirm_device.Salt);
			const secret = bytes(one.a, 32);
			const a = steps.publicValue(secret);
			equal(steps.hexOf(a), one.A);
			const key = steps.sharedKey(secret, a, bytes(one.B, 384), inner, bytes(one.salt, 1));
			equal(steps.allHex(key), one.hkdf_key);
			equal(steps.timestampOf(one.epoch * 1000), one.timestamp);
			equal(steps.claim(key, one.device_group_key, one.device_key, one.secret_block, one.timestamp), one.signature);
		});
	}

	const user = vectors.user.find((one) => one.name === 'alias-to-uuid-sub');
	const challenge = (one, B) => ({
		SALT: one.salt,
		SRP_B: B.toString(16),
		SECRET_BLOCK: one.secret_block,
		USERNAME: one.user_id_for_srp ?? one.username,
		...(one.user_id_for_srp ? { USER_ID_FOR_SRP: one.user_id_for_srp } : { DEVICE_KEY: one.device_key }),
	});
	const password = () => ({ userPoolId: user.pool_id, password: user.password });

	check('a server agrees with what a user answers', async () => {
		for (let again = 0; again < 8; again++) {
			const server = new Server(vectors.group, user.v);
			const exchange = await srp.beginSignIn();
			const answer = exchange.answer({
				...password(),
				challengeParameters: challenge(user, server.B),
				now: user.epoch * 1000,
				clientId: user.client_id,
				clientSecret: user.client_secret,
				deviceKey: 'us-west-2_key',
			});
			const K = await server.key(exchange.srpA);
			equal(answer, {
				USERNAME: user.user_id_for_srp,
				PASSWORD_CLAIM_SECRET_BLOCK: user.secret_block,
				PASSWORD_CLAIM_SIGNATURE: await signature(K, user.pool_name, user.user_id_for_srp, user),
				TIMESTAMP: user.timestamp,
				DEVICE_KEY: 'us-west-2_key',
				SECRET_HASH: user.secret_hash_respond,
			});
		}
	});

	check('a server agrees with a new device', async () => {
		const device = { deviceGroupKey: '-v7w9UcY6', deviceKey: 'us-west-2_a1b2c3d4' };
		const { DeviceSecretVerifierConfig: config, password } = await srp.confirmDevice(device);
		equal(password.length, 56);
		const hex = (text) => steps.allHex(steps.fromBase64(text));
		const server = new Server(vectors.group, hex(config.PasswordVerifier));
		const one = { ...vectors.device[0], salt: hex(config.Salt), device_key: device.deviceKey };
		const exchange = await srp.beginDeviceSignIn();
		const answer = exchange.answer({
			...device,
			password,
			challengeParameters: challenge(one, server.B),
			now: one.epoch * 1000,
		});
		const K = await server.key(exchange.srpA);
		equal(answer, {
			USERNAME: one.username,
			PASSWORD_CLAIM_SECRET_BLOCK: one.secret_block,
			PASSWORD_CLAIM_SIGNATURE: await signature(K, device.deviceGroupKey, device.deviceKey, one),
			TIMESTAMP: one.timestamp,
			DEVICE_KEY: device.deviceKey,
		});
	});

	check('no two exchanges or devices share a secret', async () => {
		const [one, other] = [await srp.beginSignIn(), await srp.beginSignIn()];
		if (one.srpA === other.srpA) throw new Error('the same public value');
		const device = { deviceGroupKey: 'group', deviceKey: 'key' };
		const [first, second] = [await srp.confirmDevice(device), await srp.confirmDevice(device)];
		if (first.password === second.password) throw new Error('the same secret');
		if (first.DeviceSecretVerifierConfig.Salt === second.DeviceSecretVerifierConfig.Salt) throw new Error('the same salt');
	});

	const N = BigInt(`0x${vectors.group.N}`);
	for (const B of [0n, N, N + 2n, 2n * N]) {
		check(`a server that sends ${B === 0n ? B : `N * ${B / N} + ${B % N}`} is refused`, async () => {
			const exchange = await srp.beginSignIn();
			throws(() => exchange.answer({ ...password(), challengeParameters: challenge(user, B) }), /public value/);
		});
	}

	check('what is no number is refused', async () => {
		for (const SRP_B of ['', 'xyz', '-5', ' 12']) {
			const exchange = await srp.beginSignIn();
			const challengeParameters = { ...challenge(user, 5n), SRP_B };
			throws(() => exchange.answer({ ...password(), challengeParameters }), /public value/);
		}
	});

	check('an exchange answers once, even where its answer failed', async () => {
		const exchange = await srp.beginSignIn();
		throws(() => exchange.answer({ ...password(), challengeParameters: challenge(user, 0n) }), /public value/);
		throws(() => exchange.answer({ ...password(), challengeParameters: challenge(user, 5n) }), /answers once/);
	});

	check('what is too long is refused, and the next exchange is as good as ever', async () => {
		const long = 'é'.repeat(16_384);
		for (const password of [long, new Uint8Array(32_769), 'a'.repeat(32_769)]) {
			const exchange = await srp.beginSignIn();
			const given = { userPoolId: user.pool_id, password, challengeParameters: challenge(user, 5n) };
			throws(() => exchange.answer(given), /hold/);
		}
		const app = { clientId: user.client_id, clientSecret: user.client_secret };
		equal(await srp.secretHash({ ...app, username: user.username_sent }), user.secret_hash_initiate);
	});

	check('the bytes of a password are left as they are', async () => {
		const given = new TextEncoder().encode(user.password);
		const exchange = await srp.beginSignIn();
		exchange.answer({ ...password(), password: given, challengeParameters: challenge(user, 5n) });
		equal(steps.allHex(given), user.password_utf8_hex);
	});

	return list;
}

// The server's side of RFC 5054 with Cognito's hashes, for a verifier in hex.
class Server {
	constructor({ N, k }, v) {
		this.N = BigInt(`0x${N}`);
		this.v = BigInt(`0x${v}`);
		this.b = BigInt(`0x${hex(crypto.getRandomValues(new Uint8Array(32)))}`);
		this.B = (BigInt(`0x${k}`) * this.v + power(2n, this.b, this.N)) % this.N;
	}

	async key(srpA) {
		const A = BigInt(`0x${srpA}`);
		const u = BigInt(`0x${hex(await crypto.subtle.digest('SHA-256', join(javaBytes(A), javaBytes(this.B))))}`);
		const S = power(A * power(this.v, u, this.N), this.b, this.N);
		const prk = await hmac(javaBytes(u), javaBytes(S));
		return (await hmac(prk, join('Caldera Derived Key', [1]))).slice(0, 16);
	}
}

async function signature(K, group, user, { secret_block: block, timestamp }) {
	const raw = Uint8Array.from(atob(block), (char) => char.charCodeAt(0));
	return btoa(String.fromCharCode(...(await hmac(K, join(group, user, raw, timestamp)))));
}

async function hmac(key, message) {
	const imported = await crypto.subtle.importKey('raw', key, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
	return new Uint8Array(await crypto.subtle.sign('HMAC', imported, message));
}

function power(base, exponent, modulus) {
	let result = 1n;
	for (base %= modulus; exponent; exponent >>= 1n, base = (base * base) % modulus) {
		if (exponent & 1n) result = (result * base) % modulus;
	}
	return result;
}

const hex = (bytes) => [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, '0')).join('');

// BigInteger.toByteArray of Java.
function javaBytes(integer) {
	let digits = integer.toString(16);
	if (digits.length % 2) digits = `0${digits}`;
	if (/^[89a-f]/.test(digits)) digits = `00${digits}`;
	return Uint8Array.from(digits.match(/../g), (pair) => parseInt(pair, 16));
}

const join = (...parts) =>
	Uint8Array.from(parts.flatMap((part) => [...(typeof part === 'string' ? new TextEncoder().encode(part) : part)]));

function equal(actual, expected) {
	const [is, should] = [actual, expected].map((value) => JSON.stringify(value));
	if (is !== should) throw new Error(`${is} is not ${should}`);
}

function throws(body, message) {
	try {
		body();
	} catch (error) {
		if (message.test(error.message)) return;
		throw error;
	}
	throw new Error('nothing was thrown');
}
