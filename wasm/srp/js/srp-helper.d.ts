/**
 * The functions of cognito-srp-helper 2: import them from `userpool-srp/srp-helper` instead. The entry waits for the
 * module while it is imported (a top-level `await`); its functions give at once what they are asked.
 *
 * @packageDocumentation
 */

/** A session: the user's credentials and one exchange. */
export interface SrpSession {
	/** The user's name, as given. */
	username: string;
	/** The password, or its hash. */
	password: string;
	/** Whether `password` is a hash. */
	isHashed: boolean;
	/** The id of the pool. */
	poolId: string;
	/** The part of the id behind the underscore. */
	poolIdAbbr: string;
	/** When the session was made, as claims have it. */
	timestamp: string;
	/** The secret `a` in hex. */
	smallA: string;
	/** The public value `A` in hex. */
	largeA: string;
}

/** A session with the server's values and the claim. */
export interface SrpSessionSigned extends SrpSession {
	/** The server's public value. */
	largeB: string;
	/** The user's salt. */
	salt: string;
	/** The secret block. */
	secret: string;
	/** The claim. */
	passwordSignature: string;
}

/** What a device is confirmed with, and its secret. */
export interface DeviceVerifier {
	/** The secret, to be kept. */
	DeviceRandomPassword: string;
	/** For `ConfirmDevice`. */
	DeviceSecretVerifierConfig: { PasswordVerifier: string; Salt: string };
}

/** A reply of `InitiateAuth`, `RespondToAuthChallenge` or their forms for administrators. */
export interface Challenge {
	ChallengeParameters?: Record<string, string>;
}

/** The `SECRET_HASH` of a user for an app client with a secret. */
export function createSecretHash(userId: string, clientId: string, secretId: string): string;
/** The hash that stands for a password, in hex. */
export function createPasswordHash(userId: string, password: string, poolId: string): string;
/** Makes the secret of a device and its verifier. */
export function createDeviceVerifier(deviceKey: string, deviceGroupKey: string): DeviceVerifier;
/** Begins an exchange; the password is taken for a hash unless `isHashed` is false. */
export function createSrpSession(username: string, password: string, poolId: string, isHashed?: boolean): SrpSession;
/** Signs what `PASSWORD_VERIFIER` asks for. */
export function signSrpSession(session: SrpSession, response: Challenge): SrpSessionSigned;
/** Signs what `DEVICE_PASSWORD_VERIFIER` asks for. */
export function signSrpSessionWithDevice(
	session: SrpSession,
	response: Challenge,
	deviceGroupKey: string,
	deviceRandomPassword: string
): SrpSessionSigned;
/** A request with `SRP_A`. */
export function wrapInitiateAuth<Request extends object>(session: SrpSession, request: Request): Request;
/** A request with the claim. */
export function wrapAuthChallenge<Request extends object>(session: SrpSessionSigned, request: Request): Request;

/** A session cannot be signed. */
export class SignSrpSessionError extends Error {}
/** The reply has no parameters. */
export class MissingChallengeResponsesError extends SignSrpSessionError {}
/** The reply has no `SALT`. */
export class MissingSaltError extends SignSrpSessionError {}
/** The reply has no `SECRET_BLOCK`. */
export class MissingSecretError extends SignSrpSessionError {}
/** The reply has no `SRP_B`. */
export class MissingLargeBError extends SignSrpSessionError {}
/** The reply has no `USER_ID_FOR_SRP`. */
export class MissingUserIdForSrpBError extends SignSrpSessionError {}
/** The reply has no `DEVICE_KEY`. */
export class MissingDeviceKeyError extends SignSrpSessionError {}
/** A value is zero that SRP must not go on with. */
export class AbortOnZeroSrpError extends Error {}
/** The client's public value is zero. */
export class AbortOnZeroASrpError extends AbortOnZeroSrpError {}
/** The server's public value is zero. */
export class AbortOnZeroBSrpError extends AbortOnZeroSrpError {}
/** The hash of both is zero. */
export class AbortOnZeroUSrpError extends AbortOnZeroSrpError {}

declare const functions: {
	createSecretHash: typeof createSecretHash;
	createPasswordHash: typeof createPasswordHash;
	createDeviceVerifier: typeof createDeviceVerifier;
	createSrpSession: typeof createSrpSession;
	signSrpSession: typeof signSrpSession;
	signSrpSessionWithDevice: typeof signSrpSessionWithDevice;
	wrapInitiateAuth: typeof wrapInitiateAuth;
	wrapAuthChallenge: typeof wrapAuthChallenge;
	SignSrpSessionError: typeof SignSrpSessionError;
	MissingChallengeResponsesError: typeof MissingChallengeResponsesError;
	MissingSaltError: typeof MissingSaltError;
	MissingSecretError: typeof MissingSecretError;
	MissingLargeBError: typeof MissingLargeBError;
	MissingUserIdForSrpBError: typeof MissingUserIdForSrpBError;
	MissingDeviceKeyError: typeof MissingDeviceKeyError;
	AbortOnZeroSrpError: typeof AbortOnZeroSrpError;
	AbortOnZeroASrpError: typeof AbortOnZeroASrpError;
	AbortOnZeroBSrpError: typeof AbortOnZeroBSrpError;
	AbortOnZeroUSrpError: typeof AbortOnZeroUSrpError;
};
export default functions;
