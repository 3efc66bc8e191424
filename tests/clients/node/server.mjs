// What every journey starts from: the servers under test, their administrator, pools and app clients.
import { randomBytes } from 'node:crypto';
import { after } from 'node:test';

import { CognitoIdentityProvider } from '@aws-sdk/client-cognito-identity-provider';

import { Inbox } from './inbox.mjs';

// The server with its own addresses as issuer.
export const own = described('USERPOOL_ENDPOINT', 'USERPOOL_MESSAGES', (endpoint, pool) => `${endpoint}/${pool}`);

// The server that writes AWS's addresses as issuer.
export const awsIssuer = described(
	'USERPOOL_AWS_ISSUER_ENDPOINT',
	'USERPOOL_AWS_ISSUER_MESSAGES',
	(_, pool) => `https://cognito-idp.${process.env.AWS_REGION}.amazonaws.com/${pool}`
);

function described(endpointVariable, messagesVariable, issuer) {
	const endpoint = process.env[endpointVariable];
	if (!endpoint) throw new Error(`${endpointVariable} names the server under test`);
	// Credentials and region come from the environment, as usual.
	const idp = new CognitoIdentityProvider({ endpoint });
	return {
		endpoint,
		idp,
		inbox: new Inbox(process.env[messagesVariable]),
		issuer: (pool) => issuer(endpoint, pool),
		async jwks(pool) {
			const reply = await fetch(`${endpoint}/${pool}/.well-known/jwks.json`);
			return reply.json();
		},
	};
}

// A name that no other journey uses.
export function unique(prefix) {
	return `${prefix}-${randomBytes(6).toString('hex')}`;
}

// An e-mail address that no other journey uses.
export function uniqueAddress() {
	return `${unique('user')}@example.com`;
}

// Makes a pool with one app client and deletes it when the file's journeys are over.
export async function makePool(server, { pool = {}, client = {} } = {}) {
	const made = await server.idp.createUserPool({
		PoolName: unique('pool'),
		AutoVerifiedAttributes: ['email'],
		...pool,
	});
	const poolId = made.UserPool.Id;
	after(() => server.idp.deleteUserPool({ UserPoolId: poolId }));
	const app = await server.idp.createUserPoolClient({
		UserPoolId: poolId,
		ClientName: unique('app'),
		ExplicitAuthFlows: ['ALLOW_USER_SRP_AUTH', 'ALLOW_USER_PASSWORD_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'],
		...client,
	});
	return { poolId, clientId: app.UserPoolClient.ClientId, clientSecret: app.UserPoolClient.ClientSecret };
}

// A CONFIRMED user made by the administrator.
export async function confirmedUser(server, poolId, password, { name = unique('user'), email = uniqueAddress() } = {}) {
	await server.idp.adminCreateUser({
		UserPoolId: poolId,
		Username: name,
		MessageAction: 'SUPPRESS',
		UserAttributes: [
			{ Name: 'email', Value: email },
			{ Name: 'email_verified', Value: 'true' },
		],
	});
	await server.idp.adminSetUserPassword({
		UserPoolId: poolId,
		Username: name,
		Password: password,
		Permanent: true,
	});
	return { name, email };
}
