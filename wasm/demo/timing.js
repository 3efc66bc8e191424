// How long the client's side of an exchange takes, by each of the clients that wasm/demo/build bundled.

const SIDES = {
	'userpool-srp': './timing/userpool-srp.mjs',
	'amazon-cognito-identity-js': './timing/identity-js.mjs',
	'AWS Amplify': './timing/amplify.mjs',
	'cognito-srp-helper': './timing/srp-helper.mjs',
};
const ROUNDS = 5;

/** Measures every client; `told` hears of each as it is done. Milliseconds by name, the best round of each. */
export async function measure(told) {
	const given = await (await fetch('timing/given.json')).json();
	const times = new Map();
	for (const [name, url] of Object.entries(SIDES)) {
		const { signIn } = await import(url);
		await signIn(given);
		let best = Infinity;
		for (let round = 0; round < ROUNDS; round++) {
			await new Promise((resolve) => setTimeout(resolve)); // the page stays alive
			const before = performance.now();
			await signIn(given);
			best = Math.min(best, performance.now() - before);
		}
		times.set(name, best);
		told(name);
	}
	return times;
}
