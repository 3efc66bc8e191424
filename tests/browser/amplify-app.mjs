// An app on Amplify, as its documentation says to write one: its settings are those of the page.
import { Amplify } from 'aws-amplify';
import * as auth from 'aws-amplify/auth';
import 'aws-amplify/auth/enable-oauth-listener';

Amplify.configure({ Auth: { Cognito: JSON.parse(document.querySelector('#settings').textContent) } });
Object.assign(globalThis, { auth });
// What the tokens of the session say; nothing where nobody is signed in.
globalThis.session = async (options) => {
	const { tokens } = await auth.fetchAuthSession(options);
	return tokens && { id: tokens.idToken.payload, access: tokens.accessToken.payload, text: tokens.idToken.toString() };
};
