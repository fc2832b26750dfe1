/** The people that come in, as the subscribers that Make is to know. */
import { judge } from '../../core/dispatch/rules';
import { knownStep } from '../../core/journeys/journey';
import { StepProblem } from '../../core/ports';
import { readEmail, readPhone } from '../../core/register/contact';
import { organisationOf } from '../../core/register/organisation';
import type { Given, Out, StepContext } from '../../core/step';
import type { Store } from '../../core/store/store';
import { type CompiledTemplate, compileTemplate } from '../../core/templates/liquid';
import { attempt } from '../../core/attempt';
import type { HowToStore, SubscriberRow } from '../../providers/make/account';
import { type Addressee, addressees, detailOf } from '../addressees';
import type { Parameters } from './form';

export interface Person {
	who: Addressee;
	params: Parameters;
	row: SubscriberRow;
	/** Why nothing can be done about this one. */
	reason?: string;
	/** Only shown what would be done. */
	test: boolean;
}

/** Operations by which somebody may come to get newsletters: the contact rules stand in front of these. */
const puttingIn: readonly string[] = ['addToList', 'bulk', 'update', 'upsert'];
/** Operations that send Make a subscriber's details. */
const telling: readonly string[] = ['bulk', 'signUp', 'update', 'upsert'];

/**
 * Reads each item, with the reasons that stand against it; what cannot be read leaves as a problem of its own when the
 * host wants that.
 */
export async function peopleOf(
	ctx: StepContext,
	store: Store,
	items: ReadonlyArray<Given<Parameters>>,
): Promise<{ people: Person[]; problems: Out[] }> {
	const organisation = organisationOf(await ctx.credentials('memberJourneysStoreApi'));
	const { id: stepId } = await knownStep(store, ctx.clock, {
		key: ctx.place.step,
		name: ctx.place.name,
		type: 'makeSubscribers',
		settings: {},
	});
	const { here, movedOn } = await addressees(
		store,
		{ id: stepId, key: ctx.place.step },
		items.map(({ json, index }) => ({ json, index, messageKey: '' })),
	);
	if (movedOn > 0) ctx.hint(`${movedOn} had left the journey or moved on before.`);
	const byIndex = new Map(items.map((item) => [item.index, item]));
	const texts = new Map<string, CompiledTemplate>();
	const people: Person[] = [];
	const problems: Out[] = [];
	for (const who of here) {
		const item = byIndex.get(who.index);
		if (!item) continue;
		const tried = attempt(() => personOf(ctx, who, item, texts, organisation.countryCode), who.index);
		if ('value' in tried) people.push(tried.value);
		else if (!ctx.continueOnFail) throw tried.problem;
		else problems.push({ json: who.json, from: who.index, problem: tried.problem });
	}
	const judged = await judge(
		store.db,
		store,
		{ channel: 'email', now: ctx.clock.now(), zone: organisation.zone },
		people
			.filter(({ params }) => puttingIn.includes(params.operation))
			.map(({ who, params, row }) => ({
				key: `${who.index}`,
				personId: who.personId,
				purpose: params.purpose,
				address: typeof row.email === 'string' ? row.email : null,
			})),
	);
	for (const person of people) {
		const against = judged.get(`${person.who.index}`);
		if (against?.verdict === 'skip') person.reason ??= against.reason;
	}
	return { people, problems };
}

function personOf(
	ctx: StepContext,
	who: Addressee,
	{ json, params, index }: Given<Parameters>,
	texts: Map<string, CompiledTemplate>,
	countryCode: string,
): Person {
	const test = ctx.testRun || who.test;
	if (!telling.includes(params.operation)) return { who, params, row: {}, test };
	const { options } = params;
	const given = options.email || detailOf(json, 'email');
	const email = given ? readEmail(given) : undefined;
	const fields: Record<string, string> = {};
	for (const { field, value } of params.fields.rows) {
		const template = texts.get(value) ?? compileTemplate(value, 'Value');
		texts.set(value, template);
		fields[field] = template.render({ ...json, item: json });
	}
	const phone = options.phone === 'none' ? undefined : readPhone(detailOf(json, 'phone'), countryCode);
	const firstname = detailOf(json, 'givenName');
	const lastname = detailOf(json, 'familyName');
	const externalId =
		options.externalId === 'personId'
			? String(who.personId ?? '')
			: options.externalId === 'memberNumber'
				? detailOf(json, 'memberNumber')
				: '';
	const tags = [...new Set(params.tags.split(',').map((tag) => tag.trim()))].filter(Boolean);
	const byExternalId = params.operation === 'bulk' && params.way === 'updateByExternalId';
	return {
		who,
		params,
		test,
		reason: byExternalId
			? externalId
				? undefined
				: "has no external ID: choose one under 'External ID'"
			: email || params.operation === 'update'
				? undefined
				: given
					? `${options.email ? "'Email'" : 'the e-mail'} [Item ${index + 1}] is no e-mail address`
					: 'has no e-mail address',
		row: {
			...(email ? { email } : {}),
			...(firstname ? { firstname } : {}),
			...(lastname ? { lastname } : {}),
			...(phone ? { phone: onTheWire(phone, options.phone) } : {}),
			...(externalId ? { external_id: externalId } : {}),
			...(tags.length > 0 ? { tags } : {}),
			...fields,
		},
	};
}

/** Make's own examples show Norwegian numbers with eight digits; whether it takes others as well is not documented. */
export function onTheWire(phone: string, format: 'none' | 'national' | 'international'): string {
	return format === 'international' ? phone : phone.replace(/^\+47(?=\d{8}$)/, '');
}

export function howToStore({ lists, options, reactivate, operation, way }: Parameters): HowToStore {
	return {
		lists,
		tag: options.tagMode,
		status:
			reactivate && operation === 'bulk' && way !== 'updateByExternalId'
				? 'reactivate'
				: options.status === 'unchanged'
					? undefined
					: options.status,
		statusMobile: options.statusMobile === 'unchanged' ? undefined : options.statusMobile,
	};
}

export function done({ who }: Person, make: Record<string, unknown>): Out {
	return { json: { ...who.json, make }, from: who.index };
}

export function refused({ who }: Person, reason: string): Out {
	return { json: { ...who.json, make: { state: 'refused', reason } }, from: who.index };
}

/** A run by hand calls Make for no change: it shows what would be told of whom. */
export function shown(person: Person): Out {
	return person.reason
		? refused(person, person.reason)
		: done(person, {
				state: 'preview',
				...(Object.keys(person.row).length > 0 ? { subscriber: person.row } : {}),
			});
}

export function need(value: string | readonly string[], field: string, item: number, hint: string): void {
	if (value.length === 0) throw new StepProblem(`'${field}' is empty.`, { field, item, hint });
}
