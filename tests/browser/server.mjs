// The server under test with one pool, the pages that use it, and the codes that it sends.
import { spawn } from 'node:child_process';
import { createHash, createHmac, randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

const REGION = 'us-east-1';
export const POOL = `${REGION}_Browser01`;
export const CLIENT = '1browser2client3';

const SETTINGS = `
[[pools]]
id = "${POOL}"
[pools.settings]
PoolName = "browser"
AutoVerifiedAttributes = ["email"]
Policies = { SignInPolicy = { AllowedFirstAuthFactors = ["PASSWORD", "EMAIL_OTP", "WEB_AUTHN"] } }

[[pools.clients]]
id = "${CLIENT}"
settings = { ClientName = "page", ExplicitAuthFlows = ["ALLOW_USER_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"] }
`;

export class Server {
	#process;
	#keys = { id: 'AKIABROWSERJOURNEY00', secret: randomBytes(30).toString('base64') };
	#messages;

	// Starts the server on a free port, with settings of its own, and waits until it is ready.
	static async start(folder, settings = {}) {
		const server = new Server();
		const config = join(folder, 'userpool.toml');
		writeFileSync(config, SETTINGS);
		const port = await freePort();
		server.endpoint = `http://127.0.0.1:${port}`;
		server.#messages = join(folder, 'messages.jsonl');
		server.#process = spawn(process.env.USERPOOL_BINARY, ['--config', config], {
			stdio: ['ignore', 'ignore', 'inherit'],
			env: {
				...process.env,
				USERPOOL_LISTEN: `127.0.0.1:${port}`,
				USERPOOL_DATA: join(folder, 'data'),
				USERPOOL_MESSAGES: server.#messages,
				USERPOOL_ADMIN_ACCESS_KEY_ID: server.#keys.id,
				USERPOOL_ADMIN_SECRET_ACCESS_KEY: server.#keys.secret,
				...settings,
			},
		});
		for (let tries = 0; ; tries += 1) {
			const ready = await fetch(`${server.endpoint}/readyz`).catch(() => undefined);
			if (ready?.ok) return server;
			if (tries === 200 || server.#process.exitCode !== null) throw new Error('the server does not start');
			await wait(50);
		}
	}

	// Calls an operation as an administrator (AWS Signature Version 4).
	async administer(operation, request) {
		const body = JSON.stringify(request);
		const date = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
		const headers = {
			'content-type': 'application/x-amz-json-1.1',
			host: new URL(this.endpoint).host,
			'x-amz-date': date,
			'x-amz-target': `AWSCognitoIdentityProviderService.${operation}`,
		};
		const names = Object.keys(headers).sort();
		const hash = (text) => createHash('sha256').update(text).digest('hex');
		const lines = names.map((name) => `${name}:${headers[name]}\n`).join('');
		const canonical = `POST\n/\n\n${lines}\n${names.join(';')}\n${hash(body)}`;
		const parts = [date.slice(0, 8), REGION, 'cognito-idp', 'aws4_request'];
		const mac = (key, text) => createHmac('sha256', key).update(text).digest();
		const key = parts.reduce(mac, `AWS4${this.#keys.secret}`);
		const scope = parts.join('/');
		const signature = mac(key, `AWS4-HMAC-SHA256\n${date}\n${scope}\n${hash(canonical)}`).toString('hex');
		const authorization =
			`AWS4-HMAC-SHA256 Credential=${this.#keys.id}/${scope}, ` +
			`SignedHeaders=${names.join(';')}, Signature=${signature}`;
		const reply = await fetch(this.endpoint, { method: 'POST', body, headers: { ...headers, authorization } });
		const text = await reply.text();
		if (!reply.ok) throw new Error(text);
		return text === '' ? {} : JSON.parse(text);
	}

	// The newest code that went to an address.
	codeTo(address) {
		const lines = readFileSync(this.#messages, 'utf8').trim().split('\n');
		return lines.map((line) => JSON.parse(line)).findLast((message) => message.to === address).code;
	}

	// The processor time that the server has used, in milliseconds (proc(5): fields 14 and 15 of stat, a hundredth each).
	processorTime() {
		const stat = readFileSync(`/proc/${this.#process.pid}/stat`, 'utf8');
		const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
		return (Number(fields[11]) + Number(fields[12])) * 10;
	}

	async close() {
		const gone = new Promise((resolve) => this.#process.once('exit', resolve));
		this.#process.kill('SIGTERM');
		await gone;
	}
}

// Serves the page at every path of a port of localhost.
export async function servePage(endpoint) {
	const page = readFileSync(new URL('page.html', import.meta.url), 'utf8');
	const html = page.replaceAll('ENDPOINT', endpoint).replaceAll('CLIENT', CLIENT);
	const http = createServer((_, reply) => reply.setHeader('content-type', 'text/html').end(html));
	await new Promise((resolve) => http.listen(0, resolve));
	return { url: `http://localhost:${http.address().port}/`, close: () => http.close() };
}

async function freePort() {
	const probe = createServer();
	await new Promise((resolve) => probe.listen(0, '127.0.0.1', resolve));
	const { port } = probe.address();
	await new Promise((resolve) => probe.close(resolve));
	return port;
}
