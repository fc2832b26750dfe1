/** Journeys and steps as the store knows them, so that responses find who waits for what without any host. */
import { z } from 'zod/v4';
import { type Clock, StepProblem } from '../ports';
import type { Store } from '../store/store';
import { type Goal, goalBits, goalSchema } from './goal';
import { quietHours } from './quiet';
import { waitSchema } from './wait';

/** Who may come in again. */
export const reentryPolicy = z.discriminatedUnion('kind', [
	z.object({ kind: z.literal('once') }),
	z.object({ kind: z.literal('afterExit') }),
	/** Not before this many days after the last enrolment, and not while inside. */
	z.object({ kind: z.literal('everyDays'), days: z.number().int().min(1) }),
	/** Several trips side by side, one per key (a gift's id, a course …). */
	z.object({ kind: z.literal('keyed') }),
]);
export type ReentryPolicy = z.infer<typeof reentryPolicy>;

/** What becomes of people whose time ran out while the journey stood still. */
export const restartPolicy = z.discriminatedUnion('kind', [
	z.object({ kind: z.literal('spread'), minutes: z.number().int().min(1).default(60) }),
	z.object({ kind: z.literal('atOnce') }),
	z.object({ kind: z.literal('drop') }),
]);
export type RestartPolicy = z.infer<typeof restartPolicy>;

export const journeySettings = z.object({
	reentry: reentryPolicy,
	goal: goalSchema.optional(),
	restart: restartPolicy,
	/** People come in over this long (ms) instead of all at once. */
	spreadMs: z.number().int().min(0).optional(),
	/** What its messages count as, where the contact rules set a cap for that class. */
	class: z.string().min(1).optional(),
});
export type JourneySettings = z.infer<typeof journeySettings>;

/** From when responses count at a gate. */
export const countedSince = z.enum(['previousDispatch', 'enrolment', 'gate']);

export const gateSettings = z.object({
	goal: goalSchema.optional(),
	wait: waitSchema,
	since: countedSince.default('previousDispatch'),
	/**
	 * The wait begins when the trip's latest letter lies in the letterbox: so many days after it was posted. Until it is
	 * known to be posted, so many days after it was handed over to be printed.
	 */
	letter: z
		.object({ days: z.number().int().min(0).max(90), fallbackDays: z.number().int().min(0).max(365) })
		.optional(),
	quiet: quietHours.optional(),
	/** Quiet hours hold those who reached the goal as well. */
	holdReached: z.boolean().default(false),
	timeZone: z.string(),
	/** Those whose time is up at the same moment leave over this long (ms). */
	spreadMs: z.number().int().min(0).optional(),
	/** When the wait is changed: those who wait already get a new time (when left out), or keep the one they have. */
	edited: z.enum(['recalculate', 'keep']).optional(),
});
export type GateSettings = z.infer<typeof gateSettings>;

export interface Registered {
	id: number;
}

/** A step that has not been heard of for this long (ms), while others of its flow have, is gone. */
export const UNSEEN = 150_000;

/**
 * Makes the journey known, or brings its name and settings up to date. Two start steps of one flow let people into the
 * same journey: they must say the same about it.
 * @param from the start step that says so
 * @throws {StepProblem} when another start step of the flow, which is at work, says otherwise.
 */
export async function registerJourney(
	store: Store,
	clock: Clock,
	journey: { key: string; name: string; settings: JourneySettings },
	from?: { stepId: number; name: string },
): Promise<Registered> {
	const now = clock.now();
	const settings = JSON.stringify(journey.settings);
	const row = {
		name: journey.name,
		settings,
		goal_kinds: goalBits(journey.settings.goal),
		state: 'running' as const,
		stopped_at: null,
		updated_at: now,
		...(from ? { settings_step_id: from.stepId } : {}),
	};
	return store.write(async ({ db }) => {
		const other = await db
			.selectFrom('journey as j')
			.innerJoin('step as s', 's.id', 'j.settings_step_id')
			.where('j.key', '=', journey.key)
			.where('s.id', '!=', from?.stepId ?? 0)
			.where('s.removed_at', 'is', null)
			.where('s.seen_at', '>', now - UNSEEN)
			.select(['s.name', 'j.settings'])
			.executeTakeFirst();
		if (from && other && other.settings !== settings) {
			throw new StepProblem(
				`'${from.name}' and '${other.name}' let people into the same journey, but say different things about it.`,
				{
					field: differing(other.settings, journey.settings),
					hint: `Give both steps the same '${differing(other.settings, journey.settings)}', or put one of them into a flow of its own.`,
				},
			);
		}
		return db
			.insertInto('journey')
			.values({ key: journey.key, created_at: now, ...row })
			.onConflict((conflict) => conflict.column('key').doUpdateSet(row))
			.returning('id')
			.executeTakeFirstOrThrow();
	});
}

