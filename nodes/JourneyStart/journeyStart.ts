/** Where people come into a journey: by schedule, by what happens in the register, or now. */
import { wordsOf } from '../../core/attempt';
import { createHash } from 'node:crypto';
import { z } from 'zod/v4';
import { enrol } from '../../core/journeys/enrol';
import { timeOfDay } from '../../core/journeys/quiet';
import { releasePeople } from '../../core/journeys/release';
import type { Schedule } from '../../core/journeys/schedule';
import { organisationOf } from '../../core/register/organisation';
import { findPersons } from '../../core/register/find';
import { StepProblem } from '../../core/ports';
import type { Step, StepContext, Stop } from '../../core/step';
import { keepSetting, settingOf } from '../../core/store/setting';
import { journeyForm, type OwnJourney, registerOwnJourney } from '../journeyForm';
import { oneAtATime } from '../oneAtATime';
import { reportCounts } from '../reportCounts';
import { testTravellers } from '../testTravellers';
import { tidyDaily } from '../tidyDaily';
import { lookOnSchedule } from './looks';
import { registerEvents, readNews } from './news';
import { segmentChoices, segmentForm } from '../segmentForm';
import { type Anniversary, type Narrowed, firstIn, whoIn } from './who';

const parameters = z.object({
	...journeyForm,
	...segmentForm,
	starts: z.enum(['schedule', 'registerEvent', 'now']).default('schedule'),
	every: z.enum(['minutes', 'day', 'week', 'month']).default('day'),
	minutes: z.number().int().min(1).max(1440).default(60),
	weekdays: z.array(z.coerce.number().int().min(1).max(7)).min(1).default([1]),
	dayOfMonth: z.number().int().min(1).max(31).default(1),
	time: timeOfDay.default('09:00'),
	atOnce: z.boolean().default(false),
	event: z.enum(registerEvents).default('personAdded'),
	eventValue: z.string().trim().default(''),
	years: z.number().int().min(1).max(100).default(1),
	testPeople: z.string().default(''),
});
type Parameters = z.infer<typeof parameters>;

export const journeyStart: Step<Parameters> = {
	name: 'journeyStart',
	parameters,
	outputs: ['People'],
	choices: segmentChoices,

	async listen(ctx, params, emit) {
		if (ctx.testRun) {
			await emit([(await peopleToTestWith(ctx, params)).map((json) => ({ json }))]);
			return async () => undefined;
		}
		const own = await registerOwnJourney(ctx, params, 'journeyStart');
		const stopReleasing = await releasePeople(
			{
				store: own.store,
				clock: ctx.clock,
				stepId: own.journey.stepId,
				lastSeen: own.lastSeen,
				outcomes: ['started'],
				chunk: params.chunk,
				log: (level, text) => ctx.log(level, text),
				counts: reportCounts(ctx),
			},
			emit,
		);
		const looking = lookForPeople(ctx, params, own);
		const [started] = await Promise.allSettled([looking]);
		if (started.status === 'rejected') await stopReleasing();
		const stopLooking = await looking;
		const stopTidying = tidyDaily(ctx, own.store);
		return async () => {
			await Promise.all([stopLooking(), stopTidying(), stopReleasing()]);
		};
	},
};

/** Enrols everybody the start step names, now; returns how many came in. Also what a "start now" button calls. */
export async function startNow(ctx: StepContext, given: unknown): Promise<number> {
	const params = parameters.parse(given);
	return enrolSegment(ctx, params, await registerOwnJourney(ctx, params, 'journeyStart'));
}

async function enrolSegment(
	ctx: StepContext,
	params: Parameters,
	own: OwnJourney,
	narrowed: Narrowed = {},
	signal?: AbortSignal,
): Promise<number> {
	const organisation = organisationOf(await ctx.credentials('memberJourneysStoreApi'));
	let enrolled = 0;
	let looked = 0;
	await whoIn(own.store, params, narrowed, ctx.clock.now(), organisation.zone, async (personIds) => {
		signal?.throwIfAborted();
		const report = await enrol(
			own.store,
			ctx.clock,
			own.journey,
			personIds.map((personId) => ({ personId })),
		);
		enrolled += report.enrolled;
		looked += personIds.length;
		ctx.progress(enrolled, undefined, 'enrolled');
	});
	ctx.log(
		'info',
		`Journey '${params.journeyName || ctx.place.flowName}': ${enrolled} of ${looked} people enrolled.`,
	);
	return enrolled;
}

