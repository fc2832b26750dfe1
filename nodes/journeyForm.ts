/** What {@link journeyFields} gives, read into a journey's settings. */
import { z } from 'zod/v4';
import {
	type JourneySettings,
	type ReentryPolicy,
	registerJourney,
	registerStep,
} from '../core/journeys/journey';
import type { StepContext } from '../core/step';
import type { Store } from '../core/store/store';
import { goalForm } from './goalForm';

export const journeyForm = {
	journeyName: z.string().default(''),
	journeyGoals: goalForm,
	reentry: z.enum(['once', 'afterExit', 'everyDays', 'keyed']).default('once'),
	reentryDays: z.number().int().min(1).default(365),
	restart: z.enum(['spread', 'atOnce', 'drop']).default('spread'),
	restartMinutes: z.number().int().min(1).default(60),
	chunk: z.number().int().min(1).max(5_000).default(500),
};
export type JourneyForm = z.infer<z.ZodObject<typeof journeyForm>>;

export interface OwnJourney {
	store: Store;
	journey: { id: number; stepId: number; settings: JourneySettings };
	lastSeen: number | undefined;
}

/** The journey of the step's flow: one per n8n workflow or Node-RED flow. */
export async function registerOwnJourney(
	ctx: StepContext,
	form: JourneyForm,
	type: string,
): Promise<OwnJourney> {
	const store = await ctx.store();
	const settings: JourneySettings = {
		reentry: reentryOf(form),
		goal: form.journeyGoals,
		restart:
			form.restart === 'spread' ? { kind: 'spread', minutes: form.restartMinutes } : { kind: form.restart },
	};
	const { id } = await registerJourney(store, ctx.clock, {
		key: ctx.place.flow,
		name: form.journeyName || ctx.place.flowName,
		settings,
	});
	const step = await registerStep(store, ctx.clock, {
		key: ctx.place.step,
		name: ctx.place.name,
		type,
		journeyId: id,
		settings: {},
	});
	return { store, journey: { id, stepId: step.id, settings }, lastSeen: step.lastSeen };
}

function reentryOf(form: JourneyForm): ReentryPolicy {
	return form.reentry === 'everyDays'
		? { kind: 'everyDays', days: form.reentryDays }
		: { kind: form.reentry };
}
