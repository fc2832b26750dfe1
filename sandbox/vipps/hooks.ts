/**
 * Webhooks: registered with a secret that is told once, signed, and told in order for each payment: an event that is not
 * taken holds back the later ones of the same payment, and is tried again for seven days.
 */
import { createHash, createHmac, randomBytes, randomUUID } from 'node:crypto';
import type { Clock } from '../../core/ports';
import type { Faults } from '../faults';
import type { Outgoing } from '../outgoing';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const RETRIED_FOR = 7 * DAY;
/** A registration that nobody has answered for so long is deleted. */
const UNRESPONSIVE_FOR = 14 * DAY;
const ANSWER_WITHIN_MS = 10_000;
export const MOST_PER_EVENT = 25;

const epayment = [
	'created',
	'aborted',
	'expired',
	'cancelled',
	'captured',
	'refunded',
	'authorized',
	'terminated',
].map((name) => `epayments.payment.${name}.v1`);
const recurring = [
	'agreement-activated',
	'agreement-rejected',
	'agreement-stopped',
	'agreement-expired',
	'charge-reserved',
	'charge-captured',
	'charge-canceled',
	'charge-refunded',
	'charge-failed',
	'charge-creation-failed',
].map((name) => `recurring.${name}.v1`);
const donations = ['started', 'stopped', 'withdrawal-day-changed', 'amount-changed'].map(
	(name) => `donations.agreement.${name}.v1`,
);
export const eventNames: readonly string[] = [
	...epayment,
	...recurring,
	...donations,
	'login.merchant-initiated.ping.v1',
	'user.checked-in.v1',
];

export interface Hook {
	id: string;
	url: string;
	events: string[];
	secret: string;
	/** Sandbox time of the first delivery since which none was taken. */
	silentSince: number | null;
	/** Of each payment (or agreement), what is still to be told. */
	queues: Map<string, Waiting[]>;
}

interface Waiting {
	event: string;
	body: string;
	since: number;
	tries: number;
}

export class Hooks {
	readonly hooks = new Map<string, Hook>();
	/** The last that was told, so that it can be replayed. */
	last: { url: string; headers: Record<string, string>; body: string } | undefined;
	private readonly bells = new Set<() => void>();

	constructor(
		private readonly clock: Clock,
		private readonly outgoing: Outgoing,
		private readonly faults: Faults,
	) {}

	register(url: string, events: string[]): Hook {
		const hook: Hook = {
			id: randomUUID(),
			url,
			events,
			// Looks like base64, and is nevertheless used as it is written.
			secret: randomBytes(64).toString('base64'),
			silentSince: null,
			queues: new Map(),
		};
		this.hooks.set(hook.id, hook);
		return hook;
	}

	isFull(event: string): boolean {
		return [...this.hooks.values()].filter(({ events }) => events.includes(event)).length >= MOST_PER_EVENT;
	}

	remove(id: string): boolean {
		return this.hooks.delete(id);
	}

	/** @param about the payment or agreement: what is about the same one comes in order */
	tell(event: string, about: string, payload: object): void {
		const body = JSON.stringify(payload);
		if (this.faults.take('vipps', ['event-lost'])) return;
		const late = this.faults.take('vipps', ['event-late']);
		if (late) {
			// Past the order: the later ones of the same payment come before it.
			const at = this.clock.now() + (late.delayMs ?? HOUR);
			return this.at(at, () => this.queue(event, `${about} late`, body));
		}
		this.queue(event, about, body);
		if (this.faults.take('vipps', ['event-twice'])) this.queue(event, about, body);
		const forged = this.faults.take('vipps', ['event-forged']);
		if (forged) for (const hook of this.wanting(event)) void this.call(hook, body, randomUUID());
	}

	/** Drops what has not been told; registrations stay. */
	empty(): void {
		for (const callOff of this.bells) callOff();
		this.bells.clear();
		for (const hook of this.hooks.values()) hook.queues.clear();
		this.last = undefined;
	}

	get idle(): boolean {
		return [...this.hooks.values()].every(({ queues }) => queues.size === 0);
	}

	/** @param secret another than the registration's own, for a forged call */
	async call(hook: Hook, body: string, secret = hook.secret): Promise<number | null> {
		const headers = signedHeaders(hook.url, Buffer.from(body), secret, this.clock.now());
		const own = secret === hook.secret;
		if (own) this.last = { url: hook.url, headers, body };
		return await this.send(hook.url, headers, body, own ? 'webhook' : 'forged call');
	}

	/** Whatever is given, signed or not. */
	send(
		url: string,
		headers: Record<string, string>,
		body: string,
		what = 'forged call',
	): Promise<number | null> {
		return this.outgoing.tell({
			provider: 'vipps',
			what,
			url,
			body: { bytes: Buffer.from(body) },
			headers,
			answerWithinMs: ANSWER_WITHIN_MS,
		});
	}

	private wanting(event: string): Hook[] {
		return [...this.hooks.values()].filter(({ events }) => events.includes(event));
	}

	private queue(event: string, about: string, body: string): void {
		for (const hook of this.wanting(event)) {
			const waiting: Waiting = { event, body, since: this.clock.now(), tries: 0 };
			const queue = hook.queues.get(about);
			if (queue) queue.push(waiting);
			else {
				hook.queues.set(about, [waiting]);
				void this.next(hook, about);
			}
		}
	}

	private async next(hook: Hook, about: string): Promise<void> {
		const queue = hook.queues.get(about);
		const head = queue?.[0];
		if (!queue || !head) return void hook.queues.delete(about);
		const status = await this.call(hook, head.body);
		// Emptied or deleted while it was told.
		if (hook.queues.get(about) !== queue || !this.hooks.has(hook.id)) return;
		const now = this.clock.now();
		const taken = status !== null && status >= 200 && status < 300;
		if (taken) hook.silentSince = null;
		else {
			hook.silentSince ??= now;
			head.tries += 1;
			if (now - hook.silentSince >= UNRESPONSIVE_FOR) return void this.remove(hook.id);
			const again = now + pauseAfter(head.tries);
			if (again - head.since <= RETRIED_FOR) return this.at(again, () => void this.next(hook, about));
		}
		queue.shift();
		return this.next(hook, about);
	}

	private at(when: number, ring: () => void): void {
		const callOff = this.clock.at(when, () => {
			this.bells.delete(callOff);
			ring();
		});
		this.bells.add(callOff);
	}
}

/** "~2 s for the first four, then 60 s, 120 s, hourly through attempt 29, then daily". */
function pauseAfter(tries: number): number {
	if (tries <= 4) return 2 * SECOND;
	if (tries === 5) return MINUTE;
	if (tries === 6) return 2 * MINUTE;
	return tries <= 29 ? HOUR : DAY;
}

/** Of `POST\n<path and query>\n<date>;<host>;<hash>`, with the secret's characters as the key. */
export function signedHeaders(
	address: string,
	body: Uint8Array,
	secret: string,
	at: number,
): Record<string, string> {
	const { pathname, search, host } = new URL(address);
	const date = new Date(at).toUTCString();
	const hash = createHash('sha256').update(body).digest('base64');
	const signature = createHmac('sha256', secret)
		.update(`POST\n${pathname}${search}\n${date};${host};${hash}`)
		.digest('base64');
	return {
		'content-type': 'application/json',
		'x-ms-date': date,
		'x-ms-content-sha256': hash,
		Authorization: `HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256&Signature=${signature}`,
	};
}
