// Lets the browser make or use a passkey as the form says, and sends what it answers. The button asks again.
const form = document.querySelector('form[data-options]');
const failed = document.querySelector('#failed');
let asked;
async function ask() {
	asked?.abort();
	const { signal } = (asked = new AbortController());
	failed.hidden = true;
	try {
		const options = JSON.parse(form.dataset.options);
		const credential =
			form.dataset.make === undefined
				? await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options), signal })
				: await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options), signal });
		form.elements.answer.value = JSON.stringify(credential.toJSON());
		form.submit();
	} catch {
		failed.hidden = signal.aborted;
	}
}
form.addEventListener('submit', (event) => {
	event.preventDefault();
	void ask();
});
void ask();
