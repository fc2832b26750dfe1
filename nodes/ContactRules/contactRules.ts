/** The organisation's contact rules: shown, changed, tried out on many people without sending, explained for one. */
import { DateTime } from 'luxon';
import { readContactRules, saveContactRules } from '../../core/dispatch/contactRules';
import { type Meant, PEOPLE_AT_A_TIME, dryRun, whyNot } from '../../core/dispatch/dryRun';
import { countNotSent } from '../../core/dispatch/notSent';
import { organisationOf } from '../../core/register/organisation';
import { streamSegment } from '../../core/segments/segment';
import type { Given, Json, Out, Step, StepContext } from '../../core/step';
import type { Store } from '../../core/store/store';
import { personsIn } from '../personIn';
import { segmentChoices, segmentIn } from '../segmentForm';
import { type Parameters, parameters, rulesIn } from './form';
import { channelName, dryRunInWords, rulesInWords } from './words';

interface Work {
	ctx: StepContext;
	store: Store;
	params: Parameters;
	items: Array<Given<Parameters>>;
	zone: string;
	countryCode: string;
}

export const contactRules: Step<Parameters> = {
	name: 'contactRules',
	parameters,
	outputs: ['Result'],
	choices: segmentChoices,

	async run(ctx, params, items) {
		const organisation = organisationOf(await ctx.credentials('memberJourneysStoreApi'));
		const work: Work = { ctx, store: await ctx.store(), params, items, ...organisation };
		// What does not depend on the items comes from the first of them, if there is one.
		const from = items.length > 0 ? { from: 0 } : {};
		const alone = (json: Json): Out[][] => [[{ json, ...from }]];
		switch (params.operation) {
			case 'show':
				return alone(await shown(work));
			case 'change': {
				await saveContactRules(work.store, rulesIn(params));
				return alone(await shown(work));
			}
			case 'dryRun':
				return alone(await tried(work));
			case 'whyNot':
				return [await explained(work)];
			case 'notSent':
				return [(await notSent(work)).map((json) => ({ json, ...from }))];
		}
	},
};

async function shown({ ctx, store }: Work): Promise<Json> {
	const rules = await readContactRules(store.db);
	const words = rulesInWords(rules);
	ctx.hint(words.length > 0 ? words.join(' ') : 'No rules are set: only consents and reservations hold.');
	return { rules, inWords: words };
}

function meantBy({ ctx, params, zone }: Work): Omit<Meant, 'channel'> {
	return { purpose: params.purpose, class: params.journeyClass, now: ctx.clock.now(), zone };
}

async function tried(work: Work): Promise<Json> {
	const { ctx, store, params, items, zone, countryCode } = work;
	const meant = { ...meantBy(work), channel: params.channel };
	let notFound = 0;
	const result = await dryRun(
		store,
		meant,
		async (each) => {
			if (params.people === 'segment') {
				const definition = await segmentIn(store, params);
				await streamSegment(store, definition, meant.now, PEOPLE_AT_A_TIME, each, zone);
				return;
			}
			const found = await personsIn(
				store,
				items.map(({ json }) => json),
				countryCode,
			);
			const ids = [...new Set(found.flatMap((one) => ('personId' in one ? [one.personId] : [])))];
			notFound = found.filter((one) => 'reason' in one).length;
			for (let start = 0; start < ids.length; start += PEOPLE_AT_A_TIME)
				await each(ids.slice(start, start + PEOPLE_AT_A_TIME));
		},
		(people) => ctx.progress(people, undefined, 'people judged'),
	);
	const words = dryRunInWords(result);
	ctx.hint(notFound > 0 ? `${words} ${notFound} items name nobody in the register.` : words);
	return {
		channel: params.channel,
		purpose: params.purpose,
		inWords: words,
		...result,
		lastAt: moment(result.lastAt, zone),
		notFound,
	};
}

async function explained(work: Work): Promise<Out[]> {
	const { ctx, store, items, zone, countryCode } = work;
	const found = await personsIn(
		store,
		items.map(({ json }) => json),
		countryCode,
	);
	const outs: Out[] = [];
	for (const [place, { json, index }] of items.entries()) {
		const person = found[place];
		if (!person || 'reason' in person) {
			outs.push({ json: { ...json, contact: [], refused: person?.reason ?? '' }, from: index });
			continue;
		}
		const stands = await whyNot(store, meantBy({ ...work, params: items[place]!.params }), person.personId);
		const contact = stands.map(({ channel, against }) => ({
			channel,
			may: against ? (against.verdict === 'hold' ? 'later' : 'no') : 'now',
			...(against ? { code: against.code, reason: against.reason } : {}),
			...(against?.until === undefined ? {} : { until: moment(against.until, zone) }),
		}));
		if (items.length === 1) {
			const words = contact.map(
				({ channel, may, reason }) => `${channelName(channel)}: ${may}${reason ? ` (${reason})` : ''}`,
			);
			ctx.hint(`${words.join('; ')}.`);
		}
		outs.push({ json: { ...json, contact }, from: index });
		ctx.progress(place + 1, items.length, 'people');
	}
	return outs;
}

const DAY = 86_400_000;

async function notSent({ ctx, store, params, zone }: Work): Promise<Json[]> {
	const rows = await countNotSent(store, ctx.clock.now() - params.days * DAY);
	const sum = rows.reduce((all, { messages }) => all + messages, 0);
	ctx.hint(`${sum} messages were not sent within ${params.days} days.`);
	return rows.map(({ lastAt, ...row }) => ({ ...row, lastAt: moment(lastAt, zone) }));
}

function moment(at: number | null, zone: string): string | null {
	return at === null ? null : DateTime.fromMillis(at, { zone }).toISO();
}
