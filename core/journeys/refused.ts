/** Why a journey would not let somebody in: worked out when it is asked for, as a row per refusal would be one per look and person. */
import type { Store } from '../store/store';
import { earlierTrips, reasonAgainst } from './enrol';
import { whoMet } from './goal';
import { journeySettings } from './journey';

/**
 * The running journeys that would refuse this person at this moment (epoch ms), with the reason that enrolling gives. With
 * ‘once per trip key’ there is no answer without the key. That somebody is not in a journey's segment is no refusal.
 */
export async function whyRefused(
	store: Store,
	now: number,
	personId: number,
): Promise<Array<{ journey: string; reason: string }>> {
	const journeys = await store.db
		.selectFrom('journey')
		.select(['id', 'name', 'settings'])
		.where('state', '=', 'running')
		.orderBy('name')
		.execute();
	const refused: Array<{ journey: string; reason: string }> = [];
	for (const { id, name, settings } of journeys) {
		const read = journeySettings.safeParse(JSON.parse(settings));
		if (!read.success) continue;
		const { reentry, goal } = read.data;
		const trips = await earlierTrips(store.db, store, id, new Set([personId]));
		const one = { enrolmentId: 0, personId, since: now, dispatchId: null };
		const reason =
			reentry.kind === 'keyed' ? undefined : reasonAgainst(reentry, trips.get(`${personId}`), now);
		if (reason) refused.push({ journey: name, reason });
		else if (goal && (await whoMet(store.db, store, goal, [one])).size > 0)
			refused.push({ journey: name, reason: 'has reached the goal of the journey already' });
	}
	return refused;
}
