// What a program in TypeScript may write, and what it may not.
import { beginDeviceSignIn, beginSignIn, confirmDevice, ready, secretHash } from 'userpool-srp';
import AuthenticationHelper from 'userpool-srp/identity-js';
import helper, {
	createSrpSession,
	MissingSaltError,
	signSrpSession,
	SignSrpSessionError,
	wrapAuthChallenge,
	wrapInitiateAuth,
} from 'userpool-srp/srp-helper';

// As the SDK has them.
declare const reply: { ChallengeParameters: Record<string, string> | undefined; Session: string | undefined };
const challengeParameters = reply.ChallengeParameters;

await ready();
await ready(fetch('elsewhere.wasm'));
await ready(new URL('file:///elsewhere.wasm'));

const user = await beginSignIn();
const bytes = new Uint8Array(8);
export const answer: Record<string, string> = user.answer({ userPoolId: 'a_b', password: bytes, challengeParameters });
// @ts-expect-error: a user has a password.
user.answer({ userPoolId: 'a_b', challengeParameters });

const device = await beginDeviceSignIn();
device.answer({ deviceKey: 'key', deviceGroupKey: 'group', password: 'secret', challengeParameters, now: 3 });
// @ts-expect-error: a device belongs to a group.
device.answer({ deviceKey: 'key', password: 'secret', challengeParameters });

const confirmed = await confirmDevice({ deviceKey: 'key', deviceGroupKey: 'group' });
export const verifier: string = confirmed.DeviceSecretVerifierConfig.PasswordVerifier;
export const hash: string = await secretHash({ username: 'jane', clientId: 'client', clientSecret: 'secret' });

new AuthenticationHelper('pool').getLargeAValue((error, value) => error ?? value?.toString(16));

const session = createSrpSession('jane', 'password', 'a_b', false);
const request: { ClientId: string } = wrapInitiateAuth(session, { ClientId: 'client' });
wrapAuthChallenge(signSrpSession(session, { ChallengeParameters: {} }), request);
export const error: SignSrpSessionError = new MissingSaltError();
export const other: string = helper.createSecretHash('jane', 'client', 'secret');
