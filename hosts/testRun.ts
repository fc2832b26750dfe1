/** Whether a run is one by hand, whose people must be left in peace. */
import { readTraveller } from '../core/journeys/traveller';
import type { Json } from '../core/step';

/** A run started by hand may go on in a sub-workflow, where the host no longer says so: its travellers do. */
export function carriesTest(items: readonly Json[]): boolean {
	return items.some((json) => readTraveller(json)?.test === true);
}
