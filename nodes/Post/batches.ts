/** From collected to handed over, for as long as the step listens: at each cut-off a batch is made and given away. */
import { z } from 'zod/v4';
import { wordsOf } from '../../core/attempt';
import { goRound } from '../../core/goRound';
import { type Making, batchesToHandOver, collectedAt, makeBatch } from '../../core/handoffs/batch';
import { batchDue, nextCutOff } from '../../core/handoffs/cutOff';
import { type ItemEvent, itemEvents } from '../../core/handoffs/events';
import { handOver } from '../../core/handoffs/handOver';
import { TakenOver } from '../../core/handoffs/transfer';
import { StepProblem } from '../../core/ports';
import type { Stop, StepContext } from '../../core/step';
import type { Store } from '../../core/store/store';
import { oneAtATime } from '../oneAtATime';
import { type At, HANDED_OVER, LEFT_OUT } from './collect';
import { letterOptions, lettersOf } from './content';
import { type Parameters, cutOffOf, layoutOf } from './form';
import { forgetOldFiles } from './keptFiles';
import type { BatchSettings, PrintProfile } from './profile';

const MINUTE = 60_000;
const DAY = 86_400_000;
/** Backstop for word that was not heard: from another process, or of a clock that was turned. */
const SWEEP = MINUTE;
/** The other end is away: so long until the next try, and no longer than this after many. */
const FIRST_PAUSE = MINUTE;
const LONGEST_PAUSE = 30 * MINUTE;

export const batchSettings = z.object({ letters: letterOptions, profile: z.unknown() });

export interface Batching {
	ctx: StepContext;
	store: Store;
	at: At;
	params: Parameters;
	profile: PrintProfile;
}

export function makingOf({ at, params, profile }: Omit<Batching, 'ctx' | 'store'>, name: string): Making {
	const settings: BatchSettings = { letters: layoutOf(params), profile: profile.settings(params) };
	return {
		...at,
		kind: 'letter',
		profile: profile.provider,
		settings,
		prefix: params.batchName || name,
		leftOut: LEFT_OUT,
		byHand: params.release === 'byHand',
	};
}

export function keepBatching(batching: Batching): Stop {
	const { ctx, store, at, params } = batching;
	const { clock } = ctx;
	let stopped = false;
	/** When a batch that did not get away is tried again, and after how long the time before. */
	const later = new Map<number, { at: number; pause: number }>();

	const round = async (): Promise<number> => {
		await makeDue();
		for (const id of await batchesToHandOver(store, at.stepId)) {
			if (stopped) return Infinity;
			if ((later.get(id)?.at ?? 0) <= clock.now()) await give(id);
		}
		const { count, oldest } = await collectedAt(store, at.stepId);
		const next = [
			clock.now() + SWEEP,
			...(count > 0 && oldest !== null ? [nextCutOff(cutOffOf(params), oldest, at.zone)] : []),
			...[...later.values()].map((one) => one.at),
		];
		return Math.max(Math.min(...next), clock.now() + 1);
	};

	const makeDue = async () => {
		for (;;) {
			const collected = await collectedAt(store, at.stepId);
			if (stopped || !batchDue(cutOffOf(params), collected, clock.now(), at.zone)) return;
			const made = await makeBatch(store, clock, makingOf(batching, ctx.place.name));
			const { items, withdrawn, leftOut, name } = made;
			const left = [
				...(withdrawn > 0 ? [`${withdrawn} withdrawn, as their people have left`] : []),
				...(leftOut.length > 0 ? [`${leftOut.length} left out`] : []),
			];
			ctx.log(
				'info',
				`${name ? `Batch ${name}: ${items} letters` : 'No letters for a batch'}${left.length > 0 ? `, ${left.join(', ')}` : ''}.${name && params.release === 'byHand' ? ' It waits to be released on the page.' : ''}`,
			);
			// Not a single one was taken, so neither would the next look.
			if (items + withdrawn + leftOut.length === 0) return;
		}
	};

	const give = async (id: number) => {
		try {
			const row = await store.db
				.selectFrom('handoff')
				.select(['name', 'settings'])
				.where('id', '=', id)
				.executeTakeFirst();
			if (!row) return;
			const settings = batchSettings.parse(JSON.parse(row.settings));
			const transfer = await batching.profile.transfer({
				ctx,
				store,
				settings: settings.profile,
				letters: lettersOf(store, settings.letters),
			});
			const given = await handOver(store, clock, id, transfer, {
				handedOver: HANDED_OVER,
				leftOut: LEFT_OUT,
				zone: at.zone,
				keepContent: batching.profile.keepContent,
				progress: (done, total, what) => ctx.progress(done, total, what),
			});
			later.delete(id);
			if (given.kind === 'handedOver')
				ctx.log(
					'info',
					`Batch ${row.name} is handed over: ${given.items} letters${given.leftOut.length > 0 ? `, ${given.leftOut.length} left out` : ''}.`,
				);
			if (given.kind === 'busy') later.set(id, { at: given.until, pause: 0 });
		} catch (cause) {
			if (cause instanceof TakenOver) return;
			const before = later.get(id)?.pause ?? 0;
			const pause = Math.min(before === 0 ? FIRST_PAUSE : before * 2, LONGEST_PAUSE);
			later.set(id, { at: clock.now() + pause, pause });
			const hint = cause instanceof StepProblem && cause.hint ? ` ${cause.hint}` : '';
			ctx.log(
				'warn',
				`A batch did not get away, trying again in ${pause / MINUTE} minutes: ${wordsOf(cause)}${hint}`,
			);
		}
	};

	const rounds = goRound(store, clock, `handoff:${at.stepId}`, round, (cause) => {
		ctx.log('warn', `Letters could not be looked after, trying again soon: ${wordsOf(cause)}`);
		return clock.now() + SWEEP;
	});
	return async () => {
		stopped = true;
		await rounds.stop();
	};
}

