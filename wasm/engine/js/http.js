// The AWS JSON 1.1 protocol and the documents of a pool, from a Request to a Response.

const JSON_TYPE = 'application/x-amz-json-1.1';
const LONGEST_BODY = 1_048_576;
const DOCUMENT = /\/([^/]+)\/\.well-known\/(jwks\.json|openid-configuration)$/;

/** The handler of an issuer. */
export function handler(issuer) {
	return async function handle(request) {
		try {
			return await answer(issuer, request);
		} catch (error) {
			console.error('userpool-wasm:', error);
			return refuse(500, 'InternalErrorException', 'Something went wrong');
		}
	};
}

async function answer(issuer, request) {
	const { pathname } = new URL(request.url);
	const document = pathname.match(DOCUMENT);
	if (request.method === 'OPTIONS') return preflight(request);
	if (document && request.method === 'GET') return published(issuer, document);
	if (document) return refuse(405, 'UnknownOperationException', 'This path does not take this method; operations are called with POST /.');
	if (request.method !== 'POST') return refuse(404, 'UnknownOperationException', 'There is nothing at this path; operations are called with POST /.');
	return called(issuer, request);
}

async function called(issuer, request) {
	const { headers } = request;
	const type = (headers.get('content-type') ?? '').split(';')[0].trim().toLowerCase();
	if (type !== JSON_TYPE) return refuse(415, 'SerializationException', `The content type must be ${JSON_TYPE}.`);
	const target = headers.get('x-amz-target');
	if (!target) return refuse(400, 'UnknownOperationException', 'The X-Amz-Target header must name the operation.');
	const body = await request.text();
	if (body.length > LONGEST_BODY) return refuse(413, 'SerializationException', `The request is longer than ${LONGEST_BODY} bytes.`);
	// Whoever can reach this issuer holds its keys: a signature would prove nothing, and only names a region.
	const region = headers.get('authorization')?.match(/Credential=[^/]+\/\d+\/([a-z0-9-]+)\//)?.[1];
	const userAgent = headers.get('user-agent') ?? headers.get('x-amz-user-agent') ?? undefined;
	const step = await issuer.run({ target, body, region, userAgent });
	return step.error ? failed(step) : respond(200, step.body);
}

async function published(issuer, [, pool, name]) {
	const step = await issuer.run({ [name === 'jwks.json' ? 'jwks' : 'discovery']: decodeURIComponent(pool) });
	if (step.error) return failed({ ...step, status: step.error === 'ResourceNotFoundException' ? 404 : step.status });
	return respond(200, step.body, { 'content-type': 'application/json', 'cache-control': 'public, max-age=300' });
}

function failed({ status, error, message, cause }) {
	if (cause) console.error('userpool-wasm:', cause);
	return refuse(status, error, message);
}

function refuse(status, name, message) {
	return respond(status, JSON.stringify({ __type: name, message }), {
		'x-amzn-errortype': `${name}:`,
		'x-amzn-errormessage': message.slice(0, 1024).replace(/\s/g, ' ').replace(/[^ -~]/g, '?').trim(),
	});
}

function preflight({ headers }) {
	const asked = headers.get('access-control-request-headers');
	return new Response(null, {
		headers: {
			'access-control-allow-origin': '*',
			'access-control-allow-methods': 'GET, POST, OPTIONS',
			'access-control-max-age': '86400',
			...(asked && asked.length <= 2048 && { 'access-control-allow-headers': asked }),
		},
	});
}

function respond(status, body, headers) {
	return new Response(body, {
		status,
		headers: {
			'content-type': JSON_TYPE,
			'cache-control': 'no-store',
			'access-control-allow-origin': '*',
			'access-control-expose-headers': 'x-amzn-RequestId,x-amzn-ErrorType,x-amzn-ErrorMessage,Date',
			'x-amzn-requestid': requestId(),
			...headers,
		},
	});
}

// RFC 9562 §5.4; pages without a secure context have no randomUUID.
function requestId() {
	const bytes = crypto.getRandomValues(new Uint8Array(16));
	bytes[6] = (bytes[6] & 0x0f) | 0x40;
	bytes[8] = (bytes[8] & 0x3f) | 0x80;
	const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
	return hex.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, '$1-$2-$3-$4-$5');
}
