/** Gifts into the books, receipts, and what the books hold. */
import { releaseStuck, stuckLines } from '../../core/gifts/outbox';
import { organisationOf } from '../../core/register/organisation';
import type { Out, Step } from '../../core/step';
import { type Look, exportCsv, exportOcr, list, showSums } from './exports';
import { type Parameters, parameters } from './form';
import { register } from './register';

const looks = { exportCsv, exportOcr, list, sums: showSums, releaseStuck: release } as const;

export const registerGift: Step<Parameters> = {
	name: 'registerGift',
	parameters,
	outputs: ['Registered', 'Not Registered'],

	async run(ctx, params, items) {
		const store = await ctx.store();
		if (params.operation === 'register') return register(ctx, store, items);
		const { zone } = organisationOf(await ctx.credentials('memberJourneysStoreApi'));
		const found = await looks[params.operation]({ ctx, store, params, zone });
		// What does not depend on the items comes from the first of them, if there is one.
		const from = items.length > 0 ? { from: 0 } : {};
		return [found.map((out) => ({ ...out, ...from })), []];
	},
};

/** What runs could not pass on, in any step, goes again. */
async function release({ ctx, store }: Look): Promise<Out[]> {
	const stuck = await stuckLines(store);
	const released = ctx.testRun ? 0 : await releaseStuck(store, ctx.clock);
	ctx.hint(
		stuck.length === 0
			? 'Nothing is stuck.'
			: ctx.testRun
				? `${stuck.length} are stuck. This was a test run: nothing was released.`
				: `${released} go again.`,
	);
	return stuck.map(({ step, kind, subjectId, reason }) => ({
		json: { step, kind, id: subjectId, reason, released: !ctx.testRun },
	}));
}
