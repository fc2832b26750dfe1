/** Register: each item's gift goes into the books, once. */
import { createHash, randomUUID } from 'node:crypto';
import { DateTime } from 'luxon';
import { attempt } from '../../core/attempt';
import { type Booked, type BookedAs, type ToBook, bookGifts } from '../../core/gifts/book';
import { decimalComma } from '../../core/gifts/booked';
import { campaignFor } from '../../core/gifts/campaign';
import { type Limits, deductionOf, flaggedSums, limitsOf } from '../../core/gifts/deduction';
import { type PaidIn, takeIn } from '../../core/gifts/incoming';
import { incomingIdOf, kroner } from '../../core/gifts/item';
import { type Known, incomingGifts } from '../../core/gifts/known';
import { startReceiptsAt } from '../../core/gifts/receipts';
import { knownStep } from '../../core/journeys/journey';
import { readTraveller } from '../../core/journeys/traveller';
import { StepProblem } from '../../core/ports';
import { organisationOf } from '../../core/register/organisation';
import { personViews } from '../../core/register/person';
import type { Given, Json, Out, Outputs, StepContext } from '../../core/step';
import type { Store } from '../../core/store/store';
import { type PersonIn, personsIn } from '../personIn';
import { oreIn } from './amount';
import type { Parameters } from './form';
import { dayFrom, yearOf } from './period';

/** Where gifts come from that no step of gifts has taken in. */
const SOURCE = 'registerGift';

type Item = Given<Parameters>;

interface Meant {
	item: Item;
	personId: number | null;
	/** The row of `incoming_gift`, or the gift to take in first. */
	gift: number | PaidIn;
}

const AT_A_TIME = 200;

export async function register(ctx: StepContext, store: Store, items: readonly Item[]): Promise<Outputs> {
	const { countryCode, zone } = organisationOf(await ctx.credentials('memberJourneysStoreApi'));
	const people = await personsIn(
		store,
		items.map(({ json }) => json),
		countryCode,
	);
	const refused: Out[] = [];
	const meant: Meant[] = [];
	for (const [place, item] of items.entries()) {
		const giver = giverOf(item.params, people[place]);
		if (giver && typeof giver === 'object') {
			refused.push({ json: { ...item.json, notRegistered: giver.reason }, from: item.index });
			continue;
		}
		const read = attempt(() => giftOf(ctx, item, zone), item.index);
		if ('value' in read) meant.push({ item, personId: giver, gift: read.value });
		// Before anything is booked: a form that is wrong stops the run, unless it is to go on without.
		else if (!ctx.continueOnFail) throw read.problem;
		else refused.push({ json: item.json, from: item.index, problem: read.problem });
	}
	const registered: Out[] = [];
	const counts = { booked: 0, repeated: 0, ore: 0 };
	for (let from = 0; from < meant.length; from += AT_A_TIME) {
		const part = meant.slice(from, from + AT_A_TIME);
		await bookSome(ctx, store, zone, part, { registered, refused, counts });
		ctx.progress(Math.min(from + AT_A_TIME, meant.length), meant.length, 'gifts');
	}
	if (ctx.testRun) ctx.hint('This was a test run: nothing was registered.');
	else {
		ctx.hint(
			`${counts.booked} registered (${decimalComma(counts.ore)} in all), ${counts.repeated} had been registered before, ${refused.length} not registered.`,
		);
	}
	return [registered, refused];
}

function giverOf({ giver }: Parameters, person: PersonIn | undefined): number | null | { reason: string } {
	if (giver === 'anonymous') return null;
	if (person && 'personId' in person) return person.personId;
	if (giver === 'personOrAnonymous') return null;
	return { reason: person?.reason ?? 'is not in the register' };
}

function giftOf(ctx: StepContext, item: Item, zone: string): number | PaidIn {
	const id = incomingIdOf(item.json);
	if (id !== undefined) return id;
	const { params, index, json } = item;
	const amountOre = oreIn(params.amount);
	if (amountOre === undefined) {
		throw new StepProblem("'Amount (NOK)' is no amount above 0.", {
			field: 'Amount (NOK)',
			item: index,
			hint: 'The item comes from no step that takes gifts in: give the amount in kroner, such as 150 or 99.50.',
		});
	}
	const receivedAt =
		params.date === ''
			? ctx.clock.now()
			: // Noon, so that the day is the same in every zone nearby.
				DateTime.fromISO(`${dayFrom('Date', params.date, index)}T12:00`, { zone }).toMillis();
	return {
		source: SOURCE,
		sourceId: params.giftId || idOf(ctx.place.step, json),
		amountOre,
		currency: 'NOK',
		receivedAt,
		channel: params.options.channel === 'vipps' ? 'vipps' : 'bank',
		evidence: {},
	};
}

