/** A log of the calls in both directions: method, path, answer, size. Never bodies, never tokens. */
import type { NextFunction, Request, Response } from 'express';
import type { Provider } from './faults';

const KEPT = 2_000;
/** Query parameters that would name a person. */
const PERSONAL =
	/^(email|phone|external_id|trackingtoken|phone_number|first_name|last_name|user|pass|vendor_lead_code|comments|address[123]|postal_code|city|date_of_birth|alt_phone|signature)$/i;

export interface LoggedCall {
	id: number;
	/** Sandbox time. */
	at: number;
	direction: 'in' | 'out';
	provider: Provider;
	method: string;
	/** In: path and query. Out: the host only, since the path may hold the receiver's token. */
	where: string;
	/** Out: what was told. */
	what?: string;
	/** Elements of an array body. */
	items?: number;
	/** null: the connection was cut, or nobody answered. */
	status: number | null;
	ms: number;
	/** The fault that was played. */
	fault?: string;
}

export class CallLog {
	private calls: LoggedCall[] = [];
	private next = 1;

	constructor(
		private readonly now: () => number,
		private readonly changed: () => void,
	) {}

	add(call: Omit<LoggedCall, 'id' | 'at'>): void {
		this.calls.push({ id: this.next, at: this.now(), ...call });
		this.next += 1;
		if (this.calls.length > KEPT) this.calls = this.calls.slice(-KEPT / 2);
		this.changed();
	}

	/** Newest first. */
	latest(limit = 200): LoggedCall[] {
		return this.calls.slice(-limit).reverse();
	}

	get count(): number {
		return this.next - 1;
	}

	clear(): void {
		this.calls = [];
		this.next = 1;
		this.changed();
	}

	/** Express middleware in front of one provider's stand-in. */
	incoming(provider: Provider) {
		return (request: Request, response: Response, next: NextFunction): void => {
			const started = performance.now();
			response.once('close', () => {
				const body: unknown = request.body;
				this.add({
					direction: 'in',
					provider,
					method: request.method,
					where: pathOf(request.originalUrl),
					...(Array.isArray(body) ? { items: body.length } : {}),
					status: response.writableFinished ? response.statusCode : null,
					ms: Math.round(performance.now() - started),
					...(typeof response.locals.fault === 'string' ? { fault: response.locals.fault } : {}),
				});
			});
			next();
		};
	}
}

function pathOf(original: string): string {
	const url = new URL(original, 'http://sandbox');
	for (const key of [...url.searchParams.keys()]) if (PERSONAL.test(key)) url.searchParams.set(key, '…');
	return decodeURIComponent(url.pathname + url.search);
}
