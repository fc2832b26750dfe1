/** The operations that change where people are. */
import {
	type ByHand,
	type Selection,
	exitByHand,
	leftInWords,
	releaseByHand,
	retry,
} from '../../core/journeys/byHand';
import { moveTo } from '../../core/journeys/move';
import { type PeopleFilter, enrolmentsOf } from '../../core/journeys/people';
import { settleUnknown } from '../../core/journeys/settle';
import { StepProblem } from '../../core/ports';
import type { Json, StepContext } from '../../core/step';
import type { Store } from '../../core/store/store';
import type { Parameters } from './form';
import { NOBODY } from './show';

export interface Change {
	ctx: StepContext;
	store: Store;
	params: Parameters;
}

type Operation = 'exit' | 'move' | 'release' | 'retry';

const act: Record<Operation, (change: Change, selection: Selection, actor: string) => Promise<ByHand>> = {
	exit: ({ ctx, store, params }, selection, actor) =>
		exitByHand(store, ctx.clock, selection, params.reason || 'taken out by hand', actor),
	move: ({ ctx, store, params }, selection, actor) =>
		moveTo(store, ctx.clock, selection, params.moveTo, actor),
	release: ({ ctx, store, params }, selection, actor) =>
		releaseByHand(store, ctx.clock, selection, params.releaseBy, actor),
	retry: ({ ctx, store }, selection, actor) => retry(store, ctx.clock, selection, actor),
};

export async function changePeople(
	change: Change,
	operation: Operation,
	filter: PeopleFilter | undefined,
): Promise<Json[]> {
	const { ctx, store } = change;
	const ids = filter ? await enrolmentsOf(store, ctx.clock.now(), filter) : [];
	if (ids.length === 0) {
		ctx.hint(NOBODY);
		return [];
	}
	refuseMoreThanMeant(change.params, ids.length, 'people');
	if (isTrial(change)) return trial(change, operation, ids.length, 'people');
	// Once more with the filter: whoever has gone on since is left alone.
	const { done, left } = await act[operation](change, { ...filter, enrolmentIds: ids }, actorOf(ctx));
	const reasons = left.map(({ reason, count }) => ({ reason: leftInWords[reason], count }));
	ctx.hint(
		[`${done} done.`, ...reasons.map(({ reason, count }) => `${count} left alone: ${reason}.`)].join(' '),
	);
	return [{ operation, matching: ids.length, done, left: reasons }];
}

export async function settleMessages(change: Change, ids: readonly number[]): Promise<Json[]> {
	const { ctx, store, params } = change;
	if (ids.length === 0) {
		ctx.hint('No unknown messages match.');
		return [];
	}
	refuseMoreThanMeant(params, ids.length, 'messages');
	if (isTrial(change)) return trial(change, 'settle', ids.length, 'messages');
	const { done, left } = await settleUnknown(store, ctx.clock, ids, params.settleAs, actorOf(ctx));
	const reasons = left > 0 ? [{ reason: 'settled already', count: left }] : [];
	ctx.hint([`${done} done.`, ...reasons.map(({ count }) => `${count} had been settled already.`)].join(' '));
	return [{ operation: 'settle', matching: ids.length, done, left: reasons }];
}

function refuseMoreThanMeant({ atMost }: Parameters, matching: number, what: string): void {
	if (matching <= atMost) return;
	throw new StepProblem(`${matching} ${what} match, but 'At Most' allows ${atMost}. Nothing was changed.`, {
		field: 'At Most',
		hint: "Narrow down by journey, step or state. If all of them are meant, raise 'At Most'.",
	});
}

function isTrial({ ctx, params }: Change): boolean {
	return ctx.testRun && !params.inTests;
}

function trial({ ctx }: Change, operation: string, matching: number, what: string): Json[] {
	ctx.hint(
		`${matching} ${what} match. Nothing was changed, as this is a test run: switch on 'Also in Test Runs' to do it now.`,
	);
	return [{ operation, matching, done: 0, left: [] }];
}

/** As the person's timeline names who did it. */
function actorOf({ place }: StepContext): string {
	return place.flowName === '' ? place.name : `${place.name} (${place.flowName})`;
}