/**
 * Without an id of its own a gift is the same when one visit of a person at this step is repeated; outside a journey each
 * item is a gift.
 */
function idOf(step: string, json: Json): string {
	const traveller = readTraveller(json);
	const what = traveller ? `${traveller.enrolmentId}/${traveller.hop}` : randomUUID();
	return createHash('sha256').update(`${step}/${what}`).digest('hex').slice(0, 32);
}

interface Results {
	registered: Out[];
	refused: Out[];
	counts: { booked: number; repeated: number; ore: number };
}

async function bookSome(
	ctx: StepContext,
	store: Store,
	zone: string,
	part: readonly Meant[],
	{ registered, refused, counts }: Results,
): Promise<void> {
	const ids = ctx.testRun
		? part.map(({ gift }) => (typeof gift === 'number' ? gift : 0))
		: await taken(ctx, store, part);
	const before = await incomingGifts(store, ids);
	if (ctx.testRun) {
		for (const [place, { item, personId, gift }] of part.entries()) {
			const row = before.get(ids[place] ?? 0);
			if (typeof gift === 'number' && !row) refused.push(refusal(item, 'noSuchGift'));
			else {
				const amountOre = row
					? row.amount_ore - row.reversed_ore
					: typeof gift === 'number'
						? 0
						: gift.amountOre;
				const booking = { state: 'preview', amount: kroner(amountOre), anonymous: personId === null };
				registered.push({ json: { ...item.json, booking }, from: item.index });
			}
		}
		return;
	}
	const first = part[0]?.item.params.options.firstReceipt ?? 1;
	if (first > 1) await startReceiptsAt(store, first);
	const wanted = part.map(({ item: { params }, personId }, place): ToBook => {
		const row = before.get(ids[place] ?? 0);
		const campaign = params.campaign || undefined;
		return {
			incomingId: ids[place] ?? 0,
			personId,
			...(row && campaign ? { campaign: campaignFor({ ...row, campaign: row.campaign }, campaign) } : {}),
			...(params.purpose ? { purpose: params.purpose } : {}),
			...(params.options.channel ? { channel: params.options.channel } : {}),
			deductible: params.deduction && personId !== null && row?.currency === 'NOK',
			receipt: params.receipt,
		};
	});
	const booked = await bookGifts(store, ctx.clock, wanted);
	const after = await incomingGifts(store, ids);
	const shown = await showing(ctx, store, zone, part, booked, after);
	for (const [place, { item }] of part.entries()) {
		const one = booked[place];
		const row = after.get(ids[place] ?? 0);
		if (!one || !row || (one.became !== 'booked' && one.became !== 'repeated' && one.became !== 'assigned')) {
			refused.push(refusal(item, one?.became ?? 'noSuchGift'));
			continue;
		}
		if (one.became === 'repeated') counts.repeated += 1;
		else {
			counts.booked += 1;
			counts.ore += one.amountOre;
		}
		registered.push({ json: await shown(item, one, row), from: item.index });
	}
}

/** The rows of `incoming_gift`; gifts that no other step has taken in are taken in first. */
async function taken(ctx: StepContext, store: Store, part: readonly Meant[]): Promise<number[]> {
	const gifts = part.flatMap(({ gift }) => (typeof gift === 'number' ? [] : [gift]));
	const idOfSource = new Map<string, number>();
	if (gifts.length > 0) {
		const { id } = await knownStep(store, ctx.clock, {
			key: ctx.place.step,
			name: ctx.place.name,
			type: 'registerGift',
			settings: {},
		});
		await takeIn(store, ctx.clock, { gifts, step: { id, outputs: {} } });
		const rows = await store.db
			.selectFrom('incoming_gift')
			.select(['id', 'source_id'])
			.where('source', '=', SOURCE)
			.where(
				store.amongTexts(
					'source_id',
					gifts.map(({ sourceId }) => sourceId),
				),
			)
			.execute();
		for (const row of rows) idOfSource.set(row.source_id, row.id);
	}
	return part.map(({ gift }) => (typeof gift === 'number' ? gift : (idOfSource.get(gift.sourceId) ?? 0)));
}

