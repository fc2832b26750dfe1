/** The end of a journey for those who come here. */
import { z } from 'zod/v4';
import { exitTravellers } from '../../core/journeys/exit';
import { type Traveller, readTraveller } from '../../core/journeys/traveller';
import { StepProblem } from '../../core/ports';
import type { Step } from '../../core/step';

/** What an expression gives may well be a number. */
const text = z.union([z.string(), z.number().transform(String)]);
const parameters = z.object({ reason: text.pipe(z.string().trim().max(200)).default('') });

export const journeyExit: Step<z.infer<typeof parameters>> = {
	name: 'journeyExit',
	parameters,
	outputs: ['Left'],

	async run(ctx, _params, items) {
		const travellers = items.map(({ json, index, params }) => {
			const traveller = readTraveller(json);
			if (!traveller) {
				throw new StepProblem('This item is no person on a journey, so there is nothing to leave.', {
					item: index,
					hint: 'Wire this step behind a Journey Start, an Enrol or a Wait for Goal step.',
				});
			}
			return { traveller, reason: params.reason || ctx.place.name };
		});
		if (!ctx.testRun) {
			const store = await ctx.store();
			const byReason = new Map<string, Traveller[]>();
			for (const { traveller, reason } of travellers) {
				const group = byReason.get(reason);
				if (group) group.push(traveller);
				else byReason.set(reason, [traveller]);
			}
			let left = 0;
			await store.write(async (writing) => {
				for (const [reason, group] of byReason)
					left += await exitTravellers(writing, store, ctx.clock.now(), group, reason);
			});
			ctx.hint(`${left} left the journey.`);
		}
		return [items.map(({ json, index }) => ({ json, from: index }))];
	},
};
