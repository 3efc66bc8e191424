// An identity provider of SAML, made with samlify: metadata, sign-in and sign-out, without asking anybody anything.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';

import samlify from 'samlify';

// Its messages are read by the server under test, and the requests that it reads are checked here.
samlify.setSchemaValidator({ validate: async () => 'not looked at' });

const { redirect, post } = samlify.Constants.namespace.binding;
const STATEMENT =
	'<saml:AuthnStatement AuthnInstant="{IssueInstant}" SessionIndex="{Session}"><saml:AuthnContext><saml:AuthnContextClassRef>' +
	'urn:oasis:names:tc:SAML:2.0:ac:classes:Password</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>';

// Starts a provider that signs in everybody as this user; `posts` says that it takes requests in forms alone. The service is
// filled in once a pool is known.
export async function startProvider(user, { posts = false } = {}) {
	const pem = await readFile(new URL('../../../core/saml/tests/vectors/provider.pem', import.meta.url), 'utf8');
	const [privateKey, rest] = pem.split('-----BEGIN CERTIFICATE-----');
	const signingCert = `-----BEGIN CERTIFICATE-----${rest}`;
	const seen = { signIns: [], signOuts: [], answers: [] };
	let provider, service;

	const server = createServer((request, reply) => {
		answer(new URL(request.url, `http://${request.headers.host}`), request).then(
			({ type = 'text/html', ...end }) => {
				reply.writeHead(end.to ? 302 : 200, end.to ? { location: end.to } : { 'content-type': type });
				reply.end(end.body);
			},
			(error) => {
				reply.writeHead(500);
				reply.end(String(error?.stack ?? error));
			}
		);
	});
	await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
	const base = `http://127.0.0.1:${server.address().port}`;
	provider = samlify.IdentityProvider({
		entityID: `${base}/metadata`,
		privateKey,
		signingCert,
		requestSignatureAlgorithm: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
		singleSignOnService: [{ Binding: posts ? post : redirect, Location: `${base}/sso` }],
		singleLogoutService: [{ Binding: redirect, Location: `${base}/slo` }],
		wantAuthnRequestsSigned: true,
		wantLogoutRequestSigned: true,
		wantLogoutResponseSigned: true,
		loginResponseTemplate: {
			context: samlify.SamlLib.defaultLoginResponseTemplate.context,
			attributes: Object.keys(user.attributes).map((name) => ({
				name,
				nameFormat: 'urn:oasis:names:tc:SAML:2.0:attrname-format:basic',
				valueXsiType: 'xs:string',
				valueTag: `user.${name}`,
			})),
		},
	});

	async function answer(url, request) {
		const query = Object.fromEntries(posts && url.pathname === '/sso' ? await form(request) : url.searchParams);
		// What is signed is the query as it was sent.
		const octetString = url.search.slice(1).split('&Signature=')[0];
		switch (url.pathname) {
			case '/metadata':
				return { type: 'application/samlmetadata+xml', body: provider.getMetadata() };
			case '/sso': {
				const asked = posts
					? await provider.parseLoginRequest(service, 'post', { body: query })
					: await provider.parseLoginRequest(service, 'redirect', { query, octetString });
				seen.signIns.push(asked.extract);
				const { context } = await provider.createLoginResponse(service, asked, 'post', user, (template) =>
					filled(template, asked.extract.request.id)
				);
				return { body: back(service.entityMeta.getAssertionConsumerService('post'), context, query.RelayState) };
			}
			case '/slo': {
				if (query.SAMLResponse) {
					const answered = await provider.parseLogoutResponse(service, 'redirect', { query, octetString });
					seen.answers.push({ ...answered.extract, state: query.RelayState });
					return { body: '<p>You are signed out.</p>' };
				}
				const asked = await provider.parseLogoutRequest(service, 'redirect', { query, octetString });
				seen.signOuts.push(asked.extract);
				const { context } = provider.createLogoutResponse(service, asked, 'redirect', query.RelayState);
				return { to: context };
			}
			default:
				throw new Error(`nothing at ${url.pathname}`);
		}
	}

	function filled(template, request) {
		const [now, end] = [0, 300_000].map((later) => new Date(Date.now() + later).toISOString());
		const id = `_${crypto.randomUUID()}`;
		const address = service.entityMeta.getAssertionConsumerService('post');
		const values = {
			ID: id,
			AssertionID: `_${crypto.randomUUID()}`,
			Session: '_session-1',
			Destination: address,
			Audience: service.entityMeta.getEntityID(),
			SubjectRecipient: address,
			Issuer: provider.entityMeta.getEntityID(),
			IssueInstant: now,
			StatusCode: 'urn:oasis:names:tc:SAML:2.0:status:Success',
			ConditionsNotBefore: now,
			ConditionsNotOnOrAfter: end,
			SubjectConfirmationDataNotOnOrAfter: end,
			NameIDFormat: 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent',
			NameID: user.name,
			InResponseTo: request,
		};
		for (const [name, value] of Object.entries(user.attributes)) values[`attrUser${name[0].toUpperCase()}${name.slice(1)}`] = value;
		return {
			id,
			context: samlify.SamlLib.replaceTagsByValue(template.replace('{AuthnStatement}', STATEMENT), values),
		};
	}

	return {
		seen,
		metadata: `${base}/metadata`,
		// Tells it of the pool that it signs users in for.
		serve({ entityID, address, logout, certificate }) {
			service = samlify.ServiceProvider({
				entityID,
				signingCert: certificate,
				authnRequestsSigned: true,
				wantAssertionsSigned: true,
				wantLogoutResponseSigned: true,
				assertionConsumerService: [{ Binding: post, Location: address }],
				wantLogoutRequestSigned: true,
				singleLogoutService: [
					{ Binding: redirect, Location: logout },
					{ Binding: post, Location: logout },
				],
			});
		},
		// Begins a sign-out of its user: where a browser is sent, or a page with the form that it sends.
		signOut(binding) {
			const gone = { logoutNameID: user.name, sessionIndex: '_session-1' };
			const { id, context, entityEndpoint } = provider.createLogoutRequest(service, binding, gone, { relayState: 'own state' });
			if (binding === 'redirect') return { id, to: context };
			return { id, page: { url: new URL(base), text: hidden(entityEndpoint, { SAMLRequest: context, RelayState: 'own state' }) } };
		},
		stop() {
			server.close();
			server.closeAllConnections();
		},
	};
}

function back(action, response, state) {
	return hidden(action, { SAMLResponse: response, RelayState: state });
}

function hidden(action, fields) {
	const all = Object.entries(fields).map(([name, value]) => `<input type="hidden" name="${name}" value="${value}">`);
	return `<form method="post" action="${action}">${all.join('')}</form>`;
}

async function form(request) {
	let all = '';
	for await (const part of request) all += part;
	return new URLSearchParams(all);
}
