/** The gate: people wait here until they reach the goal or time is up. */
import { z } from 'zod/v4';
import { enterGate } from '../../core/journeys/gate';
import {
	type GateSettings,
	countedSince,
	type Registered,
	type StepToKnow,
	knownStep,
	registerStep,
} from '../../core/journeys/journey';
import { endOfQuiet, type QuietHours, timeOfDay } from '../../core/journeys/quiet';
import { releasePeople } from '../../core/journeys/release';
import { type Traveller, readTraveller } from '../../core/journeys/traveller';
import { type Wait, timeIsUp } from '../../core/journeys/wait';
import { type Clock, StepProblem } from '../../core/ports';
import { organisationOf } from '../../core/register/organisation';
import type { Out, Step, StepContext } from '../../core/step';
import type { Store } from '../../core/store/store';
import { goalForm } from '../goalForm';
import { looseEnds } from '../looseEnds';
import { reportCounts } from '../reportCounts';

const parameters = z.object({
	goals: goalForm,
	since: countedSince.default('previousDispatch'),
	wait: z.enum(['duration', 'until', 'weekday', 'personDate']).default('duration'),
	amount: z.number().positive().max(10_000).default(5),
	unit: z.enum(['minutes', 'hours', 'days', 'weeks', 'months']).default('days'),
	waitFrom: z.enum(['arrival', 'letter']).default('arrival'),
	letterDays: z.number().int().min(0).max(90).default(4),
	letterFallbackDays: z.number().int().min(0).max(365).default(7),
	moment: z.string().default(''),
	weekdays: z.array(z.coerce.number().int().min(1).max(7)).default([1]),
	time: timeOfDay.default('10:00'),
	personDate: z.string().default('birthDate'),
	attribute: z.string().default(''),
	offsetDays: z.number().int().min(-3660).max(3660).default(0),
	yearly: z.boolean().default(false),
	quiet: z.boolean().default(false),
	quietFrom: timeOfDay.default('21:00'),
	quietTo: timeOfDay.default('08:00'),
	quietWeekends: z.boolean().default(false),
	quietHolidays: z.boolean().default(false),
	holdReached: z.boolean().default(false),
	spreadMinutes: z.number().int().min(0).max(10_080).default(0),
	edited: z.enum(['recalculate', 'keep']).default('recalculate'),
	chunk: z.number().int().min(1).max(5_000).default(500),
	testOutput: z.enum(['reached', 'timedOut']).default('reached'),
});
type Parameters = z.infer<typeof parameters>;

const LABELS = ['Reached', 'Timed Out'];

export const waitForGoal: Step<Parameters> = {
	name: 'waitForGoal',
	parameters,
	outputs: LABELS,

	async run(ctx, params, items) {
		if (ctx.testRun) {
			const outcome = params.testOutput;
			const passed = items.map(({ json, index }): Out => ({ json: withOutcome(json, outcome), from: index }));
			return outcome === 'reached' ? [passed, []] : [[], passed];
		}
		const travellers = items.map(({ json, index }) => travellerIn(json, index));
		const { store, id, settings } = await register(ctx, params, knownStep);
		const { parked, alreadyReached, stale, left } = await enterGate(
			store,
			ctx.clock,
			{ stepId: id, settings },
			travellers,
		);
		const notes = [`${parked} waiting`];
		if (alreadyReached > 0) notes.push(`${alreadyReached} of them have reached the goal already`);
		if (left > 0) notes.push(`${left} had reached the goal of the journey and left it`);
		if (stale > 0) notes.push(`${stale} had moved on before`);
		const loose = looseEnds(ctx, LABELS);
		ctx.hint(`${notes.join(', ')}.${loose ? ` ${loose}` : ''}`);
		return [[], []];
	},

	async listen(ctx, params, emit) {
		const { store, id, lastSeen } = await register(ctx, params, registerStep);
		const loose = looseEnds(ctx, LABELS);
		// One way out without a wire is a plain end of the journey; none at all is more likely forgotten.
		if (loose) ctx.log(LABELS.some((_, output) => ctx.wired?.(output)) ? 'info' : 'warn', loose);
		return releasePeople(
			{
				store,
				clock: ctx.clock,
				stepId: id,
				lastSeen,
				chunk: params.chunk,
				outcomes: ['reached', 'timedOut'],
				log: (level, text) => ctx.log(level, text),
				counts: reportCounts(ctx),
			},
			emit,
		);
	},
};

