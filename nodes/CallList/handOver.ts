/** People come to be called: those who may be are collected for the callers and wait, the others leave with the reason. */
import { type CallOutcomeJson, readOutcome } from '../../core/calls/result';
import { CALL_BACK, LEFT_OUT, NO, NOT_REACHED, YES } from '../../core/calls/lead';
import { type LeadContent } from '../../core/calls/lead';
import { isOfThisMonth, newestWash, washAgainst } from '../../core/calls/wash';
import { type Delivered, type Wanted, deliver } from '../../core/dispatch/deliver';
import { countedByCode } from '../../core/dispatch/rules';
import { collectChannel } from '../../core/handoffs/collect';
import { HELD, TIME_IS_UP, awaitWord } from '../../core/handoffs/waiting';
import { knownStep } from '../../core/journeys/journey';
import { readTraveller } from '../../core/journeys/traveller';
import { StepProblem } from '../../core/ports';
import { organisationOf } from '../../core/register/organisation';
import type { Given, Json, Outputs, StepContext } from '../../core/step';
import type { Store } from '../../core/store/store';
import { type Addressee, addressees } from '../addressees';
import { holdOf } from '../heldBack';
import { looseEnds } from '../looseEnds';
import { OUT, type Parameters, calledOutputs } from './form';
import { type Prepared, prepareLeads, today } from './prepare';
import { providerOf } from './profile';

/** What the item says under `call`. */
interface CallJson extends Json {
	state: 'collected' | 'result' | 'leftOut' | 'timeIsUp';
}

const HOUR = 3_600_000;

export async function handOver(
	ctx: StepContext,
	params: Parameters,
	items: ReadonlyArray<Given<Parameters>>,
): Promise<Outputs> {
	const reports = items.filter(isReport);
	const people = items.filter((item) => !isReport(item));
	const store = await ctx.store();
	const organisation = organisationOf(await ctx.credentials('memberJourneysStoreApi'));
	const { id: stepId } = await knownStep(store, ctx.clock, {
		key: ctx.place.step,
		name: ctx.place.name,
		type: 'callList',
		settings: {},
	});
	const leaving: Outputs = Array.from({ length: OUT.report + 1 }, () => []);
	for (const { json, index } of reports) leaving[OUT.report]?.push({ json, from: index });

	const { here, movedOn } = await addressees(
		store,
		{ id: stepId, key: ctx.place.step },
		people.map(({ json, index, params }) => ({ json, index, messageKey: params.options.messageKey })),
	);
	const byIndex = new Map(people.map((item) => [item.index, item]));
	const byHand = (who: Addressee) => ctx.testRun || who.test;
	const back = here.filter((who) => !byHand(who) && hasResult(byIndex.get(who.index)));
	const fresh = here.filter((who) => !back.includes(who));
	const wash = await washOf(ctx, store, params, organisation.zone);
	const { prepared, problems } = await prepareLeads({ ctx, store, ...organisation, wash }, fresh, people);
	leaving[OUT.leftOut]?.push(...problems);

	const words: string[] = [];
	for (const one of prepared.filter(({ who }) => byHand(who))) leaveTest(leaving, one);
	await leaveWithResult(store, stepId, back, leaving);
	const real = prepared.filter(({ who }) => !byHand(who));
	if (real.length > 0)
		words.push(await collect(ctx, store, stepId, organisation.zone, params, real, leaving));
	if (back.length > 0) words.push(`${back.length} go on.`);
	if (movedOn > 0) words.push(`${movedOn} had left the journey or moved on before.`);
	const loose = looseEnds(ctx, calledOutputs);
	if (loose) words.push(loose);
	if (words.length > 0) ctx.hint(words.join(' '));
	return leaving;
}

/** What `listen` gives out once a day. */
const isReport = ({ json, released }: Given<Parameters>): boolean =>
	released !== undefined && readTraveller(json) === undefined && 'callReport' in json;