const reasons: Partial<Record<BookedAs, string>> = {
	reversed: 'all of it has gone back',
	decidedOtherwise: 'somebody has decided by hand that another person gave it',
	noSuchGift: 'is no gift that this store knows',
	noSuchPerson: 'is not in the register',
};

function refusal({ json, index }: Item, became: BookedAs): Out {
	return { json: { ...json, notRegistered: reasons[became] ?? became }, from: index };
}

/** What the items of a part get added. */
async function showing(
	ctx: StepContext,
	store: Store,
	zone: string,
	part: readonly Meant[],
	booked: readonly Booked[],
	rows: ReadonlyMap<number, Known>,
) {
	const givers = booked.flatMap(({ personId }) => (personId === null ? [] : [personId]));
	const views = await personViews(store, [...new Set(givers)], ctx.clock.now(), zone);
	const giftIds = booked.flatMap(({ giftId }) => (giftId === null ? [] : [giftId]));
	const gifts = await store.db.selectFrom('gift').selectAll().where(store.among('id', giftIds)).execute();
	const giftOfId = new Map(gifts.map((gift) => [gift.id, gift]));
	// Few years in a part: one look for each.
	const sums = new Map<number, Map<number, number>>();
	if (part.some(({ item }) => item.params.deduction)) {
		for (const { received_at: at } of rows.values()) {
			const { year, ...period } = yearOf(at, zone);
			if (!sums.has(year)) sums.set(year, await flaggedSums(store, givers, period));
		}
	}
	return async ({ json, params }: Item, one: Booked, row: Known): Promise<Json> => {
		const gift = one.giftId === null ? undefined : giftOfId.get(one.giftId);
		const person = one.personId === null ? null : (views.get(one.personId) ?? null);
		const was = typeof json.gift === 'object' && json.gift !== null ? json.gift : {};
		const year = yearOf(row.received_at, zone).year;
		return {
			...json,
			gift: {
				...was,
				id: row.id,
				amount: kroner(row.amount_ore),
				state: row.state,
				reversed: kroner(row.reversed_ore),
			},
			person,
			booking: {
				id: one.giftId,
				state: one.became,
				amount: kroner(one.amountOre),
				amountOre: one.amountOre,
				currency: row.currency,
				date: DateTime.fromMillis(row.received_at, { zone }).toISODate(),
				campaign: gift?.campaign ?? null,
				purpose: gift?.purpose ?? null,
				channel: gift?.channel ?? null,
				agreement: row.agreement_ref,
				anonymous: one.personId === null,
				deductible: gift?.deductible === 1,
			},
			...(one.receiptNo === null
				? {}
				: {
						receipt: {
							number: one.receiptNo,
							date: DateTime.fromMillis(row.received_at, { zone }).toFormat('dd.MM.yyyy'),
							amount: decimalComma(one.amountOre),
							currency: row.currency,
							name: person?.name ?? null,
							campaign: gift?.campaign ?? null,
							purpose: gift?.purpose ?? null,
							year,
						},
					}),
			...(params.deduction
				? {
						deduction: {
							year,
							flagged: gift?.deductible === 1,
							...shownDeduction(
								one.personId === null ? 0 : (sums.get(year)?.get(one.personId) ?? 0),
								limitsOf(year, limitsIn(params)),
							),
						},
					}
				: {}),
		};
	};
}

function shownDeduction(sumOre: number, limits: Limits) {
	const { counts, deductibleOre } = deductionOf(sumOre, limits);
	return {
		/** Kroner of the giver's flagged gifts of the year so far. */
		sum: kroner(sumOre),
		least: kroner(limits.leastOre),
		most: kroner(limits.mostOre),
		counts,
		deductible: kroner(deductibleOre),
	};
}

function limitsIn({ options }: Parameters): Map<number, Limits> {
	return new Map(
		options.limits.year.map(({ year, least, most }) => [
			year,
			{ leastOre: Math.round(least * 100), mostOre: Math.round(most * 100) },
		]),
	);
}
