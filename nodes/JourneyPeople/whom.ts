/** Which people, or which messages, the form means. */
import { z } from 'zod/v4';
import { type PeopleFilter, type PersonState, enrolmentsOf } from '../../core/journeys/people';
import { readTraveller } from '../../core/journeys/traveller';
import { type UnknownFilter, listUnknown } from '../../core/journeys/unknown';
import { organisationOf } from '../../core/register/organisation';
import type { Given, Json, StepContext } from '../../core/step';
import type { Store } from '../../core/store/store';
import { personsIn } from '../personIn';
import type { Parameters } from './form';

const DAY = 86_400_000;
const MESSAGES_AT_ONCE = 1_000;

type Items = ReadonlyArray<Given<Parameters>>;

/** Operations that make sense for people in one state only. */
const onlyIn: Partial<Record<Parameters['operation'], PersonState[]>> = {
	release: ['waiting'],
	retry: ['stuck'],
};

/** The filter of the form; undefined when it means the incoming items and these name nobody. */
export async function peopleMeant(
	ctx: StepContext,
	store: Store,
	params: Parameters,
	items: Items,
): Promise<PeopleFilter | undefined> {
	const now = ctx.clock.now();
	const states = onlyIn[params.operation] ?? params.states;
	const filter: PeopleFilter = {
		...placeIn(params),
		...(states.length > 0 ? { states } : {}),
		...(params.hereDays > 0 ? { arrivedBefore: now - params.hereDays * DAY } : {}),
		...(params.dueDays > 0 ? { dueBefore: now + params.dueDays * DAY } : {}),
	};
	if (params.people === 'all') return filter;
	const named = items.map(({ json }) => ({ json, enrolment: enrolmentIn(json) }));
	const enrolments = named.flatMap(({ enrolment }) => (enrolment === undefined ? [] : [enrolment]));
	const personIds = await personsOf(
		ctx,
		store,
		named.flatMap(({ json, enrolment }) => (enrolment === undefined ? [json] : [])),
	);
	if (personIds.length > 0) enrolments.push(...(await enrolmentsOf(store, now, { ...filter, personIds })));
	return enrolments.length > 0 ? { ...filter, enrolmentIds: [...new Set(enrolments)] } : undefined;
}

/** The same for messages; undefined when the incoming items name nobody. */
export async function unknownMeant(
	ctx: StepContext,
	store: Store,
	params: Parameters,
	items: Items,
): Promise<UnknownFilter | undefined> {
	if (params.people === 'all') return placeIn(params);
	const personIds = await personsOf(
		ctx,
		store,
		items.map(({ json }) => json),
	);
	return personIds.length > 0 ? { ...placeIn(params), personIds } : undefined;
}

/** Ids of the unknown messages meant: those that incoming items name themselves, else those of their people. */
export async function messagesMeant(
	ctx: StepContext,
	store: Store,
	params: Parameters,
	items: Items,
): Promise<number[]> {
	const byId = params.people === 'incoming' ? items.filter(({ json }) => dispatchIn(json) !== undefined) : [];
	const ids = new Set(byId.map(({ json }) => dispatchIn(json)!));
	const others = items.filter((item) => !byId.includes(item));
	const filter = await unknownMeant(ctx, store, params, others);
	let after: string | undefined;
	do {
		if (!filter) break;
		const page = await listUnknown(store, filter, { after, limit: MESSAGES_AT_ONCE });
		for (const { dispatchId } of page.messages) ids.add(dispatchId);
		after = page.next;
	} while (after !== undefined);
	return [...ids];
}

function placeIn({ journey, step }: Parameters): { journey?: string; step?: string } {
	return { ...(journey === '' ? {} : { journey }), ...(step === '' ? {} : { step }) };
}

const listed = z.object({ enrolmentId: z.number().int().positive() });
const message = z.object({ dispatchId: z.number().int().positive() });

/** The trip that the item is about: a traveller's, or one that this step has listed. */
function enrolmentIn(json: Json): number | undefined {
	const traveller = readTraveller(json);
	if (traveller && !traveller.test) return traveller.enrolmentId;
	return listed.safeParse(json).data?.enrolmentId;
}

function dispatchIn(json: Json): number | undefined {
	return message.safeParse(json).data?.dispatchId;
}

async function personsOf(ctx: StepContext, store: Store, items: Json[]): Promise<number[]> {
	if (items.length === 0) return [];
	const { countryCode } = organisationOf(await ctx.credentials('memberJourneysStoreApi'));
	const people = await personsIn(store, items, countryCode);
	return [...new Set(people.flatMap((person) => ('personId' in person ? [person.personId] : [])))];
}