/** Starts looking; returns how to stop. What goes wrong in one look is logged, and tried again. */
async function lookForPeople(ctx: StepContext, params: Parameters, own: OwnJourney): Promise<Stop> {
	const { zone } = organisationOf(await ctx.credentials('memberJourneysStoreApi'));
	if (params.starts === 'now') return await onceForTheseSettings(ctx, params, own);

	const daily =
		params.starts === 'registerEvent' && (params.event === 'birthday' || params.event === 'membershipYears');
	if (params.starts === 'schedule' || daily) {
		const schedule: Schedule = daily ? { every: 'day', time: params.time } : scheduleOf(params);
		const atOnce = params.starts === 'schedule' && params.atOnce;
		const stopFirst = atOnce ? await onceForTheseSettings(ctx, params, own) : undefined;
		const stopLooking = await lookOnSchedule(
			ctx,
			own.store,
			{ schedule, zone, ownDayOnly: daily },
			(signal) => enrolSegment(ctx, params, own, daily ? { anniversary: anniversaryOf(params) } : {}, signal),
		);
		return async () => {
			await Promise.all([stopFirst?.(), stopLooking()]);
		};
	}

	return readNews(
		ctx,
		own.store,
		{ event: params.event, value: params.eventValue, step: ctx.place.step },
		async (personIds) => {
			await enrolSegment(ctx, params, own, { among: personIds });
		},
	);
}

/**
 * A restart of the host is no new start: the look is taken once for these settings of the step.
 * @throws what goes wrong in the look, unless another process is taking it.
 */
async function onceForTheseSettings(ctx: StepContext, params: Parameters, own: OwnJourney): Promise<Stop> {
	const key = `start-now:${ctx.place.step}`;
	const stamp = createHash('sha256').update(JSON.stringify(params)).digest('hex');
	const ending = new AbortController();
	const { signal } = ending;
	let callOff: () => void = () => undefined;
	let going: Promise<unknown> = Promise.resolve();
	const once = async () => {
		const turn = await oneAtATime(own.store, ctx.clock, key, async () => {
			if (signal.aborted || (await settingOf(own.store.db, key)) === stamp) return;
			await enrolSegment(ctx, params, own, {}, signal);
			await own.store.write(({ db }) => keepSetting(db, key, stamp));
		});
		if (!turn.taken && !signal.aborted) callOff = ctx.clock.at(turn.until, again);
	};
	const again = () => {
		going = once().catch((cause: unknown) => {
			if (signal.aborted) return;
			ctx.log('error', `People for this journey could not be looked up: ${wordsOf(cause)}`);
			callOff = ctx.clock.at(ctx.clock.now() + LOOK_AGAIN, again);
		});
	};
	await once();
	return async () => {
		ending.abort();
		callOff();
		await going;
	};
}

function anniversaryOf(params: Parameters): Anniversary {
	return params.event === 'birthday' ? { of: 'birthDate' } : { of: 'membership', years: params.years };
}

function scheduleOf(params: Parameters): Schedule {
	switch (params.every) {
		case 'minutes':
			return { every: 'minutes', minutes: params.minutes };
		case 'day':
			return { every: 'day', time: params.time };
		case 'week':
			return { every: 'week', weekdays: params.weekdays, time: params.time };
		case 'month':
			return { every: 'month', day: params.dayOfMonth, time: params.time };
	}
}

/** What went wrong after another process had begun, ms. */
const LOOK_AGAIN = 60_000;
const SHOWN_IN_TESTS = 3;

/** In a run by hand: the test people named in the step, else the first few of the segment. */
async function peopleToTestWith(ctx: StepContext, params: Parameters) {
	const store = await ctx.store();
	const numbers = params.testPeople
		.split(/[\s,;]+/)
		.filter(Boolean)
		.map((memberNumber) => ({ memberNumber }));
	if (numbers.length > 0) {
		const found = await findPersons(store, numbers);
		const missing = numbers.filter((_, i) => !found[i]?.length).map((one) => one.memberNumber);
		if (missing.length > 0) {
			throw new StepProblem(
				`'Test People' names member numbers that are not in the register: ${missing.join(', ')}.`,
				{
					field: 'Test People',
					hint: 'Check the numbers, or import the register first.',
				},
			);
		}
		return testTravellers(ctx, found.flat());
	}
	const { zone } = organisationOf(await ctx.credentials('memberJourneysStoreApi'));
	return testTravellers(ctx, await firstIn(store, params, ctx.clock.now(), zone, SHOWN_IN_TESTS));
}
