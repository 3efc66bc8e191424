/**
 * The client's side of SRP for Amazon Cognito user pools, and for servers that speak their protocol.
 *
 * Everything secret is computed in a WebAssembly module, in constant time. Its buffer, the exchange's own secret and
 * the keys made from it are wiped as soon as an answer is made. A password given as `Uint8Array` is only ever copied
 * into that buffer, and yours to wipe; one given as a string stays in memory for as long as JavaScript likes.
 *
 * @packageDocumentation
 */

/** What a module can be made of: where it lies, what was fetched, its bytes, or the compiled module. */
export type ModuleSource = URL | Response | ArrayBuffer | ArrayBufferView | CompiledModule;

/** `WebAssembly.Module`, where the program's types have it: Node's have not. */
export type CompiledModule = typeof globalThis extends { WebAssembly: { Module: { prototype: infer Module } } } ? Module : object;

/**
 * Resolves when the module is loaded.
 *
 * Loading begins by itself when the package is imported, and every function waits for it. Call this to learn early of a
 * failure, or with a source where the module does not lie beside the package's JavaScript.
 *
 * @throws where the module is not found, or a content security policy without `wasm-unsafe-eval` forbids it. The next
 * call tries again.
 */
export function ready(source?: ModuleSource | Promise<ModuleSource>): Promise<void>;

/** The parameters of a `PASSWORD_VERIFIER` or `DEVICE_PASSWORD_VERIFIER` challenge, as the SDK returns them. */
export type ChallengeParameters = Record<string, string>;

/** What every answer is made from. */
export interface Answer {
	/** `ChallengeParameters` of the challenge. */
	challengeParameters: ChallengeParameters | undefined;
	/** The time in milliseconds, `Date.now()` where it is left out. */
	now?: number;
	/** With `clientSecret`, makes the answer's `SECRET_HASH`. */
	clientId?: string;
	/** The secret of the app client, where it has one. */
	clientSecret?: string;
	/** Becomes the answer's `DEVICE_KEY`. */
	deviceKey?: string;
}

/** What answers a user's challenge. */
export interface PasswordAnswer extends Answer {
	/** The id of the pool, `us-east-1_AbCdEf123`. */
	userPoolId: string;
	/** The password, or its bytes in UTF-8. The bytes are not kept and not wiped: they are yours. */
	password: string | Uint8Array;
}

/** What answers a device's challenge. */
export interface DeviceAnswer extends Answer {
	/** The group key that came with the device's key. */
	deviceGroupKey: string;
	/** The key of the device. */
	deviceKey: string;
	/** The secret that {@link confirmDevice} made. */
	password: string | Uint8Array;
	/** The user's name, where the challenge does not tell it. */
	username?: string;
}

/** `ChallengeResponses` for `RespondToAuthChallenge`. */
export type ChallengeResponses = Record<string, string>;

/** One exchange. It answers once; begin another for another try. */
export interface Exchange<Given> {
	/** The parameter `SRP_A`. */
	readonly srpA: string;
	/**
	 * Answers the challenge.
	 *
	 * @throws where the server's values are none of SRP, or the exchange has answered before.
	 */
	answer(given: Given): ChallengeResponses;
}

/** Begins a user's sign-in: `USER_SRP_AUTH`, `CUSTOM_AUTH` with SRP, or `USER_AUTH` with `PASSWORD_SRP`. */
export function beginSignIn(): Promise<Exchange<PasswordAnswer>>;

/** Begins the proof of a remembered device, which `DEVICE_SRP_AUTH` asks for. */
export function beginDeviceSignIn(): Promise<Exchange<DeviceAnswer>>;

/** What a new device is confirmed with, and what it has to keep. */
export interface NewDevice {
	/** For `ConfirmDevice`. */
	DeviceSecretVerifierConfig: { PasswordVerifier: string; Salt: string };
	/** The device's secret: keep it beside its key and group key. */
	password: string;
}

/** Makes the secret of a new device and the verifier for `ConfirmDevice`. */
export function confirmDevice(device: { deviceGroupKey: string; deviceKey: string }): Promise<NewDevice>;

/** The `SECRET_HASH` (`SecretHash`) of a request about a user, for app clients with a secret. */
export function secretHash(of: { username: string; clientId: string; clientSecret: string }): Promise<string>;
