import type { Message } from './index.js';

/** Registers a service worker, a module, and resolves when it answers this page. */
export function start(
	script: string | URL,
	options?: RegistrationOptions & { onMessage?(message: Message): void }
): Promise<ServiceWorkerRegistration>;
