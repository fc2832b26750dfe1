/** Going through everybody who is on a journey, a part at a time, however many there are. */
import { sql } from 'kysely';
import type { Store } from '../store/store';

const AT_A_TIME = 2_000;

/**
 * Ranges of enrolment ids, `after` < id ≤ `upTo`, that together hold every traveller there is when they are reached.
 * Along the primary key: each step's people by themselves would have to be sorted for every part.
 */
export async function* ranges(store: Store): AsyncGenerator<{ after: number; upTo: number }> {
	for (let after = 0; ;) {
		const { rows } = await sql<{ last: number | null }>`select max(enrolment_id) as last from
			(select enrolment_id from traveller where enrolment_id > ${after} order by enrolment_id limit ${sql.lit(AT_A_TIME)}) as part`.execute(
			store.db,
		);
		const upTo = rows[0]?.last;
		if (upTo === null || upTo === undefined) return;
		yield { after, upTo };
		after = upTo;
	}
}
