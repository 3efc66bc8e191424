// The errors of cognito-srp-helper, by its names and in its words.

export class SignSrpSessionError extends Error {
	constructor(message = 'Could not sign SRP session') {
		super(message);
	}
}

const words = (what) => `Could not sign SRP session because of missing or undefined ${what}`;

export class MissingChallengeResponsesError extends SignSrpSessionError {
	constructor(message = words('ChallengeResponses in response')) {
		super(message);
	}
}

const missingMember = (name) =>
	class extends SignSrpSessionError {
		constructor(message = words(`${name} in response.ChallengeResponses`)) {
			super(message);
		}
	};

export const MissingSaltError = missingMember('SALT');
export const MissingSecretError = missingMember('SECRET_BLOCK');
export const MissingLargeBError = missingMember('SRP_B');
export const MissingUserIdForSrpBError = missingMember('USER_ID_FOR_SRP');
export const MissingDeviceKeyError = missingMember('DEVICE_KEY');

export class AbortOnZeroSrpError extends Error {
	constructor(message = 'Aborting SRP due to 0 value') {
		super(message);
	}
}

export class AbortOnZeroASrpError extends AbortOnZeroSrpError {
	constructor(message = 'Aborting SRP due to 0 value received for client public key (A)') {
		super(message);
	}
}

export class AbortOnZeroBSrpError extends AbortOnZeroSrpError {
	constructor(message = 'Aborting SRP due to 0 value received for server public key (B)') {
		super(message);
	}
}

export class AbortOnZeroUSrpError extends AbortOnZeroSrpError {
	constructor(message = 'Aborting SRP due to 0 value received for public key hash (u)') {
		super(message);
	}
}
