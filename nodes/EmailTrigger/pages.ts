/** What people see who follow a link from a mail: a question before anything is done, and what was done. */
import { encoded } from '../../providers/smtp/html';
import type { Receipt } from '../../core/step';

interface Words {
	lang: string;
	title: string;
	ask: (purpose: string) => string;
	fromThis: string;
	fromAll: string;
	done: string;
	doneText: string;
	old: string;
	oldText: string;
}

const norwegian: Words = {
	lang: 'nb',
	title: 'Meld deg av',
	ask: (purpose) => `Vil du slutte å få e-post fra oss om «${purpose}»?`,
	fromThis: 'Ja, meld meg av',
	fromAll: 'Jeg vil ikke ha noen e-post fra dere',
	done: 'Du er meldt av',
	doneText: 'Vi har notert det. Det kan allerede være en e-post på vei til deg.',
	old: 'Lenken virker ikke',
	oldText:
		'Den er for gammel, eller ikke kommet hel fram. Bruk lenken i en nyere e-post, eller svar på e-posten.',
};
const english: Words = {
	lang: 'en',
	title: 'Unsubscribe',
	ask: (purpose) => `Do you want to stop getting mail from us about “${purpose}”?`,
	fromThis: 'Yes, unsubscribe me',
	fromAll: 'I want no mail from you at all',
	done: 'You are unsubscribed',
	doneText: 'We have made a note of it. A mail may be on its way to you already.',
	old: 'This link does not work',
	oldText: 'It is too old, or not complete. Use the link in a newer mail, or answer the mail.',
};

/** Norwegian, unless the browser prefers another language to it. */
function wordsFor(accepted: string | undefined): Words {
	const first = (accepted ?? '').split(',')[0]?.trim().toLowerCase().replace('*', '') ?? '';
	return first === '' || /^(nb|nn|no|da|sv)\b/.test(first) ? norwegian : english;
}

export function askPage(language: string | undefined, purpose: string): Receipt {
	const words = wordsFor(language);
	// Posted to the address it stands at: the token stays in it.
	return page(
		200,
		words,
		words.title,
		words.ask(purpose),
		`<form method="post"><button name="from" value="this">${encoded(words.fromThis)}</button>
<p><button class="quiet" name="from" value="all">${encoded(words.fromAll)}</button></p></form>`,
	);
}

export function donePage(language: string | undefined): Receipt {
	const words = wordsFor(language);
	return page(200, words, words.done, words.doneText);
}

export function oldPage(language: string | undefined): Receipt {
	const words = wordsFor(language);
	return page(404, words, words.old, words.oldText);
}

function page(status: number, words: Words, title: string, text: string, more = ''): Receipt {
	return {
		status,
		headers: {
			'content-type': 'text/html; charset=utf-8',
			'cache-control': 'no-store',
			'referrer-policy': 'no-referrer',
			'x-robots-tag': 'noindex',
			'content-security-policy':
				"default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
		},
		body: `<!doctype html>
<html lang="${words.lang}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${encoded(title)}</title>
<style>
:root { color-scheme: light dark; }
body { font: 17px/1.6 system-ui, sans-serif; max-width: 32rem; margin: 16vh auto; padding: 0 1.5rem; }
h1 { font-size: 1.5rem; line-height: 1.25; }
button { font: inherit; padding: .7em 1.2em; border-radius: 8px; border: 1px solid; background: none; color: inherit; cursor: pointer; }
button.quiet { border: 0; padding: .4em 0; text-decoration: underline; opacity: .8; }
button:focus-visible { outline: 3px solid; outline-offset: 3px; }
</style></head>
<body><main><h1>${encoded(title)}</h1><p>${encoded(text)}</p>${more}</main></body></html>`,
	};
}
