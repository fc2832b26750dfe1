/** What an admin does with people on a journey: let go, tried again, taken out; one by one or by the thousand. */
import { sql } from 'kysely';
import type { Clock } from '../ports';
import { MOVING, type OperationTable, STUCK, WAITING } from '../store/schema';
import type { Store, Writing } from '../store/store';
import { CONVERSATION, TIME_IS_UP } from '../conversations/replies';
import { exitPeople } from './exit';
import { GATE, REACHED, TIMED_OUT } from './gate';
import { enrolmentsOf } from './people';
import { goneSteps } from './stranded';
import { type PeopleFilter, meant, stateOf } from './whereabouts';

/** A filter, or ids of enrolments. With a filter, whoever it names no longer when their turn comes is left alone. */
export type Selection = PeopleFilter | readonly number[];

/** Why somebody was left alone. */
export const leftInWords = {
	moving: 'on the way in a run',
	away: 'left the journey meanwhile',
	changed: 'no longer where they were',
	leaving: 'being let go already',
	stuck: 'stuck: they are tried again, moved or taken out',
	stranded: 'at a step that is gone: they are moved or taken out',
	notStuck: 'not stuck',
	there: 'waiting at that step already',
	otherJourney: 'on a journey that does not have that step',
} as const;
export type WhyLeft = keyof typeof leftInWords;

export interface ByHand {
	done: number;
	left: Array<{ reason: WhyLeft; count: number }>;
}

/** Lets people go from where they wait, now. Whoever has reached the goal leaves as one who has, whatever `by` says. */
export async function releaseByHand(
	store: Store,
	clock: Clock,
	selection: Selection,
	by: 'reached' | 'timedOut',
	actor: string,
): Promise<ByHand> {
	const gates = new Set(await idsOfType(store, GATE));
	const conversations = new Set(await idsOfType(store, CONVERSATION));
	const wanted = ({ step_id: at }: Here) => {
		// Whoever waits for an answer goes on as one who has given none.
		if (conversations.has(at)) return TIME_IS_UP;
		return gates.has(at) ? (by === 'reached' ? REACHED : TIMED_OUT) : 0;
	};
	return doToAll(store, clock, selection, {
		kind: 'released',
		detail: by,
		actor,
		left(row, now) {
			if (row.state === STUCK) return 'stuck';
			if (row.state === MOVING || (row.output !== null && row.due_at <= now)) return 'leaving';
			return row.stranded ? 'stranded' : undefined;
		},
		async work({ db }, rows, now) {
			await sql`update traveller set due_at = ${now}, output = c.output from ${store.rows('c', {
				id: rows.map((row) => row.enrolment_id),
				output: rows.map((row) => row.output ?? wanted(row)),
			})} where traveller.enrolment_id = c.id`.execute(db);
		},
	});
}

/** Lets people who are stuck go again, by the output they had. No message goes out twice. */
export async function retry(
	store: Store,
	clock: Clock,
	selection: Selection,
	actor: string,
): Promise<ByHand> {
	return doToAll(store, clock, selection, {
		kind: 'retried',
		detail: null,
		actor,
		left(row) {
			if (row.state !== STUCK) return 'notStuck';
			return row.stranded ? 'stranded' : undefined;
		},
		async work({ db }, rows, now) {
			await db
				.updateTable('traveller')
				.set({ state: WAITING, due_at: now, attempts: 0, reason: null })
				.where(store.among('enrolment_id', idsOf(rows)))
				.execute();
		},
	});
}

/** Takes people out of their journey. `reason` stands in their history. */
export async function exitByHand(
	store: Store,
	clock: Clock,
	selection: Selection,
	reason: string,
	actor: string,
): Promise<ByHand> {
	return doToAll(store, clock, selection, {
		kind: 'exited',
		detail: reason,
		actor,
		left: () => undefined,
		async work(writing, rows, now) {
			await exitPeople(writing, store, now, idsOf(rows), reason);
		},
	});
}

