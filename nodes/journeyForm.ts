/** What {@link journeyFields} gives, read into a journey's settings. */
import { z } from 'zod/v4';
import {
	type JourneySettings,
	type ReentryPolicy,
	knownJourney,
	knownStep,
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
	spreadMinutes: z.number().int().min(0).max(10_080).default(0),
	journeyClass: z.string().trim().default(''),
	chunk: z.number().int().min(1).max(5_000).default(500),
};
export type JourneyForm = z.infer<z.ZodObject<typeof journeyForm>>;

export interface OwnJourney {
	store: Store;
	journey: { id: number; stepId: number; settings: JourneySettings };
	lastSeen: number | undefined;
}

/**
 * The journey of the step's flow: one per n8n workflow or Node-RED flow. Called when the flow is deployed or published;
 * a run asks for {@link knownOwnJourney}.
 * @throws {StepProblem} when another start step of the flow says something else about the journey.
 */
export async function registerOwnJourney(
	ctx: StepContext,
	form: JourneyForm,
	type: string,
): Promise<OwnJourney> {
	const { store, journey, step } = await said(ctx, form, type);
	const { id: stepId, lastSeen } = await registerStep(store, ctx.clock, step);
	const { id } = await registerJourney(store, ctx.clock, journey, { stepId, name: step.name });
	await registerStep(store, ctx.clock, { ...step, journeyId: id });
	return { store, journey: { id, stepId, settings: journey.settings }, lastSeen };
}

/** The same as it is known already: a run never changes what the flow has settled. */
export async function knownOwnJourney(
	ctx: StepContext,
	form: JourneyForm,
	type: string,
): Promise<Omit<OwnJourney, 'lastSeen'>> {
	const { store, journey, step } = await said(ctx, form, type);
	const { id } = await knownJourney(store, ctx.clock, journey);
	const { id: stepId } = await knownStep(store, ctx.clock, { ...step, journeyId: id });
	return { store, journey: { id, stepId, settings: journey.settings } };
}

async function said(ctx: StepContext, form: JourneyForm, type: string) {
	const settings: JourneySettings = {
		reentry: reentryOf(form),
		goal: form.journeyGoals,
		restart:
			form.restart === 'spread' ? { kind: 'spread', minutes: form.restartMinutes } : { kind: form.restart },
		...(form.spreadMinutes > 0 ? { spreadMs: form.spreadMinutes * 60_000 } : {}),
		...(form.journeyClass === '' ? {} : { class: form.journeyClass }),
	};
	return {
		store: await ctx.store(),
		journey: { key: ctx.place.flow, name: form.journeyName || ctx.place.flowName, settings },
		step: { key: ctx.place.step, name: ctx.place.name, type, settings: {} },
	};
}

function reentryOf(form: JourneyForm): ReentryPolicy {
	return form.reentry === 'everyDays'
		? { kind: 'everyDays', days: form.reentryDays }
		: { kind: form.reentry };
}
