// What a browser asks before and after a client's request: the CORS exchange that Amplify and identity-js cause.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { own } from './server.mjs';

const headers = ['content-type', 'x-amz-target', 'x-amz-user-agent', 'cache-control'];

test('the preflight allows what the libraries send', async () => {
	const reply = await fetch(own.endpoint, {
		method: 'OPTIONS',
		headers: {
			origin: 'https://app.example.com',
			'access-control-request-method': 'POST',
			'access-control-request-headers': headers.join(','),
		},
	});

	assert.ok(reply.ok);
	assert.equal(reply.headers.get('access-control-allow-origin'), '*');
	const allowed = reply.headers.get('access-control-allow-headers').toLowerCase().split(/ *, */);
	for (const header of headers) {
		assert.ok(allowed.includes(header) || allowed.includes('*'), header);
	}
	assert.match(reply.headers.get('access-control-allow-methods'), /POST|\*/);
});

test('an answer may be read from any origin, a refusal too', async () => {
	const reply = await fetch(own.endpoint, {
		method: 'POST',
		headers: {
			origin: 'https://app.example.com',
			'content-type': 'application/x-amz-json-1.1',
			'x-amz-target': 'AWSCognitoIdentityProviderService.GetUser',
		},
		body: JSON.stringify({ AccessToken: 'not-a-token' }),
	});

	assert.equal(reply.status, 400);
	assert.equal(reply.headers.get('access-control-allow-origin'), '*');
	assert.ok(reply.headers.get('x-amzn-requestid'));
	assert.equal(reply.headers.get('content-type'), 'application/x-amz-json-1.1');
	const exposed = reply.headers.get('access-control-expose-headers').toLowerCase();
	assert.ok(exposed.includes('x-amzn-errortype'));
	const refusal = await reply.json();
	assert.equal(refusal.__type, 'NotAuthorizedException');
	assert.equal(refusal.message, 'Invalid Access Token');
});