/** The journey as it is known, or made known by its first person: a run never changes what the flow has settled. */
export async function knownJourney(
	store: Store,
	clock: Clock,
	journey: { key: string; name: string; settings: JourneySettings },
): Promise<Registered> {
	const row = await store.db
		.selectFrom('journey')
		.select('id')
		.where('key', '=', journey.key)
		.executeTakeFirst();
	return row ?? registerJourney(store, clock, journey);
}

/** The first field of the form in which the two differ, as the form names it. */
function differing(stored: string, wanted: JourneySettings): string {
	const other = journeySettings.safeParse(JSON.parse(stored));
	const same = (key: keyof JourneySettings) =>
		other.success && JSON.stringify(other.data[key]) === JSON.stringify(wanted[key]);
	if (!same('goal')) return 'Journey Goals';
	if (!same('reentry')) return 'Who May Come Again';
	if (!same('restart')) return 'After a Stop';
	if (!same('class')) return 'Journey Class';
	return 'Set Out Within Minutes';
}

export interface StepToKnow {
	/** {@link Place.step}: its flow, a slash, the node. */
	key: string;
	name: string;
	type: string;
	journeyId?: number;
	settings: { goal?: Goal } & Record<string, unknown>;
}

/**
 * Makes the step known, or brings it up to date, when its flow is deployed or published. People who wait at it are
 * brought up to date after that, see `bringEdit`.
 */
export async function registerStep(
	store: Store,
	clock: Clock,
	step: StepToKnow,
): Promise<Registered & { lastSeen: number | undefined }> {
	const now = clock.now();
	return store.write(async ({ db }) => {
		const before = await db
			.selectFrom('step')
			.select(['id', 'settings', 'applied', 'seen_at'])
			.where('key', '=', step.key)
			.executeTakeFirst();
		const settings = JSON.stringify(step.settings);
		const row = {
			type: step.type,
			name: step.name,
			flow: step.key.slice(0, Math.max(0, step.key.lastIndexOf('/'))),
			settings,
			goal_kinds: goalBits(step.settings.goal),
			updated_at: now,
			removed_at: null,
			...(step.journeyId === undefined ? {} : { journey_id: step.journeyId }),
		};
		// What the people there go by, until the edit has been brought to the last of them.
		const applied =
			before && before.settings !== settings ? (before.applied ?? before.settings) : before?.applied;
		const { id } = await db
			.insertInto('step')
			.values({ key: step.key, ...row })
			.onConflict((conflict) => conflict.column('key').doUpdateSet({ ...row, applied: applied ?? null }))
			.returning('id')
			.executeTakeFirstOrThrow();
		return { id, lastSeen: before?.seen_at ?? undefined };
	});
}

/** The step as it is known, or made known by its first run: a run changes its name, never what the flow has settled. */
export async function knownStep(store: Store, clock: Clock, step: StepToKnow): Promise<Registered> {
	const row = await store.db
		.selectFrom('step')
		.select(['id', 'name'])
		.where('key', '=', step.key)
		.executeTakeFirst();
	if (!row) return registerStep(store, clock, step);
	if (row.name !== step.name)
		await store.db.updateTable('step').set({ name: step.name }).where('id', '=', row.id).execute();
	return { id: row.id };
}

/** The step's id, or undefined while it has not been registered. */
export async function stepId(store: Store, key: string): Promise<number | undefined> {
	const row = await store.db.selectFrom('step').select('id').where('key', '=', key).executeTakeFirst();
	return row?.id;
}
