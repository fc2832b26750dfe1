/** Persons in the register: brought in from a file, added or updated, fetched, labelled, their consents and events. */
import { z } from 'zod/v4';
import type { Outputs, Step } from '../../core/step';
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
} from './changeOne';
import { upsert, upsertForm } from './upsertPerson';

const parameters = z.object({
	operation: z
		.enum(['addLabel', 'get', 'importCsv', 'registerEvent', 'removeLabel', 'setConsent', 'upsert'])
		.default('get'),
	...importForm,
	...upsertForm,
	...labelForm,
	...consentForm,
	...eventForm,
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
			case 'registerEvent':
				return registerEvent(ctx, items);
		}
	},
};
