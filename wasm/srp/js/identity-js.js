// The class AuthenticationHelper of amazon-cognito-identity-js over the wasm module. Integers are BigInt where the
// original has its own class: CognitoUser asks them for nothing but toString(16).

import {
	allHex, base64, deviceSecret, fromHex, hexOf, passwordHash, publicValue, random, ready, sharedKey, whenReady,
} from './exchange.js';

ready().catch(() => {});

export default class AuthenticationHelper {
	#secret = random(32);
	#publicValue;

	constructor(poolName) {
		this.poolName = poolName;
	}

	getSmallAValue() {
		return BigInt(`0x${allHex(this.#secret)}`);
	}

	// Before the module is there, callbacks are called later: those of the original may be called at once.
	getLargeAValue(callback) {
		whenReady(() => {
			this.#publicValue ??= publicValue(this.#secret);
			callback(null, BigInt(`0x${hexOf(this.#publicValue)}`));
		}, callback);
	}

	getPasswordAuthenticationKey(username, password, serverBValue, salt, callback) {
		const [b, saltBytes] = [fromHex(serverBValue.toString(16), 384), fromHex(salt.toString(16), 1, 1024)];
		if (!b?.some((byte) => byte)) throw new Error('B cannot be zero.');
		whenReady(() => {
			this.#publicValue ??= publicValue(this.#secret);
			const inner = passwordHash(this.poolName, username, password);
			const key = sharedKey(this.#secret, this.#publicValue, b, inner, saltBytes);
			inner.fill(0);
			if (!key) throw new Error('B cannot be zero.');
			callback(null, key);
		}, callback);
	}

	generateRandomString() {
		return base64(random(40));
	}

	generateHashDevice(deviceGroupKey, username, callback) {
		whenReady(() => {
			const { password, salt, verifier } = deviceSecret(deviceGroupKey, username);
			this.randomPassword = password;
			this.SaltToHashDevices = allHex(salt);
			this.verifierDevices = allHex(verifier);
			callback(null, null);
		}, callback);
	}

	getRandomPassword() {
		return this.randomPassword;
	}

	getSaltDevices() {
		return this.SaltToHashDevices;
	}

	getVerifierDevices() {
		return this.verifierDevices;
	}

	getNewPasswordRequiredChallengeUserAttributePrefix() {
		return 'userAttributes.';
	}
}
