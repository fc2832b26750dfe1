/** Sends to each person, once, and says what became of each. */
import { DateTime } from 'luxon';
import { type Delivered, deliver } from '../../core/dispatch/deliver';
import { countedByCode } from '../../core/dispatch/rules';
import type { Out, Outputs, StepContext } from '../../core/step';
import type { Store } from '../../core/store/store';
import { myLinkResult } from '../../providers/link/results';
import type { Parameters } from './form';
import { type Prepared, wantedOf } from './prepare';
import { apis } from './through';
import { costInWords, weightOf } from './weight';
import type { Ahead } from './when';

export interface Sending {
	stepId: number;
	zone: string;
}

export async function send(
	ctx: StepContext,
	store: Store,
	at: Sending,
	params: Parameters,
	prepared: readonly Prepared[],
): Promise<Outputs> {
	if (prepared.length === 0) return [[], []];
	await warnOfRefusedSender(ctx, store, at.stepId);
	const delivered = await deliver(
		{ store, clock: ctx.clock, ...at, progress: ctx.progress },
		await apis[params.api].channel(ctx, store),
		prepared.map(wantedOf),
	);
	sayWhatWentAtOnce(ctx, prepared, apis[params.api].ahead);
	return outputsOf(ctx, at.zone, params, prepared, delivered, await refsOf(store, prepared, delivered));
}

/**
 * What may have gone out leaves by Sent: a flow that answers Not Sent with another message must not reach anybody twice.
 * What another run is sending at this moment is left to that run.
 */
function outputsOf(
	ctx: StepContext,
	zone: string,
	params: Parameters,
	prepared: readonly Prepared[],
	delivered: readonly Delivered[],
	refs: ReadonlyMap<number, string>,
): Outputs {
	const { pricePerPart } = params.options;
	const byItem = new Map(prepared.map((one) => [one.who.index, one]));
	const sent: Out[] = [];
	const not: Out[] = [];
	let parts = 0;
	let scheduled = 0;
	let held = 0;
	for (const { item, state, reason, dispatchId, until, repeated } of delivered) {
		const one = byItem.get(item);
		if (state === 'held') held += 1;
		if (!one || state === 'reserved' || state === 'held') continue;
		const out = state === 'accepted' || state === 'delivered' || state === 'unknown';
		const { encoding, parts: weighs, cost } = weightOf(one.sms, pricePerPart);
		const { schedule } = one.sms;
		if (out && !repeated) parts += weighs;
		if (out && schedule) scheduled += 1;
		const messageId = refs.get(dispatchId);
		const sms = {
			state,
			...(reason ? { reason } : {}),
			...(until === undefined ? {} : { notBefore: new Date(until).toISOString() }),
			...(out && schedule ? { sendAt: inZone(schedule.at, zone), ...(messageId ? { messageId } : {}) } : {}),
			dispatch: dispatchId,
			to: one.address,
			from: one.sms.sender,
			encoding,
			parts: weighs,
			...(cost === undefined ? {} : { cost }),
			...(repeated ? { repeated: true } : {}),
		};
		(out ? sent : not).push({ json: { ...one.who.json, sms }, from: item });
	}
	const why = countedByCode(
		delivered.filter(({ state }) => state === 'skipped' || state === 'held').map(({ code }) => code),
	);
	ctx.hint(
		[
			`${sent.length} sent in ${parts} parts${costInWords(parts, pricePerPart)}`,
			...(scheduled > 0 ? [`${scheduled} of them wait at LINK for their time`] : []),
			`${not.length} not sent`,
			...(held > 0 ? [`${held} held back until later`] : []),
		].join(', ') + `${why ? ` (${why})` : ''}. LINK bills each part.`,
	);
	return [sent, not];
}

export const inZone = (at: number, zone: string) => DateTime.fromMillis(at, { zone }).toISO();

/** A time that cannot be kept is never passed over in silence. */
function sayWhatWentAtOnce(ctx: StepContext, prepared: readonly Prepared[], { least }: Ahead): void {
	const atOnce = (why: 'near' | 'past') =>
		prepared.filter(
			({ moment, released, impossible }) =>
				moment.kind === 'now' && moment.becauseOf === why && !released && !impossible,
		).length;
	const near = atOnce('near');
	const past = atOnce('past');
	if (near > 0)
		ctx.hint(
			`${near} went at once: their time was less than ${Math.round(least / 60_000)} minutes ahead, the least that LINK schedules.`,
		);
	if (past > 0) ctx.hint(`${past} went at once: their time was over when they came.`);
}

/** LINK's ids of what waits there, for rescheduling and cancelling. */
async function refsOf(
	store: Store,
	prepared: readonly Prepared[],
	delivered: readonly Delivered[],
): Promise<Map<number, string>> {
	const scheduled = new Set(prepared.flatMap(({ sms, who }) => (sms.schedule ? [who.index] : [])));
	const ids = delivered.flatMap(({ item, dispatchId }) => (scheduled.has(item) ? [dispatchId] : []));
	const refs = new Map<number, string>();
	for (let from = 0; from < ids.length; from += 1_000) {
		const rows = await store.db
			.selectFrom('dispatch')
			.select(['id', 'provider_ref'])
			.where(store.among('id', ids.slice(from, from + 1_000)))
			.execute();
		for (const { id, provider_ref: ref } of rows) if (ref !== null) refs.set(id, ref);
	}
	return refs;
}

const INVALID_SENDER = 3002;
const DAY = 86_400_000;
/** So many of the newest messages are looked at. */
const LATEST = 2_000;

/**
 * Norway's operators refuse senders that LINK has taken: the message is accepted, and the report says 3002 a little later.
 * Whoever sends again should know.
 */
async function warnOfRefusedSender(ctx: StepContext, store: Store, stepId: number): Promise<void> {
	const { words } = myLinkResult(INVALID_SENDER);
	const latest = await store.db
		.selectFrom('dispatch')
		.select(['step_id', 'state', 'reason', 'reserved_at'])
		.orderBy('id', 'desc')
		.limit(LATEST)
		.execute();
	const refused = latest.filter(
		(row) =>
			row.step_id === stepId &&
			row.state === 'failed' &&
			row.reason === words &&
			row.reserved_at > ctx.clock.now() - DAY,
	);
	if (refused.length > 0)
		ctx.hint(
			`LINK refused the sender of ${refused.length} earlier messages of this step (code ${INVALID_SENDER}). Ask LINK which sender names your account may use in Norway, and change 'Sender'.`,
		);
}
