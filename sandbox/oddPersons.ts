/**
 * A few who do not exist and with whom something is the matter, beside the example register: each is what a letter or a
 * call has to be kept back from, or comes back from. CSV with the register's headings, and the country.
 */
import { stringify } from 'csv-stringify/sync';
import { composeKid } from '../core/letters/kid';

const HEADINGS = [
	'Medlemsnummer',
	'Fornavn',
	'Etternavn',
	'Fødselsdato',
	'E-post',
	'Mobil',
	'Adresse',
	'Postnr',
	'Poststed',
	'Land',
	'Status',
	'Innmeldt',
	'Samtykke e-post',
	'Samtykke SMS',
	'KID',
	'Kontingent',
] as const;

type Odd = Partial<Record<(typeof HEADINGS)[number], string>>;

const ODD: Odd[] = [
	{ Fornavn: 'Uten', Etternavn: 'Gateadresse', Adresse: '' },
	{ Fornavn: 'Uten', Etternavn: 'Poststed', Postnr: '', Poststed: '' },
	{
		Fornavn: 'Utland',
		Etternavn: 'Eksempelsson',
		Adresse: 'Storgatan 1',
		Postnr: '111 22',
		Poststed: 'STOCKHOLM',
		Land: 'SE',
	},
	{ Fornavn: 'Ung', Etternavn: 'Eksempelsen', Fødselsdato: '01.06.2014' },
	{ Fornavn: 'Fast', Etternavn: 'Telefonsen', Mobil: '+4722000000' },
	{ Fornavn: 'Svensk', Etternavn: 'Mobilsson', Mobil: '+46701740605' },
	{ Fornavn: 'Feil', Etternavn: 'Adressesen', Adresse: 'Ukjent vei 2' },
	{ Fornavn: 'Ny', Etternavn: 'Adressesen', Adresse: 'Flyttet fra Storgata 3' },
];

/** Member numbers from 900001. */
export function oddPersons(): string {
	const rows = ODD.map((odd, index): Odd => ({
		Medlemsnummer: String(900_001 + index),
		Fødselsdato: '12.04.1975',
		'E-post': `merkelig${index + 1}@example.org`,
		Mobil: `+47401000${String(index + 1).padStart(2, '0')}`,
		Adresse: `Prøveveien ${index + 1}`,
		Postnr: '0161',
		Poststed: 'OSLO',
		Land: 'NO',
		Status: 'Aktiv',
		Innmeldt: '01.02.2019',
		'Samtykke e-post': 'Ja',
		'Samtykke SMS': 'Ja',
		KID: composeKid([{ value: 900_001 + index, length: 8 }], 'mod10') ?? '',
		Kontingent: '450',
		...odd,
	}));
	return stringify(rows, { header: true, columns: [...HEADINGS], delimiter: ';' });
}
