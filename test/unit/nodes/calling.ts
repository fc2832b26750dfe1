/** A journey with a call list in it, for stories. */
import { enrol } from '../../../core/journeys/enrol';
import { registerJourney, registerStep } from '../../../core/journeys/journey';
import { releasePeople } from '../../../core/journeys/release';
import type { Emit, Json, Out, Stop, StepContext } from '../../../core/step';
import { callList } from '../../../nodes/CallList/callList';
import type { Office } from '../providers/office';

const LABELS = ['yes', 'no', 'notReached', 'leftOut', 'report'];

export interface Left {
	output: string;
	id: number;
	call: Json;
	json: Json;
}

/** A journey of one start and one call list; what leaves it is collected. */
export class Calling {
	readonly left: Left[] = [];
	raw: Json;
	private stops: Stop[] = [];

	constructor(
		readonly office: Office,
		raw: Json,
		private readonly over: Partial<StepContext> = {},
	) {
		this.raw = raw;
	}

	ctx(): StepContext {
		const { place } = this.office.ctx();
		return this.office.ctx({ place: { ...place, step: 'flow-1/calls', name: 'Ringeliste' }, ...this.over });
	}

	get params() {
		return callList.parameters.parse(this.raw);
	}

	async run(items: Json[], released?: number[]): Promise<void> {
		const { params } = this;
		const given = items.map((json, index) => ({
			json,
			params,
			index,
			...(released ? { released: released[index] ?? 0 } : {}),
		}));
		const outputs = await callList.run!(this.ctx(), params, given);
		outputs.forEach((outs, output) => {
			for (const { json } of outs) {
				const id = (json.person as { id: number } | undefined)?.id ?? 0;
				this.left.push({ output: LABELS[output] ?? '', id, call: (json.call ?? {}) as Json, json });
			}
		});
	}

	private async carry(items: Json[], released?: number[]): ReturnType<Emit> {
		try {
			await this.run(items, released);
			return { end: 'done' };
		} catch (cause) {
			return { end: 'failed', reason: cause instanceof Error ? cause.message : String(cause) };
		}
	}

	async listen(): Promise<void> {
		const emit: Emit = (outputs) => {
			const all = outputs.flatMap((outs: Out[], output) => outs.map(({ json }) => ({ json, output })));
			return this.carry(
				all.map(({ json }) => json),
				all.map(({ output }) => output),
			);
		};
		this.stops.push(await callList.listen!(this.ctx(), this.params, emit));
	}

	async start(personIds: number[]): Promise<void> {
		const { store, clock } = this.office;
		const settings = { reentry: { kind: 'afterExit' as const }, restart: { kind: 'atOnce' as const } };
		const journey = await registerJourney(store, clock, { key: 'flow-1', name: 'Reise', settings });
		const start = await registerStep(store, clock, {
			key: 'flow-1/start',
			name: 'Start',
			type: 'journeyStart',
			journeyId: journey.id,
			settings: {},
		});
		await enrol(
			store,
			clock,
			{ id: journey.id, stepId: start.id, settings },
			personIds.map((personId) => ({ personId })),
		);
		this.stops.push(
			await releasePeople(
				{ store, clock, stepId: start.id, outcomes: ['started'], log: () => undefined },
				(outputs) => this.carry(outputs.flat().map(({ json }) => json)),
			),
		);
	}

	of(id: number): Left[] {
		return this.left.filter((one) => one.id === id);
	}

	items() {
		return this.office.store.db.selectFrom('handoff_item').selectAll().orderBy('dispatch_id').execute();
	}

	async end(): Promise<void> {
		for (const stop of this.stops.splice(0)) await stop();
	}
}

export const atVicidial = {
	profile: 'vicidial',
	listId: '101',
	dialerCampaign: 'OPPGRAD',
	campaign: 'Oppgradering 2026',
	script: 'Hei, er det {{ person.givenName }}?',
	wash: 'agency',
	takenBack: 'delete',
};
/** A Monday, 10:00 in Oslo. */
export const MONDAY = Date.UTC(2026, 10, 23, 9);
