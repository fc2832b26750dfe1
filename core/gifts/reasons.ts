/** Reasons in words, for people: English in items, and Norwegian on the page. Never a name or a number of somebody. */
import type { Reason } from './finding';

export type Language = 'en' | 'nb';
type Words = Record<Language, string>;

const words: Record<string, Words> = {
	'key.kid': { en: 'the KID is this person’s', nb: 'KID-en er denne personens' },
	'key.reference': { en: 'paid by this person’s own link', nb: 'betalt med personens egen lenke' },
	'key.agreement': { en: 'a payment of this person’s agreement', nb: 'en betaling i personens avtale' },
	'key.payer': {
		en: 'the source’s ID of the payer is this person’s',
		nb: 'kildens ID for betaleren er personens',
	},

	'given.same': { en: 'given name: the same', nb: 'fornavn: likt' },
	'given.sounds': { en: 'given name: sounds the same', nb: 'fornavn: høres likt ut' },
	'given.nickname': { en: 'given name: a nickname of it', nb: 'fornavn: kallenavn' },
	'given.second': { en: 'given name: one of several', nb: 'fornavn: ett av flere' },
	'given.short': { en: 'given name: the beginning of it', nb: 'fornavn: begynnelsen av det' },
	'given.near': { en: 'given name: a slip apart', nb: 'fornavn: en skrivefeil unna' },
	'given.initial': { en: 'given name: the initial fits', nb: 'fornavn: forbokstaven passer' },
	'given.different': { en: 'given name: another one', nb: 'fornavn: et annet' },
	'family.same': { en: 'family name: the same', nb: 'etternavn: likt' },
	'family.sounds': { en: 'family name: sounds the same', nb: 'etternavn: høres likt ut' },
	'family.part': { en: 'family name: a part of a double name', nb: 'etternavn: del av et dobbeltnavn' },
	'family.near': { en: 'family name: a slip apart', nb: 'etternavn: en skrivefeil unna' },
	'family.initial': { en: 'family name: the initial fits', nb: 'etternavn: forbokstaven passer' },
	'family.different': { en: 'family name: another one', nb: 'etternavn: et annet' },
	'middle.same': { en: 'middle name: the same', nb: 'mellomnavn: likt' },
	'middle.initial': { en: 'middle name: the initial fits', nb: 'mellomnavn: forbokstaven passer' },
	'middle.different': { en: 'middle name: another one', nb: 'mellomnavn: et annet' },
	'order.turned': {
		en: 'given and family name in turned order',
		nb: 'fornavn og etternavn i omvendt rekkefølge',
	},
	'order.couple': { en: 'one of several who are named', nb: 'en av flere som er nevnt' },
	'phone.same': { en: 'phone: the whole number is the same', nb: 'telefon: hele nummeret er likt' },
	'phone.near': { en: 'phone: one digit apart', nb: 'telefon: ett siffer unna' },
	'phone.household': {
		en: 'phone: somebody of the household has it',
		nb: 'telefon: noen i husstanden har nummeret',
	},
	'phone.other': { en: 'phone: another number', nb: 'telefon: et annet nummer' },
	'phoneEnd.same': { en: 'phone: the last digits are the same', nb: 'telefon: de siste sifrene er like' },
	'phoneEnd.household': {
		en: 'phone: the last digits are of somebody in the household',
		nb: 'telefon: de siste sifrene tilhører noen i husstanden',
	},
	'phoneEnd.other': { en: 'phone: other last digits', nb: 'telefon: andre siste sifre' },
	'email.same': { en: 'e-mail: the same', nb: 'e-post: lik' },
	'email.other': { en: 'e-mail: another one', nb: 'e-post: en annen' },
	'place.street': { en: 'address: the same street', nb: 'adresse: samme gate' },
	'place.postalCode': { en: 'address: the same postal code', nb: 'adresse: samme postnummer' },
	'place.city': { en: 'address: the same town', nb: 'adresse: samme poststed' },
	'place.other': { en: 'address: another place', nb: 'adresse: et annet sted' },
	'birthDate.same': { en: 'date of birth: the same', nb: 'fødselsdato: lik' },
	'birthDate.near': { en: 'date of birth: a slip apart', nb: 'fødselsdato: en skrivefeil unna' },
	'birthDate.other': { en: 'date of birth: another one', nb: 'fødselsdato: en annen' },
	'memberNumber.same': { en: 'the message has the member number', nb: 'meldingen har medlemsnummeret' },
	'memberNumber.other': {
		en: 'the message has another member number',
		nb: 'meldingen har et annet medlemsnummer',
	},
	'message.named': { en: 'the message names them', nb: 'meldingen nevner navnet' },
	'message.other': { en: 'the message names somebody else', nb: 'meldingen nevner noen andre' },
	'account.same': { en: 'account: the same as before', nb: 'konto: den samme som før' },
	'account.other': {
		en: 'account: one that others have paid from',
		nb: 'konto: en som andre har betalt fra',
	},
	'history.regular': { en: 'fits the rhythm of earlier gifts', nb: 'passer med rytmen i tidligere gaver' },
	'history.sameAmount': { en: 'has given this amount before', nb: 'har gitt dette beløpet før' },
	'history.recent': { en: 'has given lately', nb: 'har gitt nylig' },
	'history.before': { en: 'has given before, long ago', nb: 'har gitt før, for lenge siden' },
	'history.never': { en: 'has never given before', nb: 'har aldri gitt før' },
	'life.alive': { en: 'is alive by the register', nb: 'lever ifølge registeret' },
	'life.dead': { en: 'had died by then', nb: 'var død da' },

	'heldBack.organisation': {
		en: 'for people to decide: the payer looks like an organisation',
		nb: 'må avgjøres av mennesker: betaleren ser ut som en organisasjon',
	},
	'heldBack.deceased': {
		en: 'for people to decide: the likeliest giver has died',
		nb: 'må avgjøres av mennesker: den mest sannsynlige giveren er død',
	},
	'heldBack.nameContradicts': {
		en: 'for people to decide: the name contradicts',
		nb: 'må avgjøres av mennesker: navnet taler imot',
	},
	'heldBack.severalPayers': {
		en: 'for people to decide: the payer is several persons',
		nb: 'må avgjøres av mennesker: betaleren er flere personer',
	},
	'heldBack.severalPersons': {
		en: 'for people to decide: several persons fit name and number',
		nb: 'må avgjøres av mennesker: flere personer passer med navn og nummer',
	},
	'heldBack.nameAlone': {
		en: 'for people to decide: nothing but the name',
		nb: 'må avgjøres av mennesker: ikke annet enn navnet',
	},
	'heldBack.nameAndFourDigitsAlone': {
		en: 'for people to decide: nothing but name and last digits',
		nb: 'må avgjøres av mennesker: bare navn og siste sifre',
	},
};

