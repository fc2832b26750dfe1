/** Gifts that nobody could be found for are looked into again once something new was learned. */
import { type SqlBool, sql } from 'kysely';
import type { Clock } from '../ports';
import type { Store } from '../store/store';
import type { IdentifyRule } from './finding';
import { identifyGifts } from './identify';

export interface Again {
	/** Gifts that this step has looked into. */
	stepId: number;
	/** By which output it lets out what is identified now. */
	output: number;
	zone?: string;
	stopped?(): boolean;
}

const AT_A_TIME = 200;

/** What people have decided stays as it is. `whole`: it was not stopped on the way. */
export async function lookAgain(
	store: Store,
	clock: Clock,
	rule: IdentifyRule,
	{ stepId, output, zone, stopped = () => false }: Again,
): Promise<{ looked: number; identified: number; whole: boolean }> {
	let looked = 0;
	let identified = 0;
	let after = 0;
	while (!stopped()) {
		const rows = await store.db
			.selectFrom('incoming_gift')
			.select('id')
			.where(sql<SqlBool>`state in ('review', 'unknown')`)
			.where('step_id', '=', stepId)
			.where('id', '>', after)
			.where((where) => where.or([where('decided_by', 'is', null), where('decided_by', '!=', 'person')]))
			.orderBy('id')
			.limit(AT_A_TIME)
			.execute();
		if (rows.length === 0) return { looked, identified, whole: true };
		after = rows[rows.length - 1]!.id;
		const found = await identifyGifts(
			store,
			clock,
			rows.map(({ id }) => id),
			rule,
			{ stepId, letOut: { output }, ...(zone === undefined ? {} : { zone }) },
		);
		looked += rows.length;
		identified += found.filter(({ state, news }) => news && state === 'identified').length;
	}
	return { looked, identified, whole: false };
}