/** Comes back from waiting for a call; who was held back, or is to be called again, has none yet. */
const hasResult = (item: Given<Parameters> | undefined): boolean =>
	item?.released !== undefined && item.released !== HELD && item.released !== CALL_BACK;

/** @throws {StepProblem} naming the date of the wash when it is too old, and the form does not say to go on. */
async function washOf(ctx: StepContext, store: Store, params: Parameters, zone: string) {
	if (params.wash === 'agency') return null;
	const wash = await newestWash(store.db);
	const day = today(ctx, zone);
	const against = washAgainst(wash, day);
	if (!against) return wash ?? null;
	if (ctx.testRun) {
		ctx.hint(against);
		return null;
	}
	// Nobody is part of a wash that is too old: each of them leaves with that reason.
	if (params.wash === 'leaveOut')
		return wash && isOfThisMonth(wash, day)
			? wash
			: { washedOn: wash?.washedOn ?? 'never', fileName: '', importedAt: -1 };
	throw new StepProblem(against, {
		field: 'Reservation Register',
		hint: "Read in this month's file with resource 'Wash', then try these people again from Journey People. Choose 'The Callers Wash' when the agency does it.",
	});
}

async function collect(
	ctx: StepContext,
	store: Store,
	stepId: number,
	zone: string,
	params: Parameters,
	all: readonly Prepared[],
	leaving: Outputs,
): Promise<string> {
	const counts = { collected: 0, leftOut: 0, held: 0 };
	const why: Array<string | undefined> = [];
	for (const [dueAt, part] of byDue(all)) {
		const channel = collectChannel<LeadContent>(store, ctx.clock, {
			channel: 'phone',
			provider: providerOf(params),
			stepId,
			dueAt,
		});
		const delivered = await deliver(
			{ store, clock: ctx.clock, stepId, zone, progress: ctx.progress },
			channel,
			part.map((one, item) => wantedOf(one, item)),
		);
		const waiting: Array<{ one: Prepared; dispatchId: number; hop: number }> = [];
		for (const outcome of delivered) {
			const one = part[outcome.item];
			if (!one) continue;
			const hop = readTraveller(one.who.json)?.hop;
			if (outcome.state === 'held') {
				counts.held += 1;
				why.push(outcome.code);
			} else if (outcome.state === 'skipped' || outcome.state === 'cancelled') {
				const code = one.against?.code ?? outcome.code;
				counts.leftOut += 1;
				why.push(outcome.code);
				leave(leaving, OUT.leftOut, one.who, leftOutJson(outcome, code));
			} else if (one.who.enrolmentId !== null && hop !== undefined)
				waiting.push({ one, dispatchId: outcome.dispatchId, hop });
			else {
				counts.collected += 1;
				leave(leaving, OUT.notReached, one.who, { state: 'collected', dispatchId: outcome.dispatchId });
			}
		}
		counts.collected += await awaitWord(
			store,
			ctx.clock.now(),
			{
				stepId,
				settings: {
					wait: {
						kind: 'duration',
						amount: Math.max((dueAt - ctx.clock.now()) / HOUR, 1 / 60),
						unit: 'hours',
					},
					since: 'gate',
					holdReached: false,
					timeZone: zone,
				},
			},
			waiting.map(({ one, dispatchId, hop }) => ({
				enrolmentId: one.who.enrolmentId ?? 0,
				hop,
				dispatchId,
				json: one.who.json,
			})),
			({ state, outcome }) =>
				readOutcome(outcome)?.output ?? (state === 'leftOut' || state === 'rejected' ? LEFT_OUT : undefined),
		);
	}
	const said = [
		`${counts.collected} for the callers`,
		...(counts.held > 0 ? [`${counts.held} held back until later`] : []),
		...(counts.leftOut > 0 ? [`${counts.leftOut} left out`] : []),
	].join(', ');
	const because = countedByCode(why);
	return `${said}${because ? ` (${because})` : ''}.`;
}

