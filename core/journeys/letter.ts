/** Waits that begin when a letter lies in the letterbox, not when its person comes to the gate. */
import { sql } from 'kysely';
import { DateTime } from 'luxon';
import { WAITING } from '../store/schema';
import type { Db, Store, Writing } from '../store/store';
import { latestOf } from './goal';
import { gateSettings, type GateSettings } from './journey';
import { endOfQuiet } from './quiet';
import { offsetIn } from './spread';
import { timeIsUp } from './wait';

/** Whose letter the wait is about. */
export interface Addressed {
	enrolmentId: number;
	/** When they came to the gate (epoch ms): what counts for whoever got no letter on this trip. */
	arrivedAt: number;
}

/** So many days (calendar ones) after this moment (epoch ms) the wait begins. */
export interface Letterbox {
	at: number;
	days: number;
}

/**
 * From when each of them waits: the letter's posting and some days; while it is not known to be posted, its hand-over and
 * some more days.
 */
export async function letterboxes(
	db: Db,
	store: Store,
	{ days, fallbackDays }: NonNullable<GateSettings['letter']>,
	people: readonly Addressed[],
): Promise<Map<number, Letterbox>> {
	const arrival = new Map(people.map((one) => [one.enrolmentId, one.arrivedAt]));
	const boxes = new Map(people.map((one) => [one.enrolmentId, { at: one.arrivedAt, days: 0 }]));
	if (people.length === 0) return boxes;
	const rows = await sql<{ e: number; letter: number; handed: number | null; posted: number | null }>`
		select c.e, c.letter, i.handed_over_at as handed,
			(select max(r.at) from response r where r.dispatch_id = c.letter and r.kind = 'posted') as posted
		from (select w.e, ${latestOf('letter', 'w.e')} as letter
			from ${store.rows('w', { e: people.map((one) => one.enrolmentId) })}) c
		left join handoff_item i on i.dispatch_id = c.letter
		where c.letter is not null`.execute(db);
	for (const { e, handed, posted } of rows.rows) {
		if (posted !== null) boxes.set(e, { at: posted, days });
		else boxes.set(e, { at: handed ?? arrival.get(e) ?? 0, days: fallbackDays });
	}
	return boxes;
}

/**
 * When time is up for one person who waits from then; not before `now`. Where the wait is for a weekday, one that has
 * passed already is none.
 */
export function upFrom(
	settings: GateSettings,
	{ at, days }: Letterbox,
	now: number,
	zone: string,
	date: string | null,
): number {
	const start = days === 0 ? at : DateTime.fromMillis(at, { zone }).plus({ days }).toMillis();
	const from = settings.wait.kind === 'duration' ? start : Math.max(start, now);
	return Math.max(timeIsUp(settings.wait, from, zone, date), now);
}

/**
 * These letters are in the post: whoever waits at a gate for theirs to lie in the letterbox gets the time that follows
 * from it. Called in the write that has written the responses down, with their people's rows locked.
 */
export async function lettersPosted(
	{ db, tell }: Writing,
	store: Store,
	now: number,
	dispatchIds: readonly number[],
): Promise<void> {
	if (dispatchIds.length === 0) return;
	const waiting = await db
		.selectFrom('dispatch as d')
		.innerJoin('traveller as t', 't.enrolment_id', 'd.enrolment_id')
		.innerJoin('step as s', 's.id', 't.step_id')
		.innerJoin('person as p', 'p.id', 't.person_id')
		.where(store.among('d.id', [...new Set(dispatchIds)]))
		.where('t.state', '=', WAITING)
		.where('t.output', 'is', null)
		.select(['t.enrolment_id', 't.step_id', 't.arrived_at', 'p.zone', 's.settings'])
		.orderBy('t.enrolment_id')
		.execute();
	const gates = new Map<number, GateSettings | undefined>();
	for (const { step_id: id, settings } of waiting)
		if (!gates.has(id)) gates.set(id, gateSettings.safeParse(JSON.parse(settings)).data);
	for (const [stepId, settings] of gates) {
		if (!settings?.letter) continue;
		const here = waiting.filter((row) => row.step_id === stepId);
		const boxes = await letterboxes(
			db,
			store,
			settings.letter,
			here.map((row) => ({ enrolmentId: row.enrolment_id, arrivedAt: row.arrived_at })),
		);
		const due = here.map((row) => {
			const zone = row.zone ?? settings.timeZone;
			const start = boxes.get(row.enrolment_id) ?? { at: row.arrived_at, days: 0 };
			const up = upFrom(settings, start, now, zone, null) + offsetIn(settings.spreadMs, row.enrolment_id);
			return settings.quiet ? endOfQuiet(up, settings.quiet, zone) : up;
		});
		await sql`update traveller set due_at = c.due
			from ${store.rows('c', { id: here.map((row) => row.enrolment_id), due })}
			where traveller.enrolment_id = c.id and traveller.step_id = ${stepId}
			and traveller.state = ${sql.lit(WAITING)} and traveller.output is null`.execute(db);
		tell(`step:${stepId}`);
	}
}
