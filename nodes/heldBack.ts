/** Steps that write to people hold them back in front of a message when the contact rules say so, and let them come again. */
import { registerStep } from '../core/journeys/journey';
import { releasePeople } from '../core/journeys/release';
import { readTraveller } from '../core/journeys/traveller';
import type { Wanted } from '../core/dispatch/deliver';
import type { Emit, Stop, StepContext } from '../core/step';
import type { Addressee } from './addressees';
import { reportCounts } from './reportCounts';

/** Where the person of this item can wait: on their journey. */
export function holdOf({ json, enrolmentId }: Addressee): Wanted<never>['hold'] {
	const traveller = enrolmentId === null ? undefined : readTraveller(json);
	return traveller && { hop: traveller.hop, json };
}

/** The `listen` of such a step: whoever is held back comes to its `run` again when the hour has come. */
export async function listenForHeld(ctx: StepContext, type: string, emit: Emit): Promise<Stop> {
	const store = await ctx.store();
	const { id, lastSeen } = await registerStep(store, ctx.clock, {
		key: ctx.place.step,
		name: ctx.place.name,
		type,
		settings: {},
	});
	return releasePeople(
		{
			store,
			clock: ctx.clock,
			stepId: id,
			lastSeen,
			// By the first output, whatever let them go; they come to `run` again and leave by what becomes of them there.
			outcomes: [''],
			log: (level, text) => ctx.log(level, text),
			counts: reportCounts(ctx),
		},
		emit,
	);
}
