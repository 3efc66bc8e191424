// A browser on the login pages: cookies and forms, no scripts.
import assert from 'node:assert/strict';

export class Browser {
	#cookies = new Map();

	// Follows an address until a page is shown, or the address of an application is reached.
	async open(url) {
		return this.#follow(url, {});
	}

	// Sends the first form of a page, as a browser does: it says which origin the page is of.
	async send(page, fields) {
		const form = page.text.slice(page.text.indexOf('<form '));
		const all = new URLSearchParams(fields);
		for (const [, name, value] of form.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"\/?>/g)) {
			all.set(plain(name), plain(value));
		}
		const action = /action="([^"]*)"/.exec(form);
		assert.ok(action, page.text);
		const url = new URL(plain(action[1]), page.url);
		return this.#follow(url, { method: 'POST', body: all, headers: { origin: url.origin } });
	}

	async #follow(url, request) {
		for (;;) {
			const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
			const reply = await fetch(url, { ...request, headers: { ...request.headers, cookie }, redirect: 'manual' });
			for (const line of reply.headers.getSetCookie()) {
				const [, name, value] = /^([^=]*)=([^;]*)/.exec(line);
				this.#cookies.set(name, value);
			}
			const location = reply.headers.get('location');
			const text = await reply.text();
			if (!location) return { url, status: reply.status, text };
			const target = new URL(location, url);
			if (target.host !== new URL(url).host) return { url, status: reply.status, text, leftFor: target };
			url = target;
			request = {};
		}
	}
}

function plain(text) {
	return text.replaceAll('&quot;', '"').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}