export interface Here {
	enrolment_id: number;
	person_id: number;
	journey_id: number;
	journey_key: string;
	journey_kinds: number;
	step_id: number;
	hop: number;
	state: number;
	due_at: number;
	output: number | null;
	enrolled_at: number;
	zone: string | null;
	stranded: boolean;
}

export interface Doing {
	kind: OperationTable['kind'];
	detail: string | null;
	actor: string;
	/** Why this person is left alone; undefined when it can be done. Those whom a run carries are never asked about. */
	left(row: Here, now: number): WhyLeft | undefined;
	/** Reads what the work needs to know of these, outside of the write. */
	before?(enrolmentIds: readonly number[]): Promise<void>;
	work(writing: Writing, rows: Here[], now: number): Promise<void>;
}

const AT_A_TIME = 1_000;

/**
 * In parts, each whole or not at all: what a crash leaves undone is done by asking again. Rows are locked in the order of
 * their ids, as everywhere, and looked at once they are locked.
 */
export async function doToAll(
	store: Store,
	clock: Clock,
	selection: Selection,
	doing: Doing,
): Promise<ByHand> {
	const began = clock.now();
	const byId = isIds(selection);
	const ids = byId ? [...new Set(selection)] : await enrolmentsOf(store, began, selection);
	ids.sort((a, b) => a - b);
	// Ids do not change; what else the filter says is asked again.
	const filter = byId ? {} : { ...selection, enrolmentIds: undefined, personIds: undefined };
	const found = await meant(store, began, filter);
	let done = 0;
	const left = new Map<WhyLeft, number>();
	const leave = (reason: WhyLeft, count = 1) => left.set(reason, (left.get(reason) ?? 0) + count);
	for (let from = 0; found && from < ids.length; from += AT_A_TIME) {
		const part = ids.slice(from, from + AT_A_TIME);
		await doing.before?.(part);
		await store.write(async (writing) => {
			const now = clock.now();
			const gone = await goneSteps(writing.db);
			const lock = store.dialect === 'postgres' ? sql`for update of t` : sql``;
			const { rows } = await sql<Omit<Here, 'stranded'> & { holds: number }>`
				select t.enrolment_id, t.person_id, t.journey_id, t.step_id, t.hop, t.state, t.due_at, t.output, e.enrolled_at,
					p.zone, j.key as journey_key, j.goal_kinds as journey_kinds, case when ${found.holds} then 1 else 0 end as holds
				from traveller as t join enrolment as e on e.id = t.enrolment_id join person as p on p.id = t.person_id
					join journey as j on j.id = t.journey_id
				where ${store.among('t.enrolment_id', part)} order by t.enrolment_id ${lock}`.execute(writing.db);
			if (rows.length < part.length) leave('away', part.length - rows.length);
			const ready: Here[] = [];
			for (const row of rows) {
				const here = { ...row, stranded: stateOf(row, gone, now) === 'stranded' };
				const carried = row.state === MOVING && row.due_at >= now;
				const reason = carried ? 'moving' : row.holds === 0 ? 'changed' : doing.left(here, now);
				if (reason) leave(reason);
				else ready.push(here);
			}
			if (ready.length === 0) return;
			await doing.work(writing, ready, now);
			await writing.db
				.insertInto('operation')
				.values(
					ready.map((row) => ({
						enrolment_id: row.enrolment_id,
						person_id: row.person_id,
						kind: doing.kind,
						detail: doing.detail,
						actor: doing.actor,
						at: now,
					})),
				)
				.execute();
			for (const step of new Set(ready.map((row) => row.step_id))) writing.tell(`step:${step}`);
			done += ready.length;
		});
	}
	return { done, left: [...left].map(([reason, count]) => ({ reason, count })) };
}

const isIds = (selection: Selection): selection is readonly number[] => Array.isArray(selection);
const idsOf = (rows: readonly Here[]) => rows.map((row) => row.enrolment_id);

async function idsOfType(store: Store, type: string): Promise<number[]> {
	const rows = await store.db.selectFrom('step').select('id').where('type', '=', type).execute();
	return rows.map((row) => row.id);
}
