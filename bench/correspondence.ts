/** The letters that are printed: two pages with a giro slip at the foot of the second, each person's own. */
import { composeKid } from '../core/letters/kid';
import type { LetterSpec } from '../core/letters/letter';

const PARAGRAPHS = [
	'Takk for at du er med oss. Det siste året har vi vært flere enn noen gang, og det merkes: der vi før måtte si at vi ikke hadde tid, har det stått noen klare. Mye av det vi gjør, ser ingen, og slik skal det være; men noe av det vil vi gjerne fortelle om.',
	'I vår åpnet vi dørene på fire nye steder. Ingen av dem er store, og alle drives av frivillige. På det første stedet kom det tolv den første kvelden, og førti den neste. Nå er det fullt hver tirsdag, og de som kom for å få hjelp, er med på å gi den.',
	'I sommer var det leir for barn og unge. Det regnet de tre første dagene, og det ble den beste uken noen kunne huske. Vi fikk lånt en låve, noen hadde med fele, og maten var laget av det som naboene kom med.',
	'I høst har vi skrevet til dem som bestemmer, og fått svar. Ikke alle svarene var de vi ønsket oss, men det er første gang saken er lagt frem med tall som ingen har kunnet se bort fra. Det arbeidet går videre, med flere møter før jul.',
];

export const SIGNED = 'Siv Leder';
export const ORGANISATION = { name: 'Foreningen Eksempel', returnAddress: 'Postboks 1, 0101 Oslo' };
export const ACCOUNT = '12345678903';

/** @param i from 0. */
export function personOf(i: number) {
	return {
		name: `Kari Eksempel${i}`,
		lines: [`Prøvegata ${1 + (i % 99)}`],
		postalCode: String(1 + (i % 9_000)).padStart(4, '0'),
		city: `STED ${i % 350}`,
		gift: 100 + (i % 40) * 25,
		kid: composeKid([{ value: i + 1, length: 9 }], 'mod10') ?? '',
	};
}

/** Paragraphs of the letter, in Markdown. */
export function textFor(i: number): string[] {
	const { name, gift } = personOf(i);
	const text = [`Kjære ${name}`, ...PARAGRAPHS, ...PARAGRAPHS.slice(1)];
	return [...text, `Du ga **${gift} kroner** i fjor. Vil du gi like mye i år?`, 'Med vennlig hilsen'];
}

export function* letters(count: number): Generator<LetterSpec> {
	for (let i = 0; i < count; i += 1) {
		const { gift, kid, ...recipient } = personOf(i);
		yield {
			id: `L-${String(i + 1).padStart(6, '0')}`,
			recipient,
			sender: { ...ORGANISATION, signerName: SIGNED },
			placeAndDate: 'Oslo, 22. november 2026',
			body: { kind: 'text', format: 'markdown', text: textFor(i).join('\n\n') },
			giro: {
				account: ACCOUNT,
				kid,
				amountOre: gift * 100,
				payeeName: ORGANISATION.name,
				dueDate: '15.12.2026',
			},
		};
	}
}
