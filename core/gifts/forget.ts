/** What is kept about givers goes: with the person, or once it has served. The money stays in the ledger. */
import { sql } from 'kysely';
import { z } from 'zod/v4';
import { type Clock, StepProblem } from '../ports';
import type { Db, Store } from '../store/store';

const NOTHING = '{}';
const OPEN = sql<boolean>`state in ('new', 'identified', 'review', 'unknown')`;

/**
 * Forgets who gave, within the write that erases the person: what the sources said of them, also where nobody has found
 * them yet but their own number or address stands in it, and the payments they were asked for. Gifts and agreements stay,
 * without them; a report that repeats brings nothing back.
 * @param addresses numbers and e-mail addresses that nobody else has
 */
export async function forgetGiver(
	db: Db,
	store: Store,
	personId: number,
	addresses: readonly string[],
): Promise<void> {
	await sql`delete from gift_payment where link_id in (select id from giver_key where person_id = ${personId})`.execute(
		db,
	);
	const forgotten = sql`evidence = ${NOTHING}, candidates = null, probability = null, payer_ref = null,
		person_id = null, decided_by = 'erased', decided_at = coalesce(decided_at, created_at),
		state = case when ${OPEN} then 'unknown' else state end`;
	await sql`update incoming_gift set ${forgotten} where person_id = ${personId}`.execute(db);
	await sql`update agreement set evidence = ${NOTHING}, person_id = null where person_id = ${personId}`.execute(
		db,
	);
	for (const address of addresses) {
		const inIt = isIn(store, JSON.stringify(address));
		await sql`update incoming_gift set ${forgotten} where ${OPEN} and ${inIt}`.execute(db);
		await sql`update agreement set evidence = ${NOTHING} where person_id is null and ${inIt}`.execute(db);
	}
}

const isIn = ({ dialect }: Pick<Store, 'dialect'>, text: string) =>
	dialect === 'sqlite'
		? sql<boolean>`instr(evidence, ${text}) > 0`
		: sql<boolean>`strpos(evidence, ${text}) > 0`;

const setting = z.object({ keepGiftEvidenceDays: z.coerce.number().int().min(0).max(36_500).optional() });

/** Out of the Journey Store credential: how many days evidence is kept, 0 for ever. @throws {StepProblem} */
export function evidenceDays(credential: unknown): number {
	const read = setting.safeParse(credential ?? {});
	if (read.success) return read.data.keepGiftEvidenceDays ?? 0;
	throw new StepProblem('“Keep Gift Evidence (Days)” in the Journey Store is no whole number of days.', {
		field: 'Keep Gift Evidence (Days)',
		hint: 'Write a number such as 180, or 0 to keep it for ever.',
	});
}

const DAY = 86_400_000;

/**
 * Forgets what the sources said about the givers of gifts that came in more than `days` ago and are in the books, or have
 * gone back. Small writes, so that nobody waits for it. @returns of how many gifts
 */
export async function forgetOldEvidence(
	store: Store,
	clock: Clock,
	days: number,
	chunk = 500,
): Promise<number> {
	if (days <= 0) return 0;
	const before = clock.now() - days * DAY;
	for (let forgotten = 0; ;) {
		// The condition of the index, word for word.
		const { numAffectedRows = 0n } =
			await sql`update incoming_gift set evidence = ${NOTHING}, candidates = null where id in (
				select id from incoming_gift where evidence <> '{}' and state in ('booked', 'reversed') and received_at < ${before}
				order by received_at limit ${chunk})`.execute(store.db);
		forgotten += Number(numAffectedRows);
		if (Number(numAffectedRows) < chunk) return forgotten;
	}
}
