/** The Donations report, read by time, and the agreements that its payments belong to. */
import { sql } from 'kysely';
import { takeIn } from '../../core/gifts/incoming';
import { settingOf } from '../../core/store/setting';
import { type DonationPayment, donationAgreement, donationPayments } from '../../providers/vipps/donations';
import { SOURCE, giftOfDonation, newsOfDonationAgreement } from '../../providers/vipps/gifts';
import { type Known, type Reading, keyOf } from './reading';

/** Payments are in the report "within ten minutes as a rule", and one of yesterday may come after one of today. */
const FIRST_LOOK_BACK_MS = 86_400_000;

/** @param known payments that this process has taken in; empty: it has just begun, and looks back further */
export async function readDonations(reading: Reading, known: Known, first: boolean): Promise<void> {
	const { ctx, params, store, client, purposes, step, begin } = reading;
	const key = keyOf(reading, 'latest');
	const before = await settingOf(store.db, key);
	let latest = before ?? new Date(begin).toISOString();
	const lookBack = Math.max(params.options.lookBackMinutes * 60_000, first ? FIRST_LOOK_BACK_MS : 0);
	let from = new Date(Math.max(begin, Date.parse(latest) - lookBack)).toISOString();
	const to = new Date(ctx.clock.now()).toISOString();
	const seen = new Set<string>();
	let taken = 0;
	let unread = 0;
	for (;;) {
		const { payments, unreadable } = await donationPayments(client, {
			from,
			to,
			recipientHandles: params.recipientHandles,
			withMessage: params.withMessage,
		});
		const fresh = payments.filter(({ pspReference }) => !seen.has(pspReference));
		if (seen.size === 0) unread += unreadable;
		// The last ones of a page come again on the next: when nothing else does, that was all.
		if (fresh.length === 0) break;
		for (const { pspReference } of fresh) seen.add(pspReference);
		const last = newest(payments);
		const moved = Date.parse(last) > Date.parse(latest);
		if (moved) latest = last;
		const gifts = fresh
			.filter((one) => !known.has(one.pspReference) && Date.parse(one.capturedAt) >= begin)
			.flatMap((one) => giftOfDonation(one, purposes) ?? []);
		if (gifts.length > 0 || moved) {
			const done = await takeIn(store, ctx.clock, { gifts, step, remember: { key, value: latest } });
			taken += done.gifts;
		}
		for (const { pspReference } of fresh) known.add(pspReference);
		// More in one moment than a page holds: past it, else it would be the same page for ever.
		from = Date.parse(last) > Date.parse(from) ? last : new Date(Date.parse(from) + 1).toISOString();
	}
	if (taken > 0) ctx.progress(taken, undefined, 'new gifts');
	if (unread > 0) ctx.log('warn', `${unread} payments of the Donations report could not be read.`);
	await readAgreements(reading);
}

/** As Vipps wrote it. */
function newest(payments: readonly DonationPayment[]): string {
	return payments.reduce(
		(last, { capturedAt }) => (Date.parse(capturedAt) > Date.parse(last) ? capturedAt : last),
		payments[0]?.capturedAt ?? '',
	);
}

/** Their payments come monthly: whoever pays less often than that is heard of when it happens. */
const PAID_WITHIN_MS = 40 * 86_400_000;
const AT_A_TIME = 100;

/** No list of agreements is to be had: those that payments name and nobody has told of are asked for, one by one. */
async function readAgreements(reading: Reading): Promise<void> {
	const { ctx, store } = reading;
	const { rows } = await sql<{ agreement_ref: string }>`select distinct g.agreement_ref from incoming_gift g
		where g.received_at >= ${Math.max(reading.begin, ctx.clock.now() - PAID_WITHIN_MS)} and g.source = ${SOURCE}
			and g.agreement_ref is not null and not exists (
				select 1 from agreement a where a.source = g.source and a.source_id = g.agreement_ref)
		limit ${sql.lit(AT_A_TIME)}`.execute(store.db);
	for (const { agreement_ref: id } of rows) await hearAgreement(reading, id, {});
}

/**
 * Asks for an agreement and writes down what it says. One that began before this step did is let out no more as started.
 * @param told what a webhook says of it: the answer does not tell whether it still runs
 */
export async function hearAgreement(
	{ ctx, store, client, step, begin }: Pick<Reading, 'ctx' | 'store' | 'client' | 'step' | 'begin'>,
	id: string,
	told: { started?: boolean; stopped?: { at: number; by: string | null } },
): Promise<void> {
	const agreement = await donationAgreement(client, id);
	const more = told.stopped
		? { status: 'stopped' as const, stoppedAt: told.stopped.at, stoppedBy: told.stopped.by }
		: {};
	const known = agreement ?? (await fromPayments(store, id));
	if (!known && !told.stopped) return;
	const news = known ? newsOfDonationAgreement(known, more) : newsOfDonationAgreement({ id }, more);
	const old = news.startedAt == null ? told.started !== true : news.startedAt < begin;
	const outputs = old ? { ...step.outputs, agreementStarted: undefined } : step.outputs;
	await takeIn(store, ctx.clock, { agreements: [news], step: { ...step, outputs } });
}

/** For one that these keys may not see: since when it is paid, and how much. */
async function fromPayments(store: Reading['store'], id: string) {
	const row = await store.db
		.selectFrom('incoming_gift')
		.select(['amount_ore', 'currency'])
		.where('source', '=', SOURCE)
		.where('agreement_ref', '=', id)
		.orderBy('received_at', 'desc')
		.limit(1)
		.executeTakeFirst();
	return row && { id, amount: { value: row.amount_ore, currency: row.currency } };
}
