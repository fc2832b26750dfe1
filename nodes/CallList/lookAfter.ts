/** What a published call list does by itself: hands leads over, takes them back, asks for results, reports each day. */
import { wordsOf } from '../../core/attempt';
import { handOverLeads } from '../../core/calls/handOver';
import { type NewsRules, noteNews } from '../../core/calls/news';
import { takeResults } from '../../core/calls/result';
import { type NewsTold, tellNews } from '../../core/calls/tellNews';
import { newestWash, washAgainst } from '../../core/calls/wash';
import { type Withdrawn, withdrawLeads } from '../../core/calls/withdraw';
import { goRound } from '../../core/goRound';
import { nextTime } from '../../core/journeys/schedule';
import { StepProblem } from '../../core/ports';
import type { Organisation } from '../../core/register/organisation';
import type { Emit, Stop, StepContext } from '../../core/step';
import { keepSetting, settingOf } from '../../core/store/setting';
import type { Store } from '../../core/store/store';
import type { Parameters } from './form';
import { today } from './prepare';
import { dialerOf, providerOf, resultRules } from './profile';
import { sayUnread } from './receive';
import { reportOn } from './report';
import { filesAtTheAgency } from './byFile';

export interface LookingAfter {
	ctx: StepContext;
	store: Store;
	stepId: number;
	organisation: Organisation;
	params: Parameters;
	/** Whether the step is being stopped. */
	stopped(): boolean;
}

/** One way to the callers: what is done each time something has come, or a minute has passed. */
export interface Way {
	/** @returns how long the callers ask to wait (ms), when they do */
	handOver(): Promise<number | undefined>;
	takeBack(): Promise<void>;
	/** What the register says differently by now about people whose leads are there, or are to get there. */
	tellNews(rules: NewsRules): Promise<void>;
	/** Asks for results; left out where they are only told. @returns `soon`: there will be more in a minute */
	look?(): Promise<'soon' | undefined>;
}

const MINUTE = 60_000;
const DAY = 86_400_000;
/** What was told in this time is asked for once more: clocks differ, and what comes twice counts once. */
const OVERLAP = 15 * MINUTE;

export async function lookAfter(after: Omit<LookingAfter, 'stopped'>, emit: Emit): Promise<Stop> {
	const { ctx, store, stepId, params } = after;
	let stopped = false;
	const way = await wayOf({ ...after, stopped: () => stopped });
	let noReport: () => void = () => undefined;
	let notBefore = 0;
	let looked = -Infinity;
	const said = new Set<string>();

	/** The same trouble is told once, until something has worked out again. */
	const trouble = (what: string, cause: unknown) => {
		const text = `${what}: ${wordsOf(cause)}`;
		if (!said.has(text)) ctx.log(cause instanceof StepProblem ? 'error' : 'warn', text);
		said.add(text);
	};

	const news = async () => {
		await noteNews({ store, clock: ctx.clock, stepId });
		await way.tellNews(await newsRules(after));
	};

	const round = async (): Promise<number> => {
		const now = ctx.clock.now();
		await way.takeBack().catch((cause: unknown) => trouble('Leads could not be taken back yet', cause));
		await news().catch((cause: unknown) => trouble('Changes could not be told to the callers yet', cause));
		if (now >= notBefore && (await washed(after, trouble))) {
			try {
				const wait = await way.handOver();
				if (wait === undefined) said.clear();
				else notBefore = ctx.clock.now() + wait;
			} catch (cause) {
				trouble('Leads could not be handed over yet', cause);
				notBefore = ctx.clock.now() + MINUTE;
			}
		}
		if (way.look && params.lookMinutes > 0 && now >= looked + params.lookMinutes * MINUTE) {
			looked = now;
			const next = await way
				.look()
				.catch((cause: unknown) => void trouble('Results could not be asked for', cause));
			if (next === 'soon') looked = -Infinity;
		}
		return ctx.clock.now() + MINUTE;
	};
	const report = () => {
		if (stopped || !params.options.dailyReport) return;
		const { zone } = after.organisation;
		const time = params.options.reportTime || '20:00';
		const at = nextTime({ every: 'day', time }, ctx.clock.now(), zone);
		noReport = ctx.clock.at(at, () => {
			const day = today(ctx, zone);
			void reportOn(store, params, { stepId, from: day, to: day, zone })
				.then((json) => (stopped ? undefined : emit([[{ json }]])))
				.catch((cause: unknown) => trouble("The day's report could not be made", cause))
				.finally(report);
		});
	};

	const rounds = goRound(store, ctx.clock, `handoff:${stepId}`, round, (cause) => {
		trouble('The call list could not be looked after', cause);
		return ctx.clock.now() + MINUTE;
	});
	report();
	return async () => {
		stopped = true;
		noReport();
		await rounds.stop();
	};
}

