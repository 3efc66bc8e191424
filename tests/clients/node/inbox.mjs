// The server's message file, read as an inbox: one JSON object a line.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';

export class Inbox {
	#path;

	constructor(path) {
		this.#path = path;
	}

	// Does something and gives its result with the code of the one message that it sent to the address.
	// The server flushes a message before the caller has its answer, so nothing here waits.
	async codeFrom(address, action) {
		const before = this.#messagesTo(address).length;
		const result = await action();
		const sent = this.#messagesTo(address).slice(before);
		assert.equal(sent.length, 1, `one message to ${address}`);
		// Codes that alone let a user in are longer.
		assert.match(sent[0].code, /^\d{6}(\d{2})?$/);
		return { result, code: sent[0].code };
	}

	#messagesTo(address) {
		if (!existsSync(this.#path)) return [];
		const text = readFileSync(this.#path, 'utf8');
		// Another journey's line may still be half written; ours was flushed.
		return text
			.slice(0, text.lastIndexOf('\n') + 1)
			.split('\n')
			.filter((line) => line !== '')
			.map((line) => JSON.parse(line))
			.filter((message) => message.to === address);
	}
}

// A code of the same form that is not the given one.
export function otherCode(code) {
	return code.slice(0, -1) + ((Number(code.at(-1)) + 1) % 10);
}
