/** Moving people to another gate of their journey. */
import { type Clock, StepProblem } from '../ports';
import { WAITING } from '../store/schema';
import type { Store } from '../store/store';
import { type ByHand, type Here, type Selection, doToAll } from './byHand';
import { GATE, park, personDates } from './gate';
import { gateSettings } from './journey';
import { goneSteps } from './stranded';

/**
 * Moves people to another gate of their journey, out of stuck and stranded too. They wait there as if they had just
 * arrived: for as long as it says now.
 * @throws {StepProblem} when nobody can wait at that step.
 */
export async function moveTo(
	store: Store,
	clock: Clock,
	selection: Selection,
	stepKey: string,
	actor: string,
): Promise<ByHand> {
	const step = await store.db
		.selectFrom('step')
		.select(['id', 'key', 'name', 'flow', 'settings', 'type'])
		.where('key', '=', stepKey)
		.executeTakeFirst();
	const settings = step?.type === GATE ? gateSettings.safeParse(JSON.parse(step.settings)) : undefined;
	if (!step || !settings?.success) {
		throw new StepProblem('People can be moved to a Wait for Goal step only.', {
			field: 'Move To',
			hint: 'Choose the step from the list. It is there once its flow has been published or deployed.',
		});
	}
	if ((await goneSteps(store.db)).has(step.id)) {
		throw new StepProblem(
			`The step '${step.name}' is no longer in its flow: nobody would let people go from it.`,
			{
				field: 'Move To',
				hint: 'Choose another step, or put it back and publish or deploy the flow.',
			},
		);
	}
	const gate = { stepId: step.id, settings: settings.data };
	const flows = new Map(
		(await store.db.selectFrom('step').select(['id', 'flow']).execute()).map((row) => [row.id, row.flow]),
	);
	const inJourney = (row: Here) => row.journey_key === step.flow || flows.get(row.step_id) === step.flow;
	let datesOf: (personId: number) => string | null = () => null;
	return doToAll(store, clock, selection, {
		kind: 'moved',
		detail: step.name,
		actor,
		left(row) {
			if (row.step_id === step.id && row.state === WAITING) return 'there';
			return inJourney(row) ? undefined : 'otherJourney';
		},
		async before(enrolmentIds) {
			if (gate.settings.wait.kind !== 'personDate') return;
			const rows = await store.db
				.selectFrom('traveller')
				.select('person_id')
				.where(store.among('enrolment_id', enrolmentIds))
				.execute();
			datesOf = await personDates(
				store,
				gate,
				rows.map((row) => row.person_id),
				clock.now(),
			);
		},
		async work(writing, rows, now) {
			await park(writing, store, now, gate, rows, datesOf);
		},
	});
}
