/** What LINK reports on messages that cost something: when one is paid, its gift is registered, once. */
import type { Clock } from '../../core/ports';
import { registerGifts } from '../../core/register/gifts';
import { holdPersons } from '../../core/register/about';
import { wakePeople } from '../../core/journeys/wake';
import type { Store } from '../../core/store/store';
import { dispatchOf } from '../link/reference';
import type { CommonReport } from './reports';

/** Where such gifts come from; their id there is the dispatch. */
export const GIFT_SOURCE = 'link-payment';

export interface Settled {
	/** Paid now, and not before. */
	paid: number;
	/** Of these, delivered as well. */
	gifts: number;
	notPaid: number;
	/** LINK itself does not know. */
	unknown: number;
}

/**
 * Settles the charges that these reports are about; others are left alone. Call it for every delivery report before LINK
 * is told that all is well, with its parts joined. Safe to call again with the same reports.
 *
 * Paid is what is final: 1001 ("billed and delivered") and 1009 ("billed and not delivered"). What LINK bills on the way
 * (1008, 1011) is kept as its latest code. Paid stays paid, whatever is reported later.
 * @param mark the store's own, see `storeMark`
 */
export async function settlePayments(
	store: Store,
	clock: Clock,
	reports: readonly CommonReport[],
	mark: string,
): Promise<Settled> {
	const settled: Settled = { paid: 0, gifts: 0, notPaid: 0, unknown: 0 };
	const about = await byDispatch(store, reports, mark);
	if (about.size === 0) return settled;
	await store.write(async (writing) => {
		const { db } = writing;
		let query = db
			.selectFrom('charge')
			.selectAll()
			.where(store.among('dispatch_id', [...about.keys()]))
			// One order for all who lock charges.
			.orderBy('dispatch_id');
		if (store.dialect === 'postgres') query = query.forUpdate();
		const charges = await query.execute();
		const there = await holdPersons(
			db,
			store,
			charges.flatMap(({ person_id }) => person_id ?? []),
		);
		const gifts: Array<Parameters<typeof registerGifts>[3][number]> = [];
		for (const charge of charges) {
			for (const report of about.get(charge.dispatch_id) ?? []) {
				if (charge.state === 'paid') break;
				const state = stateAfter(charge.state, report);
				if (state === charge.state && report.code === charge.code) continue;
				const ended = state !== 'ordered' && state !== charge.state;
				charge.state = state;
				charge.code = report.code;
				if (ended) charge.settled_at = report.at;
				await db
					.updateTable('charge')
					.set({ state, code: report.code, settled_at: charge.settled_at })
					.where('dispatch_id', '=', charge.dispatch_id)
					.execute();
				if (!ended) continue;
				if (state === 'notPaid') settled.notPaid += 1;
				if (state === 'unknown') settled.unknown += 1;
				if (state !== 'paid') continue;
				settled.paid += 1;
				if (charge.gift === 0) continue;
				gifts.push({
					// Erased since it was ordered: the money came in all the same.
					personId: charge.person_id !== null && there.has(charge.person_id) ? charge.person_id : null,
					source: GIFT_SOURCE,
					sourceId: String(charge.dispatch_id),
					amountOre: charge.amount_ore,
					currency: charge.currency,
					givenAt: momentOf(report, charge.ordered_at, clock.now()),
					campaign: charge.campaign,
					purpose: charge.purpose,
					channel: 'sms',
				});
			}
		}
		const { stored } = await registerGifts(writing, store, clock.now(), gifts);
		settled.gifts = stored;
		const givers = gifts.flatMap(({ personId }) => personId ?? []);
		await wakePeople(writing, store, clock.now(), givers, ['gift']);
	});
	return settled;
}

/** The operator's moment; LINK's stamps are whole seconds, and what is told at once has happened now. */
function momentOf({ at }: CommonReport, orderedAt: number, now: number): number {
	return now - at < 60_000 ? now : Math.max(at, orderedAt);
}

type ChargeState = 'ordered' | 'paid' | 'notPaid' | 'unknown';

function stateAfter(before: ChargeState, { final, paid, status }: CommonReport): ChargeState {
	if (final && paid === true) return 'paid';
	if (before !== 'ordered' && before !== 'unknown') return before;
	if (!final) return before;
	if (paid === false) return 'notPaid';
	// Of several parts one has not arrived, and the others have not been told of yet.
	return status === 'unknown' ? 'unknown' : before;
}

/** The reports by the charge they are about, in the order in which they came: by our reference, else by LINK's id. */
async function byDispatch(
	store: Store,
	reports: readonly CommonReport[],
	mark: string,
): Promise<Map<number, CommonReport[]>> {
	const found = new Map<number, CommonReport[]>();
	const add = (dispatchId: number, report: CommonReport) => {
		const list = found.get(dispatchId);
		if (list) list.push(report);
		else found.set(dispatchId, [report]);
	};
	const named = reports.filter(({ referenceId }) => referenceId !== null);
	for (const report of named) {
		const dispatchId = dispatchOf(mark, report.referenceId);
		if (dispatchId !== undefined) add(dispatchId, report);
	}
	const unnamed = reports.filter(({ referenceId }) => referenceId === null);
	if (unnamed.length > 0) {
		const rows = await store.db
			.selectFrom('dispatch')
			.select(['id', 'provider_ref'])
			.where('provider', '=', 'linkCommon')
			.where(store.amongTexts('provider_ref', [...new Set(unnamed.map(({ messageId }) => messageId))]))
			.execute();
		const idOf = new Map(rows.map((row) => [row.provider_ref, row.id]));
		for (const report of unnamed) {
			const dispatchId = idOf.get(report.messageId);
			if (dispatchId !== undefined) add(dispatchId, report);
		}
	}
	if (found.size === 0) return found;
	// Nearly every report is on a message that costs nothing: those need no write.
	const charged = await store.db
		.selectFrom('charge')
		.select('dispatch_id')
		.where(store.among('dispatch_id', [...found.keys()]))
		.execute();
	const wanted = new Set(charged.map((row) => row.dispatch_id));
	for (const dispatchId of [...found.keys()]) if (!wanted.has(dispatchId)) found.delete(dispatchId);
	return found;
}
