/** Travellers for a run by hand: they look like the real ones, and are enrolled nowhere. */
import type { TravellerJson } from '../core/journeys/traveller';
import { personViews } from '../core/register/person';
import type { Json, StepContext } from '../core/step';

export async function testTravellers(ctx: StepContext, personIds: readonly number[]): Promise<Json[]> {
	const views = await personViews(await ctx.store(), personIds, ctx.clock.now());
	return [...views.values()].map((person): Json => {
		const journey: TravellerJson['journey'] = {
			key: ctx.place.flow,
			name: ctx.place.flowName,
			enrolment: 0,
			hop: 0,
			test: true,
		};
		return { person, journey };
	});
}
