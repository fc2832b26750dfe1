/** The gifts in the books, as they are handed on to accounts. */
import { stringify } from 'csv-stringify/sync';
import { sql } from 'kysely';
import { dayIn } from '../register/calendar';
import type { Store } from '../store/store';
import type { Period } from './sums';

export interface BookedGift {
	/** The row of `gift`. */
	id: number;
	/** The row of `incoming_gift`; null for gifts that came into the register another way. */
	incoming_id: number | null;
	source: string;
	source_id: string;
	/** Øre that stand. */
	amount_ore: number;
	currency: string;
	given_at: number;
	campaign: string | null;
	purpose: string | null;
	channel: string | null;
	kid: string | null;
	agreement_ref: string | null;
	deductible: number;
	receipt_no: number | null;
	/** All of it went back. */
	reversed_at: number | null;
	/** Null: anonymous, or erased since. */
	person_id: number | null;
	member_number: string | null;
	name: string | null;
}

const AT_A_TIME = 2_000;

/** In order of time, part by part. */
export async function* bookedGifts(store: Store, { from, to }: Period): AsyncGenerator<BookedGift[]> {
	let last = { at: from, id: 0 };
	for (;;) {
		const { rows } =
			await sql<BookedGift>`select g.id, i.id as incoming_id, g.source, g.source_id, g.amount_ore, g.currency,
				g.given_at, g.campaign, g.purpose, g.channel, i.kid, i.agreement_ref, g.deductible, g.receipt_no, g.reversed_at,
				g.person_id, p.member_number, trim(p.given_name || ' ' || p.family_name) as name
			from gift g left join incoming_gift i on i.source = g.source and i.source_id = g.source_id
			left join person p on p.id = g.person_id
			where g.given_at >= ${last.at} and g.given_at < ${to} and (g.given_at > ${last.at} or g.id > ${last.id})
			order by g.given_at, g.id limit ${AT_A_TIME}`.execute(store.reader);
		if (rows.length > 0) yield rows;
		const end = rows.at(-1);
		if (!end || rows.length < AT_A_TIME) return;
		last = { at: end.given_at, id: end.id };
	}
}

const headings = [
	'Gift ID',
	'Date',
	'Amount',
	'Currency',
	'Campaign',
	'Purpose',
	'Channel',
	'KID',
	'Agreement',
	'Source',
	'Source ID',
	'Receipt',
	'Tax Deduction',
	'Member Number',
	'Name',
	'Reversed',
];

/**
 * For spreadsheets: semicolons and a decimal comma as Norwegian Excel expects them, and nothing in it that one would run.
 * @param zone IANA zone of the days
 * @param header left out for all but the first part of a file written in parts; with it comes the mark by which Excel
 * knows UTF-8
 */
export function bookedCsv(gifts: readonly BookedGift[], zone: string, { header = true } = {}): string {
	return stringify(
		gifts.map((gift) => [
			gift.id,
			dayIn(gift.given_at, zone),
			decimalComma(gift.amount_ore),
			gift.currency,
			gift.campaign,
			gift.purpose,
			gift.channel,
			gift.kid,
			gift.agreement_ref,
			gift.source,
			gift.source_id,
			gift.receipt_no,
			gift.deductible === 1 ? 'yes' : 'no',
			gift.member_number,
			gift.name,
			gift.reversed_at === null ? '' : dayIn(gift.reversed_at, zone),
		]),
		{
			header,
			columns: headings.map((heading) => ({ key: heading, header: heading })),
			bom: header,
			delimiter: ';',
			escape_formulas: true,
		},
	);
}

/** `1250,50` */
export function decimalComma(ore: number): string {
	const sign = ore < 0 ? '-' : '';
	const whole = Math.abs(ore);
	return `${sign}${Math.trunc(whole / 100)},${String(whole % 100).padStart(2, '0')}`;
}
