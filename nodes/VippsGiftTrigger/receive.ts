/** What Vipps tells by webhook. Whatever it says is only a signal: what it is about is looked up at Vipps. */
import { z } from 'zod/v4';
import { stepId } from '../../core/journeys/journey';
import type { Receipt, Received, StepContext } from '../../core/step';
import { whyNotVipps } from '../../providers/vipps/signature';
import { answerInTime } from '../answerInTime';
import { registeredHooks } from './atVipps';
import { hearAgreement } from './donations';
import { type Parameters, hearsWebhooks, outputOf } from './form';
import { settleAgreement, settleCharge, settlePayment } from './payments';
import { type Reading, beginOf, clientOf, purposesOf } from './reading';

/** An event is some hundred bytes; a stranger's letter is not even looked at. */
const LARGEST_BODY = 256_000;
/** "2xx within 10 seconds"; what takes longer is told again two seconds later, and is done by then. */
const PATIENCE_MS = 8_000;

export async function receive(ctx: StepContext, params: Parameters, request: Received): Promise<Receipt> {
	if (request.raw.length > LARGEST_BODY) return { status: 413, body: 'Too large' };
	if (!hearsWebhooks(params)) return { status: 401, body: 'Unauthorized' };
	const client = await clientOf(ctx, params.source);
	const hooks = await registeredHooks(ctx, client);
	const now = ctx.clock.now();
	const asked = hooks.filter(({ signal }) => signal === request.query.signal);
	const refusals = asked.map((hook) => whyNotVipps(request, hook, now));
	const hook = asked[refusals.indexOf(undefined)];
	if (!hook) {
		ctx.log('warn', `A call came ${refusals[0] ?? 'that belongs to no registration'}; it was refused.`);
		return { status: 401, body: 'Unauthorized' };
	}
	const id = await stepId(await ctx.store(), ctx.place.step);
	if (id === undefined) return { status: 503, body: 'The flow has not begun yet, tell it again' };
	const body = parsed(request.raw);
	if (body === undefined) return { status: 400, body: 'Expected JSON' };
	const store = await ctx.store();
	const reading: Reading = {
		ctx,
		params,
		store,
		client,
		purposes: purposesOf(params),
		step: { id, outputs: outputOf },
		begin: await beginOf({ ctx, params, store, client }),
	};
	const stored = hear(reading, hook.signal, body);
	stored.catch((cause: unknown) =>
		ctx.log('warn', `What Vipps told could not be looked up: ${cause instanceof Error ? cause.message : ''}`),
	);
	// The items are let out by `listen`, in the process that listens.
	return answerInTime(ctx.clock, stored, async () => undefined, PATIENCE_MS);
}

/** Bytes that are no UTF-8 are not read. */
function parsed(raw: Buffer): unknown {
	try {
		return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(raw)) as unknown;
	} catch {
		return undefined;
	}
}

const paymentShape = z.object({
	msn: z.coerce.string().optional(),
	reference: z.string().min(1),
	name: z.string(),
	success: z.boolean().default(true),
});
const recurringShape = z.object({
	msn: z.coerce.string().optional(),
	eventType: z.string().regex(/^recurring\./),
	agreementId: z.string().min(1),
	chargeId: z.string().min(1).nullish(),
});
const name = z.string().optional().catch(undefined);
/** The changelog writes `Actor`, the documents `actor`. */
const actorShape = z.object({ actor: name, Actor: name });

async function hear(reading: Reading, signal: string, body: unknown): Promise<void> {
	const { ctx, client } = reading;
	if (signal !== 'payments') return hearDonations(reading, signal, body);
	if (client.keys.flow !== 'standard') return;
	const { msn } = client.keys;
	const elsewhere = (told: string | undefined) => {
		if (told === undefined || told === msn) return false;
		ctx.log('warn', 'Vipps told of a payment to another sales unit than the one of the credential.');
		return true;
	};
	const hearing = { ...reading, msn };
	const recurring = recurringShape.safeParse(body).data;
	if (recurring) {
		if (elsewhere(recurring.msn)) return;
		const { agreementId, chargeId } = recurring;
		const { actor, Actor } = actorShape.parse(body);
		return chargeId
			? settleCharge(hearing, { agreementId, chargeId })
			: settleAgreement(hearing, agreementId, actor ?? Actor);
	}
	const payment = paymentShape.safeParse(body).data;
	if (payment) {
		if (elsewhere(payment.msn) || !payment.success) return;
		return settlePayment(hearing, payment.reference);
	}
	ctx.log('warn', 'Vipps told something that is neither of a payment nor of an agreement.');
}

/** The body is not documented: all that is read of it is which agreement it is about, by any name that it may have. */
async function hearDonations(reading: Reading, signal: string, body: unknown): Promise<void> {
	const { ctx } = reading;
	const id = agreementIn(body);
	if (id === undefined) {
		ctx.log('warn', 'Vipps told of a donation agreement, but not of which.');
		return;
	}
	const { actor, Actor } = actorShape.safeParse(body).data ?? {};
	const by = (actor ?? Actor)?.toLowerCase() ?? null;
	const at = occurredIn(body) ?? ctx.clock.now();
	await hearAgreement(reading, id, {
		...(signal === 'stopped' ? { stopped: { at, by } } : {}),
		...(signal === 'started' ? { started: true } : {}),
	});
}

function fieldIn(body: unknown, names: readonly string[]): string | undefined {
	if (typeof body !== 'object' || body === null) return undefined;
	const entries = Object.entries(body);
	for (const wanted of names) {
		const found = entries.find(([key]) => key.toLowerCase() === wanted)?.[1] as unknown;
		if (typeof found === 'string' && found !== '') return found;
	}
	// `{ agreement: { id } }`, `{ data: { agreementId } }`
	for (const [key, inner] of entries) {
		if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) continue;
		const found = fieldIn(inner, key.toLowerCase() === 'agreement' ? ['id', ...names] : names);
		if (found !== undefined) return found;
	}
	return undefined;
}

const agreementIn = (body: unknown) =>
	fieldIn(body, ['agreementid', 'agreementuuid']) ?? fieldIn(body, ['id']);

function occurredIn(body: unknown): number | undefined {
	const at = Date.parse(fieldIn(body, ['occurred', 'timestamp', 'stoppedat']) ?? '');
	return Number.isNaN(at) ? undefined : at;
}
