// Every check, by a runtime that is named on no line of them: prints what failed, and how many held.
import { readFile } from 'node:fs/promises';
import { argv } from 'node:process';
import { pathToFileURL } from 'node:url';

import { checks } from '../checks.mjs';

const folder = pathToFileURL(`${argv[2]}/`);
const [srp, steps] = await Promise.all(['index.js', 'exchange.js'].map((name) => import(new URL(name, folder).href)));
const vectors = JSON.parse(await readFile(new URL('../../../../tests/vectors/srp.json', import.meta.url), 'utf8'));
let held = 0;
for (const { sentence, body } of checks({ srp, steps, vectors })) {
	try {
		await body();
		held++;
	} catch (error) {
		console.log(`${sentence}: ${error.message}`);
	}
}
console.log(`${held} held`);
