/** Letting people into a journey. */
import { sql } from 'kysely';
import type { Clock } from '../ports';
import { holdPersons } from '../register/about';
import { WAITING } from '../store/schema';
import type { Db, Store } from '../store/store';
import { whoMet } from './goal';
import type { JourneySettings } from './journey';
import { offsetIn } from './spread';

export interface Entrant {
	personId: number;
	/** With the policy `keyed`: what tells this trip from another one of the same person. */
	entryKey?: string;
}

export interface EnrolReport {
	enrolled: number;
	refused: Array<{ personId: number; entryKey: string; reason: string }>;
}

const AT_A_TIME = 1_000;
const DAY = 86_400_000;

/**
 * Enrols whom the journey's re-entry policy lets in. They stand at `stepId`, due at once; that step's release brings
 * them on their way. Whoever enrols the same person at the same moment: one open trip per person and entry key.
 */
export async function enrol(
	store: Store,
	clock: Clock,
	journey: { id: number; stepId: number; settings: JourneySettings },
	people: readonly Entrant[],
): Promise<EnrolReport> {
	const report: EnrolReport = { enrolled: 0, refused: [] };
	for (let from = 0; from < people.length; from += AT_A_TIME) {
		const part = await enrolSome(store, clock, journey, people.slice(from, from + AT_A_TIME));
		report.enrolled += part.enrolled;
		report.refused.push(...part.refused);
	}
	return report;
}

async function enrolSome(
	store: Store,
	clock: Clock,
	journey: { id: number; stepId: number; settings: JourneySettings },
	people: readonly Entrant[],
): Promise<EnrolReport> {
	const { reentry, goal } = journey.settings;
	const refused: EnrolReport['refused'] = [];
	return store.write(async ({ db, tell }) => {
		const now = clock.now();
		const keyOf = (person: Entrant) => (reentry.kind === 'keyed' ? (person.entryKey ?? '') : '');
		const wanted = new Map(people.map((person) => [`${person.personId}/${keyOf(person)}`, person]));
		const known = await holdPersons(
			db,
			store,
			[...wanted.values()].map((person) => person.personId),
		);
		const earlier = await earlierTrips(db, store, journey.id, known);

		const admitted: Array<{ personId: number; entryKey: string }> = [];
		for (const person of wanted.values()) {
			const entryKey = keyOf(person);
			const reason = !known.has(person.personId)
				? 'is not in the register'
				: reasonAgainst(
						reentry,
						earlier.get(reentry.kind === 'keyed' ? `${person.personId}/${entryKey}` : `${person.personId}`),
						now,
					);
			if (reason) refused.push({ personId: person.personId, entryKey, reason });
			else admitted.push({ personId: person.personId, entryKey });
		}

		if (goal && admitted.length > 0) {
			const met = await whoMet(
				db,
				store,
				goal,
				admitted.map((person, i) => ({
					enrolmentId: i,
					personId: person.personId,
					since: now,
					dispatchId: null,
				})),
			);
			for (const i of [...met].sort((a, b) => b - a)) {
				const [person] = admitted.splice(i, 1);
				if (person) refused.push({ ...person, reason: 'has reached the goal of the journey already' });
			}
		}
		if (admitted.length === 0) return { enrolled: 0, refused };

		const rows = await db
			.insertInto('enrolment')
			.values(
				[...admitted].sort(byPerson).map((person) => ({
					journey_id: journey.id,
					person_id: person.personId,
					entry_key: person.entryKey,
					enrolled_at: now,
					exited_at: null,
					exit_reason: null,
				})),
			)
			.onConflict((conflict) => conflict.doNothing())
			.returning(['id', 'person_id', 'entry_key'])
			.execute();
		if (rows.length < admitted.length) {
			const inside = new Set(rows.map((row) => `${row.person_id}/${row.entry_key}`));
			for (const person of admitted) {
				if (!inside.has(`${person.personId}/${person.entryKey}`))
					refused.push({ ...person, reason: 'is in the journey already' });
			}
		}
		if (rows.length === 0) return { enrolled: 0, refused };
		await db
			.insertInto('traveller')
			.values(
				rows.map((row) => ({
					enrolment_id: row.id,
					journey_id: journey.id,
					person_id: row.person_id,
					step_id: journey.stepId,
					hop: 0,
					state: WAITING,
					since: now,
					arrived_at: now,
					due_at: now + offsetIn(journey.settings.spreadMs, row.id),
					goal_kinds: 0,
					output: 0,
					dispatch_id: null,
					attempts: 0,
					reason: null,
				})),
			)
			.execute();
		tell(`step:${journey.stepId}`);
		return { enrolled: rows.length, refused };
	});
}

/** One order for all: the same people enrolled by two processes at once queue instead of deadlocking. */
function byPerson(
	a: { personId: number; entryKey: string },
	b: { personId: number; entryKey: string },
): number {
	return a.personId - b.personId || (a.entryKey < b.entryKey ? -1 : 1);
}

interface Earlier {
	last: number;
	open: boolean;
}

/** Earlier trips through this journey, by person and by person/key. */
export async function earlierTrips(
	db: Db,
	store: Store,
	journeyId: number,
	persons: ReadonlySet<number>,
): Promise<Map<string, Earlier>> {
	const rows = await db
		.selectFrom('enrolment')
		.where(store.among('person_id', [...persons]))
		.where('journey_id', '=', journeyId)
		.groupBy(['person_id', 'entry_key'])
		.select([
			'person_id',
			'entry_key',
			sql<number>`max(enrolled_at)`.as('last'),
			sql<number>`max(case when exited_at is null then 1 else 0 end)`.as('open'),
		])
		.execute();
	const trips = new Map<string, Earlier>();
	for (const row of rows) {
		for (const key of [`${row.person_id}`, `${row.person_id}/${row.entry_key}`]) {
			const known = trips.get(key);
			trips.set(key, {
				last: Math.max(known?.last ?? 0, row.last),
				open: (known?.open ?? false) || row.open === 1,
			});
		}
	}
	return trips;
}

export function reasonAgainst(
	policy: JourneySettings['reentry'],
	earlier: Earlier | undefined,
	now: number,
): string | undefined {
	if (!earlier) return undefined;
	if (earlier.open) return 'is in the journey already';
	if (policy.kind === 'once') return 'has been through the journey once';
	if (policy.kind === 'keyed') return 'has been through the journey with this trip key';
	if (policy.kind === 'everyDays' && now - earlier.last < policy.days * DAY) {
		return `was enrolled less than ${policy.days} days ago`;
	}
	return undefined;
}
