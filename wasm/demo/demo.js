// The page: forms around the calls that every client of the protocol makes.

import { beginSignIn } from './userpool-srp/index.js';

import { CLIENT, POOL, inPage, onServer } from './issuers.js';
import { measure } from './timing.js';
import { STEP, codeAt } from './totp.js';

const form = (id) => document.getElementById(id);
const ABOUT = {
	page: 'The whole engine runs in this page, as WebAssembly, and keeps its users in IndexedDB. For demonstrations only: a page can read its own keys.',
	server: 'The server that this page comes from answers, and tells the page which codes it sent.',
};

const issuers = { page: once(() => inPage(received)), server: once(() => onServer(received)) };
let chosen = 'page';
let username = 'ada';
let tokens;
let challenge;

choose();
onServer(() => {}).then((server) => {
	if (!server) return;
	document.querySelector('[value=server]').disabled = false;
	document.getElementById('server-name').textContent = `this server, ${location.host}`;
	issuers.server(); // From now on its messages are new ones.
});

document.querySelectorAll('[name=issuer]').forEach((radio) =>
	radio.addEventListener('change', () => {
		chosen = radio.value;
		choose();
	})
);

function choose() {
	document.getElementById('about').textContent = ABOUT[chosen];
	signedIn(undefined);
	ask(undefined);
	show(form('inbox'), element('p', { className: 'empty', textContent: 'The message with the code appears here.' }));
	document.querySelectorAll('output').forEach((output) => tell(output, ''));
	form('seed').hidden = true;
}

// --- the calls -----------------------------------------------------------------------------------------------------

async function call(operation, body) {
	const issuer = await issuers[chosen]();
	const before = performance.now();
	let end = 'ok';
	try {
		return await issuer.call(operation, body);
	} catch (error) {
		end = error.name;
		throw error;
	} finally {
		note(operation, end, performance.now() - before);
		await issuer.heard();
	}
}

on('sign-up', async ({ username: name, email, password }) => {
	await call('SignUp', {
		ClientId: CLIENT,
		Username: name,
		Password: password,
		UserAttributes: [{ Name: 'email', Value: email }],
	});
	username = name;
	form('sign-in').elements.username.value = name;
	form('sign-in').elements.password.value = password;
	return `${name} is signed up; the code is on its way.`;
});

on('confirm', async ({ code }) => {
	await call('ConfirmSignUp', { ClientId: CLIENT, Username: username, ConfirmationCode: code });
	return `${username} is confirmed.`;
});

on('sign-in', async ({ username: name, password }) => {
	username = name;
	ask(undefined);
	signedIn(undefined);
	const before = performance.now();
	const exchange = await beginSignIn();
	const { ChallengeName, ChallengeParameters, Session } = await call('InitiateAuth', {
		ClientId: CLIENT,
		AuthFlow: 'USER_SRP_AUTH',
		AuthParameters: { USERNAME: name, SRP_A: exchange.srpA },
	});
	const ChallengeResponses = exchange.answer({ userPoolId: POOL, password, challengeParameters: ChallengeParameters });
	const reply = await call('RespondToAuthChallenge', { ClientId: CLIENT, ChallengeName, ChallengeResponses, Session });
	if (reply.ChallengeName) {
		ask(reply);
		return 'The password is right. One more step:';
	}
	signedIn(reply.AuthenticationResult);
	return `Signed in, in ${(performance.now() - before).toFixed(0)} ms.`;
});

on('second', async ({ code }) => {
	const { ChallengeName, Session } = challenge;
	const { AuthenticationResult } = await call('RespondToAuthChallenge', {
		ClientId: CLIENT,
		ChallengeName,
		Session,
		ChallengeResponses: { USERNAME: username, SOFTWARE_TOKEN_MFA_CODE: code },
	});
	ask(undefined);
	signedIn(AuthenticationResult);
	tell(form('sign-in').querySelector('output'), 'Signed in with two factors.', 'good');
	return '';
});

on('totp', async ({ code }) => {
	await call('VerifySoftwareToken', { AccessToken: tokens.AccessToken, UserCode: code });
	await call('SetUserMFAPreference', {
		AccessToken: tokens.AccessToken,
		SoftwareTokenMfaSettings: { Enabled: true, PreferredMfa: true },
	});
	form('seed').hidden = true;
	return 'From now on a sign-in asks for a code.';
});

press('totp', 'begin', async () => {
	const { SecretCode } = await call('AssociateSoftwareToken', { AccessToken: tokens.AccessToken });
	form('secret').textContent = SecretCode;
	sessionStorage.setItem(`secret of ${username}`, SecretCode);
	form('seed').hidden = false;
	await tick();
	return '';
});

