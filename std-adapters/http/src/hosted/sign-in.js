// Proves the password of the sign-in form by SRP, so that it never leaves the page. A browser without WebAssembly sends the
// form as it is.
import { beginSignIn } from './index.js';

let plain = false; // the form goes as it is
let proof; // what goes in place of the password
let busy = false;
const isOurs = ({ target }) => target.dataset.begin !== undefined;

document.addEventListener('formdata', (event) => {
	if (plain || !isOurs(event)) return;
	event.formData.delete('password');
	for (const [name, value] of Object.entries(proof ?? {})) event.formData.set(name, value);
});

document.addEventListener('submit', (event) => {
	// The other buttons of the form want no password.
	if (plain || !isOurs(event) || event.submitter?.name) return;
	event.preventDefault();
	if (busy) return;
	busy = true;
	void send(event.target).finally(() => {
		busy = false;
	});
});

async function send(form) {
	try {
		const exchange = await beginSignIn();
		const fields = new FormData(form);
		fields.set('srp_a', exchange.srpA);
		const reply = await fetch(form.dataset.begin, { method: 'POST', body: new URLSearchParams(fields) });
		if (!reply.ok) return show(await reply.text());
		const { password } = form.elements;
		const given = { challengeParameters: await reply.json(), password: password.value, userPoolId: form.dataset.pool };
		const claim = exchange.answer(given);
		proof = {
			block: claim.PASSWORD_CLAIM_SECRET_BLOCK,
			signature: claim.PASSWORD_CLAIM_SIGNATURE,
			timestamp: claim.TIMESTAMP,
		};
	} catch {
		plain = true;
	}
	form.submit();
	proof = undefined;
}

// The page that says what was refused, in place of this one.
function show(html) {
	const page = new DOMParser().parseFromString(html, 'text/html');
	document.title = page.title;
	document.querySelector('main').replaceWith(page.querySelector('main'));
}
