/** Whoever has waited here comes back: with their letter handed over or left out, or because it took too long. */
import { z } from 'zod/v4';
import { attemptAsync } from '../../core/attempt';
import { journeyKey } from '../../core/dispatch/deliver';
import { cancelBatch, leaveOut } from '../../core/handoffs/batch';
import { type LeftOut, takeBack } from '../../core/handoffs/sift';
import { readTraveller } from '../../core/journeys/traveller';
import type { Given, Json, Out, Outputs, StepContext } from '../../core/step';
import { lockRows } from '../../core/store/lock';
import type { Store } from '../../core/store/store';
import { type At, LEFT_OUT, HANDED_OVER, TIME_IS_UP, outputOf } from './collect';
import type { Parameters } from './form';

interface Letter {
	dispatch: number;
	state: string;
	reason: string | null;
	code: string | null;
	handoff: number | null;
	batch: string | null;
}

/**
 * @returns who goes on, and the items of those whose letter has not been collected yet: the contact rules had held them
 * back in front of it.
 */
export async function conclude(
	ctx: StepContext,
	store: Store,
	{ stepId }: At,
	items: ReadonlyArray<Given<Parameters>>,
): Promise<{ outputs: Outputs; others: Array<Given<Parameters>> }> {
	const back = items.filter(({ released }) => released !== undefined);
	const others = items.filter(({ released }) => released === undefined);
	const outputs: Out[][] = [[], []];
	if (back.length === 0) return { outputs, others: [...items] };
	const keys = back.map((one) => keyOf(one, stepId));
	let letters = await lettersBy(store, keys);
	const overdue = back.filter((one, place) => {
		const letter = letters.get(keys[place] ?? '');
		return letter !== undefined && outputOf(letter) === undefined;
	});
	if (overdue.length > 0) {
		await withdraw(ctx, store, stepId, overdue, letters);
		letters = await lettersBy(store, keys);
	}
	for (const [place, one] of back.entries()) {
		const letter = letters.get(keys[place] ?? '');
		if (!letter) {
			others.push(one);
			continue;
		}
		// One that is on its way at this moment is as good as handed over.
		const output = outputOf(letter) ?? HANDED_OVER;
		const said = {
			state: letter.state,
			...(letter.reason ? { reason: letter.reason } : {}),
			...(letter.code ? { code: letter.code } : {}),
			...(letter.batch ? { batch: letter.batch } : {}),
			dispatch: letter.dispatch,
			...kidIn(one.json),
		};
		outputs[output === LEFT_OUT ? 1 : 0]?.push({ json: { ...one.json, letter: said }, from: one.index });
	}
	others.sort((a, b) => a.index - b.index);
	return { outputs, others };
}

/** Under which key the letter was written for which they waited: by the hop that they had come with. */
function keyOf({ json }: Given<Parameters>, stepId: number): string {
	const traveller = readTraveller(json);
	return traveller ? journeyKey(traveller.enrolmentId, stepId, traveller.hop - 1) : '';
}

async function lettersBy(store: Store, keys: readonly string[]): Promise<Map<string, Letter>> {
	const found = new Map<string, Letter>();
	for (let from = 0; from < keys.length; from += 500) {
		const rows = await store.db
			.selectFrom('handoff_item as i')
			.innerJoin('dispatch as d', 'd.id', 'i.dispatch_id')
			.leftJoin('handoff as h', 'h.id', 'i.handoff_id')
			.where(store.amongTexts('d.key', keys.slice(from, from + 500)))
			.select(['d.key', 'd.id as dispatch', 'i.state', 'i.reason', 'd.code', 'i.handoff_id as handoff'])
			.select('h.name as batch')
			.execute();
		for (const { key, ...row } of rows) found.set(key, row);
	}
	return found;
}

const collected = z.object({ letter: z.object({ kid: z.string() }) });

/** As it was when the letter was collected. */
function kidIn(json: Json): { kid?: string } {
	const read = collected.safeParse(json);
	return read.success ? { kid: read.data.letter.kid } : {};
}

const days = (count: number) => (count === 1 ? 'a day' : `${count} days`);

/** Nobody waits for ever for a batch that does not leave; and who is let go by hand gets no letter behind their back. */
async function withdraw(
	ctx: StepContext,
	store: Store,
	stepId: number,
	overdue: ReadonlyArray<Given<Parameters>>,
	letters: ReadonlyMap<string, Letter>,
): Promise<void> {
	const byBatch = new Map<number | null, LeftOut[]>();
	for (const one of overdue) {
		const letter = letters.get(keyOf(one, stepId));
		if (!letter) continue;
		const reason =
			one.released === TIME_IS_UP
				? `had waited ${days(one.params.options.giveUpDays)} without being handed over`
				: 'let go by hand before it was handed over';
		const group = byBatch.get(letter.handoff) ?? [];
		group.push({ dispatchId: letter.dispatch, reason, code: 'time' });
		byBatch.set(letter.handoff, group);
	}
	for (const [batch, group] of byBatch) {
		if (batch !== null && (await tried(() => leaveOut(store, ctx.clock, batch, group, LEFT_OUT)))) continue;
		// A batch that has not got away all the while is taken apart; what is over there stays there.
		const apart =
			batch === null || (await tried(() => cancelBatch(store, ctx.clock, batch, 'It took too long.')));
		if (apart) await leaveOutCollected(store, ctx.clock.now(), group);
	}
}

/** Whether it could be done; the batch may be on its way. */
async function tried(work: () => Promise<unknown>): Promise<boolean> {
	return 'value' in (await attemptAsync(work, 0));
}

async function leaveOutCollected(store: Store, now: number, group: readonly LeftOut[]): Promise<void> {
	await store.write(async (writing) => {
		const ids = group.map(({ dispatchId }) => dispatchId);
		await lockRows(writing.db, store, 'dispatch', ids);
		const still = await writing.db
			.selectFrom('handoff_item')
			.where(store.among('dispatch_id', ids))
			.where('state', '=', 'collected')
			.select('dispatch_id')
			.execute();
		const there = new Set(still.map((row) => row.dispatch_id));
		await takeBack(
			writing,
			store,
			now,
			'leftOut',
			group.filter(({ dispatchId }) => there.has(dispatchId)),
		);
	});
}
