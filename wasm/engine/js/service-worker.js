// For the script of a service worker: answers the endpoints of the protocol in the page. Types and docs: service-worker.d.ts.

import { IndexedDbStore, open } from './index.js';

// The least time between two rounds of upkeep, in milliseconds.
const UPKEEP = 5000;

export function serve({ endpoints = ['https://cognito-idp.us-east-1.amazonaws.com/'], store, onMessage, ...options } = {}) {
	const served = endpoints.map((endpoint) => new URL(endpoint, self.registration?.scope ?? self.location).href.replace(/\/?$/, '/'));
	let issuer;
	let upkeep = 0;
	const opened = () =>
		(issuer ??= open({
			baseUrl: served[0],
			store: store ?? new IndexedDbStore(),
			onMessage: (message) => Promise.all([tell(message), onMessage?.(message)]),
			...options,
		}).catch((error) => {
			issuer = undefined;
			throw error;
		}));

	self.addEventListener('install', () => self.skipWaiting());
	self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));
	self.addEventListener('message', (event) => {
		if (event.data?.userpool === 'take') event.waitUntil(self.clients.claim());
	});
	self.addEventListener('fetch', (event) => {
		const { url } = event.request;
		if (!served.some((endpoint) => `${url}/`.startsWith(endpoint))) return;
		const answer = opened().then((issuer) => issuer.handle(event.request));
		event.respondWith(answer);
		event.waitUntil(answer.then(keepUp, () => {}));
	});

	async function keepUp() {
		if (Date.now() - upkeep < UPKEEP) return;
		upkeep = Date.now();
		const issuer = await opened();
		while (await issuer.upkeep());
	}
}

// Messages would leave by e-mail or SMS: here they come to every page of the origin.
async function tell(message) {
	const pages = await self.clients.matchAll({ includeUncontrolled: true });
	for (const page of pages) page.postMessage({ userpool: message });
}
