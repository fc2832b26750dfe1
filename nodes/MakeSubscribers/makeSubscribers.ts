/** Make's register of subscribers: people, one or many at a time, and the lists, tags, fields, forms and events around them. */
import { StepProblem } from '../../core/ports';
import type { Choice, Outputs, Step } from '../../core/step';
import { answered, makeClientOf } from '../makeAccess';
import { type Parameters, type Work, parameters } from './form';
import { eachPerson } from './onePerson';
import { removeMany, storeMany } from './many';
import {
	createThing,
	deleteThing,
	getCounts,
	getEvents,
	getMany,
	getStatusChanges,
	getThing,
	getThings,
	updateThing,
} from './things';

const works: Record<Parameters['resource'], Record<string, Work>> = {
	subscriber: {
		addToList: eachPerson,
		bulk: storeMany,
		bulkRemove: removeMany,
		delete: eachPerson,
		get: eachPerson,
		getCounts,
		getLists: eachPerson,
		getMany,
		getStatusChanges,
		removeFromList: eachPerson,
		unsubscribe: eachPerson,
		update: eachPerson,
		upsert: eachPerson,
	},
	form: { signUp: eachPerson },
	list: { create: createThing, delete: deleteThing, get: getThing, getMany: getThings, update: updateThing },
	tag: { create: createThing, delete: deleteThing, get: getThing, getMany: getThings, update: updateThing },
	customField: {
		create: createThing,
		delete: deleteThing,
		get: getThing,
		getMany: getThings,
		update: updateThing,
	},
	event: { getMany: getEvents },
};

export const makeSubscribers: Step<Parameters> = {
	name: 'makeSubscribers',
	parameters,
	outputs: ['Done', 'Refused'],

	async run(ctx, params, items): Promise<Outputs> {
		const work = works[params.resource][params.operation];
		if (!work)
			throw new StepProblem(`'Operation' holds '${params.operation}', which is nothing that can be done.`, {
				field: 'Operation',
				hint: 'Choose one from the list.',
			});
		return work(ctx, items);
	},

	choices: {
		async customFields(ctx): Promise<Choice[]> {
			const fields = answered(await (await makeClientOf(ctx)).customFields());
			return [
				...standardFields.map(([name, value]) => ({ name, value })),
				...fields.map(({ label, value }) => ({ name: label || value, value, description: value })),
			];
		},
		async lists(ctx): Promise<Choice[]> {
			const lists = answered(await (await makeClientOf(ctx)).lists());
			return lists
				.filter(({ title }) => !title.startsWith('Member Journeys '))
				.map(({ id, title }) => ({ name: title, value: id }));
		},
	},
};

/** Those of the public client's type that are not sent by themselves. */
const standardFields = [
	['Address', 'address'],
	['Birthday', 'birthday'],
	['City', 'city'],
	['Company', 'company'],
	['First Name', 'firstname'],
	['Gender', 'gender'],
	['Last Name', 'lastname'],
	['Postal Code', 'zip'],
] as const;
