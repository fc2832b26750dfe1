/**
 * What LINK's Common API pushes through a gate: delivery reports and inbound SMS, as JSON or as the key-values of a form
 * or query ("SMS REST API – MT and Delivery Reports" 1.18, "– MO" 1.7, "Gate API" 1.2). Told apart by `resultCode` and the
 * text: an inference, the documents do not say how.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod/v4';
import type { Incoming } from '../../core/responses/ingest';
import { dispatchOf } from '../link/reference';
import { type LinkState, isUndelivered } from '../link/results';
import { saysStop } from '../stop';
import { COMMON } from './channel';
import { commonResult, paidBy } from './results';

/** Never null or '' as 0, which is a code of its own. */
const whole = z
	.union([z.number(), z.string().regex(/^\s*-?\d+\s*$/)])
	.transform(Number)
	.pipe(z.number().int());
const optionalWhole = whole.nullish().catch(null);
const text = z.union([z.string(), z.number().transform(String)]).nullish();
const optionalText = text.catch(null);

const reportShape = z.object({
	id: z.union([z.string().min(1), z.number().transform(String)]),
	refId: optionalText,
	resultCode: whole,
	operator: optionalText,
	operatorResultCode: optionalText,
	timestamp: optionalText,
	sentTimestamp: optionalText,
	segments: optionalWhole,
	/** Only where the gate's template adds it. */
	destination: optionalText,
});

const route = z
	.object({ keyword: optionalText, gateIds: z.array(z.string()).nullish().catch(null) })
	.nullish()
	.catch(null);

const inboundShape = z.object({
	source: z.union([z.string().min(1), z.number().transform(String)]),
	destination: optionalText,
	subNumber: optionalText,
	content: z.object({ userData: z.string().nullish() }),
	operator: optionalText,
	timestamp: optionalText,
	messageId: optionalText,
	route,
});

/** As a gate's template gives it: `messageId`, `destination`, `source`, `userData` side by side. */
const flatInboundShape = inboundShape.omit({ content: true, route: true }).extend({ userData: z.string() });

export interface CommonReport {
	direction: 'out';
	eventId: string;
	/** Epoch ms. */
	at: number;
	recipient: string | null;
	/** Of the whole message, without the part. */
	messageId: string;
	/** Which part it is about, from 0; null: the message as a whole. */
	part: number | null;
	/** How many there are. */
	parts: number | null;
	referenceId: string | null;
	status: LinkState;
	final: boolean;
	/** Whether the recipient was charged; null when LINK does not say, as of a message without a price. */
	billed: boolean | null;
	/** The same of a message that has a price, which only its sender knows. */
	paid: boolean | null;
	code: number | null;
	words: string;
	operator: string | null;
	operatorCode: string | null;
}

export interface CommonInbound {
	direction: 'in';
	eventId: string;
	at: number;
	/** As E.164 where it can be read as a number. */
	sender: string;
	/** The organisation's number, with its country: `NO-2333`. */
	recipient: string | null;
	/** Behind the short number, of a dialogue without a keyword. */
	subNumber: string | null;
	/** With the keyword, as it was written. */
	text: string;
	/** Of the route that brought it here. */
	keyword: string | null;
	/** LINK's id, which a paid answer refers to. */
	messageId: string | null;
	stop: boolean;
	operator: string | null;
}

export type CommonPush = CommonReport | CommonInbound;

/**
 * One push, or undefined when it is of no kind we know.
 * @param body parsed JSON, or the key-values of the form or query
 * @param stopWords what besides STOP and STOPP means no
 */
export function readCommonPush(
	body: unknown,
	receivedAt: number,
	stopWords: readonly string[] = [],
): CommonPush | undefined {
	const report = reportShape.safeParse(body);
	if (report.success) return reportOf(report.data, receivedAt);
	const inbound = inboundShape.safeParse(body);
	if (inbound.success) {
		const { content, ...rest } = inbound.data;
		return inboundOf({ ...rest, userData: content.userData ?? '' }, body, receivedAt, stopWords);
	}
	const flat = flatInboundShape.safeParse(body);
	return flat.success ? inboundOf(flat.data, body, receivedAt, stopWords) : undefined;
}

