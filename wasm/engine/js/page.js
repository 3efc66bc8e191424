// For a page: starts the service worker that answers the protocol, and hears of the messages it would send.

export async function start(script, { onMessage, ...options } = {}) {
	const workers = navigator.serviceWorker;
	if (!workers) throw new Error('service workers need https:// or localhost');
	if (onMessage) {
		workers.addEventListener('message', ({ data }) => data?.userpool && onMessage(data.userpool));
		workers.startMessages();
	}
	const registration = await workers.register(script, { type: 'module', ...options });
	if (!workers.controller) {
		await new Promise((resolve) => workers.addEventListener('controllerchange', resolve, { once: true }));
	}
	return registration;
}
