/** Faults that a person (or a test) orders, per provider: what real providers do on a bad day. */
import type { NextFunction, Request, Response } from 'express';
import { z } from 'zod/v4';

export const providers = [
	'link',
	'linkMultichannel',
	'make',
	'sftp',
	'print',
	'pingen',
	'adversus',
	'vicidial',
	'vipps',
	'bank',
] as const;
export type Provider = (typeof providers)[number];

/** Faults of a call to the provider. */
export const callFaults = [
	'400',
	'401',
	'403',
	'429',
	'500',
	'502',
	'503',
	/** 200 with an HTML page, as a proxy or a maintenance page answers. */
	'html',
	/** The connection is cut before the request is read: nothing was taken. */
	'reset-before',
	/** Everything is taken, then the connection is cut: the "202 whose answer never arrives". */
	'reset-after',
	/** Everything is taken, then nothing: the connection stays open until the caller gives up. */
	'no-answer',
	/** Answers after `delayMs`. */
	'slow',
] as const;

/** Faults of LINK's delivery reports. */
export const reportFaults = [
	'report-twice',
	/** After `delayMs` of sandbox time, default two hours. */
	'report-late',
	/** Before the answer to the call that sent the message. */
	'report-early',
	/** Says that the message was not delivered: `code`, default 4007. */
	'report-failed',
	/** Says that the message was not delivered (4007), and then that it was. */
	'report-contradictory',
	'report-lost',
] as const;

/** Faults of the SFTP server. */
export const sftpFaults = [
	'login-refused',
	/** The connection is cut once `bytes` of a file have been written; default 1 000. */
	'cut',
	/** No more than `bytes` of a file can be written; default 1 000. */
	'disk-full',
] as const;

/** Faults of what the printing house does; `share` and `next` count letters, or its status files. */
export const printFaults = [
	'letter-rejected',
	'letter-returned',
	/** Returned with the address to which they have moved. */
	'letter-moved',
	/** The first half of a status file, under its final name; the whole of it ten minutes later. */
	'status-half',
	'status-twice',
	/** With a line that is none. */
	'status-garbage',
] as const;

/** Faults of Vipps' webhooks and reports; `share` and `next` count events, or payments. */
export const vippsFaults = [
	'event-twice',
	/** After `delayMs` of sandbox time, default an hour, when later ones of the same payment have come. */
	'event-late',
	'event-lost',
	/** One with another signature comes as well. */
	'event-forged',
	/** A gift is seen in the Donations report only after `delayMs` of sandbox time, default an hour. */
	'payment-late',
] as const;

/** Faults of the bank's files; `share` and `next` count files. */
export const bankFaults = [
	/** The first half, under its final name; the whole of it ten minutes later. */
	'file-half',
	'file-twice',
	/** One whose totals are not those of its parts lies there as well. */
	'file-garbage',
] as const;

export type FaultKind =
	| (typeof callFaults)[number]
	| (typeof reportFaults)[number]
	| (typeof sftpFaults)[number]
	| (typeof printFaults)[number]
	| (typeof vippsFaults)[number]
	| (typeof bankFaults)[number];

/** Body of `POST /faults`. Without `next` and `share`: the next call. */
export const faultWish = z.strictObject({
	provider: z.enum(providers),
	kind: z.enum([
		...callFaults,
		...reportFaults,
		...sftpFaults,
		...printFaults,
		...vippsFaults,
		...bankFaults,
	]),
	/** How many calls (or reports) in all. */
	next: z.int().min(1).max(1_000_000).optional(),
	/** The share of calls that it hits, evenly spread. */
	share: z.number().gt(0).max(1).optional(),
	/** Only calls whose path holds this text. Without it the token endpoint and delivery of mail are left alone. */
	path: z.string().min(1).optional(),
	/** LINK's code in a report that says that the message was not delivered. */
	code: z.int().min(3_000).max(4_999).optional(),
	/** How much of a file gets through before the SFTP server's fault. */
	bytes: z.int().min(0).optional(),
	/** Seconds in `Retry-After` of 429 and 503; default 2. */
	retryAfter: z.int().min(0).max(86_400).optional(),
	delayMs: z
		.int()
		.min(0)
		.max(7 * 86_400_000)
		.optional(),
});
export type FaultWish = z.infer<typeof faultWish>;

export interface Fault extends FaultWish {
	id: number;
	/** How often it has hit. */
	hits: number;
}

export class Faults {
	private readonly ordered: Array<Fault & { credit: number }> = [];
	private lastId = 0;

	constructor(private readonly changed: () => void) {}

	order(wish: FaultWish): Fault {
		const next = wish.next ?? (wish.share === undefined ? 1 : undefined);
		this.lastId += 1;
		const fault = { ...wish, ...(next ? { next } : {}), id: this.lastId, hits: 0, credit: 0 };
		this.ordered.push(fault);
		this.changed();
		return fault;
	}

	list(): Fault[] {
		return this.ordered.map(({ credit: _, ...fault }) => fault);
	}

	/** Calls off one, or all of them. */
	callOff(id?: number): void {
		const keep = id === undefined ? [] : this.ordered.filter((fault) => fault.id !== id);
		this.ordered.splice(0, this.ordered.length, ...keep);
		this.changed();
	}

	/** The fault that the next call (or report) is to suffer, if any; counts it. */
	take(provider: Provider, kinds: readonly FaultKind[], path = ''): Fault | undefined {
		const due = this.ordered.find((fault) => {
			if (fault.provider !== provider || !kinds.includes(fault.kind)) return false;
			if (fault.path ? !path.includes(fault.path) : /\/(token|access-tokens|accesstoken\/get)$/.test(path))
				return false;
			// Evenly spread instead of by chance, so that a test knows how many it hits.
			fault.credit += fault.share ?? 1;
			return fault.credit >= 1 - 1e-9;
		});
		if (!due) return undefined;
		due.credit -= 1;
		due.hits += 1;
		if (due.next !== undefined) {
			due.next -= 1;
			if (due.next === 0) this.ordered.splice(this.ordered.indexOf(due), 1);
		}
		this.changed();
		return due;
	}
}

/** Body of an answer with the given status, in the provider's own shape. */
export type ErrorShape = (status: number, path: string, method?: string) => unknown;

/** Stands in front of a provider's stand-in and plays the ordered faults. Must come before the body is read. */
export function playFaults(faults: Faults, provider: Provider, shape: ErrorShape) {
	return (request: Request, response: Response, next: NextFunction): void => {
		const path = (request.baseUrl + request.path).replace(/\/$/, '');
		const fault = faults.take(provider, callFaults, path);
		if (!fault) return next();
		response.locals.fault = fault.kind;
		const cut = () => request.socket.resetAndDestroy();
		switch (fault.kind) {
			case 'reset-before':
				cut();
				return;
			case 'reset-after':
				// The handler runs to its end and believes that it has answered.
				response.end = () => {
					cut();
					return response;
				};
				return next();
			case 'no-answer':
				response.end = () => response;
				return next();
			case 'slow':
				setTimeout(next, fault.delayMs ?? 5_000);
				return;
			case 'html':
				response
					.status(200)
					.type('html')
					.send('<!doctype html><html><body><h1>Service under maintenance</h1></body></html>');
				return;
			default: {
				const status = Number(fault.kind);
				if (status === 429 || status === 503) response.set('Retry-After', String(fault.retryAfter ?? 2));
				const body = shape(status, path, request.method);
				if (body === undefined) response.status(status).end();
				else response.status(status).json(body);
			}
		}
	};
}
