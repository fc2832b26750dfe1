/** A way to give for each person: a payment of their own, a donation link, or a KID. */
import { type KidGiven, giveKids } from '../../core/gifts/kidSeries';
import { makeLinks } from '../../core/gifts/giftLinks';
import { kroner } from '../../core/gifts/item';
import { StepProblem } from '../../core/ports';
import type { FileOut, Json, Out, Outputs, StepContext } from '../../core/step';
import type { Store } from '../../core/store/store';
import { qrPicture } from './qrPicture';
import { KID_FIELDS, type Prepared } from './prepare';
import { giveReferences } from './references';
import { TRIAL } from './page';
import { tokenOf } from './token';

const DAY = 86_400_000;
const QR_NAME = 'gift-qr.png';

export interface Making {
	ctx: StepContext;
	store: Store;
	stepId: number;
	/** The step's public address; undefined while it has none. */
	address: string | undefined;
	/** Nobody real: what it would look like, and nothing is kept. */
	trial: boolean;
}

/** What stands in the item, or why there is nothing. */
type Made = { gift: Json; qrOf?: string } | { reason: string };

export async function makeAll(making: Making, prepared: readonly Prepared[]): Promise<Outputs> {
	const outputs: Out[][] = [[], []];
	for (let from = 0; from < prepared.length; from += AT_A_TIME) {
		const some = prepared.slice(from, from + AT_A_TIME);
		const made = await makeSome(making, some);
		for (const [place, one] of some.entries()) outputOf(outputs, one, made[place]);
		if (prepared.length > AT_A_TIME)
			making.ctx.progress(Math.min(from + AT_A_TIME, prepared.length), prepared.length, 'links made');
	}
	return outputs;
}

const AT_A_TIME = 500;

function outputOf(outputs: Out[][], { who, params }: Prepared, made: Made | undefined): void {
	if (made === undefined || 'reason' in made) {
		const giftLink = { reason: made?.reason ?? 'is not in the register any more' };
		outputs[1]?.push({ json: { ...who.json, giftLink }, from: who.index });
		return;
	}
	const picture: FileOut | undefined =
		params.qr && made.qrOf !== undefined ? qrPicture(made.qrOf, QR_NAME) : undefined;
	const giftLink = {
		url: null,
		kid: null,
		reference: null,
		expiresAt: null,
		...made.gift,
		...(picture ? { qr: picture.name } : {}),
	};
	outputs[0]?.push({
		json: { ...who.json, giftLink },
		from: who.index,
		...(picture ? { files: [picture] } : {}),
	});
}

async function makeSome(making: Making, prepared: readonly Prepared[]): Promise<Array<Made | undefined>> {
	const made = new Map<Prepared, Made>();
	for (const one of prepared) if (one.impossible !== undefined) made.set(one, { reason: one.impossible });
	const rest = prepared.filter((one) => !made.has(one));
	const of = (operation: string) => rest.filter(({ params }) => params.operation === operation);
	await payments(making, of('vippsPayment'), made);
	await donations(making, of('donationLink'), made);
	await kids(making, of('kid'), made);
	return prepared.map((one) => made.get(one));
}

async function payments(
	{ ctx, store, stepId, address, trial }: Making,
	wanted: readonly Prepared[],
	made: Map<Prepared, Made>,
): Promise<void> {
	if (wanted.length === 0) return;
	if (address === undefined && !trial)
		throw new StepProblem('The page that the links lead to has no address yet.', {
			field: 'Public Address',
			hint: "Publish or deploy the flow first. In Node-RED, set memberJourneysPublicUrl in settings.js, or fill in 'Public Address' under 'Options'.",
		});
	const base = address ?? 'https://example.org/gift';
	const told = (one: Prepared, token: string, expiresAt: number): Made => {
		const url = new URL(base);
		url.searchParams.set('g', token);
		return {
			gift: {
				url: url.href,
				expiresAt: new Date(expiresAt).toISOString(),
				...amountIn(one),
				...(trial ? { state: 'preview' } : {}),
			},
			qrOf: url.href,
		};
	};
	const until = (one: Prepared) => ctx.clock.now() + one.params.validDays * DAY;
	if (trial) {
		for (const one of wanted) made.set(one, told(one, TRIAL, until(one)));
		return;
	}
	const links = await makeLinks(
		store,
		ctx.clock,
		wanted.map((one) => ({
			key: one.who.key,
			stepId,
			enrolmentId: one.who.enrolmentId,
			personId: one.who.personId,
			campaign: one.params.campaign || null,
			purpose: one.params.purpose || null,
			amountOre: one.amountOre,
			expiresAt: until(one),
			terms: one.terms,
		})),
	);
	for (const [place, one] of wanted.entries()) {
		const link = links[place];
		if (link) made.set(one, told(one, await tokenOf(store, link), link.expiresAt));
	}
}

