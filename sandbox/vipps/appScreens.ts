/**
 * The app's screens, as pages of the sandbox's server: a payment or an agreement to approve, and a donation link's landing
 * page. Who holds the phone is chosen there: a test person, or somebody whom nobody knows.
 */
import { type Fragment, type Html, html } from '../../nodes/JourneyPeoplePage/html';
import type { TestPerson } from '../people';
import type { Scope } from './userinfo';
import { MESSAGE } from './pageRoutes';
import { ORGANISATION } from './units';

const scopeWords: Record<Scope, string> = {
	name: 'navn',
	phoneNumber: 'telefonnummer',
	email: 'e-postadresse',
	address: 'adresse',
	birthDate: 'fødselsdato',
	nin: 'fødselsnummer',
};

export interface Choice {
	/** What was searched for. */
	search: string;
	people: readonly TestPerson[];
	/** The rest of the address, which the search keeps. */
	query: Record<string, string>;
}

export const kroner = (ore: number) =>
	`${(ore / 100).toLocaleString('nb-NO', { minimumFractionDigits: ore % 100 ? 2 : 0 })} kr`;

export function payScreen(
	wanted: {
		title: string;
		description: string;
		amountOre: number | null;
		/** The most that may be charged: the person sets it. */
		maxOre: number | null;
		scopes: readonly Scope[];
		accept: string;
	},
	choice: Choice,
): string {
	const { title, description, amountOre, maxOre, scopes, accept } = wanted;
	return screen(
		title,
		html`<p class="to">${ORGANISATION}</p>
			<p class="amount">${amountOre === null ? '' : kroner(amountOre)}</p>
			<p>${description}</p>
			${search(choice)}
			<form method="post">
				${whoField(choice)}
				${
					maxOre === null
						? ''
						: html`<label
								>Høyst, i kroner <input name="max" inputmode="numeric" required value="${maxOre / 100}"
							/></label>`
				}
				${
					scopes.length === 0
						? ''
						: html`<fieldset>
								<legend>${ORGANISATION} får vite</legend>
								<ul>
									${scopes.map((scope) => html`<li>${scopeWords[scope]}</li>`)}
								</ul>
								<label><input type="checkbox" name="share" value="yes" checked /> Jeg vil dele dette</label>
							</fieldset>`
				}
				<button name="answer" value="pay">${accept}</button>
				<button name="answer" value="decline" class="no" formnovalidate>Avbryt</button>
			</form>`,
	);
}

export function giveScreen(reference: string | undefined, choice: Choice): string {
	return screen(
		'Gi en gave',
		html`<p class="to">${ORGANISATION}</p>
			${reference ? html`<p class="quiet">Referanse: ${reference}</p>` : ''} ${search(choice)}
			<form method="post">
				${whoField(choice)}
				<fieldset>
					<legend>Beløp</legend>
					${[100, 200, 500].map(
						(amount, index) =>
							html`<label
								><input type="radio" name="amount" value="${amount}" ${index === 1 ? CHECKED : ''} />
								${amount} kr</label
							>`,
					)}
					<label>Et annet beløp <input name="other" inputmode="decimal" autocomplete="off" /></label>
				</fieldset>
				<fieldset>
					<legend>Hvor ofte</legend>
					<label><input type="radio" name="often" value="once" checked /> Én gang</label>
					<label><input type="radio" name="often" value="monthly" /> Hver måned</label>
				</fieldset>
				<label>Melding <input name="message" maxlength="${MESSAGE}" autocomplete="off" /></label>
				<button name="answer" value="pay">Gi</button>
			</form>`,
	);
}

/** What is said at the end, or when it cannot be done. */
export const wordScreen = (title: string, words: string): string => screen(title, html`<p>${words}</p>`);

const CHECKED = html`checked`;

function search({ search: words, query }: Choice): Html {
	return html`<form method="get" class="search">
		${Object.entries(query).map(
			([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`,
		)}
		<label
			>Hvem er du? <input name="search" value="${words}" type="search" placeholder="navn eller telefon"
		/></label>
		<button class="small">Søk</button>
	</form>`;
}

function whoField({ people }: Choice): Html {
	return html`<fieldset>
		<legend>Betal som</legend>
		<label
			>Testperson
			<select name="person">
				${people.map(
					({ id, name, phone }) => html`<option value="${id}">${name ?? 'Ukjent'}, ${phone ?? ''}</option>`,
				)}
				<option value="">En som ikke er kjent:</option>
			</select></label
		>
		<label
			>Navn <input name="name" maxlength="80" autocomplete="off" placeholder="bare for en som ikke er kjent"
		/></label>
		<label
			>Telefon <input name="phone" maxlength="20" autocomplete="off" placeholder="f.eks. 400 00 012"
		/></label>
	</fieldset>`;
}

function screen(title: string, content: Fragment): string {
	return html`<!doctype html>
		<html lang="nb">
			<head>
				<meta charset="utf-8" />
				<meta name="viewport" content="width=device-width, initial-scale=1" />
				<title>${title} · Vipps (sandkasse)</title>
				<link rel="stylesheet" href="/vippsApp/app.css" />
			</head>
			<body>
				<main>
					<p class="note">Sandkasse. Dette er ikke Vipps, og ingen penger flyttes.</p>
					<h1>${title}</h1>
					${content}
				</main>
			</body>
		</html>`.text;
}

export const appCss = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: light-dark(#f3ece4, #1b1715); }
main { width: min(25rem, 100vw - 2rem); padding: 1.5rem; box-sizing: border-box; border-radius: 1.5rem;
	background: light-dark(#fff, #262120); color: light-dark(#2b2320, #efe7e2); margin: 1rem 0; }
h1 { font-size: 1.3rem; margin: 0.5rem 0; }
.note { font-size: 0.8rem; margin: 0; color: light-dark(#6e5d55, #b9a89f); }
.to { margin: 0; font-weight: 600; }
.amount { font-size: 2rem; font-weight: 700; margin: 0.3rem 0; }
.quiet { color: light-dark(#6e5d55, #b9a89f); }
form { display: grid; gap: 0.8rem; margin-top: 0.8rem; }
fieldset { border: 1px solid light-dark(#ddd1c8, #453b37); border-radius: 0.8rem; display: grid; gap: 0.4rem; min-width: 0; }
ul { margin: 0; padding-left: 1.2rem; }
label { display: block; }
input:not([type=radio], [type=checkbox]), select { width: 100%; box-sizing: border-box; padding: 0.45rem; font: inherit;
	border: 1px solid light-dark(#a8978d, #6d5f58); border-radius: 0.5rem; background: transparent; color: inherit; }
select option { color: #000; background: #fff; }
button { font: inherit; font-weight: 600; padding: 0.7rem; border: 0; border-radius: 2rem; background: #c23e08; color: #fff; cursor: pointer; }
button.no, button.small { background: transparent; color: inherit; border: 1px solid currentColor; }
button.small { padding: 0.3rem 0.8rem; justify-self: start; }
:focus-visible { outline: 3px solid light-dark(#1f6f5c, #5cc3a6); outline-offset: 2px; }
`;