function travellerIn(json: Record<string, unknown>, item: number): Traveller {
	const traveller = readTraveller(json);
	if (traveller) return traveller;
	throw new StepProblem('This item is no person on a journey, so it cannot wait here.', {
		item,
		hint: 'Let people in with a Journey Start or an Enrol step before this one, and keep the items’ ‘person’ and ‘journey’ on the way.',
	});
}

function withOutcome(json: Record<string, unknown>, outcome: string): Record<string, unknown> {
	const journey = typeof json.journey === 'object' && json.journey !== null ? json.journey : {};
	return { ...json, journey: { ...journey, outcome } };
}

/** @param make how the step is made known: a run leaves alone what the flow has settled */
async function register<R extends Registered>(
	ctx: StepContext,
	params: Parameters,
	make: (store: Store, clock: Clock, step: StepToKnow) => Promise<R>,
) {
	const store = await ctx.store();
	const { zone } = organisationOf(await ctx.credentials('memberJourneysStoreApi'));
	const settings: GateSettings = {
		goal: params.goals,
		wait: waitOf(params),
		since: params.since,
		...(fromLetter(params)
			? { letter: { days: params.letterDays, fallbackDays: params.letterFallbackDays } }
			: {}),
		quiet: quietOf(params),
		holdReached: params.holdReached,
		timeZone: zone,
		...(params.spreadMinutes > 0 ? { spreadMs: params.spreadMinutes * 60_000 } : {}),
		...(params.edited === 'keep' ? { edited: params.edited } : {}),
	};
	// Tried once here, so that a date that cannot be read is told now and not when somebody's time should be up.
	const tried = timeIsUp(settings.wait, ctx.clock.now(), zone, '2000-01-01');
	if (settings.quiet) endOfQuiet(tried, settings.quiet, zone);
	const step = await make(store, ctx.clock, {
		key: ctx.place.step,
		name: ctx.place.name,
		type: 'waitForGoal',
		settings,
	});
	return { store, settings, ...step };
}

/** Of waits that end on a date of their own it makes no difference when they begin. */
const fromLetter = ({ wait, waitFrom }: Parameters): boolean =>
	waitFrom === 'letter' && (wait === 'duration' || wait === 'weekday');

function waitOf(params: Parameters): Wait {
	switch (params.wait) {
		case 'duration':
			return { kind: 'duration', amount: params.amount, unit: params.unit };
		case 'until': {
			const moment = params.moment.trim().replace(/(Z|[+-]\d\d:?\d\d)$/, '');
			if (!/^\d{4}-\d\d-\d\d([T ]\d\d:\d\d)?/.test(moment)) {
				throw new StepProblem(`'Until' is no date and time: ${params.moment || '(empty)'}.`, {
					field: 'Until',
					hint: 'Write it as 2026-12-24T10:00; it is taken as that time where the person is.',
				});
			}
			return { kind: 'until', moment: moment.replace(' ', 'T') };
		}
		case 'weekday':
			return { kind: 'weekday', weekdays: params.weekdays, time: params.time };
		case 'personDate':
			return {
				kind: 'personDate',
				date: params.personDate === 'attribute' ? `attribute.${params.attribute}` : params.personDate,
				offsetDays: params.offsetDays,
				time: params.time,
				yearly: params.yearly,
			};
	}
}

function quietOf(params: Parameters): QuietHours | undefined {
	if (!params.quiet) return undefined;
	return {
		from: params.quietFrom,
		to: params.quietTo,
		weekends: params.quietWeekends,
		holidays: params.quietHolidays,
	};
}
