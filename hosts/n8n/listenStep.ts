/** `trigger()` of a step: it listens from publishing to unpublishing, on the leading main process. */
import { setTimeout as pause } from 'node:timers/promises';
import type { IRun, ITriggerFunctions, ITriggerResponse } from 'n8n-workflow';
import type { Emit, Outputs, Step, Stop } from '../../core/step';
import { openContext } from './context';
import { emission, emissionRefused, runEnd } from './emission';
import { nodeError } from './errors';
import { standingParameters } from './parameters';

/** Unpublishing waits this long for runs that are under way. */
const PATIENCE_MS = 10_000;

export async function listenStep<P>(n8n: ITriggerFunctions, step: Step<P>): Promise<ITriggerResponse> {
	try {
		const { context, close } = await openContext(n8n);
		let stop: Stop | undefined;
		const start = async () => {
			const params = standingParameters(step, n8n.getNode(), (name) => n8n.getNodeParameter(name));
			stop = await step.listen?.(context, params, emitThrough(n8n, step));
		};
		const closeFunction = async () => {
			try {
				// A run under way is let end; one whose end is never told must not hold up the editor.
				await Promise.race([stop?.(), pause(PATIENCE_MS, undefined, { ref: false })]);
			} finally {
				close();
			}
		};
		// In a run by hand n8n hears only what is emitted after `trigger()` has returned.
		if (n8n.getMode() === 'manual') {
			const manualTriggerFunction = async () => {
				await start().catch((error: unknown) => {
					throw nodeError(n8n.getNode(), error);
				});
			};
			return { closeFunction, manualTriggerFunction };
		}
		await start().catch((error: unknown) => {
			close();
			throw error;
		});
		return { closeFunction };
	} catch (error) {
		throw nodeError(n8n.getNode(), error);
	}
}

function emitThrough<P>(n8n: ITriggerFunctions, step: Step<P>): Emit {
	return async (outputs: Outputs) => {
		const items = emission(step, outputs);
		// `n8n.emit` is read at each call: n8n replaces it in a run by hand. That run goes on only after we are done here,
		// and nobody in it is real, so its end is not waited for.
		if (n8n.getMode() === 'manual') {
			n8n.emit(items);
			return { end: 'done' };
		}
		const done = n8n.helpers.createDeferredPromise<IRun>();
		n8n.emit(items, undefined, done);
		try {
			return runEnd(await done.promise);
		} catch (error) {
			const end = emissionRefused(error);
			if (end.end === 'lost')
				n8n.logger.warn(`${n8n.getNode().name}: no run for these people, trying again: ${String(error)}`);
			return end;
		}
	};
}
