/** Delete Old History: what the steps that people come in by do every night, now. */
import { retentionDays, tidy } from '../../core/journeys/retention';
import { StepProblem } from '../../core/ports';
import type { Given, Outputs, StepContext } from '../../core/step';

export async function deleteOldHistory<P>(
	ctx: StepContext,
	items: ReadonlyArray<Given<P>>,
): Promise<Outputs> {
	const [first] = items;
	if (!first) return [[], []];
	const days = retentionDays(await ctx.credentials('memberJourneysStoreApi'));
	if (days === 0) {
		throw new StepProblem('The Journey Store keeps finished journeys for ever.', {
			field: 'Keep Finished Journeys (Days)',
			hint: 'Set ‘Keep Finished Journeys (Days)’ in the Journey Store to the number of days that you need them.',
		});
	}
	const deleted = await tidy({ store: await ctx.store(), clock: ctx.clock, days });
	if (!deleted) {
		ctx.hint('Another process is deleting old history just now.');
		const reason = 'Another process is at it just now.';
		return [[], [{ json: { ...first.json, refused: { field: 'Operation', reason } }, from: first.index }]];
	}
	ctx.hint(
		`${deleted.trips + deleted.bareTrips} finished trips, ${deleted.messages} messages, ${deleted.responses} responses, ${deleted.changes} changes deleted.`,
	);
	return [[{ json: { ...first.json, deleted: { ...deleted, olderThanDays: days } }, from: first.index }], []];
}
