/** Steps that no longer stand in their flow: whoever waits there is let go by nobody until an admin moves them. */
import type { Db } from '../store/store';
import { CONVERSATION } from '../conversations/replies';
import { GATE } from './gate';
import { UNSEEN } from './journey';

/**
 * Types of the steps where people stand and are let go from. All others pass them on; those of them that send have people
 * wait in front of a message that must not leave yet, and are heard of like these as soon as they listen for that.
 */
export const STANDING: ReadonlySet<string> = new Set(['journeyStart', 'enrol', GATE, CONVERSATION]);

/**
 * The steps that are gone, with the moment (epoch ms) since when: the host has said so, or another step of the same flow
 * has been seen well after it. A flow that is silent as a whole is stopped, and its steps are not gone.
 */
export async function goneSteps(db: Db): Promise<Map<number, number>> {
	const steps = await db
		.selectFrom('step')
		.select(['id', 'type', 'flow', 'seen_at', 'updated_at', 'removed_at'])
		.execute();
	const lastIn = new Map<string, number>();
	for (const { flow, seen_at } of steps) {
		if (seen_at !== null) lastIn.set(flow, Math.max(lastIn.get(flow) ?? 0, seen_at));
	}
	const gone = new Map<number, number>();
	for (const step of steps) {
		const seen = step.seen_at ?? step.updated_at;
		if (step.removed_at !== null) gone.set(step.id, step.removed_at);
		else if ((!STANDING.has(step.type) && step.seen_at === null) || step.flow === '') continue;
		else if ((lastIn.get(step.flow) ?? 0) - seen > UNSEEN) gone.set(step.id, seen);
	}
	return gone;
}
