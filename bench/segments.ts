/**
 * Questions to a register of a million persons with three million gifts: how long a count takes, and how long the
 * event loop of n8n or Node-RED, which go on with other work meanwhile, is held up at worst.
 */
import { sql } from 'kysely';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import type { SegmentInput } from '../core/segments/definition';
import { countSegment, filterSegment, streamSegment } from '../core/segments/segment';
import type { Store } from '../core/store/store';
import { type Bench, median, rounded } from './figure';
import { addPeople, analyze, numbers } from './people';
import { kinds, withStore } from './stores';

const PERSONS = 1_000_000;
const GIFTS_EACH = 3;
/** Filtering asks about those who come along a wire. */
const ASKED_ABOUT = 1_000;
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
	const persons = reporting.size(PERSONS);
	for (const kind of kinds) {
		await withStore(kind, async (store) => {
			reporting.doing(`${kind}: writing ${persons} persons and ${persons * GIFTS_EACH} gifts`);
			await addPeople(store, persons, NOW - 3 * YEAR);
			await addHistory(store, persons);
			await analyze(store);
			const blocks: number[] = [];
			const figure = async (what: string, n: number, ask: () => Promise<number>) => {
				let found = await ask();
				const times: number[] = [];
				blocks.push(
					await longestBlock(async () => {
						for (let run = 0; run < RUNS; run += 1) {
							const started = performance.now();
							found = await ask();
							times.push(performance.now() - started);
						}
					}),
				);
				reporting.doing(`${kind}: ${what}: ${found} persons`);
				const value = rounded(median(times), 0);
				reporting.figure({ figure: `${kind}: ${what}`, value, unit: 'ms', n });
			};
			const some = Array.from(
				{ length: Math.min(ASKED_ABOUT, persons) },
				(_, i) => 1 + ((i * 7919) % persons),
			);
			for (const [what, definition] of Object.entries(questions)) {
				await figure(`count, ${what}`, persons, () => countSegment(store, definition, NOW));
				await figure(`list in chunks of 500, ${what}`, persons, () =>
					streamSegment(store, definition, NOW, 500, () => Promise.resolve()),
				);
				await figure(`filter ${some.length} given persons, ${what}`, some.length, async () => {
					return (await filterSegment(store, definition, NOW, some)).size;
				});
			}
			// How long this process is held up when it asks nothing, by whatever else the machine does.
			const without = await longestBlock(() => pause(10_000));
			reporting.figure({
				figure: `${kind}: longest block of the event loop during all of them`,
				value: rounded(Math.max(...blocks), 1),
				unit: 'ms',
				n: RUNS * blocks.length,
				peer: 'the same process doing nothing for 10 s',
				ratio: rounded(Math.max(...blocks) / without, 1),
			});
			reporting.figure({
				figure: `${kind}: median over the questions of the longest block`,
				value: rounded(median(blocks), 1),
				unit: 'ms',
				n: blocks.length,
			});
		});
	}
};

async function longestBlock(during: () => Promise<unknown>): Promise<number> {
	// A fresh one each time: it counts the time between its disable and enable as a delay.
	const delay = monitorEventLoopDelay({ resolution: RESOLUTION });
	delay.enable();
	await during();
	delay.disable();
	return Math.max(0, delay.max / 1e6 - RESOLUTION);
}

/** A membership each, three gifts a person on average over ten years, some labels and reservations. */
async function addHistory(store: Store, persons: number): Promise<void> {
	const day = (daysAgo: ReturnType<typeof sql>) =>
		store.dialect === 'sqlite'
			? sql`date('2026-11-22', '-' || (${daysAgo}) || ' days')`
			: sql`to_char(date '2026-11-22' - (${daysAgo})::int, 'YYYY-MM-DD')`;
	await store.write(async ({ db }) => {
		await sql`insert into membership (person_id, kind, unit, status, started_on, updated_at)
			${numbers(persons)} select i, 'Medlem', 'Lokallag ' || (i % 200),
				case when i % 5 = 0 then 'Utmeldt' when i % 17 = 0 then 'Innmeldt' else 'Aktiv' end,
				${day(sql`(i * 37) % 7300`)}, ${sql.lit(NOW)} from n`.execute(db);
		// The square of an even spread: a few give often, many seldom or never.
		await sql`insert into gift (person_id, source, source_id, amount_ore, currency, given_at, campaign)
			${numbers(persons * GIFTS_EACH)} select 1 + (i * 7919 % ${sql.lit(persons)}) * (i * 7919 % ${sql.lit(persons)}) / ${sql.lit(persons)},
				'bench', 'g' || i, 10000 + (i * 31 % 20) * 5000, 'NOK',
				${sql.lit(NOW)} - (i * 104729 % 3650) * 86400000, 'Kampanje ' || (i % 40) from n`.execute(db);
		await sql`insert into label (person_id, label, added_at)
			${numbers(persons)} select i, 'frivillig', ${sql.lit(NOW)} from n where i % 25 = 0`.execute(db);
		await sql`insert into reservation (person_id, channel, source, at)
			${numbers(persons)} select i, 'sms', 'bench', ${sql.lit(NOW)} from n where i % 30 = 0`.execute(db);
	});
}
