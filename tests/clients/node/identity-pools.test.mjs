// Identity pools through @aws-sdk/credential-providers and aws-amplify: guests, users, and what their credentials open.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { CognitoIdentity } from '@aws-sdk/client-cognito-identity';
import { fromCognitoIdentity, fromCognitoIdentityPool } from '@aws-sdk/credential-providers';
import { Amplify } from 'aws-amplify';
import { fetchAuthSession, signIn, signOut } from 'aws-amplify/auth';

import { confirmedUser, makePool, own, unique } from './server.mjs';

const PASSWORD = 'First-passw0rd!';
const role = (name) => `arn:aws:iam::000000000000:role/${name}`;

const identity = new CognitoIdentity({ endpoint: own.endpoint });
// What the providers of credentials need: where the server is.
const clientConfig = { endpoint: own.endpoint, region: process.env.AWS_REGION };

// A user pool with a user, and an identity pool that takes its ID tokens.
async function world({ guests = true } = {}) {
	const pool = await makePool(own);
	const provider = `cognito-idp.us-east-1.amazonaws.com/${pool.poolId}`;
	const made = await identity.createIdentityPool({
		IdentityPoolName: unique('identities'),
		AllowUnauthenticatedIdentities: guests,
		CognitoIdentityProviders: [
			{ ProviderName: provider, ClientId: pool.clientId, ServerSideTokenCheck: true },
		],
	});
	const identityPoolId = made.IdentityPoolId;
	after(() => identity.deleteIdentityPool({ IdentityPoolId: identityPoolId }));
	await identity.setIdentityPoolRoles({
		IdentityPoolId: identityPoolId,
		Roles: { authenticated: role('user'), unauthenticated: role('guest') },
		RoleMappings: {
			[`${provider}:${pool.clientId}`]: { Type: 'Token', AmbiguousRoleResolution: 'AuthenticatedRole' },
		},
	});
	const { name } = await confirmedUser(own, pool.poolId, PASSWORD);
	return { ...pool, provider, identityPoolId, name };
}

async function idToken({ clientId, name }) {
	const reply = await own.idp.initiateAuth({
		ClientId: clientId,
		AuthFlow: 'USER_PASSWORD_AUTH',
		AuthParameters: { USERNAME: name, PASSWORD },
	});
	return reply.AuthenticationResult.IdToken;
}

function isGood(credentials) {
	assert.match(credentials.accessKeyId, /^ASIA[A-Z0-9]{16}$/);
	assert.equal(credentials.secretAccessKey.length, 40);
	assert.ok(credentials.sessionToken);
	const left = (credentials.expiration - Date.now()) / 1_000;
	assert.ok(left > 3_500 && left <= 3_601, `${left} seconds`);
}

test('fromCognitoIdentityPool gets credentials for guests and users', async () => {
	const { identityPoolId, provider, ...rest } = await world();
	const guest = await fromCognitoIdentityPool({ clientConfig, identityPoolId })();
	isGood(guest);
	assert.ok(guest.identityId);
	const logins = { [provider]: () => idToken(rest) };
	const provide = fromCognitoIdentityPool({ clientConfig, identityPoolId, logins });
	const [first, second] = [await provide(), await provide()];
	isGood(first);
	assert.equal(first.identityId, second.identityId);
	assert.notEqual(first.identityId, guest.identityId);
});

test('fromCognitoIdentity turns a guest into a user, and asks for a role of theirs', async () => {
	const { identityPoolId, provider, poolId, name, ...rest } = await world();
	const { IdentityId: identityId } = await identity.getId({ IdentityPoolId: identityPoolId });
	isGood(await fromCognitoIdentity({ clientConfig, identityId })());

	const group = { UserPoolId: poolId, GroupName: 'staff' };
	await own.idp.createGroup({ ...group, RoleArn: role('staff') });
	await own.idp.adminAddUserToGroup({ ...group, Username: name });
	const logins = { [provider]: await idToken({ name, ...rest }) };
	const ask = (customRoleArn) => fromCognitoIdentity({ clientConfig, identityId, logins, customRoleArn })();
	isGood(await ask(role('staff')));
	await assert.rejects(ask(role('admin')), { name: 'NotAuthorizedException' });
	// Whoever it is shows that now.
	await assert.rejects(fromCognitoIdentity({ clientConfig, identityId })(), { name: 'NotAuthorizedException' });
});

test('guests are refused where there are none, and so are logins that are none', async () => {
	const { identityPoolId, provider } = await world({ guests: false });
	await assert.rejects(fromCognitoIdentityPool({ clientConfig, identityPoolId })(), {
		name: 'NotAuthorizedException',
		message: 'Unauthenticated access is not supported for this identity pool.',
	});
	const logins = { [provider]: 'x.y.z' };
	await assert.rejects(fromCognitoIdentityPool({ clientConfig, identityPoolId, logins })(), {
		name: 'NotAuthorizedException',
	});
});

test('fetchAuthSession of Amplify has credentials of a guest, then those of the user', async () => {
	const { poolId, clientId, identityPoolId, name } = await world();
	Amplify.configure({
		Auth: {
			Cognito: {
				userPoolId: poolId,
				userPoolClientId: clientId,
				userPoolEndpoint: own.endpoint,
				identityPoolId,
				identityPoolEndpoint: own.endpoint,
				allowGuestAccess: true,
			},
		},
	});
	const guest = await fetchAuthSession();
	assert.equal(guest.tokens, undefined);
	isGood(guest.credentials);
	// Kept until they end.
	assert.deepEqual(await fetchAuthSession(), guest);

	await signIn({ username: name, password: PASSWORD });
	const user = await fetchAuthSession();
	isGood(user.credentials);
	// The guest has become the user.
	assert.equal(user.identityId, guest.identityId);
	assert.notEqual(user.credentials.accessKeyId, guest.credentials.accessKeyId);
	const again = await fetchAuthSession({ forceRefresh: true });
	assert.notEqual(again.credentials.accessKeyId, user.credentials.accessKeyId);
	assert.equal(again.identityId, user.identityId);
	const listed = await identity.describeIdentity({ IdentityId: user.identityId });
	assert.deepEqual(listed.Logins, [`cognito-idp.us-east-1.amazonaws.com/${poolId}`]);

	await signOut();
	const another = await fetchAuthSession();
	assert.notEqual(another.identityId, user.identityId);
});
