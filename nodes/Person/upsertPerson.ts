/** Upsert: adds the person of each item, or updates what is given about them. */
import { z } from 'zod/v4';
import { dayIn } from '../../core/register/calendar';
import { type Cell, type RegisterPerson, type Target, readPerson } from '../../core/register/given';
import { organisationOf } from '../../core/register/organisation';
import { personViews } from '../../core/register/person';
import { upsertPersons } from '../../core/register/upsert';
import type { Given, Out, Outputs, StepContext } from '../../core/step';

const text = z.union([z.string(), z.number()]).default('').transform(String);

export const upsertForm = {
	memberNumber: text,
	email: text,
	phone: text,
	givenName: text,
	familyName: text,
	details: z.record(z.string(), z.union([z.string(), z.number()])).default({}),
	attributes: z
		.object({ attribute: z.array(z.object({ key: z.string().trim(), value: text })).default([]) })
		.default({ attribute: [] }),
};
type Form = z.infer<z.ZodObject<typeof upsertForm>>;

/** Fields under “More About the Person”, as the form names them. */
export const details: ReadonlyArray<{
	name: string;
	displayName: string;
	target: Target;
	placeholder: string;
}> = [
	{
		name: 'protected',
		displayName: 'Address Protection',
		target: 'protected',
		placeholder: 'e.g. ja',
	},
	{ name: 'birthDate', displayName: 'Birth Date', target: 'birthDate', placeholder: 'e.g. 1990-12-31' },
	{ name: 'city', displayName: 'City', target: 'city', placeholder: 'e.g. Bergen' },
	{ name: 'country', displayName: 'Country', target: 'country', placeholder: 'e.g. NO' },
	{ name: 'deceasedOn', displayName: 'Deceased On', target: 'deceasedOn', placeholder: 'e.g. 2026-01-31' },
	{
		name: 'employer',
		displayName: 'Employer',
		target: 'employment.employer',
		placeholder: 'e.g. Eksempel AS',
	},
	{ name: 'gender', displayName: 'Gender', target: 'gender', placeholder: 'e.g. kvinne' },
	{ name: 'title', displayName: 'Job Title', target: 'employment.title', placeholder: 'e.g. sykepleier' },
	{ name: 'labels', displayName: 'Labels', target: 'labels', placeholder: 'e.g. frivillig, giver' },
	{ name: 'language', displayName: 'Language', target: 'language', placeholder: 'e.g. nn' },
	{
		name: 'unit',
		displayName: 'Membership Branch',
		target: 'membership.unit',
		placeholder: 'e.g. Bergen lokallag',
	},
	{
		name: 'endedOn',
		displayName: 'Membership Ended On',
		target: 'membership.endedOn',
		placeholder: 'e.g. 2026-12-31',
	},
	{
		name: 'kind',
		displayName: 'Membership Kind',
		target: 'membership.kind',
		placeholder: 'e.g. Hovedmedlem',
	},
	{
		name: 'paidOn',
		displayName: 'Membership Paid On',
		target: 'membership.paidOn',
		placeholder: 'e.g. 2026-01-31',
	},
	{
		name: 'paidUntil',
		displayName: 'Membership Paid Until',
		target: 'membership.paidUntil',
		placeholder: 'e.g. 2026-12-31',
	},
	{
		name: 'startedOn',
		displayName: 'Membership Started On',
		target: 'membership.startedOn',
		placeholder: 'e.g. 2026-01-01',
	},
	{
		name: 'status',
		displayName: 'Membership Status',
		target: 'membership.status',
		placeholder: 'e.g. Aktiv',
	},
	{ name: 'postalCode', displayName: 'Postal Code', target: 'postalCode', placeholder: 'e.g. 5003' },
	{ name: 'street', displayName: 'Street', target: 'street', placeholder: 'e.g. Eksempelveien 1' },
];

const PEOPLE_AT_ONCE = 500;

export async function upsert(ctx: StepContext, items: ReadonlyArray<Given<Form>>): Promise<Outputs> {
	const store = await ctx.store();
	const organisation = organisationOf(await ctx.credentials('memberJourneysStoreApi'));
	const rules = { organisation, today: dayIn(ctx.clock.now(), organisation.zone), clearEmpty: false };
	const done: Out[] = [];
	const refused: Out[] = [];
	const refuse = (item: Given<Form>, field: string, reason: string) =>
		refused.push({ json: { ...item.json, refused: { field, reason } }, from: item.index });
	const counts = { added: 0, changed: 0, unchanged: 0 };
	for (let start = 0; start < items.length; start += PEOPLE_AT_ONCE) {
		const taken: Array<{ item: Given<Form>; person: RegisterPerson }> = [];
		for (const item of items.slice(start, start + PEOPLE_AT_ONCE)) {
			const read = readPerson(cellsOf(item.params), rules);
			if ('refused' in read) refuse(item, read.refused.field, read.refused.reason);
			else taken.push({ item, person: read.person });
		}
		const now = ctx.clock.now();
		const result = await store.write((writing) =>
			upsertPersons(
				writing,
				store,
				now,
				taken.map(({ person }) => person),
				'person step',
			),
		);
		counts.added += result.added;
		counts.changed += result.changed;
		counts.unchanged += result.unchanged;
		for (const { index, field, reason } of result.refused) refuse(taken[index]!.item, field, reason);
		const ids = result.ids.filter((id) => id !== null);
		const views = await personViews(store, ids, now, organisation.zone);
		taken.forEach(({ item }, place) => {
			const view = views.get(result.ids[place] ?? 0);
			if (view) done.push({ json: { ...item.json, person: view }, from: item.index });
		});
		ctx.progress(Math.min(start + PEOPLE_AT_ONCE, items.length), items.length, 'people');
	}
	const { added, changed, unchanged } = counts;
	ctx.hint(`${added} added, ${changed} changed, ${unchanged} unchanged, ${refused.length} refused.`);
	return [done, refused];
}

function cellsOf(params: Form): Cell[] {
	const own: Cell[] = [
		{ target: 'memberNumber', text: params.memberNumber, field: 'Member Number' },
		{ target: 'email', text: params.email, field: 'E-Mail' },
		{ target: 'phone', text: params.phone, field: 'Phone' },
		{ target: 'givenName', text: params.givenName, field: 'Given Name' },
		{ target: 'familyName', text: params.familyName, field: 'Family Name' },
	];
	for (const { name, displayName, target } of details) {
		const value = params.details[name];
		if (value !== undefined) own.push({ target, text: String(value), field: displayName });
	}
	for (const { key, value } of params.attributes.attribute) {
		if (key !== '') own.push({ target: `attribute.${key}`, text: value, field: key });
	}
	return own;
}
