// cognito-srp-helper, as its documentation shows it.
import { createSrpSession, signSrpSession } from 'cognito-srp-helper';

export async function signIn({ userPoolId, password, challengeParameters }) {
	const session = createSrpSession(challengeParameters.USERNAME, password, userPoolId, false);
	const signed = signSrpSession(session, { ChallengeParameters: challengeParameters });
	return [session.largeA, signed.passwordSignature, signed.timestamp];
}
