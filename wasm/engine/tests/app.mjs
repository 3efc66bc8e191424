// An app on Amplify that was made for Amazon's service: it names a pool and an app client, and nothing else.
import { Amplify } from 'aws-amplify';
import * as auth from 'aws-amplify/auth';

globalThis.configure = (userPoolId, userPoolClientId) =>
	Amplify.configure({ Auth: { Cognito: { userPoolId, userPoolClientId } } });
Object.assign(globalThis, { auth });
