/** What the books hold, for accounts, other systems and other steps. */
import { type BookedGift, bookedCsv, bookedGifts, decimalComma } from '../../core/gifts/booked';
import { kroner } from '../../core/gifts/item';
import { type GiftSums, earlyReversalsWaiting, sums } from '../../core/gifts/sums';
import { accountNumber } from '../../core/letters/kid';
import { StepProblem } from '../../core/ports';
import { dayIn } from '../../core/register/calendar';
import { personViews } from '../../core/register/person';
import type { FileOut, Json, Out, StepContext } from '../../core/step';
import type { Store } from '../../core/store/store';
import { writeOcrFile } from '../../providers/bank/netsWriting';
import type { Parameters } from './form';
import { type Days, daysOf } from './period';

export interface Look {
	ctx: StepContext;
	store: Store;
	params: Parameters;
	/** IANA zone of the days. */
	zone: string;
}

const NOTHING = 'No gift is booked in this period.';

export async function exportCsv({ ctx, store, params, zone }: Look): Promise<Out[]> {
	const days = daysOf(params, ctx.clock.now(), zone);
	const parts: string[] = [];
	let count = 0;
	let ore = 0;
	for await (const gifts of bookedGifts(store, days)) {
		parts.push(bookedCsv(gifts, zone, { header: parts.length === 0 }));
		count += gifts.length;
		for (const gift of gifts) if (stands(gift)) ore += gift.amount_ore;
		ctx.progress(count, undefined, 'gifts');
	}
	if (count === 0) parts.push(bookedCsv([], zone));
	ctx.hint(count === 0 ? NOTHING : `${count} gifts, ${decimalComma(ore)} kr that stand.`);
	const file = { mimeType: 'text/csv; charset=utf-8', bytes: Buffer.from(parts.join('')) };
	return [fileItem(days, 'csv', file, { count, sum: kroner(ore) })];
}

/** Gifts in kroner that are not reversed, as such files have no other; without a KID the field stays blank. */
export async function exportOcr({ ctx, store, params, zone }: Look): Promise<Out[]> {
	const days = daysOf(params, ctx.clock.now(), zone);
	const account = accountNumber(params.account);
	if (account === undefined) {
		throw new StepProblem("'Account' is no account number.", {
			field: 'Account',
			hint: 'Give the eleven digits of the account that the gifts are booked on.',
		});
	}
	const digits = (field: string, text: string, length: number) => {
		if (text === '') return '0'.repeat(length);
		if (/^\d+$/.test(text) && text.length <= length) return text.padStart(length, '0');
		throw new StepProblem(`'${field}' is more than ${length} digits, or something else.`, {
			field,
			hint: 'Give it as your system expects it in the file, or leave it empty for zeros.',
		});
	};
	const payments: Array<{ type: '10'; day: string; amountOre: number; kid: string }> = [];
	let withoutKid = 0;
	let leftOut = 0;
	let ore = 0;
	for await (const gifts of bookedGifts(store, days)) {
		for (const gift of gifts) {
			if (!stands(gift)) {
				leftOut += 1;
				continue;
			}
			if (gift.kid === null) withoutKid += 1;
			ore += gift.amount_ore;
			payments.push({
				type: '10',
				day: dayIn(gift.given_at, zone),
				amountOre: gift.amount_ore,
				kid: gift.kid ?? '',
			});
		}
	}
	const bytes = writeOcrFile({
		number: params.fileNumber,
		recipient: digits('Recipient', params.ocrRecipient, 8),
		day: dayIn(ctx.clock.now(), zone),
		assignments: [{ agreement: digits('OCR Agreement', params.ocrAgreement, 9), account, payments }],
	});
	ctx.hint(
		payments.length === 0
			? NOTHING
			: `${payments.length} gifts, ${decimalComma(ore)} kr; ${withoutKid} of them without a KID, ${leftOut} reversed or in another currency left out.`,
	);
	const sum = { count: payments.length, sum: kroner(ore), withoutKid, leftOut };
	return [fileItem(days, 'ocr.txt', { mimeType: 'text/plain', bytes }, sum)];
}

const stands = ({ reversed_at: back, currency }: BookedGift) => back === null && currency === 'NOK';

function fileItem(days: Days, ending: string, file: Omit<FileOut, 'name'>, more: Json): Out {
	const name = `gifts-${days.first}--${days.last}.${ending}`;
	return { json: { fileName: name, from: days.first, to: days.last, ...more }, files: [{ name, ...file }] };
}

export async function list({ ctx, store, params, zone }: Look): Promise<Out[]> {
	const days = daysOf(params, ctx.clock.now(), zone);
	const listed: Out[] = [];
	for await (const gifts of bookedGifts(store, days)) {
		const ids = gifts.flatMap(({ person_id: id }) => (id === null ? [] : [id]));
		const views = await personViews(store, [...new Set(ids)], ctx.clock.now(), zone);
		for (const gift of gifts) {
			listed.push({
				json: {
					gift: {
						...(gift.incoming_id === null ? {} : { id: gift.incoming_id }),
						booked: gift.id,
						source: gift.source,
						sourceId: gift.source_id,
						amount: kroner(gift.amount_ore),
						amountOre: gift.amount_ore,
						currency: gift.currency,
						receivedAt: new Date(gift.given_at).toISOString(),
						date: dayIn(gift.given_at, zone),
						campaign: gift.campaign,
						purpose: gift.purpose,
						channel: gift.channel,
						kid: gift.kid,
						agreement: gift.agreement_ref,
						deductible: gift.deductible === 1,
						receipt: gift.receipt_no,
						state: gift.reversed_at === null ? 'booked' : 'reversed',
					},
					person: gift.person_id === null ? null : (views.get(gift.person_id) ?? null),
				},
			});
		}
		ctx.progress(listed.length, undefined, 'gifts');
	}
	ctx.hint(listed.length === 0 ? NOTHING : `${listed.length} gifts.`);
	return listed;
}

const parts = ['in', 'booked', 'reversed', 'review', 'unknown', 'onTheirWay'] as const;

export async function showSums({ ctx, store, params, zone }: Look): Promise<Out[]> {
	const days = daysOf(params, ctx.clock.now(), zone);
	const found = await sums(store, days, params.groupBy);
	const early = await earlyReversalsWaiting(store);
	if (found.length === 0 && params.groupBy.length === 0) found.push(NONE);
	ctx.hint(
		[
			`${found.reduce((total, { count }) => total + count, 0)} gifts came in.`,
			...(early.count > 0 ? [`${early.count} reversals wait for a gift that has not come.`] : []),
		].join(' '),
	);
	return found.map((one) => ({
		json: {
			from: days.first,
			to: days.last,
			...(one.source === undefined ? {} : { source: one.source }),
			...(one.campaign === undefined ? {} : { campaign: one.campaign }),
			currency: one.currency,
			count: one.count,
			kroner: Object.fromEntries(parts.map((part) => [part, kroner(one[part])])),
			ore: Object.fromEntries(parts.map((part) => [part, one[part]])),
			/** What came in is all there, and the register holds what is booked. */
			balanced:
				one.in === one.booked + one.reversed + one.review + one.unknown + one.onTheirWay &&
				one.inBooks === one.booked,
		},
	}));
}

const NONE: GiftSums = {
	currency: 'NOK',
	count: 0,
	in: 0,
	booked: 0,
	reversed: 0,
	review: 0,
	unknown: 0,
	onTheirWay: 0,
	inBooks: 0,
};
