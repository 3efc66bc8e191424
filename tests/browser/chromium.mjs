// Chromium, led over the pipe of its DevTools protocol: one JSON message after the other, each ended by a zero byte.
import { spawn } from 'node:child_process';
import { join } from 'node:path';

export class Chromium {
	#process;
	#pending = new Map();
	#last = 0;
	#listeners = new Map();
	#buffer = '';

	// Starts a browser with an empty profile, and with these options besides.
	static start(folder, ...others) {
		const browser = new Chromium();
		const options = [
			'--headless=new',
			'--no-sandbox', // Tests run as root.
			'--disable-gpu',
			'--disable-dev-shm-usage',
			'--no-first-run',
			'--remote-debugging-pipe',
			`--user-data-dir=${join(folder, 'chromium')}`,
			...others,
			'about:blank',
		];
		browser.#process = spawn('chromium', options, { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] });
		browser.#process.on('exit', () => browser.#end(new Error('the browser is gone')));
		browser.#process.on('error', (error) => browser.#end(error));
		browser.#process.stdio[3].on('error', () => {});
		browser.#process.stdio[4].setEncoding('utf8').on('data', (text) => browser.#read(text));
		return browser;
	}

	// Sends a command, to a page if one is named; its result.
	send(method, params = {}, sessionId = undefined) {
		const id = ++this.#last;
		return new Promise((resolve, reject) => {
			this.#pending.set(id, { method, resolve, reject });
			this.#process.stdio[3].write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
		});
	}

	// Calls a function with what every event of a page brings.
	listen(method, sessionId, listener) {
		this.#listeners.set(`${sessionId} ${method}`, listener);
	}

	// Opens a page at an address.
	async open(url) {
		const { targetId } = await this.send('Target.createTarget', { url: 'about:blank' });
		const { sessionId } = await this.send('Target.attachToTarget', { targetId, flatten: true });
		const page = new Page(this, sessionId);
		await page.send('Page.enable');
		await page.send('Runtime.enable');
		await page.send('Page.navigate', { url });
		await page.evaluate(
			`new Promise((done) => document.readyState === 'complete' ? done() : addEventListener('load', () => done()))`
		);
		return page;
	}

	async close() {
		const gone = new Promise((resolve) => this.#process.once('exit', resolve));
		this.send('Browser.close').catch(() => {});
		await gone;
	}

	#read(text) {
		const messages = (this.#buffer + text).split('\0');
		this.#buffer = messages.pop();
		for (const message of messages.map((text) => JSON.parse(text))) {
			const waiting = this.#pending.get(message.id);
			if (!waiting) {
				this.#listeners.get(`${message.sessionId} ${message.method}`)?.(message.params);
				continue;
			}
			this.#pending.delete(message.id);
			if (message.error) waiting.reject(new Error(`${waiting.method}: ${message.error.message}`));
			else waiting.resolve(message.result);
		}
	}

	#end(error) {
		for (const { reject } of this.#pending.values()) reject(error);
		this.#pending.clear();
	}
}

class Page {
	#browser;
	#session;

	constructor(browser, session) {
		this.#browser = browser;
		this.#session = session;
	}

	send(method, params) {
		return this.#browser.send(method, params, this.#session);
	}

	// The value of an expression in the page, awaited; what it throws is thrown here.
	async evaluate(expression) {
		const { result, exceptionDetails } = await this.send('Runtime.evaluate', {
			expression,
			awaitPromise: true,
			returnByValue: true,
			userGesture: true,
		});
		if (exceptionDetails) {
			throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
		}
		return result.value;
	}

	// Calls a function of the page.
	call(name, ...values) {
		return this.evaluate(`${name}(${values.map((value) => JSON.stringify(value)).join(', ')})`);
	}

	// The requests that the page makes from now on, in a list that grows.
	async watchRequests() {
		const requests = [];
		this.#browser.listen('Network.requestWillBeSent', this.#session, ({ request }) => requests.push(request));
		await this.send('Network.enable', { maxPostDataSize: 65_536 });
		return requests;
	}

	// An authenticator inside the device, which verifies its user and keeps discoverable credentials.
	async addAuthenticator() {
		await this.send('WebAuthn.enable', {});
		const { authenticatorId } = await this.send('WebAuthn.addVirtualAuthenticator', {
			options: {
				protocol: 'ctap2',
				transport: 'internal',
				hasResidentKey: true,
				hasUserVerification: true,
				isUserVerified: true,
				automaticPresenceSimulation: true,
			},
		});
		return authenticatorId;
	}
}
