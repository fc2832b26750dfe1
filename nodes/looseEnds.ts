/** Outputs that nothing is wired to: whoever leaves by them leaves the journey, which may not have been meant. */
import type { StepContext } from '../core/step';

/** In words; undefined when there are none, or the host does not know. */
export function looseEnds(ctx: Pick<StepContext, 'wired'>, labels: readonly string[]): string | undefined {
	const loose = labels.filter((_, output) => ctx.wired?.(output) === false);
	if (loose.length === 0) return undefined;
	if (loose.length === labels.length)
		return 'Nothing is wired to this step: whoever leaves it has come to the end of the journey.';
	const names = loose.map((label) => `'${label}'`).join(' and ');
	return `Nothing is wired to ${names}: whoever leaves that way has come to the end of the journey.`;
}
