// How long whole sign-ins take; the same in Node and in a page.

// Milliseconds of processor time of each round of each side: what slows the machine down meanwhile slows all.
// `repeat` makes sign-ins of a side, and `clock` tells the time that was spent up to now.
export async function warm(names, repeat, clock, rounds) {
	const timed = async (name, count) => {
		const before = await clock();
		await repeat(name, count);
		return ((await clock()) - before) / count;
	};
	const times = Object.fromEntries(names.map((name) => [name, []]));
	const once = {};
	for (const name of names) {
		await repeat(name, 8);
		once[name] = await timed(name, 4);
	}
	for (let round = 0; round < rounds; round++) {
		for (const name of names) {
			// Long enough for the clock, and for what collects garbage.
			const count = Math.max(2, Math.min(32, Math.round(250 / once[name])));
			times[name].push(await timed(name, count));
		}
	}
	return times;
}

export async function repeat(signIn, given, count) {
	for (let again = 0; again < count; again++) await signIn(given);
}

// Milliseconds from the import of a side to its first answer, in a process or page that has seen nothing of it.
export async function cold(url, given, clock = () => performance.now()) {
	const before = clock();
	const { signIn } = await import(url);
	await signIn(given);
	return clock() - before;
}
