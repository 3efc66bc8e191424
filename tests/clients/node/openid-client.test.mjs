// openid-client: what a relying party finds by discovery.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { allowInsecureRequests, discovery } from 'openid-client';

import { makePool, own } from './server.mjs';

test('a relying party discovers a pool from its issuer', async () => {
	const { poolId, clientId } = await makePool(own);

	// The server under test speaks plain HTTP on loopback.
	const found = await discovery(new URL(own.issuer(poolId)), clientId, undefined, undefined, {
		execute: [allowInsecureRequests],
	});

	const metadata = found.serverMetadata();
	assert.equal(metadata.issuer, own.issuer(poolId));
	assert.equal(metadata.jwks_uri, `${own.issuer(poolId)}/.well-known/jwks.json`);
	assert.deepEqual(metadata.id_token_signing_alg_values_supported, ['RS256']);
});