function byDue(all: readonly Prepared[]): Map<number, Prepared[]> {
	const groups = new Map<number, Prepared[]>();
	for (const one of all) {
		const group = groups.get(one.dueAt);
		if (group) group.push(one);
		else groups.set(one.dueAt, [one]);
	}
	return groups;
}

function wantedOf({ who, params, phone, lead, against }: Prepared, item: number): Wanted<LeadContent> {
	return {
		item,
		key: who.key,
		personId: who.personId,
		enrolmentId: who.enrolmentId,
		address: phone,
		message: lead,
		purpose: params.purpose,
		// Nobody is called before then: the rules ask about that moment.
		leavesAt: lead.callFrom,
		consentNotNeeded: params.consent === 'notRefused',
		...(against ? { impossible: against.reason } : {}),
		...(holdOf(who) ? { hold: holdOf(who) } : {}),
	};
}

function leftOutJson({ dispatchId, reason }: Delivered, code: string | undefined): CallJson {
	return { state: 'leftOut', dispatchId, ...(code ? { code } : {}), ...(reason ? { reason } : {}) };
}

function leave(leaving: Outputs, output: number, { json, index }: Addressee, call: CallJson): void {
	leaving[output]?.push({ json: { ...json, call }, from: index });
}

/** Nobody is called from a run by hand: each goes on by the output that the form says, with the lead to look at. */
function leaveTest(leaving: Outputs, { who, params, lead, against }: Prepared): void {
	const shown = {
		...lead,
		callFrom: new Date(lead.callFrom).toISOString(),
		callTo: new Date(lead.callTo).toISOString(),
	};
	if (against)
		leave(leaving, OUT.leftOut, who, { state: 'leftOut', code: against.code, reason: against.reason });
	else
		leave(leaving, OUT[params.testWith], who, { state: 'result', disposition: params.testWith, lead: shown });
}

const OUTPUT_BY: Record<number, number> = {
	[YES]: OUT.yes,
	[NO]: OUT.no,
	[NOT_REACHED]: OUT.notReached,
	[LEFT_OUT]: OUT.leftOut,
};

/** As it stands beside their lead, so that a repeated run does the same. */
async function leaveWithResult(
	store: Store,
	stepId: number,
	back: readonly Addressee[],
	leaving: Outputs,
): Promise<void> {
	if (back.length === 0) return;
	const rows = await store.db
		.selectFrom('traveller as t')
		.innerJoin('handoff_item as i', 'i.dispatch_id', 't.dispatch_id')
		.innerJoin('dispatch as d', 'd.id', 't.dispatch_id')
		.where(
			store.among(
				't.enrolment_id',
				back.map(({ enrolmentId }) => enrolmentId ?? 0),
			),
		)
		.where('t.step_id', '=', stepId)
		.select(['t.enrolment_id', 't.output', 'i.state', 'i.outcome', 'd.id', 'd.reason', 'd.code'])
		.execute();
	const rowOf = new Map(rows.map((row) => [row.enrolment_id, row]));
	for (const who of back) {
		const row = rowOf.get(who.enrolmentId ?? 0);
		const outcome: CallOutcomeJson | undefined = readOutcome(row?.outcome ?? null);
		const output = outcome?.output ?? (row?.output === TIME_IS_UP ? undefined : row?.output);
		if (outcome && outcome.output !== undefined) {
			const { output: _, ...said } = outcome;
			leave(leaving, OUTPUT_BY[outcome.output] ?? OUT.notReached, who, {
				state: 'result',
				...said,
				dispatchId: row?.id,
			});
		} else if (output === LEFT_OUT)
			leave(leaving, OUT.leftOut, who, {
				state: 'leftOut',
				dispatchId: row?.id,
				...(row?.reason ? { reason: row.reason } : {}),
				...(row?.code ? { code: row.code } : {}),
			});
		else {
			const { output: _, ...said } = outcome ?? {};
			leave(leaving, OUT.notReached, who, {
				...said,
				state: 'timeIsUp',
				disposition: 'expired',
				...(row ? { dispatchId: row.id } : {}),
			});
		}
	}
}
