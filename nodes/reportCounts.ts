/** Tells the editor how many people wait at a step. */
import type { StepContext } from '../core/step';

export function reportCounts(ctx: StepContext) {
	return ({ waiting, moving, stuck }: { waiting: number; moving: number; stuck: number }) => {
		const parts = [`${waiting} waiting`];
		if (moving > 0) parts.push(`${moving} moving`);
		if (stuck > 0) parts.push(`${stuck} stuck`);
		ctx.progress(waiting, undefined, parts.join(', '));
	};
}