function reportOf(report: z.infer<typeof reportShape>, receivedAt: number): CommonReport {
	const { messageId, part } = partOf(report.id);
	const { state, ...result } = commonResult(report.resultCode);
	return {
		direction: 'out',
		eventId: `${report.id}:${report.resultCode}`,
		at: timeOf(report.timestamp ?? report.sentTimestamp, receivedAt),
		recipient: report.destination ?? null,
		messageId,
		part,
		parts: report.segments ?? null,
		referenceId: report.refId ?? null,
		status: state,
		...result,
		paid: paidBy(report.resultCode),
		operator: report.operator ?? null,
		operatorCode: report.operatorResultCode ?? null,
	};
}

/** `abc123$0` is the first part of `abc123`. */
export function partOf(id: string): { messageId: string; part: number | null } {
	const found = /^(.+)\$(\d{1,4})$/s.exec(id);
	return found?.[1] === undefined
		? { messageId: id, part: null }
		: { messageId: found[1], part: Number(found[2]) };
}

function inboundOf(
	inbound: z.infer<typeof flatInboundShape> & { route?: z.infer<typeof route> },
	body: unknown,
	receivedAt: number,
	stopWords: readonly string[],
): CommonInbound {
	const keyword = inbound.route?.keyword || null;
	const messageId = inbound.messageId || null;
	return {
		direction: 'in',
		eventId: `mo:${messageId ?? createHash('sha256').update(JSON.stringify(body)).digest('hex')}`,
		at: timeOf(inbound.timestamp, receivedAt),
		sender: asNumber(inbound.source),
		recipient: inbound.destination ?? null,
		subNumber: inbound.subNumber ?? null,
		text: inbound.userData,
		keyword,
		messageId,
		stop: saysStop(inbound.userData, keyword, stopWords),
		operator: inbound.operator ?? null,
	};
}

/**
 * As the core keeps it: what was delivered, what was not, and what people say. Steps on the way and unknown outcomes settle
 * nothing. Give it reports whose parts have been joined.
 * @param mark the store's own, see `storeMark`
 */
export function commonIncoming(push: CommonPush, mark: string): Incoming[] {
	if (push.direction === 'in') {
		const told = {
			source: COMMON,
			eventId: push.eventId,
			at: push.at,
			phone: push.sender,
			channel: 'sms',
			detail: { to: push.recipient, keyword: push.keyword, operator: push.operator },
		};
		// Who says stop has not answered the question: a gate that waits for a reply must not let them go as reached.
		return push.stop
			? [{ ...told, kind: 'unsubscribed' }]
			: [{ ...told, kind: 'replied', subject: withoutKeyword(push) }];
	}
	const undelivered = push.final && isUndelivered({ state: push.status });
	if (push.status !== 'delivered' && !undelivered) return [];
	const dispatchId = dispatchOf(mark, push.referenceId);
	// A message that another system sent from this account is nobody's response here.
	if (dispatchId === undefined && push.referenceId) return [];
	return [
		{
			source: COMMON,
			eventId: push.eventId,
			kind: undelivered ? 'failed' : 'delivered',
			at: push.at,
			providerRef: push.messageId,
			dispatchId,
			reason: undelivered ? push.words : undefined,
			detail: { code: push.code, operator: push.operator, parts: push.parts },
		},
	];
}

/** The answer as keywords compare it: without the keyword that only leads the message to us, when more follows. */
export function withoutKeyword({ text, keyword }: Pick<CommonInbound, 'text' | 'keyword'>): string {
	const words = text.trim().split(/\s+/);
	const leads = keyword !== null && words.length > 1 && words[0]?.toUpperCase() === keyword.toUpperCase();
	return (leads ? words.slice(1) : words).join(' ');
}

function asNumber(sender: string): string {
	const dense = sender.replace(/[\s()-]/g, '');
	if (/^00\d{6,15}$/.test(dense)) return `+${dense.slice(2)}`;
	return /^\d{8,15}$/.test(dense) ? `+${dense}` : dense;
}

function timeOf(told: string | null | undefined, receivedAt: number): number {
	const at = Date.parse(told ?? '');
	return Number.isNaN(at) ? receivedAt : at;
}
