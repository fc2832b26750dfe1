/** Journeys and steps as the store knows them, so that responses find who waits for what without any host. */
import { z } from 'zod/v4';
import type { Clock } from '../ports';
import { WAITING } from '../store/schema';
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
});
export type JourneySettings = z.infer<typeof journeySettings>;

/** From when responses count at a gate. */
export const countedSince = z.enum(['previousDispatch', 'enrolment', 'gate']);

export const gateSettings = z.object({
	goal: goalSchema.optional(),
	wait: waitSchema,
	since: countedSince.default('previousDispatch'),
	quiet: quietHours.optional(),
	/** Quiet hours hold those who reached the goal as well. */
	holdReached: z.boolean().default(false),
	timeZone: z.string(),
});
export type GateSettings = z.infer<typeof gateSettings>;

export interface Registered {
	id: number;
}

/** Makes the journey known, or brings its name and settings up to date. */
export async function registerJourney(
	store: Store,
	clock: Clock,
	journey: { key: string; name: string; settings: JourneySettings },
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
	};
	return store.write(({ db }) =>
		db
			.insertInto('journey')
			.values({ key: journey.key, created_at: now, ...row })
			.onConflict((conflict) => conflict.column('key').doUpdateSet(row))
			.returning('id')
			.executeTakeFirstOrThrow(),
	);
}

/**
 * Makes the step known, or brings it up to date. When its goal has changed, the people waiting at it now wait for the
 * new one.
 */
export async function registerStep(
	store: Store,
	clock: Clock,
	step: {
		key: string;
		name: string;
		type: string;
		journeyId?: number;
		settings: { goal?: Goal } & Record<string, unknown>;
	},
): Promise<Registered & { lastSeen: number | undefined }> {
	const now = clock.now();
	const kinds = goalBits(step.settings.goal);
	return store.write(async ({ db }) => {
		const before = await db
			.selectFrom('step')
			.select(['id', 'goal_kinds', 'updated_at'])
			.where('key', '=', step.key)
			.executeTakeFirst();
		const row = {
			type: step.type,
			name: step.name,
			settings: JSON.stringify(step.settings),
			goal_kinds: kinds,
			updated_at: now,
			...(step.journeyId === undefined ? {} : { journey_id: step.journeyId }),
		};
		const { id } = await db
			.insertInto('step')
			.values({ key: step.key, ...row })
			.onConflict((conflict) => conflict.column('key').doUpdateSet(row))
			.returning('id')
			.executeTakeFirstOrThrow();
		if (before && before.goal_kinds !== kinds) {
			await db
				.updateTable('traveller')
				.set({ goal_kinds: kinds })
				.where('step_id', '=', id)
				.where('state', '=', WAITING)
				.execute();
		}
		return { id, lastSeen: before?.updated_at };
	});
}

/** The step's id, or undefined while it has not been registered. */
export async function stepId(store: Store, key: string): Promise<number | undefined> {
	const row = await store.db.selectFrom('step').select('id').where('key', '=', key).executeTakeFirst();
	return row?.id;
}
