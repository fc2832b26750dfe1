/**
 * Questions to a register of a million persons with three million gifts: how long a count takes, and how long the
 * event loop of n8n or Node-RED, which go on with other work meanwhile, is held up at worst.
 */
import { sql } from 'kysely';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { SegmentInput } from '../core/segments/definition';
import { countSegment } from '../core/segments/segment';
import type { Store } from '../core/store/store';
import { type Bench, median, rounded } from './figure';
import { addPeople, analyze, numbers } from './people';
import { kinds, withStore } from './stores';

const PERSONS = 1_000_000;
const GIFTS = 3_000_000;
const RUNS = 5;
const NOW = Date.parse('2026-11-22T12:00:00Z');
const YEAR = 365 * 86_400_000;
/** `monitorEventLoopDelay` counts the pause between its own looks as delay: taken off again. */
const RESOLUTION = 1;

const questions: Record<string, SegmentInput> = {
	'active members who joined this year': {
		conditions: {
			all: [
				{ field: 'membership.status', operator: 'is', value: 'Aktiv' },
				{ field: 'membership.startedOn', operator: 'thisYear' },
			],
		},
	},
	'grown-ups with consent to SMS who gave 500 kr or more in the last 12 months': {
		conditions: {
			all: [
				{ field: 'person.age', operator: 'atLeast', value: 18 },
				{ field: 'consent', operator: 'is', value: 'sms' },
				{
					field: 'gift.sum',
					operator: 'atLeast',
					value: 500,
					where: [{ field: 'gift.givenAt', operator: 'withinLast', value: 12, unit: 'months' }],
				},
			],
		},
	},
	'gave at least three times, nothing in the last two years': {
		conditions: { all: [{ field: 'gift.count', operator: 'atLeast', value: 3 }] },
		exclude: { any: [{ field: 'gift.givenAt', operator: 'withinLast', value: 2, unit: 'years' }] },
	},
	'in one of three towns or labelled as volunteer, not reserved against SMS': {
		include: {
			any: [
				{ field: 'person.city', operator: 'anyOf', value: ['Sted 1', 'Sted 2', 'Sted 3'] },
				{ field: 'label', operator: 'is', value: 'frivillig' },
			],
		},
		exclude: { any: [{ field: 'reservation', operator: 'is', value: 'sms' }] },
	},
};

export const segments: Bench = async (reporting) => {
	for (const kind of kinds) {
		await withStore(kind, async (store) => {
			reporting.doing(`${kind}: writing ${PERSONS} persons and ${GIFTS} gifts`);
			await addPeople(store, PERSONS, NOW - 3 * YEAR);
			await addHistory(store);
			await analyze(store);
			let longestBlock = 0;
			for (const [what, definition] of Object.entries(questions)) {
				let found = await countSegment(store, definition, NOW);
				const times: number[] = [];
				// A fresh one each time: it counts the time between its disable and enable as a delay.
				const delay = monitorEventLoopDelay({ resolution: RESOLUTION });
				delay.enable();
				for (let run = 0; run < RUNS; run += 1) {
					const started = performance.now();
					found = await countSegment(store, definition, NOW);
					times.push(performance.now() - started);
				}
				delay.disable();
				longestBlock = Math.max(longestBlock, delay.max / 1e6 - RESOLUTION);
				reporting.doing(`${kind}: ${what}: ${found} persons`);
				reporting.figure({
					figure: `${kind}: count, ${what}`,
					value: rounded(median(times), 0),
					unit: 'ms',
					n: PERSONS,
				});
			}
			reporting.figure({
				figure: `${kind}: longest block of the event loop during the counts`,
				value: rounded(longestBlock, 1),
				unit: 'ms',
				n: RUNS * Object.keys(questions).length,
			});
		});
	}
};

/** A membership each, three gifts a person on average over ten years, some labels and reservations. */
async function addHistory(store: Store): Promise<void> {
	const day = (daysAgo: ReturnType<typeof sql>) =>
		store.dialect === 'sqlite'
			? sql`date('2026-11-22', '-' || (${daysAgo}) || ' days')`
			: sql`to_char(date '2026-11-22' - (${daysAgo})::int, 'YYYY-MM-DD')`;
	await store.write(async ({ db }) => {
		await sql`insert into membership (person_id, kind, unit, status, started_on, updated_at)
			${numbers(PERSONS)} select i, 'Medlem', 'Lokallag ' || (i % 200),
				case when i % 5 = 0 then 'Utmeldt' when i % 17 = 0 then 'Innmeldt' else 'Aktiv' end,
				${day(sql`(i * 37) % 7300`)}, ${sql.lit(NOW)} from n`.execute(db);
		// The square of an even spread: a few give often, many seldom or never.
		await sql`insert into gift (person_id, source, source_id, amount_ore, currency, given_at, campaign)
			${numbers(GIFTS)} select 1 + (i * 7919 % ${sql.lit(PERSONS)}) * (i * 7919 % ${sql.lit(PERSONS)}) / ${sql.lit(PERSONS)},
				'bench', 'g' || i, 10000 + (i * 31 % 20) * 5000, 'NOK',
				${sql.lit(NOW)} - (i * 104729 % 3650) * 86400000, 'Kampanje ' || (i % 40) from n`.execute(db);
		await sql`insert into label (person_id, label, added_at)
			${numbers(PERSONS)} select i, 'frivillig', ${sql.lit(NOW)} from n where i % 25 = 0`.execute(db);
		await sql`insert into reservation (person_id, channel, source, at)
			${numbers(PERSONS)} select i, 'sms', 'bench', ${sql.lit(NOW)} from n where i % 30 = 0`.execute(db);
	});
}
