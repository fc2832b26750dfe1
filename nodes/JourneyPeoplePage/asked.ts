/** Which people a view is about: what stands in an address, read with care. */
import { type PeopleFilter, type PersonState, personStates } from '../../core/journeys/whereabouts';

/** Only keys and a state: nothing of a person ever stands in an address. */
export interface Asked {
	journey?: string;
	step?: string;
	state?: PersonState;
}

export function askedIn(query: Record<string, string | undefined>): Asked {
	const state = personStates.find((one) => one === query.state);
	return { journey: query.journey || undefined, step: query.step || undefined, state };
}

export function filterOf({ journey, step, state }: Asked): PeopleFilter {
	return {
		...(journey === undefined ? {} : { journey }),
		...(step === undefined ? {} : { step }),
		...(state === undefined ? {} : { states: [state] }),
	};
}
