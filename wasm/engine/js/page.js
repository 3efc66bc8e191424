// For a page: starts the service worker that answers the protocol, and hears of the messages it would send.

export async function start(script, { onMessage, ...options } = {}) {
	const workers = navigator.serviceWorker;
	if (!workers) throw new Error('service workers need https:// or localhost');
	if (onMessage) {
		workers.addEventListener('message', ({ data }) => data?.userpool && onMessage(data.userpool));
		workers.startMessages();
	}
	const registration = await workers.register(script, { type: 'module', ...options });
	if (!location.href.startsWith(registration.scope)) {
		throw new Error(`a worker at ${script} answers pages below ${registration.scope} and not this one`);
	}
	if (!workers.controller) {
		const taken = new Promise((resolve) => workers.addEventListener('controllerchange', resolve, { once: true }));
		// A page that was reloaded past its worker stays without one until the worker takes it.
		(await workers.ready).active.postMessage({ userpool: 'take' });
		await taken;
	}
	return registration;
}
