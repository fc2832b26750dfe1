/** Charges people over their phone bill (Strex) through LINK, and answers donations by keyword. */
import { attempt } from '../../core/attempt';
import { type Delivered, type Wanted, deliver } from '../../core/dispatch/deliver';
import { countedByCode, judge } from '../../core/dispatch/rules';
import { knownStep } from '../../core/journeys/journey';
import { StepProblem } from '../../core/ports';
import { organisationOf } from '../../core/register/organisation';
import type { Out, Outputs, Step, StepContext } from '../../core/step';
import type { Store } from '../../core/store/store';
import { storeMark } from '../../providers/callback';
import { commonClient } from '../../providers/linkCommon/client';
import { type Payment, paymentChannel } from '../../providers/linkCommon/payment';
import { reportGates } from '../../providers/linkCommon/reportGates';
import { accountOf, readCommonSettings } from '../../providers/linkCommon/settings';
import { accountRate } from '../../providers/pace';
import { addressees } from '../addressees';
import { holdOf, listenForHeld } from '../heldBack';
import { kronerText } from './kroner';
import { type Parameters, parameters } from './parameters';
import { type NotUnderstood, type Prepared, chargeKeyOf, prepare } from './prepare';

export const linkPayment: Step<Parameters> = {
	name: 'linkPayment',
	parameters,
	outputs: ['Ordered', 'Not Charged', 'Not Understood'],
	reenters: true,

	async run(ctx, _params, items) {
		const store = await ctx.store();
		const { countryCode, zone } = organisationOf(await ctx.credentials('memberJourneysStoreApi'));
		const { id: stepId } = await knownStep(store, ctx.clock, {
			key: ctx.place.step,
			name: ctx.place.name,
			type: 'linkPayment',
			settings: {},
		});
		const { here, movedOn } = await addressees(
			store,
			{ id: stepId, key: ctx.place.step },
			items.map(({ json, index, params }) => ({ json, index, messageKey: chargeKeyOf(json, params) })),
		);
		const byIndex = new Map(items.map((item) => [item.index, item]));
		const preparing = { countryCode, texts: new Map() };
		const problems: Out[] = [];
		const prepared: Prepared[] = [];
		const strange: NotUnderstood[] = [];
		for (const who of here) {
			const given = byIndex.get(who.index);
			if (!given) continue;
			// In a run by hand nobody is charged, so that nothing needs a key.
			const tried = attempt(
				() => prepare(ctx.testRun ? { ...who, test: true } : who, given, preparing),
				who.index,
			);
			if ('value' in tried) {
				if ('payment' in tried.value) prepared.push(tried.value);
				else strange.push(tried.value);
			}
			// Before anybody has been charged: a form that is wrong stops the run, unless it is to go on without.
			else if (!ctx.continueOnFail) throw tried.problem;
			else problems.push({ json: who.json, from: who.index, problem: tried.problem });
		}
		const byHand = prepared.filter(({ who }) => ctx.testRun || who.test);
		const real = prepared.filter(({ who }) => !ctx.testRun && !who.test);
		const previews = await preview(ctx, store, byHand, zone);
		const outputs = await order(ctx, store, { stepId, zone }, real);
		if (movedOn > 0) {
			ctx.hint(`${movedOn} had left the journey or moved on since this run began, and were not charged.`);
		}
		return [
			[...(previews[0] ?? []), ...(outputs[0] ?? [])],
			[...(previews[1] ?? []), ...(outputs[1] ?? []), ...problems],
			strange.map(({ who, reason }) => ({
				json: { ...who.json, payment: { state: 'notUnderstood', reason } },
				from: who.index,
			})),
		];
	},

	async listen(ctx, _params, emit) {
		return listenForHeld(ctx, 'linkPayment', emit);
	},
};

async function order(
	ctx: StepContext,
	store: Store,
	at: { stepId: number; zone: string },
	prepared: readonly Prepared[],
): Promise<Outputs> {
	if (prepared.length === 0) return [[], []];
	const settings = readCommonSettings(await ctx.credentials('linkCommonApi'));
	const gates = await reportGates(store, settings);
	if (gates.length === 0) {
		throw new StepProblem(
			'Nobody would hear whether the charges are paid: there is no gate for delivery reports.',
			{
				field: 'Gate IDs for Delivery Reports',
				hint: "Publish a flow with a LINK Trigger that has the LINK Common credential and sets up its gate, or fill in 'Gate IDs for Delivery Reports' in that credential.",
			},
		);
	}
	const channel = paymentChannel(
		store,
		ctx.clock,
		commonClient(ctx.http, ctx.clock, settings),
		await storeMark(store),
		{ gates, rate: accountRate('linkCommon', accountOf(settings), settings.messagesPerSecond) },
	);
	const delivered = await deliver(
		{ store, clock: ctx.clock, ...at, progress: ctx.progress },
		channel,
		prepared.map(wanted),
	);
	return outputsOf(ctx, delivered, await takenAllTheSame(store, delivered), prepared);
}

