/** The shortest journey: a start, and a gate where people wait. What stands between them is the benchmark's. */
import {
	type GateSettings,
	type JourneySettings,
	registerJourney,
	registerStep,
} from '../core/journeys/journey';
import type { Clock } from '../core/ports';
import type { Store } from '../core/store/store';

export async function makeJourney(store: Store, clock: Clock, gate: Pick<GateSettings, 'goal' | 'wait'>) {
	const settings: JourneySettings = { reentry: { kind: 'once' }, restart: { kind: 'atOnce' } };
	const { id } = await registerJourney(store, clock, { key: 'bench', name: 'Bench', settings });
	const step = (key: string, type: string, stepSettings: object) =>
		registerStep(store, clock, {
			key: `bench/${key}`,
			name: key,
			type,
			journeyId: id,
			settings: { ...stepSettings },
		});
	const gateSettings: GateSettings = {
		since: 'enrolment',
		holdReached: false,
		timeZone: 'Europe/Oslo',
		...gate,
	};
	return {
		journey: { id, settings, stepId: (await step('start', 'journeyStart', {})).id },
		send: { stepId: (await step('send', 'linkSms', {})).id },
		gate: { stepId: (await step('gate', 'waitForGoal', gateSettings)).id, settings: gateSettings },
	};
}
