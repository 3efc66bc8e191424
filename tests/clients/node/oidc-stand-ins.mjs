// Stand-ins for the providers that everybody knows, made with oidc-provider: each client of it is one of them, and signs in
// everybody as one user, without asking.
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';

import { decodeProtectedHeader, jwtVerify } from 'jose';
import { Provider } from 'oidc-provider';

const SECRET = 'shared-with-the-pool';

// Starts them. `user` is what they tell; its levels of authentication are given in the order of sign-ins.
export async function startStandIns(user) {
	const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
	const apple = { team_id: 'TEAM123456', key_id: 'KEY1234567', private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }) };
	const seen = { secrets: [], fields: [], asked: [], levels: [] };
	let provider, base;

	const server = createServer((request, reply) => {
		answer(request, reply).catch((error) => {
			reply.writeHead(500);
			reply.end(String(error?.stack ?? error));
		});
	});
	await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
	base = `http://127.0.0.1:${server.address().port}`;

	async function answer(request, reply) {
		const url = new URL(request.url, base);
		const [, kind] = url.pathname.split('/');
		switch (url.pathname) {
			case '/auth':
				seen.levels.push(url.searchParams.get('acr_values'));
				break;
			case '/Facebook/dialog/oauth':
			case '/LoginWithAmazon/ap/oa': {
				// The profile endpoint of the library answers to OpenID Connect alone.
				seen.asked.push([kind, url.searchParams.get('scope')]);
				url.searchParams.set('scope', 'openid');
				request.url = `/auth${url.search}`;
				break;
			}
			case '/Facebook/oauth/access_token':
				// Its code is exchanged by GET.
				assert.equal(request.method, 'GET');
				return forward(reply, url.search.slice(1), (tokens) => delete tokens.id_token);
			case '/LoginWithAmazon/auth/o2/token':
				assert.equal(request.method, 'POST');
				return forward(reply, await text(request), (tokens) => delete tokens.id_token);
			case '/SignInWithApple/auth/token': {
				const form = new URLSearchParams(await text(request));
				const secret = form.get('client_secret');
				seen.secrets.push({
					...decodeProtectedHeader(secret),
					...(await checked(secret, form.get('client_id'))),
				});
				form.set('client_secret', SECRET);
				return forward(reply, form, () => {});
			}
			case '/Facebook/me':
			case '/Google/people/me':
			case '/LoginWithAmazon/user/profile':
				seen.fields.push([kind, url.searchParams.get('fields') ?? url.searchParams.get('personFields')]);
				request.url = '/me';
				break;
			default:
				if (kind === 'interaction') {
					const login = { accountId: user.sub, acr: user.levels?.shift() };
					return provider.interactionFinished(request, reply, { login });
				}
		}
		return provider.callback()(request, reply);
	}

	// A secret for Apple: a token of this team about this client, for five minutes.
	async function checked(secret, client) {
		const { payload } = await jwtVerify(secret, publicKey, {
			algorithms: ['ES256'],
			issuer: apple.team_id,
			subject: client,
			audience: base,
			requiredClaims: ['iat', 'exp'],
		});
		return payload;
	}

	async function forward(reply, form, change) {
		const headers = { 'content-type': 'application/x-www-form-urlencoded' };
		const answer = await fetch(`${base}/token`, { method: 'POST', headers, body: String(form) });
		const tokens = await answer.json();
		change(tokens);
		reply.writeHead(answer.status, { 'content-type': 'application/json' });
		reply.end(JSON.stringify(tokens));
	}

	const shared = (kind, details) => ({ client_id: `pool-at-${kind}`, client_secret: SECRET, ...details });
	return {
		seen,
		// What a pool is told of each.
		details: {
			Google: shared('Google', {
				authorize_scopes: 'openid email profile',
				oidc_issuer: base,
				authorize_url: `${base}/auth`,
				token_url: `${base}/token`,
				jwks_uri: `${base}/jwks`,
				attributes_url: `${base}/Google/people/me?personFields=`,
			}),
			Facebook: shared('Facebook', {
				authorize_scopes: 'public_profile, email',
				authorize_url: `${base}/Facebook/dialog/oauth`,
				token_url: `${base}/Facebook/oauth/access_token`,
				attributes_url: `${base}/Facebook/me?fields=`,
			}),
			LoginWithAmazon: shared('LoginWithAmazon', {
				authorize_scopes: 'profile postal_code',
				authorize_url: `${base}/LoginWithAmazon/ap/oa`,
				token_url: `${base}/LoginWithAmazon/auth/o2/token`,
				attributes_url: `${base}/LoginWithAmazon/user/profile`,
			}),
			SignInWithApple: {
				client_id: 'pool-at-SignInWithApple',
				authorize_scopes: 'openid email',
				...apple,
				oidc_issuer: base,
				authorize_url: `${base}/auth`,
				token_url: `${base}/SignInWithApple/auth/token`,
				jwks_uri: `${base}/jwks`,
			},
			OIDC: shared('OIDC', { authorize_scopes: 'openid email', oidc_issuer: base, attributes_request_method: 'GET' }),
		},
		// Tells them where browsers go back to.
		serve(address) {
			const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
			const kinds = ['Google', 'Facebook', 'LoginWithAmazon', 'SignInWithApple', 'OIDC'];
			provider = new Provider(base, {
				acrValues: ['urn:one', 'urn:two'],
				clients: kinds.map((kind) => ({
					client_id: `pool-at-${kind}`,
					client_secret: SECRET,
					redirect_uris: [address],
					token_endpoint_auth_method: 'client_secret_post',
				})),
				claims: {
					openid: ['sub', 'id', 'user_id', 'name', 'postal_code'],
					email: ['email', 'email_verified'],
					profile: ['picture'],
				},
				// Google's and Apple's ID tokens tell addresses, and no picture.
				conformIdTokenClaims: false,
				cookies: { keys: ['of the stand-ins'] },
				features: { devInteractions: { enabled: false } },
				findAccount: (_, accountId) => ({
					accountId,
					claims: (use) => (use === 'id_token' ? { ...user.claims, sub: accountId, picture: undefined } : { ...user.claims, sub: accountId }),
				}),
				interactions: { url: (_, { uid }) => `/interaction/${uid}` },
				jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), alg: 'RS256', use: 'sig', kid: 'of the stand-ins' }] },
				// Nobody is asked whether the pool may know.
				async loadExistingGrant({ oidc }) {
					const grant = new oidc.provider.Grant({ clientId: oidc.client.clientId, accountId: oidc.session.accountId });
					grant.addOIDCScope('openid email profile');
					await grant.save();
					return grant;
				},
				pkce: { required: () => false },
			});
		},
		stop() {
			server.close();
			server.closeAllConnections();
		},
	};
}

async function text(request) {
	let all = '';
	for await (const part of request) all += part;
	return all;
}
