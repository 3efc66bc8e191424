// What CognitoUser.authenticateUserDefaultAuth of amazon-cognito-identity-js does, without the rest of the library.
import { Sha256 } from '@aws-crypto/sha256-js';
import AuthenticationHelper from 'amazon-cognito-identity-js/es/AuthenticationHelper.js';
import BigInteger from 'amazon-cognito-identity-js/es/BigInteger.js';
import DateHelper from 'amazon-cognito-identity-js/es/DateHelper.js';
import { Buffer } from 'buffer/';

const called = (method) =>
	new Promise((resolve, reject) => method((error, value) => (error ? reject(error) : resolve(value))));

export async function signIn({ userPoolId, password, challengeParameters }) {
	const poolName = userPoolId.split('_')[1];
	const { USER_ID_FOR_SRP: username, SRP_B, SALT, SECRET_BLOCK } = challengeParameters;
	const helper = new AuthenticationHelper(poolName);
	const A = await called((then) => helper.getLargeAValue(then));
	const srpA = A.toString(16);
	const B = new BigInteger(SRP_B, 16);
	const salt = new BigInteger(SALT, 16);
	const key = await called((then) => helper.getPasswordAuthenticationKey(username, password, B, salt, then));
	const timestamp = new DateHelper().getNowString();
	const hash = new Sha256(key);
	hash.update(
		Buffer.concat([
			Buffer.from(poolName, 'utf8'),
			Buffer.from(username, 'utf8'),
			Buffer.from(SECRET_BLOCK, 'base64'),
			Buffer.from(timestamp, 'utf8'),
		])
	);
	return [srpA, Buffer.from(hash.digestSync()).toString('base64'), timestamp];
}
