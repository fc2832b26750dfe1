/**
 * Messages that cost their recipient something (Strex, through LINK's Common API). What is ordered stands in the store
 * before LINK is asked, so that the report that says "paid" finds its amount whatever happens in between.
 */
import { sql } from 'kysely';
import type { BatchAnswer, Channel, Outgoing } from '../../core/dispatch/channel';
import { type Clock, AnswerLost } from '../../core/ports';
import type { Db, Store } from '../../core/store/store';
import { type Through, commonChannel } from './channel';
import type { CommonClient } from './client';
import type { CommonSms, Price } from './message';

export interface Payment {
	/** Null: charged without a message. */
	text: string | null;
	/** Short number. */
	sender: string;
	price: Price;
	/** Strex MerchantID; of silent charges. */
	merchantId?: string;
	/** What it becomes when it is paid; left out: a charge that is no gift. */
	gift?: { campaign: string | null; purpose: string | null };
}

/** @param mark the store's own, see `storeMark` */
export function paymentChannel(
	store: Store,
	clock: Clock,
	client: CommonClient,
	mark: string,
	through: Through,
): Channel<Payment> {
	const plain = commonChannel(client, mark, through);
	return {
		...plain,
		async send(batch): Promise<BatchAnswer> {
			const first = await order(store, clock.now(), batch);
			let answer: BatchAnswer;
			try {
				answer = await plain.send(
					batch.map((one) => ({ ...one, message: smsOf(one.message, first.has(one.dispatchId)) })),
				);
			} catch (cause) {
				// It may have been taken: then a report will say.
				if (!(cause instanceof AnswerLost)) await callOff(store, batch);
				throw cause;
			}
			if (answer.kind === 'busy' || answer.kind === 'refused') await callOff(store, batch);
			if (answer.kind === 'answered')
				await callOff(
					store,
					answer.sent.filter(({ state }) => state === 'failed'),
				);
			return answer;
		},
	};
}

/** Silent billing, "Norway (Strex) only": the parameters of LINK's document, all of them texts. */
function smsOf({ text, sender, price, merchantId }: Payment, firstTime: boolean): CommonSms {
	if (text !== null) return { text, sender, price };
	return {
		text,
		sender,
		price,
		customParameters: {
			chargeOnly: 'true',
			authorize: 'true',
			'strex.username': merchantId ?? '',
			...(firstTime ? { 'strex.securityLevel': '2' } : {}),
		},
	};
}

const SILENT_LOCK = 71_460_003;

/**
 * Writes down what is about to be charged.
 * @returns the silent charges that are the first for their number: none before that was not refused
 */
async function order(
	store: Store,
	now: number,
	batch: ReadonlyArray<Outgoing<Payment>>,
): Promise<ReadonlySet<number>> {
	return store.write(async ({ db }) => {
		const silent = batch.filter(({ message }) => message.text === null);
		if (silent.length > 0 && store.dialect === 'postgres')
			// Two processes must not both take theirs for the first.
			await sql`select pg_advisory_xact_lock(${SILENT_LOCK})`.execute(db);
		const before = await chargedBefore(db, store, silent);
		const first = new Set<number>();
		for (const { dispatchId, address } of silent) {
			if (address === null || before.has(address)) continue;
			before.add(address);
			first.add(dispatchId);
		}
		const people = await db
			.selectFrom('dispatch')
			.select(['id', 'person_id'])
			.where(
				store.among(
					'id',
					batch.map(({ dispatchId }) => dispatchId),
				),
			)
			.execute();
		const personOf = new Map(people.map((row) => [row.id, row.person_id]));
		await db
			.insertInto('charge')
			.values(
				[...batch]
					.sort((a, b) => a.dispatchId - b.dispatchId)
					.map(({ dispatchId, address, message: { text, price, gift } }) => ({
						dispatch_id: dispatchId,
						person_id: personOf.get(dispatchId) ?? null,
						address,
						kind: text === null ? ('silent' as const) : ('message' as const),
						amount_ore: price.tariff,
						currency: price.currency,
						campaign: gift?.campaign ?? null,
						purpose: gift?.purpose ?? null,
						gift: gift ? 1 : 0,
						state: 'ordered' as const,
						code: null,
						ordered_at: now,
						settled_at: null,
					})),
			)
			.onConflict((conflict) => conflict.column('dispatch_id').doNothing())
			.execute();
		return first;
	});
}

async function chargedBefore(
	db: Db,
	store: Store,
	silent: ReadonlyArray<Outgoing<Payment>>,
): Promise<Set<string>> {
	if (silent.length === 0) return new Set();
	const rows = await db
		.selectFrom('charge')
		.select('address')
		.where('kind', '=', 'silent')
		.where('state', '!=', 'notPaid')
		.where(store.amongTexts('address', [...new Set(silent.flatMap(({ address }) => address ?? []))]))
		.execute();
	return new Set(rows.flatMap(({ address }) => address ?? []));
}

/** Certainly not taken: the same messages may be ordered again. A report that was quicker stands. */
async function callOff(store: Store, batch: ReadonlyArray<{ dispatchId: number }>): Promise<void> {
	if (batch.length === 0) return;
	await store.db
		.deleteFrom('charge')
		.where(
			store.among(
				'dispatch_id',
				batch.map(({ dispatchId }) => dispatchId),
			),
		)
		.where('state', '=', 'ordered')
		.execute();
}
