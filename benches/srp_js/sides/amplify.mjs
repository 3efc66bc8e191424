// What handlePasswordVerifierChallenge of Amplify 6 does, without the rest of the library; `srp` is the folder it lies in.
import { BigInteger } from 'srp/BigInteger/index.mjs';
import { getAuthenticationHelper } from 'srp/getAuthenticationHelper.mjs';
import { getNowString } from 'srp/getNowString.mjs';
import { getSignatureString } from 'srp/getSignatureString.mjs';

export async function signIn({ userPoolId, password, challengeParameters }) {
	const userPoolName = userPoolId.split('_')[1];
	const { USER_ID_FOR_SRP: username, SRP_B, SALT } = challengeParameters;
	const helper = await getAuthenticationHelper(userPoolName);
	const srpA = helper.A.toString(16);
	const serverBValue = new BigInteger(SRP_B, 16);
	const salt = new BigInteger(SALT, 16);
	const hkdf = await helper.getPasswordAuthenticationKey({ username, password, serverBValue, salt });
	const dateNow = getNowString();
	return [srpA, getSignatureString({ userPoolName, username, challengeParameters, dateNow, hkdf }), dateNow];
}
