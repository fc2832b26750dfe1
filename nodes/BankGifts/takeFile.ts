/** One file into the ledger of gifts: all of it in one write, or nothing. */
import { createHash } from 'node:crypto';
import { agreementsKnown, type AgreementNews } from '../../core/gifts/agreements';
import { type LetsOut, takeIn } from '../../core/gifts/incoming';
import { knownGifts } from '../../core/gifts/known';
import type { StepContext } from '../../core/step';
import { settingOf } from '../../core/store/setting';
import type { Store } from '../../core/store/store';
import { readBankFile } from '../../providers/bank/bankFile';
import { sortGifts } from '../../providers/bank/gifts';
import type { AgreementSaid, LeftOutReason } from '../../providers/bank/payment';
import { awaited, reversalsOf } from './reversed';
import type { Rules } from './rules';

export interface FileGiven {
	bytes: Uint8Array;
	/** When it came (epoch ms); agreements begin and end then, where the file does not say. */
	at: number;
}

/** What became of a file. */
export interface Taken {
	/** The same file has been read before: nothing was done. */
	before: boolean;
	gifts: number;
	/** Øre of the gifts, by currency. */
	sums: Map<string, number>;
	/** Of the gifts. */
	withoutKid: number;
	wrongKid: number;
	/** Payments that another file had told of. */
	known: number;
	reversals: number;
	/** Of these, whose gift is not known. */
	early: number;
	agreements: number;
	leftOut: Map<LeftOutReason, { count: number; ore: number }>;
}

export const nothingTaken = (): Taken => ({
	before: false,
	gifts: 0,
	sums: new Map(),
	withoutKid: 0,
	wrongKid: 0,
	known: 0,
	reversals: 0,
	early: 0,
	agreements: 0,
	leftOut: new Map(),
});

/** @throws {StepProblem} when the file is broken: then nothing of it has been taken in */
export async function takeFile(
	ctx: StepContext,
	store: Store,
	step: LetsOut,
	rules: Rules,
	{ bytes, at }: FileGiven,
): Promise<Taken> {
	const key = `bankFile:${createHash('sha256').update(bytes).digest('hex')}:${rules.mark}`;
	if ((await settingOf(store.db, key)) !== undefined) return { ...nothingTaken(), before: true };
	const now = ctx.clock.now();
	const file = readBankFile(bytes, { ...rules, now });
	const sorted = sortGifts(file, rules.gifts);
	const gifts = await awaited(store, file.source, sorted.gifts);
	const reversals = await reversalsOf(store, file.source, gifts, sorted.back);
	const agreements = await newsOf(store, file.source, file.agreements, Math.min(at, now));
	const had = new Set(
		[
			...(
				await knownGifts(
					store.db,
					store,
					gifts.map(({ sourceId }) => ({ source: file.source, name: sourceId })),
				)
			).values(),
		].map((row) => row.source_id),
	);
	const done = await takeIn(store, ctx.clock, {
		gifts,
		reversals,
		agreements,
		step,
		remember: { key, value: new Date(now).toISOString() },
	});
	const taken = nothingTaken();
	for (const { sourceId, currency, amountOre } of gifts)
		if (!had.has(sourceId)) taken.sums.set(currency, (taken.sums.get(currency) ?? 0) + amountOre);
	for (const { reason, amountOre } of sorted.leftOut) {
		const sum = taken.leftOut.get(reason) ?? { count: 0, ore: 0 };
		taken.leftOut.set(reason, { count: sum.count + 1, ore: sum.ore + amountOre });
	}
	return {
		...taken,
		gifts: done.gifts,
		withoutKid: sorted.withoutKid,
		wrongKid: sorted.wrongKid,
		known: done.repeated,
		reversals: done.reversals,
		early: done.early,
		agreements: done.agreements,
	};
}

/** A listing says no days: what is news of it is of the day it came; an agreement that runs keeps its own beginning. */
async function newsOf(
	store: Store,
	source: string,
	said: readonly AgreementSaid[],
	at: number,
): Promise<AgreementNews[]> {
	if (said.length === 0) return [];
	const known = new Map(
		(
			await agreementsKnown(
				store.db,
				store,
				said.map(({ sourceId }) => ({ source, sourceId })),
			)
		).map((row) => [row.source_id, row]),
	);
	return said.map(({ sourceId, kid, status, isNew }): AgreementNews => {
		const runs = known.get(sourceId)?.status === 'active';
		return {
			source,
			sourceId,
			status,
			currency: 'NOK',
			kid,
			...(status === 'active' && isNew && !runs ? { startedAt: at } : {}),
			...(status === 'stopped' ? { stoppedAt: at } : {}),
			evidence: {},
		};
	});
}
