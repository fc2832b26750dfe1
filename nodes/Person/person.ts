/** Persons in the register: brought in, updated, fetched, labelled, merged and erased; their consents, events and story. */
import { z } from 'zod/v4';
import type { Outputs, Step } from '../../core/step';
import { deleteOldHistory } from './deleteOld';
import { erase, eraseForm } from './erase';
import { getPeople } from './get';
import { importCsv, importForm, importChoices } from './importCsv';
import {
	addLabel,
	labelForm,
	registerEvent,
	eventForm,
	removeLabel,
	consentForm,
	changeConsent,
	changeReservation,
	reservationForm,
} from './changeOne';
import { merge, mergeForm } from './merge';
import { exportPeople, getTimelines, timelineForm } from './story';
import { upsert, upsertForm } from './upsertPerson';

const parameters = z.object({
	operation: z
		.enum([
			'addLabel',
			'deleteOld',
			'erase',
			'export',
			'get',
			'importCsv',
			'merge',
			'registerEvent',
			'removeLabel',
			'setConsent',
			'setReservation',
			'timeline',
			'upsert',
		])
		.default('get'),
	...importForm,
	...upsertForm,
	...labelForm,
	...consentForm,
	...reservationForm,
	...eventForm,
	...timelineForm,
	...eraseForm,
	...mergeForm,
});
export type Parameters = z.infer<typeof parameters>;

export const person: Step<Parameters> = {
	name: 'person',
	parameters,
	outputs: ['Done', 'Refused'],
	choices: importChoices,

	async run(ctx, params, items): Promise<Outputs> {
		switch (params.operation) {
			case 'importCsv':
				return importCsv(ctx, items);
			case 'upsert':
				return upsert(ctx, items);
			case 'get':
				return getPeople(ctx, items);
			case 'addLabel':
				return addLabel(ctx, items);
			case 'removeLabel':
				return removeLabel(ctx, items);
			case 'setConsent':
				return changeConsent(ctx, items);
			case 'setReservation':
				return changeReservation(ctx, items);
			case 'registerEvent':
				return registerEvent(ctx, items);
			case 'timeline':
				return getTimelines(ctx, items);
			case 'export':
				return exportPeople(ctx, items);
			case 'erase':
				return erase(ctx, items);
			case 'merge':
				return merge(ctx, items);
			case 'deleteOld':
				return deleteOldHistory(ctx, items);
		}
	},
};