/** A code that has no words yet is shown as it is. */
export function reasonWords({ code }: Reason, language: Language): string {
	return words[code]?.[language] ?? code;
}

/** What of the person a reason is about, as a page sets it side by side. */
export type Row = 'name' | 'phone' | 'email' | 'address' | 'birthDate' | 'memberNumber' | 'account' | 'gifts';

const rows: Record<string, Row> = {
	given: 'name',
	family: 'name',
	middle: 'name',
	order: 'name',
	message: 'name',
	phone: 'phone',
	phoneEnd: 'phone',
	email: 'email',
	place: 'address',
	birthDate: 'birthDate',
	memberNumber: 'memberNumber',
	account: 'account',
	history: 'gifts',
};

/** Which rows of a candidate speak for them, which against; `mixed`: one part of the row does, another does not. */
export function agreement(reasons: readonly Reason[]): Map<Row, 'for' | 'against' | 'mixed'> {
	const marks = new Map<Row, 'for' | 'against' | 'mixed'>();
	for (const { code, weight } of reasons) {
		const row = rows[code.split('.')[0] ?? ''];
		if (!row || weight === 0) continue;
		const mark = weight > 0 ? 'for' : 'against';
		const before = marks.get(row);
		marks.set(row, before && before !== mark ? 'mixed' : mark);
	}
	return marks;
}
