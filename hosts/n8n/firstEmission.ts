/** What a listening step would bring in, for a run started by hand: its first emission, then it stops. */
import { StepProblem } from '../../core/ports';
import type { Outputs, Step, StepContext, Stop } from '../../core/step';

const PATIENCE_MS = 30_000;

export async function firstEmission<P>(step: Step<P>, context: StepContext, params: P): Promise<Outputs> {
	if (!step.listen) return step.outputs.map(() => []);
	let stop: Stop | undefined;
	let callOff: () => void = () => undefined;
	try {
		return await new Promise<Outputs>((resolve, reject) => {
			callOff = context.clock.at(context.clock.now() + PATIENCE_MS, () => reject(nothingYet()));
			step
				.listen?.(context, params, async (outputs) => {
					resolve(outputs);
					return { end: 'done' };
				})
				.then((started) => (stop = started), reject);
		});
	} finally {
		callOff();
		await stop?.();
	}
}

function nothingYet(): StepProblem {
	return new StepProblem(`Nothing came in within ${PATIENCE_MS / 1000} seconds.`, {
		hint: 'That may be as it should. Publish the workflow to let it listen all the time.',
	});
}
