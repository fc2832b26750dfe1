/** What was not sent, counted by step and reason: the editor shows one run, this shows them all. */
import { sql } from 'kysely';
import type { Store } from '../store/store';
import { type VerdictCode, verdictCodes } from './rules';

export interface NotSent {
	/** Null for messages outside a known step. */
	stepKey: string | null;
	stepName: string;
	journeyName: string;
	channel: string;
	/** Which rule; '' for what was skipped before rules had names. */
	code: string;
	words: string;
	messages: number;
	/** Epoch ms. */
	lastAt: number;
}

/** Messages that were skipped since that moment (epoch ms), the most frequent first within each step. */
export async function countNotSent(store: Store, since: number): Promise<NotSent[]> {
	const rows = await store.reader
		.selectFrom('dispatch as d')
		.leftJoin('step as s', 's.id', 'd.step_id')
		.leftJoin('journey as j', (join) =>
			join.on((on) =>
				on.or([
					on('j.id', '=', on.ref('s.journey_id')),
					on.and([on('s.journey_id', 'is', null), on('j.key', '=', on.ref('s.flow'))]),
				]),
			),
		)
		// The condition of the index on what was not sent, word for word.
		.where('d.state', '=', sql.lit('skipped'))
		.where('d.reserved_at', '>=', since)
		.groupBy(['s.key', 's.name', 'j.name', 'd.channel', 'd.code'])
		.select([
			's.key as stepKey',
			's.name as stepName',
			'j.name as journeyName',
			'd.channel',
			'd.code',
			sql<number>`count(*)`.as('messages'),
			sql<number>`max(d.reserved_at)`.as('lastAt'),
		])
		.execute();
	return rows
		.map((row) => ({
			...row,
			stepName: row.stepName ?? '',
			journeyName: row.journeyName ?? '',
			code: row.code ?? '',
			words: row.code && row.code in verdictCodes ? verdictCodes[row.code as VerdictCode] : 'refused',
		}))
		.sort(
			(a, b) =>
				a.journeyName.localeCompare(b.journeyName, 'nb') ||
				a.stepName.localeCompare(b.stepName, 'nb') ||
				b.messages - a.messages,
		);
}
