/** One result as agencies and dialers tell it: a row of a file, a webhook's JSON, the variables of a call URL. */
import { DateTime } from 'luxon';
import { readNumber } from '../../core/answers/amount';
import type { CallResult } from '../../core/calls/result';

export const resultFields = [
	'ref',
	'providerRef',
	'phone',
	'disposition',
	'at',
	'attempts',
	'talkSeconds',
	'callBackAt',
	'amount',
	'frequency',
	'paymentForm',
	'startsOn',
	'reason',
	'newStreet',
	'newPostalCode',
	'newCity',
	'newPhone',
	'consentEmail',
	'consentSms',
	'consentPhone',
	'consentLetter',
] as const;
export type ResultField = (typeof resultFields)[number];

/** Headings in small letters without spaces and marks. VICIdial's are those of its Dispo Call URL; the others are ours. */
const KNOWN: Record<ResultField, string> = {
	ref: 'ref id referanse reference externalid eksternid vendorleadcode leadref',
	providerRef: 'providerref leadid',
	phone: 'phone telefon mobil nummer phonenumber telefonnummer',
	disposition: 'disposition resultat utfall status dispo word result',
	at: 'at tidspunkt ringt calltime calledat lastmodifiedtime callat dato',
	attempts: 'attempts forsøk antallforsøk contactattempts calledcount',
	talkSeconds: 'talkseconds taletid samtaletid talktime',
	callBackAt: 'callbackat ringigjen ringtilbake callbackdatetime nextcontacttime',
	amount: 'amount beløp',
	frequency: 'frequency hyppighet frekvens',
	paymentForm: 'paymentform betalingsform betalingsmåte method',
	startsOn: 'startson fra startdato from',
	reason: 'reason årsak grunn begrunnelse',
	newStreet: 'newstreet street nyadresse nygateadresse',
	newPostalCode: 'newpostalcode postalcode nyttpostnr nyttpostnummer',
	newCity: 'newcity city nyttpoststed',
	newPhone: 'newphone nyttnummer nytelefon nyttelefonnummer',
	consentEmail: 'consentemail samtykkeepost',
	consentSms: 'consentsms samtykkesms',
	consentPhone: 'consentphone samtykketelefon',
	consentLetter: 'consentletter samtykkepost samtykkebrev',
};

const dense = (heading: string) =>
	heading
		.normalize('NFC')
		.toLowerCase()
		.replace(/[^\p{L}\p{N}]/gu, '');

const BY_HEADING = new Map(
	(Object.entries(KNOWN) as Array<[ResultField, string]>).flatMap(([field, headings]) =>
		headings.split(' ').map((heading): [string, ResultField] => [heading, field]),
	),
);

/** Where a heading leads: the form's own mapping first. */
export function fieldBy(
	columns: ReadonlyArray<{ heading: string; field: ResultField }>,
): (heading: string) => ResultField | undefined {
	const own = new Map(columns.map(({ heading, field }) => [dense(heading), field]));
	return (heading) => own.get(dense(heading)) ?? BY_HEADING.get(dense(heading));
}

export type RowRead = { result: CallResult } | { refused: { field: string; reason: string } };

/** @param row by field, as text; what is empty is not told. @param zone of moments without one */
export function readResultRow(row: Partial<Record<ResultField, string>>, zone: string): RowRead {
	const text = (field: ResultField) => row[field]?.trim() ?? '';
	const word = text('disposition');
	if (word === '') return refused('disposition', 'says nothing of how the call ended');
	const [ref, providerRef, phone] = [text('ref'), text('providerRef'), text('phone')];
	if (!ref && !providerRef && !phone) return refused('ref', 'names no lead');
	const result: CallResult = { word };
	if (ref) result.ref = ref;
	if (providerRef) result.providerRef = providerRef;
	if (phone) result.phone = phone;
	for (const field of ['at', 'callBackAt'] as const) {
		if (text(field) === '') continue;
		const moment = readMoment(text(field), zone);
		if (moment === undefined) return refused(field, 'is no moment such as 2026-11-23 10:15');
		result[field] = moment;
	}
	for (const field of ['attempts', 'talkSeconds'] as const) {
		if (text(field) === '') continue;
		if (!/^\d{1,6}$/.test(text(field))) return refused(field, 'is no whole number');
		result[field] = Number(text(field));
	}
	if (text('amount') !== '') {
		const kroner = readNumber(text('amount'));
		if (kroner === undefined || kroner < 0 || kroner > 1_000_000) return refused('amount', 'is no amount');
		if (kroner > 0) result.amountOre = Math.round(kroner * 100);
	}
	for (const field of ['frequency', 'paymentForm', 'startsOn', 'reason', 'newPhone'] as const)
		if (text(field) !== '') result[field] = text(field).slice(0, 80);
	const [street, postalCode, city] = [text('newStreet'), text('newPostalCode'), text('newCity')];
	if (street || postalCode || city)
		result.newAddress = {
			...(street ? { street: street.slice(0, 100) } : {}),
			...(postalCode ? { postalCode: postalCode.slice(0, 10) } : {}),
			...(city ? { city: city.slice(0, 80) } : {}),
		};
	const consent: Record<string, boolean> = {};
	for (const channel of ['Email', 'Sms', 'Phone', 'Letter'] as const) {
		const said = yesOrNo(text(`consent${channel}`));
		if (said !== undefined) consent[channel.toLowerCase()] = said;
	}
	if (Object.keys(consent).length > 0) result.consent = consent;
	return { result };
}

const refused = (field: string, reason: string): RowRead => ({ refused: { field, reason } });

function yesOrNo(text: string): boolean | undefined {
	const word = text.toLowerCase();
	if (['1', 'j', 'ja', 'y', 'yes', 'true', 'x'].includes(word)) return true;
	if (['0', 'n', 'nei', 'no', 'false'].includes(word)) return false;
	return undefined;
}

const FORMATS = [
	'yyyy-MM-dd HH:mm:ss',
	'yyyy-MM-dd HH:mm',
	'yyyy-MM-dd+HH:mm:ss',
	'd.M.yyyy HH:mm:ss',
	'd.M.yyyy HH:mm',
	"d.M.yyyy 'kl.' HH:mm",
	'd.M.yyyy',
];

/** Epoch ms; ISO 8601, or as people and dialers write it. */
export function readMoment(text: string, zone: string): number | undefined {
	const iso = DateTime.fromISO(text.trim(), { zone });
	if (iso.isValid) return iso.toMillis();
	for (const format of FORMATS) {
		const moment = DateTime.fromFormat(text.trim(), format, { zone });
		if (moment.isValid) return moment.toMillis();
	}
	return undefined;
}
