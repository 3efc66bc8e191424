/**
 * In place of the class `AuthenticationHelper` of amazon-cognito-identity-js: let a bundler resolve that library's
 * `./AuthenticationHelper` to `userpool-srp/identity-js`.
 *
 * @packageDocumentation
 */

/** An integer that tells its digits: `BigInt`, or the `BigInteger` of amazon-cognito-identity-js. */
export interface Digits {
	toString(radix: number): string;
}

/** Called with an error, or with `null` and what was asked for. */
export type Callback<Value> = (error: Error | null, value?: Value) => void;

/** One exchange over the pool, or group of devices, of this name. */
export default class AuthenticationHelper {
	constructor(poolName: string);
	/** The pool's name, without the region. */
	poolName: string;
	/** The secret `a`. */
	getSmallAValue(): bigint;
	/** The public value `A`. */
	getLargeAValue(callback: Callback<bigint>): void;
	/**
	 * The key that signs the claim.
	 *
	 * @throws where the server's value is zero, modulo the prime or in itself.
	 */
	getPasswordAuthenticationKey(
		username: string,
		password: string | Uint8Array,
		serverBValue: Digits,
		salt: Digits,
		callback: Callback<Uint8Array>
	): void;
	/** 40 random bytes in base64. */
	generateRandomString(): string;
	/** Makes the secret of a device, its salt and its verifier, which the next three give. */
	generateHashDevice(deviceGroupKey: string, username: string, callback: Callback<null>): void;
	/** The secret of the device. */
	getRandomPassword(): string;
	/** The salt of the device, in hex. */
	getSaltDevices(): string;
	/** The verifier of the device, in hex. */
	getVerifierDevices(): string;
	/** `userAttributes.` */
	getNewPasswordRequiredChallengeUserAttributePrefix(): string;
}
