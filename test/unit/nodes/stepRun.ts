/** Runs a step as a host would, on a store and a clock of the test's own. */
import { virtualClock } from '../../../core/journeys/clock';
import { type Json, type Step, type StepContext } from '../../../core/step';
import type { Store } from '../../../core/store/store';

export interface Ran {
	outputs: Json[][];
	from: Array<Array<number | undefined>>;
	problems: Array<{ message: string; item?: number }>;
	hints: string[];
}

/** Epoch ms: 15 March 2026, 12:00 in Oslo. */
export const NOW = Date.UTC(2026, 2, 15, 11);

export function contextOn(store: Store, more: Partial<StepContext> = {}): StepContext & { hints: string[] } {
	const hints: string[] = [];
	return {
		store: async () => store,
		credentials: async () => ({ timeZone: 'Europe/Oslo', countryCode: '47' }),
		clock: virtualClock(NOW),
		http: async () => {
			throw new Error('this step asks nobody');
		},
		place: { host: 'n8n', flow: 'f1', flowName: 'Velkommen', step: 'f1/s1', name: 'Steget' },
		testRun: false,
		continueOnFail: false,
		progress: () => undefined,
		hint: (text) => void hints.push(text),
		log: () => undefined,
		hints,
		...more,
	};
}

export async function runStep<P>(
	step: Step<P>,
	store: Store,
	params: Json,
	items: Json[] = [{}],
	more: Partial<StepContext> = {},
): Promise<Ran> {
	const ctx = contextOn(store, more);
	const parsed = step.parameters.parse(params);
	const outputs = await step.run!(
		ctx,
		parsed,
		items.map((json, index) => ({ json, index, params: parsed })),
	);
	return {
		outputs: outputs.map((outs) => outs.map(({ json }) => json)),
		from: outputs.map((outs) => outs.map(({ from }) => from)),
		problems: outputs
			.flat()
			.flatMap(({ problem }) => (problem ? [{ message: problem.message, item: problem.details.item }] : [])),
		hints: ctx.hints,
	};
}
