// userpool-srp, from the folder that wasm/srp/build makes.
import { beginSignIn } from 'userpool-srp';

export async function signIn({ userPoolId, password, challengeParameters }) {
	const exchange = await beginSignIn();
	const answer = exchange.answer({ userPoolId, password, challengeParameters });
	return [exchange.srpA, answer.PASSWORD_CLAIM_SIGNATURE, answer.TIMESTAMP];
}