function wanted({ who, address, payment, purpose, impossible }: Prepared): Wanted<Payment> {
	const { index: item, key, personId, enrolmentId } = who;
	return {
		item,
		key,
		personId,
		enrolmentId,
		address,
		message: payment,
		purpose,
		impossible,
		hold: holdOf(who),
	};
}

/** Of messages that did not arrive, by a report that came before this run was repeated: those that were paid, or may be. */
async function takenAllTheSame(store: Store, delivered: readonly Delivered[]): Promise<ReadonlySet<number>> {
	const failed = delivered.filter(({ state, repeated }) => repeated && state === 'failed');
	if (failed.length === 0) return new Set();
	const rows = await store.db
		.selectFrom('charge')
		.select('dispatch_id')
		.where(
			store.among(
				'dispatch_id',
				failed.map(({ dispatchId }) => dispatchId),
			),
		)
		.where('state', '!=', 'notPaid')
		.execute();
	return new Set(rows.map((row) => row.dispatch_id));
}

/**
 * What may have been taken leaves by Ordered: a flow that answers Not Charged with another charge must not take anybody's
 * money twice. What another run is ordering at this moment is left to that run.
 */
function outputsOf(
	ctx: StepContext,
	delivered: readonly Delivered[],
	taken: ReadonlySet<number>,
	prepared: readonly Prepared[],
): Outputs {
	const byItem = new Map(prepared.map((one) => [one.who.index, one]));
	const ordered: Out[] = [];
	const not: Out[] = [];
	let ore = 0;
	let held = 0;
	for (const { item, state, reason, dispatchId, until, repeated } of delivered) {
		const one = byItem.get(item);
		if (state === 'held') held += 1;
		if (!one || state === 'reserved' || state === 'held') continue;
		const out = state === 'accepted' || state === 'delivered' || state === 'unknown' || taken.has(dispatchId);
		if (out && !repeated) ore += one.payment.price.tariff;
		const payment = {
			state: state === 'accepted' ? 'ordered' : state,
			...(reason ? { reason } : {}),
			...(until === undefined ? {} : { notBefore: new Date(until).toISOString() }),
			...shown(one),
			dispatch: dispatchId,
			...(repeated ? { repeated: true } : {}),
		};
		(out ? ordered : not).push({ json: { ...one.who.json, payment }, from: item });
	}
	const why = countedByCode(
		delivered.filter(({ state }) => state === 'skipped' || state === 'held').map(({ code }) => code),
	);
	ctx.hint(
		`${ordered.length} ordered (${kronerText(ore)} kr now), ${not.length} not charged${held > 0 ? `, ${held} held back until later` : ''}${why ? ` (${why})` : ''}. Paid is what LINK's delivery report says is paid.`,
	);
	return [ordered, not];
}

function shown({ address, payment }: Prepared) {
	const { tariff } = payment.price;
	return {
		kroner: tariff / 100,
		ore: tariff,
		to: address,
		from: payment.sender,
		silent: payment.text === null,
	};
}

/** A run by hand charges nobody: it shows who would be charged, and who not and why. */
async function preview(
	ctx: StepContext,
	store: Store,
	prepared: readonly Prepared[],
	zone: string,
): Promise<Outputs> {
	if (prepared.length === 0) return [[], []];
	const verdicts = await judge(
		store.db,
		store,
		{ channel: 'sms', now: ctx.clock.now(), zone },
		prepared.map(({ who, purpose, address }) => ({
			key: `${who.index}`,
			personId: who.personId,
			purpose,
			address,
		})),
	);
	const would: Out[] = [];
	const wouldNot: Out[] = [];
	let ore = 0;
	for (const one of prepared) {
		const verdict = verdicts.get(`${one.who.index}`);
		const reason = one.impossible ?? (verdict?.verdict === 'skip' ? verdict.reason : undefined);
		if (!reason) ore += one.payment.price.tariff;
		const { text } = one.payment;
		const payment = {
			state: 'preview',
			...(reason ? { reason } : {}),
			...shown(one),
			...(text === null ? {} : { text }),
		};
		(reason ? wouldNot : would).push({ json: { ...one.who.json, payment }, from: one.who.index });
	}
	ctx.hint(
		`Test run: ${would.length} would be charged ${kronerText(ore)} kr in all, ${wouldNot.length} would not. Nobody is charged in a test run.`,
	);
	return [would, wouldNot];
}