press('session', 'refresh', async () => {
	const { AuthenticationResult } = await call('InitiateAuth', {
		ClientId: CLIENT,
		AuthFlow: 'REFRESH_TOKEN_AUTH',
		AuthParameters: { REFRESH_TOKEN: tokens.RefreshToken },
	});
	signedIn({ ...tokens, ...AuthenticationResult });
	return 'New tokens.';
});

press('session', 'out', async () => {
	await call('GlobalSignOut', { AccessToken: tokens.AccessToken });
	signedIn(undefined);
	return '';
});

press('timing', 'run', async (output) => {
	const times = await measure((name) => tell(output, `${name} is measured …`));
	const table = form('timing').querySelector('table');
	const slowest = Math.max(...times.values());
	const rows = [...times].map(([name, time]) =>
		element(
			'tr',
			{},
			Object.assign(element('th', { textContent: name }), { scope: 'row' }),
			element('td', { className: 'number', textContent: time.toFixed(1) }),
			element('td', {}, element('meter', { max: slowest, value: time, ariaLabel: `${name}: ${time.toFixed(1)} of ${slowest.toFixed(1)} ms` }))
		)
	);
	table.tBodies[0].replaceChildren(...rows);
	table.hidden = false;
	return '';
});

// --- what is shown -------------------------------------------------------------------------------------------------

function received({ to, message, code }) {
	const use = element('button', { type: 'button', className: 'quiet', textContent: 'Use the code' });
	use.addEventListener('click', () => (form('confirm').elements.code.value = code));
	show(
		form('inbox'),
		element('p', { className: 'note', textContent: `To ${to}` }),
		element('p', { textContent: message.trim() }),
		element('p', {}, element('code', { id: 'code', className: 'big', textContent: code })),
		use
	);
}

function ask(reply) {
	challenge = reply;
	form('second').hidden = !reply;
	form('second').elements.code.value = '';
	if (reply) tick();
}

function signedIn(result) {
	tokens = result;
	form('session').hidden = !result;
	form('totp').elements.begin.disabled = !result;
	if (!result) {
		return show(form('tokens'), element('p', { className: 'empty', textContent: 'Sign in to see them, decoded.' }));
	}
	show(form('tokens'), token('ID token', result.IdToken), token('Access token', result.AccessToken));
}

function token(name, text) {
	const [head, body] = text.split('.', 2).map((part) => {
		const bytes = Uint8Array.from(atob(part.replace(/-/g, '+').replace(/_/g, '/')), (char) => char.charCodeAt(0));
		return JSON.parse(new TextDecoder().decode(bytes));
	});
	const ends = new Date(body.exp * 1000).toLocaleTimeString();
	return element(
		'figure',
		{},
		element('figcaption', { textContent: `${name}, until ${ends}` }),
		element('pre', { tabIndex: 0, ariaLabel: name, textContent: `${JSON.stringify(head, null, 2)}\n${JSON.stringify(body, null, 2)}` })
	);
}

function note(operation, end, time) {
	form('log').prepend(
		element(
			'li',
			{},
			element('span', { textContent: operation }),
			element('span', { className: end === 'ok' ? 'good' : 'bad', textContent: `${end}, ${time.toFixed(0)} ms` })
		)
	);
}

// The code of the authenticator that this page plays.
async function tick() {
	const secret = sessionStorage.getItem(`secret of ${username}`);
	if (!secret) return;
	const code = await codeAt(secret, Date.now());
	form('code-now').textContent = code;
	form('second').elements.code.placeholder = code;
	setTimeout(tick, STEP - (Date.now() % STEP));
}

// --- forms ---------------------------------------------------------------------------------------------------------

function on(id, body) {
	form(id).addEventListener('submit', (event) => {
		event.preventDefault();
		const values = Object.fromEntries(new FormData(form(id)));
		run(form(id), () => body(values));
	});
}

function press(id, name, body) {
	const output = form(id).querySelector('output');
	form(id).elements[name].addEventListener('click', () => run(form(id), () => body(output)));
}

async function run(it, body) {
	const output = it.querySelector('output');
	const buttons = [...it.querySelectorAll('button:enabled')];
	buttons.forEach((button) => (button.disabled = true));
	tell(output, '…');
	try {
		tell(output, await body(), 'good');
	} catch (error) {
		tell(output, `${error.name}: ${error.message}`, 'bad');
	} finally {
		buttons.forEach((button) => (button.disabled = false));
		form('totp').elements.begin.disabled = !tokens;
	}
}

function tell(output, text, kind = '') {
	output.className = kind;
	output.textContent = text;
}

function show(place, ...children) {
	place.replaceChildren(...children);
}

function element(name, properties, ...children) {
	const made = Object.assign(document.createElement(name), properties);
	made.append(...children);
	return made;
}

function once(make) {
	let made;
	return () => (made ??= make());
}