/** Whoever was collected last month waits until the register has been washed in this one. */
async function washed(
	{ ctx, store, params, organisation }: Omit<LookingAfter, 'stopped'>,
	trouble: (what: string, cause: unknown) => void,
): Promise<boolean> {
	if (params.wash === 'agency') return true;
	const against = washAgainst(await newestWash(store.db), today(ctx, organisation.zone));
	if (!against) return true;
	const waiting = await store.db
		.selectFrom('handoff_item as i')
		.innerJoin('step as s', 's.id', 'i.step_id')
		.where('s.key', '=', ctx.place.step)
		.where('i.state', '=', 'collected')
		.select('i.dispatch_id')
		.limit(1)
		.executeTakeFirst();
	if (waiting) trouble('Nobody is handed over', new StepProblem(against));
	return false;
}

/** A number that is new passes what the first one did. */
async function newsRules({ store, params, organisation }: Omit<LookingAfter, 'stopped'>): Promise<NewsRules> {
	const { foreign, landlines, adultFrom } = params.options;
	const { zone, countryCode } = organisation;
	const wash = params.wash === 'agency' ? null : ((await newestWash(store.db)) ?? null);
	return { zone, wash: { numbers: { foreign, landlines, countryCode }, adultFrom, wash, zone } };
}

async function wayOf(after: LookingAfter): Promise<Way> {
	if (after.params.profile === 'file') return filesAtTheAgency(after);
	const { ctx, store, stepId, organisation, params, stopped } = after;
	const dialer = await dialerOf(ctx, params, organisation);
	const provider = providerOf(params);
	return {
		async handOver() {
			const done = await handOverLeads({
				store,
				clock: ctx.clock,
				stepId,
				zone: organisation.zone,
				dialer,
				provider,
				stopped,
			});
			const words = [
				[done.handedOver, 'handed over'],
				[done.unknown, 'whose answer was lost: they may be there, and are not handed over again'],
				[done.refused, 'refused'],
				[done.leftOut, 'left out'],
				[done.withdrawn, 'had left before'],
			]
				.filter(([count]) => Number(count) > 0)
				.map(([count, what]) => `${count} ${what}`);
			if (words.length > 0) ctx.log('info', `Call list: ${words.join(', ')}.`);
			return done.waitMs;
		},
		async takeBack() {
			sayTakenBack(ctx, await withdrawLeads({ store, clock: ctx.clock, stepId }, dialer));
		},
		async tellNews(rules) {
			sayNews(ctx, await tellNews({ store, clock: ctx.clock, stepId }, rules, dialer));
		},
		...(dialer.results
			? {
					async look() {
						const key = `calls:since ${stepId}`;
						const since = await settingOf(store.db, key);
						const now = ctx.clock.now();
						const results =
							(await dialer.results?.((since === undefined ? now - DAY : Number(since)) - OVERLAP)) ?? [];
						const taken = await takeResults(
							store,
							ctx.clock,
							resultRules(params, stepId, organisation),
							results,
						);
						sayUnread(ctx, taken.unread);
						// What has no meaning yet is asked for again, until the form says it.
						if (taken.unread.length === 0) await keepSetting(store.db, key, String(now));
						return undefined;
					},
				}
			: {}),
	};
}

export function sayTakenBack(ctx: StepContext, { withdrawn, untold, reason }: Withdrawn): void {
	if (withdrawn > 0) ctx.log('info', `${withdrawn} leads were taken back from the callers.`);
	if (untold > 0)
		ctx.log(
			'warn',
			`${untold} leads are no longer to be called, and the callers could not be told: ask them to take these leads off.`,
		);
	if (reason) ctx.log('warn', `Leads could not be taken back yet: ${reason}.`);
}

function sayNews(ctx: StepContext, { updated, unchanged, reason, ...back }: NewsTold): void {
	if (updated > 0) ctx.log('info', `${updated} leads were changed at the callers.`);
	if (unchanged > 0)
		ctx.log(
			'warn',
			`${unchanged} leads say something else in the register by now, and cannot be changed at the callers: they keep what they were given.`,
		);
	sayTakenBack(ctx, back);
	if (reason) ctx.log('warn', `Changes could not be told to the callers yet: ${reason}.`);
}
