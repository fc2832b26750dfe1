/** One call (or a look-up and a call) for each person: these fire Make's webhooks and start its automations. */
import { StepProblem } from '../../core/ports';
import { readEmail, readPhone } from '../../core/register/contact';
import { organisationOf } from '../../core/register/organisation';
import type { Out, Outputs, StepContext } from '../../core/step';
import type { MakeAccount } from '../../providers/make/account';
import type { MakeListed } from '../../providers/make/client';
import { patiently } from '../../providers/make/patiently';
import type { MakeAnswer } from '../../providers/make/wire';
import { detailOf } from '../addressees';
import { answered, listGone, makeAccess } from '../makeAccess';
import type { Work } from './form';
import { type Person, done, howToStore, need, onTheWire, peopleOf, refused, shown } from './subscribers';

const reading: readonly string[] = ['get', 'getLists'];

export const eachPerson: Work = async (ctx, items): Promise<Outputs> => {
	for (const { params, index } of items) complete(params, index);
	const store = await ctx.store();
	const { account } = await makeAccess(ctx, store);
	const { people, problems } = await peopleOf(ctx, store, items);
	const { countryCode } = organisationOf(await ctx.credentials('memberJourneysStoreApi'));
	const well: Out[] = [];
	const not: Out[] = [...problems];
	for (const [index, person] of people.entries()) {
		if (person.test && !reading.includes(person.params.operation)) {
			(person.reason ? not : well).push(shown(person));
			continue;
		}
		const outcome = person.reason ?? (await work(ctx, account, person, countryCode));
		if (typeof outcome === 'string') not.push(refused(person, outcome));
		else well.push(...outcome);
		ctx.progress(index + 1, people.length, 'subscribers');
	}
	ctx.hint(`${well.length} done, ${not.length} refused.`);
	return [well, not];
};

function complete({ operation, list, lists, really, thingId }: Person['params'], index: number): void {
	const choose = 'Choose the list in Make.';
	if (operation === 'addToList' || operation === 'removeFromList')
		need(list, 'List Name or ID', index, choose);
	if (operation === 'upsert') need(lists, 'List Names or IDs', index, `${choose} Make wants at least one.`);
	if (operation === 'signUp')
		need(thingId, 'Form ID', index, 'Make shows the number of a sign-up form in its address.');
	if (operation === 'delete' && !really)
		throw new StepProblem("'Delete for Good' is off.", {
			field: 'Delete for Good',
			item: index,
			hint: 'Switch it on to delete subscribers in Make. To stop newsletters, choose Unsubscribe.',
		});
}

/** A reason when Make would not. */
async function work(
	ctx: StepContext,
	account: MakeAccount,
	person: Person,
	countryCode: string,
): Promise<Out[] | string> {
	const { params, row } = person;
	const ask = <T>(call: () => Promise<MakeAnswer<T>>) => patiently(ctx.clock, call);
	const say = <T>(answer: MakeAnswer<T>, make: (value: T) => Record<string, unknown>): Out[] | string => {
		if (answer.kind === 'refused') return reasonOf(answer);
		return [done(person, make(answered(answer)))];
	};
	switch (params.operation) {
		case 'upsert': {
			const answer = await ask(() => account.upsert(row, howToStore(params)));
			if (answer.kind === 'refused' && answer.status === 404) throw listGone(person.who.index);
			return say(answer, (subscriber) => ({ state: 'stored', subscriber }));
		}
		case 'signUp': {
			// A form may send a mail with a link to confirm: not asked again when the answer is lost.
			const answer = await account.signUp(params.thingId, row);
			if (answer.kind === 'refused' && answer.status === 404)
				throw new StepProblem(`Make has no sign-up form ${params.thingId}.`, {
					field: 'Form ID',
					item: person.who.index,
					hint: 'Copy the number of the form from its address in Make.',
				});
			return say(answer, () => ({ state: 'signedUp' }));
		}
		case 'unsubscribe': {
			const by = params.channel === 'sms' ? 'phone' : 'email';
			const who = named(person, countryCode, by);
			if (typeof who === 'string') return who;
			if ('email' in who || 'phone' in who || 'id' in who)
				return say(await ask(() => account.unsubscribe(who, by)), () => ({ state: 'unsubscribed' }));
			const found = await find(ask, account, who);
			if (typeof found === 'string') return found;
			return say(await ask(() => account.unsubscribe({ id: found.id ?? '' }, by)), () => ({
				state: 'unsubscribed',
			}));
		}
		default: {
			const who = named(person, countryCode, params.by === 'phone' ? 'phone' : 'email');
			if (typeof who === 'string') return who;
			const found = await find(ask, account, who);
			if (typeof found === 'string') return found;
			const id = found.id ?? '';
			switch (params.operation) {
				case 'get':
					return [done(person, { state: 'found', subscriber: found })];
				case 'getLists':
					return say(await ask(() => account.listsOf(id)), (lists) => ({ state: 'found', lists }));
				case 'addToList': {
					const answer = await ask(() => account.addToList(id, params.list));
					if (answer.kind === 'refused' && answer.status === 404) throw listGone(person.who.index);
					return say(answer, () => ({ state: 'added' }));
				}
				case 'removeFromList':
					return say(await ask(() => account.removeFromList(id, params.list)), () => ({ state: 'removed' }));
				case 'delete':
					return say(await ask(() => account.remove(id)), () => ({ state: 'deleted' }));
				case 'update':
					return say(await ask(() => account.update(id, row, howToStore(params))), (subscriber) => ({
						state: 'stored',
						subscriber,
					}));
				default:
					return 'nothing to be done';
			}
		}
	}
}

type Named =
	{ id: string } | { email: string } | { phone: string } | { externalId: string } | { trackingToken: string };

/** How Make is to find this subscriber; a reason when it cannot. `own`: what an empty field stands for. */
function named({ params, who }: Person, countryCode: string, own: 'email' | 'phone'): Named | string {
	const { by, options } = params;
	const kind = params.who === '' ? own : by;
	const given = params.who || options.email || detailOf(who.json, own);
	switch (kind) {
		case 'email': {
			const email = readEmail(given);
			return email ? { email } : given ? 'is named by no e-mail address' : 'has no e-mail address';
		}
		case 'phone': {
			const phone = readPhone(given, countryCode);
			if (!phone) return given ? 'is named by no phone number' : 'has no phone number';
			return { phone: onTheWire(phone, options.phone === 'international' ? 'international' : 'national') };
		}
		case 'externalId':
			return { externalId: params.who };
		case 'trackingToken':
			return { trackingToken: params.who };
		case 'id':
			return { id: params.who };
	}
}

async function find(
	ask: <T>(call: () => Promise<MakeAnswer<T>>) => Promise<MakeAnswer<T>>,
	account: MakeAccount,
	who: Named,
): Promise<MakeListed | string> {
	const answer = await ask(() =>
		'id' in who
			? account.get(who.id)
			: 'email' in who
				? account.byEmail(who.email)
				: 'phone' in who
					? account.byPhone(who.phone)
					: 'externalId' in who
						? account.byExternalId(who.externalId)
						: account.byTrackingToken(who.trackingToken),
	);
	if (answer.kind === 'refused') return reasonOf(answer);
	const found = answered(answer);
	if (found.id === undefined) return 'is not known in Make';
	// Asked for in a way that is our assumption: never somebody else.
	if ('externalId' in who && found.external_id !== who.externalId) return 'is not known in Make';
	return found;
}

function reasonOf({ status, reason }: { status: number; reason: string }): string {
	return status === 404 ? 'is not known in Make' : reason;
}
