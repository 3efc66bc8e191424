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

// Starts a provider that signs in everybody as this user. `services` are filled in once a pool is known.
export async function startProvider(user) {
	const pem = await readFile(new URL('../../../core/saml/tests/vectors/provider.pem', import.meta.url), 'utf8');
	const [privateKey, rest] = pem.split('-----BEGIN CERTIFICATE-----');
	const signingCert = `-----BEGIN CERTIFICATE-----${rest}`;
	const seen = { signIns: [], signOuts: [] };
	let provider, service;

	const server = createServer((request, reply) => {
		answer(new URL(request.url, `http://${request.headers.host}`)).then(
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
		singleSignOnService: [{ Binding: redirect, Location: `${base}/sso` }],
		singleLogoutService: [{ Binding: redirect, Location: `${base}/slo` }],
		wantAuthnRequestsSigned: true,
		wantLogoutRequestSigned: true,
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

	async function answer(url) {
		const query = Object.fromEntries(url.searchParams);
		// What is signed is the query as it was sent.
		const octetString = url.search.slice(1).split('&Signature=')[0];
		switch (url.pathname) {
			case '/metadata':
				return { type: 'application/samlmetadata+xml', body: provider.getMetadata() };
			case '/sso': {
				const asked = await provider.parseLoginRequest(service, 'redirect', { query, octetString });
				seen.signIns.push(asked.extract);
				const { context } = await provider.createLoginResponse(service, asked, 'post', user, (template) =>
					filled(template, asked.extract.request.id)
				);
				return { body: form(service.entityMeta.getAssertionConsumerService('post'), context, query.RelayState) };
			}
			case '/slo': {
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
				singleLogoutService: [{ Binding: redirect, Location: logout }],
			});
		},
		stop: () => server.close(),
	};
}

function form(action, response, state) {
	return `<form method="post" action="${action}"><input type="hidden" name="SAMLResponse" value="${response}">
<input type="hidden" name="RelayState" value="${state}"></form>`;
}