async function donations(
	{ ctx, store, trial }: Making,
	wanted: readonly Prepared[],
	made: Map<Prepared, Made>,
): Promise<void> {
	const named = wanted.filter(({ params }) => params.referenceFrom === 'person');
	const known = named.flatMap((one) =>
		one.who.personId === null
			? []
			: [
					{
						one,
						personId: one.who.personId,
						campaign: one.params.campaign || null,
						purpose: one.params.purpose || null,
					},
				],
	);
	const references = trial ? [] : await giveReferences(store, ctx.clock, known);
	const own = new Map(known.map(({ one }, place) => [one, trial ? 'PROVE' : references[place]]));
	for (const one of wanted) {
		const { params } = one;
		const reference =
			params.referenceFrom === 'person'
				? own.get(one)
				: params.referenceFrom === 'text'
					? one.reference
					: null;
		if (reference === undefined) {
			made.set(one, { reason: 'is not in the register' });
			continue;
		}
		const url = donationLink(params.options.donationHost, params.vippsNumber, reference);
		made.set(one, {
			gift: { url, reference, ...(trial ? { state: 'preview' } : {}) },
			qrOf: url,
		});
	}
}

/** As Vipps documents donation links. @param alias 1–6 digits; leading zeros count. */
export function donationLink(host: string, alias: string, reference: string | null): string {
	const link = `${host.replace(/\/+$/, '')}/donations/${alias}`;
	return reference === null ? link : `${link}?reference=${encodeURIComponent(reference)}`;
}

async function kids(
	{ ctx, store, trial }: Making,
	wanted: readonly Prepared[],
	made: Map<Prepared, Made>,
): Promise<void> {
	const groups = new Map<string, Prepared[]>();
	for (const one of wanted) {
		if (one.who.personId === null && !trial) {
			made.set(one, { reason: 'is not in the register' });
			continue;
		}
		const { kidSeries, kidPrefix, kidLength, kidMethod, kidNumber } = one.params;
		const key = JSON.stringify([kidSeries, kidPrefix, kidLength, kidMethod, kidNumber]);
		groups.set(key, [...(groups.get(key) ?? []), one]);
	}
	for (const group of groups.values()) {
		const [first] = group;
		if (!first) continue;
		const { kidSeries, kidPrefix, kidLength, kidMethod, kidNumber } = first.params;
		const series = {
			name: kidSeries,
			prefix: kidPrefix,
			length: kidLength,
			method: kidMethod,
			numbering: kidNumber,
		};
		const given: KidGiven[] = trial
			? group.map(() => ({ kid: `${kidPrefix}${'0'.repeat(kidLength - kidPrefix.length)}`, repeated: false }))
			: await giveKids(
					store,
					ctx.clock,
					series,
					group.map((one) => ({
						personId: one.who.personId ?? 0,
						campaign: one.params.campaign || null,
						purpose: one.params.purpose || null,
						amountOre: one.amountOre,
					})),
					KID_FIELDS,
				);
		for (const [place, one] of group.entries()) {
			const got = given[place];
			if (!got || got.kid === null) made.set(one, { reason: got?.reason ?? 'has no KID' });
			else
				made.set(one, {
					gift: { kid: got.kid, ...amountIn(one), ...(trial ? { state: 'preview' } : {}) },
				});
		}
	}
}

/** Kroner. */
const amountIn = ({ amountOre }: Prepared): Json => (amountOre === null ? {} : { amount: kroner(amountOre) });
