// How long whole sign-ins take; the same in Node and in a page.

// Milliseconds of each round of each side: what slows the machine down meanwhile slows all.
export async function warm(sides, given, clock, rounds = 9) {
	const names = Object.keys(sides);
	const times = Object.fromEntries(names.map((name) => [name, []]));
	const once = {};
	for (const name of names) {
		for (let again = 0; again < 6; again++) await sides[name].signIn(given);
		once[name] = await timed(sides[name].signIn, given, clock, 4);
	}
	for (let round = 0; round < rounds; round++) {
		for (const name of names) {
			// Long enough for the clock, and for what collects garbage.
			const count = Math.max(2, Math.min(64, Math.round(150 / once[name])));
			times[name].push(await timed(sides[name].signIn, given, clock, count));
		}
	}
	return times;
}

async function timed(signIn, given, clock, times) {
	const before = clock();
	for (let again = 0; again < times; again++) await signIn(given);
	return (clock() - before) / times;
}

// Milliseconds from the import of a side to its first answer, in a process or page that has seen nothing of it.
export async function cold(url, given) {
	const before = performance.now();
	const { signIn } = await import(url);
	await signIn(given);
	return performance.now() - before;
}