/** Asks every so many minutes what has become of the letters. One process at a time. */
export function keepLooking({ ctx, store, at, params, profile }: Batching): Stop {
	const { clock } = ctx;
	let stopped = false;
	let calledOff: () => void = () => undefined;
	let looking: Promise<void> = Promise.resolve();
	let forgot = 0;
	let soon = false;
	const look = async () => {
		await oneAtATime(store, clock, `post ${at.stepId}`, async () => {
			if (clock.now() - forgot > DAY) {
				forgot = clock.now();
				await forgetOldFiles(store, clock.now());
			}
			soon = false;
			if (!profile.look || !params.lookForWord || !(await anyOut(store, at.stepId))) return;
			const looked = await profile.look({ ctx, store, stepId: at.stepId, params });
			const { events, notes, done } = looked;
			soon = looked.soon === true;
			for (const note of notes) ctx.log('warn', note);
			const early = await hearOf({ ctx, store, at, params, profile }, events);
			// Letters whose batch is being settled at this moment: the same is looked at again.
			if (early > 0) soon = true;
			else await done?.();
		});
	};
	const turn = () => {
		if (stopped) return;
		looking = look()
			.catch((cause: unknown) => ctx.log('warn', `No word of letters could be fetched: ${wordsOf(cause)}`))
			.finally(() => {
				if (!stopped) calledOff = clock.at(clock.now() + (soon ? 1 : params.lookEvery) * MINUTE, turn);
			});
	};
	turn();
	return async () => {
		stopped = true;
		calledOff();
		await looking;
	};
}

/**
 * What they tell is written down; counts go to the log.
 * @returns how many of it came before its batch was settled here, and has to be brought again
 */
export async function hearOf(
	{ ctx, store, at, params, profile }: Batching,
	events: readonly ItemEvent[],
): Promise<number> {
	if (events.length === 0) return 0;
	const heard = await itemEvents(
		store,
		ctx.clock,
		{ source: profile.provider, markDeceased: params.options.deceased, zone: at.zone },
		events,
	);
	const parts = [
		`${heard.stored} new`,
		...(heard.addressesChanged > 0 ? [`${heard.addressesChanged} new addresses`] : []),
		...(heard.addressesBroken > 0 ? [`${heard.addressesBroken} addresses do not work`] : []),
		...(heard.unknown.length > 0 ? [`${heard.unknown.length} about letters that are not known here`] : []),
	];
	if (heard.stored > 0 || heard.unknown.length > 0) ctx.log('info', `Word of letters: ${parts.join(', ')}.`);
	return heard.early;
}

/** As long as nothing has left, there is no word to ask for. */
async function anyOut(store: Store, stepId: number): Promise<boolean> {
	const row = await store.db
		.selectFrom('handoff')
		.select('id')
		.where('step_id', '=', stepId)
		.where('state', '=', 'handedOver')
		.limit(1)
		.executeTakeFirst();
	return row !== undefined;
}
