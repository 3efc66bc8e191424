// Passkeys made and used by a browser: registered, signed in with, refused when cloned, deleted.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { Chromium } from './chromium.mjs';
import { POOL, Server, servePage } from './server.mjs';

let server, pages, browser;

before(async () => {
	const folder = process.env.USERPOOL_WORK;
	server = await Server.start(folder);
	await server.administer('SetUserPoolMfaConfig', {
		UserPoolId: POOL,
		WebAuthnConfiguration: { RelyingPartyId: 'localhost', UserVerification: 'required' },
	});
	pages = await servePage(server.endpoint);
	browser = Chromium.start(folder);
});

after(async () => {
	await browser?.close();
	pages?.close();
	await server?.close();
});

// A page with an authenticator, and a user of this name who has signed up and in.
async function signedUp(username) {
	const page = await browser.open(pages.url);
	const authenticatorId = await page.addAuthenticator();
	return { page, authenticatorId, token: await signUpOn(page, username) };
}

// Signs a user up on a page; the access token.
async function signUpOn(page, username) {
	const address = `${username}@example.com`;
	const { Session } = await page.call('signUp', username, address);
	return page.call('confirm', username, server.codeTo(address), Session);
}

const REFUSED = /NotAuthorizedException: Incorrect username or password\./;

test('a browser registers a passkey and signs in with it, again and again', async () => {
	const { page, token } = await signedUp('ada');
	const id = await page.call('register', token);
	const [passkey, ...others] = await page.call('list', token);
	assert.equal(others.length, 0);
	assert.equal(passkey.CredentialId, id);
	assert.equal(passkey.RelyingPartyId, 'localhost');
	assert.equal(passkey.AuthenticatorAttachment, 'platform');
	assert.deepEqual(passkey.AuthenticatorTransports, ['internal']);
	for (let times = 0; times < 2; times += 1) {
		const reply = await page.call('signIn', 'ada');
		assert.ok(reply.AuthenticationResult.IdToken);
	}
});

test('an authenticator that has a passkey of the user makes no second one', async () => {
	const { page, token } = await signedUp('grace');
	await page.call('register', token);
	await assert.rejects(page.call('register', token), /InvalidStateError/);
});

test('a clone whose counter stayed behind is refused, and the original goes on', async () => {
	const { page, authenticatorId, token } = await signedUp('alan');
	await page.call('register', token);
	const { credentials } = await page.send('WebAuthn.getCredentials', { authenticatorId });
	await page.call('signIn', 'alan');
	const replace = async (credential) => {
		const { credentialId } = credential;
		await page.send('WebAuthn.removeCredential', { authenticatorId, credentialId });
		await page.send('WebAuthn.addCredential', { authenticatorId, credential });
	};
	await replace(credentials[0]);
	await assert.rejects(page.call('signIn', 'alan'), REFUSED);
	await replace({ ...credentials[0], signCount: credentials[0].signCount + 100 });
	assert.ok((await page.call('signIn', 'alan')).AuthenticationResult);
});

test('a passkey that was deleted signs nobody in', async () => {
	const { page, token } = await signedUp('edsger');
	const id = await page.call('register', token);
	await page.call('forget', token, id);
	assert.deepEqual(await page.call('list', token), []);
	await assert.rejects(page.call('signIn', 'edsger'), /asked for SELECT_CHALLENGE/);
});

test('one user does not sign in with the passkey of another', async () => {
	const { page, token } = await signedUp('barbara');
	await page.call('register', token);
	// The other user's passkey, made by the same authenticator.
	const other = await signUpOn(page, 'donald');
	await page.call('register', other);
	const credential = await page.evaluate(`(async () => {
		const challenge = await begin('donald', { PREFERRED_CHALLENGE: 'WEB_AUTHN' });
		const mine = await begin('barbara', { PREFERRED_CHALLENGE: 'WEB_AUTHN' });
		const options = JSON.parse(challenge.ChallengeParameters.CREDENTIAL_REQUEST_OPTIONS);
		options.challenge = JSON.parse(mine.ChallengeParameters.CREDENTIAL_REQUEST_OPTIONS).challenge;
		const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
		const answer = await navigator.credentials.get({ publicKey });
		return respond(mine, 'barbara', { CREDENTIAL: JSON.stringify(answer.toJSON()) }).catch((error) => error.message);
	})()`);
	assert.match(credential, REFUSED);
});
