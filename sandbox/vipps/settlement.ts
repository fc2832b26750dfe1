/**
 * The settlement report (Oppgjørsrapport) as the portal gives it in CSV with personal information: columns as published in
 * 2023. Only what has been paid out is in it.
 */
import { DateTime } from 'luxon';
import { type Entry, type Ledger, ZONE, feeOf } from './ledger';
import { ORGANISATION, ORGANISATION_NUMBER } from './units';

const headings = [
	'Salgsdato',
	'Salgssted',
	'Vippsnummer',
	'Produkt',
	'Transaksjons-ID',
	'Ordre-ID',
	'Brutto',
	'Gebyr',
	'Netto',
	'Transaksjonstype',
	'Oppgjørs-ID',
	'Oppgjørsdato',
	'Oppgjørssum',
	'Oppgjørskonto',
	'Fornavn',
	'Etternavn',
	'Melding',
] as const;

/** Disputes are not in the published description: the word for them is our assumption. */
const types: Record<string, string> = {
	capture: 'Salg',
	refund: 'Refundering',
	'retained-disputed-capture': 'Korreksjon',
	'returned-disputed-capture': 'Korreksjon',
};

export function settlementReport(ledger: Ledger, account: string): string {
	const entries = ledger.seen('funds');
	const rows: string[][] = [];
	let open: Entry[] = [];
	for (const entry of entries) {
		if (entry.entryType === 'payout-scheduled') {
			rows.push(...open.map((one) => rowOf(one, entry, ledger)), sumOf(entry, account));
			open = [];
		} else if (types[entry.entryType]) open.push(entry);
	}
	const days = rows.map(([day = '']) => day).filter((day) => /^\d/.test(day));
	const preamble = [
		['Organisasjon', ORGANISATION],
		['Organisasjonsnummer', ORGANISATION_NUMBER],
		['Fra', days[0] ?? ''],
		['Til', days.at(-1) ?? ''],
		[],
	];
	return `\uFEFF${[...preamble, headings, ...rows].map((row) => `${row.map(cell).join(';')}\r\n`).join('')}`;
}

function rowOf(entry: Entry, payout: Entry, { unit }: Ledger): string[] {
	const { at, amount, entryType, pspReference, reference, payer } = entry;
	const fee = entryType === 'capture' ? -feeOf(amount) : 0;
	const names = (payer?.name ?? '').split(' ');
	return [
		dayOf(at),
		unit.name,
		unit.handle.replace(/^.*:/, ''),
		'Vipps',
		pspReference,
		reference,
		kroner(amount),
		kroner(fee),
		kroner(amount + fee),
		types[entryType]!,
		numberOf(payout),
		dayOf(payout.at),
		'',
		'',
		names.slice(0, -1).join(' '),
		names.at(-1)!,
		payer?.message ?? '',
	];
}

function sumOf(payout: Entry, account: string): string[] {
	const empty = Array<string>(9).fill('');
	const sum = kroner(-payout.amount);
	return ['Til utbetaling netto', ...empty, numberOf(payout), dayOf(payout.at), sum, account, '', '', ''];
}

const numberOf = ({ pspReference }: Entry) => pspReference.replace(/^.*-/, '');
const dayOf = (at: number) => DateTime.fromMillis(at, { zone: ZONE }).toFormat('dd.LL.yyyy');
const kroner = (ore: number) =>
	`${ore < 0 ? '-' : ''}${Math.floor(Math.abs(ore) / 100)},${String(Math.abs(ore) % 100).padStart(2, '0')}`;

/** A spreadsheet takes no message for a formula; amounts may begin with a minus. */
function cell(text: string): string {
	const safe = /^[=+@\t\r]|^-(?![\d,]+$)/.test(text) ? `'${text}` : text;
	return /[";\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
