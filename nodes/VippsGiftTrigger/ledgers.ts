/** The Report API: the feeds of the ledgers that were chosen. */
import { sql } from 'kysely';
import { takeIn } from '../../core/gifts/incoming';
import { StepProblem } from '../../core/ports';
import type { Reversal } from '../../core/gifts/reversals';
import { settingOf } from '../../core/store/setting';
import type { Store } from '../../core/store/store';
import { RECURRING_SOURCE, giftOfEntry, nameWithin, reversalOfEntry } from '../../providers/vipps/gifts';
import { PAYMENT_SOURCE } from '../../providers/vipps/paidPayment';
import { type LedgerEntry, fundsFeed, listLedgers } from '../../providers/vipps/report';
import type { VippsClient } from '../../providers/vipps/client';
import type { Parameters } from './form';
import { type Reading, keyOf } from './reading';

export async function readLedgers(reading: Reading, isStopped: () => boolean): Promise<void> {
	const { params } = reading;
	const ledgers = await chosenLedgers(params, reading.client);
	let missing: string | undefined;
	for (const ledger of ledgers) {
		if (isStopped()) return;
		if (!(await readLedger(reading, ledger, isStopped))) missing ??= ledger;
	}
	if (missing !== undefined)
		throw new StepProblem(`'Ledgers': Vipps knows no ledger ${missing} that these keys may see.`, {
			field: 'Ledgers',
			hint: 'Choose anew from the list; the merchant gives access in the Vipps portal, under Reports.',
		});
}

/** Without any, those that the recipients are settled by; money of a whole organisation is nobody's gift by default. */
export async function chosenLedgers(params: Parameters, client: VippsClient): Promise<readonly string[]> {
	if (params.ledgers.length > 0) return params.ledgers;
	const theirs =
		params.recipientHandles.length === 0
			? []
			: (await listLedgers(client)).filter(({ settlesForRecipientHandles }) =>
					settlesForRecipientHandles.some((handle) => params.recipientHandles.includes(handle)),
				);
	if (theirs.length > 0) return theirs.map(({ ledgerId }) => ledgerId);
	throw new StepProblem("'Ledgers' is empty.", {
		field: 'Ledgers',
		hint: "Choose the ledgers that gifts are paid to, or name the numbers under 'Only These Recipients'. The list shows those that these keys may see.",
	});
}

/** @returns whether there is such a ledger */
async function readLedger(reading: Reading, ledger: string, isStopped: () => boolean): Promise<boolean> {
	const { ctx, params, store, client, purposes, step, begin } = reading;
	const key = `${keyOf(reading, 'cursor')}:${ledger}`;
	let cursor = await settingOf(store.db, key);
	let taken = 0;
	let unread = 0;
	let unknown = 0;
	while (!isStopped()) {
		const page = await fundsFeed(client, ledger, cursor, params.withMessage);
		if (!page) return false;
		const entries = page.entries.filter(
			(entry) =>
				Date.parse(entry.time) >= begin &&
				(params.recipientHandles.length === 0 ||
					params.recipientHandles.includes(entry.recipientHandle ?? '')),
		);
		const heard = await heardByWebhook(store, entries);
		const gifts = entries.flatMap((entry) =>
			heard.has(nameOf(entry)) ? [] : (giftOfEntry(entry, purposes) ?? []),
		);
		const reversals = entries.flatMap((entry) => reversalIn(entry, heard.get(nameOf(entry))) ?? []);
		unknown += entries.filter((entry) => isReversal(entry) && entry.reference === undefined).length;
		if (page.cursor !== cursor || gifts.length + reversals.length > 0) {
			const remember = { key, value: page.cursor };
			const done = await takeIn(store, ctx.clock, { gifts, reversals, step, remember });
			taken += done.gifts;
		}
		unread += page.unreadable;
		cursor = page.cursor;
		if (page.isLast) break;
	}
	if (taken > 0) ctx.progress(taken, undefined, 'new gifts');
	if (unread > 0) ctx.log('warn', `${unread} entries of ledger ${ledger} could not be read.`);
	if (unknown > 0)
		ctx.log('warn', `${unknown} refunds of ledger ${ledger} do not say of which payment they are.`);
	return true;
}

/** What the payment is called by the API that it was made with; '' where it was made with none. */
function nameOf({ recipientHandle, reference }: LedgerEntry): string {
	const msn = /^api:(\d+)$/.exec(recipientHandle ?? '')?.[1];
	return msn && reference ? nameWithin(msn, reference) : '';
}

const isReversal = ({ entryType }: LedgerEntry) =>
	entryType === 'refund' || entryType.endsWith('-disputed-capture');

/**
 * Webhooks tell of refunds themselves, under ids of their own; of disputes they do not.
 * @param source whose row the payment is, where webhooks have told of it
 */
function reversalIn(entry: LedgerEntry, source: string | undefined): Reversal | undefined {
	const reversal = reversalOfEntry(entry);
	if (!reversal || source === undefined) return reversal;
	return entry.entryType === 'refund' ? undefined : { ...reversal, source, of: nameOf(entry) };
}

/** Payments that we have made and heard of: their name and source. */
async function heardByWebhook(store: Store, entries: readonly LedgerEntry[]): Promise<Map<string, string>> {
	const names = [...new Set(entries.map(nameOf))].filter((name) => name !== '');
	if (names.length === 0) return new Map();
	const { rows } = await sql<{ source: string; also: string }>`select source, also from incoming_gift
		where source in (${PAYMENT_SOURCE}, ${RECURRING_SOURCE}) and also is not null
			and ${store.amongTexts('also', names)}`.execute(store.db);
	return new Map(rows.map((row) => [row.also, row.source]));
}
