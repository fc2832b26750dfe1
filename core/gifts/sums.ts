/** Where the money of a period stands: all that came in, by what has become of it. */
import { sql } from 'kysely';
import type { Store } from '../store/store';

export interface Period {
	/** Epoch ms, by when it was received: `from` is in it, `to` is not. */
	from: number;
	to: number;
}

/** Øre (hundredths of the currency); `count` in gifts. */
export interface GiftSums {
	/** What these gifts have in common, by what was asked for. */
	source?: string;
	campaign?: string | null;
	currency: string;
	count: number;
	/** All that came in: booked + reversed + review + unknown + onTheirWay. */
	in: number;
	booked: number;
	reversed: number;
	review: number;
	unknown: number;
	/** Not looked at yet, or identified and not yet in the books. */
	onTheirWay: number;
	/** What stands in the register's gifts for those booked; the same as `booked`. */
	inBooks: number;
}

/** One line for each currency, and for each source or campaign when asked for. */
export async function sums(
	store: Store,
	{ from, to }: Period,
	by: readonly ('source' | 'campaign')[] = [],
): Promise<GiftSums[]> {
	const groups = [...by, 'currency'].map((name) => sql.ref(`i.${name}`));
	const rest = sql`(i.amount_ore - i.reversed_ore)`;
	const of = (...states: string[]) =>
		sql`cast(coalesce(sum(case when i.state in (${sql.join(states.map((state) => sql.lit(state)))}) then ${rest} end), 0) as bigint)`;
	const rows = await sql<GiftSums>`select ${sql.join(groups)}, count(*) as count,
			cast(sum(i.amount_ore) as bigint) as "in", ${of('booked')} as booked,
			cast(sum(i.reversed_ore) as bigint) as reversed, ${of('review')} as review, ${of('unknown')} as unknown,
			${of('new', 'identified')} as "onTheirWay",
			cast(coalesce(sum(case when g.reversed_at is null then g.amount_ore end), 0) as bigint) as "inBooks"
		from incoming_gift i left join gift g on g.id = i.gift_id
		where i.received_at >= ${from} and i.received_at < ${to}
		group by ${sql.join(groups)} order by ${sql.join(groups)}`.execute(store.reader);
	return rows.rows;
}

/** Reversals whose gift has not come: nothing of them is in the sums. Øre by currency are not known. */
export async function earlyReversalsWaiting(store: Store): Promise<{ count: number; ore: number }> {
	const row = await sql<{ count: number; ore: number }>`select count(*) as count,
		cast(coalesce(sum(amount_ore), 0) as bigint) as ore from gift_reversal where incoming_gift_id is null`.execute(
		store.reader,
	);
	return row.rows[0] ?? { count: 0, ore: 0 };
}
