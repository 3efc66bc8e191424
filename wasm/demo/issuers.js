// The two that may answer: an engine in this page, and the server that the page comes from.

// What std-adapters/server/src/demo.rs declares.
export const POOL = 'us-east-1_Demo00001';
export const CLIENT = '1demo2client3';

const pools = [
	{
		id: POOL,
		settings: { PoolName: 'demo', AutoVerifiedAttributes: ['email'] },
		clients: [
			{ id: CLIENT, settings: { ClientName: 'demo', ExplicitAuthFlows: ['ALLOW_USER_SRP_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'] } },
		],
	},
];

/** The engine in this page, over IndexedDB; `onMessage` takes what it would send. */
export async function inPage(onMessage) {
	const { IndexedDbStore, open } = await import('./userpool-wasm/index.js');
	const baseUrl = new URL('.', location.href).href;
	const issuer = await open({ baseUrl, pools, onMessage, store: new IndexedDbStore('userpool-demo') });
	await issuer.call('SetUserPoolMfaConfig', {
		UserPoolId: POOL,
		MfaConfiguration: 'OPTIONAL',
		SoftwareTokenMfaConfiguration: { Enabled: true },
	});
	return { call: calling(baseUrl, (request) => issuer.handle(request)), async heard() {} };
}

/** The server, where it shows its messages to this page; nothing otherwise. */
export async function onServer(onMessage) {
	let last;
	// The newest message, where it was not there before.
	const heard = async () => {
		const reply = await fetch('messages', { headers: { 'x-userpool-demo': '1' } });
		if (!reply.ok) return false;
		const newest = (await reply.text()).trimEnd().split('\n').at(-1);
		if (last !== undefined && newest !== last) onMessage(JSON.parse(newest));
		last = newest;
		return true;
	};
	if (!(await heard().catch(() => false))) return undefined;
	return { call: calling(`${location.origin}/`, fetch), heard };
}

// A call of an operation, as every client makes it.
function calling(endpoint, send) {
	return async (operation, body) => {
		const reply = await send(
			new Request(endpoint, {
				method: 'POST',
				body: JSON.stringify(body),
				headers: {
					'content-type': 'application/x-amz-json-1.1',
					'x-amz-target': `AWSCognitoIdentityProviderService.${operation}`,
				},
			})
		);
		const text = await reply.text();
		const value = text ? JSON.parse(text) : {};
		if (!reply.ok) throw Object.assign(new Error(value.message), { name: value.__type });
		return value;
	};
}
