// The whole package as a site would have it: every entry, bundled into one script.
import * as srp from 'userpool-srp';
import Helper from 'userpool-srp/identity-js';
import { createSecretHash } from 'userpool-srp/srp-helper';

globalThis.answered = (async () => {
	const { srpA } = await srp.beginSignIn();
	const A = await new Promise((resolve) => new Helper('pool').getLargeAValue((_, value) => resolve(value)));
	const app = { username: 'jane', clientId: 'client', clientSecret: 'secret' };
	const hash = await srp.secretHash(app);
	return [/^[0-9a-f]{760,768}$/.test(srpA), typeof A, hash === createSecretHash('jane', 'client', 'secret')].join();
})();
