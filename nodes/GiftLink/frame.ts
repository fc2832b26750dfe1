/** The page that a giver sees: nothing on it says who they are, nothing runs on it, and nobody on the way keeps it. */
import { randomBytes } from 'node:crypto';
import type { Receipt } from '../../core/step';
import { type Fragment, Html, html } from '../JourneyPeoplePage/html';
import type { GiftWords } from './pageWords';

const style = `
:root{color-scheme:light dark;--ground:#f5f3ee;--card:#fff;--line:#d8d3c8;--text:#22251f;--quiet:#5f6158;--accent:#c8440f;--on:#fff;font:17px/1.5 system-ui,'Segoe UI',Roboto,'Noto Sans',sans-serif}
@media (prefers-color-scheme:dark){:root{--ground:#17191a;--card:#1f2223;--line:#33383a;--text:#e9e8e3;--quiet:#a8aca5;--accent:#ff8a5c;--on:#24120a}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--text)}
main{max-width:26rem;margin:2rem auto;padding:1.5rem;background:var(--card);border:1px solid var(--line);border-radius:1rem}
h1{font-size:1.05rem;margin:0;color:var(--quiet);font-weight:600}
h2{font-size:1.4rem;margin:.25rem 0 1rem;overflow-wrap:anywhere}
p{margin:.75rem 0}
.quiet{color:var(--quiet);font-size:.9rem}
.note{border-left:4px solid var(--accent);padding:.25rem .9rem;margin:0 0 1rem}
form{margin:0}
button{font:inherit;font-weight:600;width:100%;padding:.8rem 1rem;border-radius:.7rem;border:2px solid var(--accent);background:var(--accent);color:var(--on);cursor:pointer}
button.one{background:transparent;color:var(--text);margin-bottom:.6rem}
label{display:block;margin:1rem 0 .6rem}
.in{display:flex;align-items:center;gap:.5rem}
input{font:inherit;width:100%;padding:.7rem .8rem;border:1px solid var(--quiet);border-radius:.6rem;background:var(--ground);color:inherit}
a{color:var(--accent)}
a:focus-visible,button:focus-visible,input:focus-visible{outline:3px solid var(--text);outline-offset:2px}
`;

/** The address is a key to the link: it is told to nobody, kept by nobody, and found by no search. */
const careful = {
	'cache-control': 'no-store',
	'x-content-type-options': 'nosniff',
	'x-frame-options': 'DENY',
	'referrer-policy': 'no-referrer',
	'x-robots-tag': 'noindex, nofollow',
};

export function framed(
	words: GiftWords,
	{
		organisation,
		title,
		body,
		status = 200,
	}: { organisation: string; title: string; body: Fragment; status?: number },
): Receipt {
	const nonce = randomBytes(16).toString('base64');
	const whole = html`<!doctype html>
		<html lang="${words.language}">
			<head>
				<meta charset="utf-8" />
				<meta name="viewport" content="width=device-width, initial-scale=1" />
				<title>${organisation ? `${title} · ${organisation}` : title}</title>
				<style nonce="${new Html(nonce)}">
					${new Html(style)}
				</style>
			</head>
			<body>
				<main>
					${organisation && html`<h1>${organisation}</h1>`}
					<h2>${title}</h2>
					${body}
				</main>
			</body>
		</html> `;
	return {
		status,
		headers: {
			...careful,
			'content-type': 'text/html; charset=utf-8',
			'content-language': words.language,
			vary: 'Accept-Language',
			// No form-action: browsers hold it against where a form's answer leads as well, which is Vipps.
			'content-security-policy': `default-src 'none'; style-src 'nonce-${nonce}'; base-uri 'none'; frame-ancestors 'none'`,
		},
		body: whole.text,
	};
}

/** To Vipps: its address is opened as it is. */
export function onward(address: string): Receipt {
	return { status: 303, headers: { ...careful, location: address } };
}
