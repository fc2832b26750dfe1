/** Takes in gifts from files of the bank: OCR giro and AvtaleGiro, camt.054, and settlement reports of the Vipps portal. */
import type { LetsOut } from '../../core/gifts/incoming';
import { letOut } from '../../core/gifts/outbox';
import { registerStep } from '../../core/journeys/journey';
import { StepProblem } from '../../core/ports';
import type { Out, Outputs, Step, StepContext, Stop } from '../../core/step';
import type { Store } from '../../core/store/store';
import { LARGEST_FILE } from '../../providers/bank/bankFile';
import { oneAtATime } from '../oneAtATime';
import { pollAgainAndAgain } from '../pollAgainAndAgain';
import { bytesOf } from './content';
import { OUTPUTS, type Parameters, outputOf, parameters } from './form';
import { look, say } from './look';
import { isMeant, withPlace } from './place';
import { preview } from './preview';
import { rulesOf, seriesChoices } from './rules';
import { summaryOf, together } from './summary';
import { type Taken, takeFile } from './takeFile';

/** A file that was seen for the first time is looked at again after this (ms): if it is the same then, it is whole. */
const SOON = 60_000;

export const bankGifts: Step<Parameters> = {
	name: 'bankGifts',
	parameters,
	outputs: OUTPUTS,

	/**
	 * Gifts do not leave with the run that brings a file: they are written down first, and each starts from here when it
	 * is certain that none is lost or comes twice.
	 */
	async run(ctx, params, items) {
		const store = await ctx.store();
		if (params.filesFrom !== 'item') return lookNow(ctx, store, params);
		const step = ctx.testRun ? undefined : await stepOf(ctx, store);
		const tried: Outputs = [[], []];
		const taken: Taken[] = [];
		for (const { params: own, index } of items) {
			try {
				const rules = await rulesOf(ctx, store, own);
				const bytes = bytesOf(own);
				if (step) {
					const at = ctx.clock.now();
					taken.push(await takeFile(ctx, store, step, rules, { bytes, at }));
				} else {
					preview(ctx, rules, bytes, index).forEach((outs, output) => tried[output]?.push(...outs));
				}
			} catch (cause) {
				const problem = ofItem(cause, index);
				if (!ctx.continueOnFail) throw problem;
				tried[0]?.push({ json: {}, from: index, problem } satisfies Out);
			}
		}
		if (taken.length > 0) {
			const fresh = taken.filter(({ before }) => !before);
			ctx.hint(
				fresh.length === 0
					? summaryOf(taken[0] ?? together([]))
					: `${summaryOf(together(fresh))}${fresh.length < taken.length ? ` ${taken.length - fresh.length} of the files had been read before.` : ''} The gifts leave in runs of their own.`,
			);
		}
		return tried;
	},

	async listen(ctx, params, emit) {
		const store = await ctx.store();
		if (ctx.testRun) {
			if (params.filesFrom !== 'item') await emit(await lookNow(ctx, store, params));
			return async () => undefined;
		}
		// What the form says wrong is told at once, also where files come with items.
		await rulesOf(ctx, store, params);
		const step = await stepOf(ctx, store);
		const stopLetting = letOut(store, ctx.clock, step.id, emit, (level, text) => ctx.log(level, text));
		if (params.filesFrom === 'item') return stopLetting;
		const stopLooking = await watch(ctx, store, step, params).catch(async (cause: unknown) => {
			await stopLetting();
			throw cause;
		});
		return async (why) => {
			await stopLooking(why);
			await stopLetting(why);
		};
	},

	choices: { series: seriesChoices },
};

async function stepOf(ctx: StepContext, store: Store): Promise<LetsOut> {
	const { id } = await registerStep(store, ctx.clock, {
		key: ctx.place.step,
		name: ctx.place.name,
		type: 'bankGifts',
		settings: {},
	});
	return { id, outputs: outputOf };
}

/** Looks now and after each pause; once more soon after files were seen for the first time. */
async function watch(ctx: StepContext, store: Store, step: LetsOut, params: Parameters): Promise<Stop> {
	const { clock } = ctx;
	const name = `bank:look ${step.id}`;
	let stopped = false;
	let callOff: () => void = () => undefined;
	let soon: Promise<unknown> = Promise.resolve();
	const once = async () => {
		callOff();
		const looked = await look(ctx, store, step, params);
		say(ctx, looked);
		if (!looked.soon || stopped) return;
		callOff = clock.at(clock.now() + SOON, () => {
			soon = oneAtATime(store, clock, name, once).catch((cause: unknown) =>
				ctx.log('warn', cause instanceof Error ? cause.message : String(cause)),
			);
		});
	};
	const stop = await pollAgainAndAgain(ctx, store, name, params.lookMinutes * 60_000, once);
	return async (why) => {
		stopped = true;
		callOff();
		await stop(why);
		await soon;
	};
}

/** Something started a run of this step, such as a schedule; a trial shows what lies there. */
async function lookNow(ctx: StepContext, store: Store, params: Parameters): Promise<Outputs> {
	if (!ctx.testRun) {
		say(ctx, await look(ctx, store, await stepOf(ctx, store), params));
		return [[], []];
	}
	const rules = await rulesOf(ctx, store, params);
	return withPlace(ctx, params, async (place) => {
		const there = (await place.list()).filter(({ name }) => isMeant(name, params));
		const newest = there.sort((a, b) => b.modifiedAt - a.modifiedAt)[0];
		const bytes = newest && (await place.read(newest.name, LARGEST_FILE));
		if (bytes) return preview(ctx, rules, bytes);
		ctx.hint('There is no file in the folder just now.');
		return [[], []];
	});
}

/** What the user can put right concerns this item; anything else goes on as it is. */
function ofItem(cause: unknown, item: number): StepProblem {
	if (cause instanceof StepProblem) return new StepProblem(cause.message, { ...cause.details, item });
	throw cause;
}
