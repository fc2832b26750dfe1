/** Calls from the stand-ins to whoever listens: LINK's reports and inbound SMS, Make's webhooks. */
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import axios from 'axios';
import type { Clock } from '../core/ports';
import type { Provider } from './faults';
import type { CallLog } from './requests';

const SIDE_BY_SIDE = 16;
/** "Ensure your endpoint responds within 2 seconds" (LINK's guide to callbacks). Taken for Make as well. */
const ANSWER_WITHIN_MS = 2_000;

export interface Telling {
	provider: Provider;
	/** For the log: "delivery report", "click" … */
	what: string;
	url: string;
	/** Default POST. GET goes without a body. */
	method?: 'GET' | 'POST';
	/** `bytes` go out as they are, with the content type among `headers`. */
	body?: { json: unknown } | { form: Record<string, string> } | { bytes: Buffer };
	headers?: Record<string, string>;
	/** Default two seconds. */
	answerWithinMs?: number;
	/** Sandbox time until which it is tried again when it is not answered with 2xx. Left out: told once. */
	until?: number;
}

export class Outgoing {
	private readonly waiting: Array<{ run(): Promise<void>; drop(): void }> = [];
	private readonly agents = {
		httpAgent: new HttpAgent({ keepAlive: true, maxSockets: SIDE_BY_SIDE }),
		httpsAgent: new HttpsAgent({ keepAlive: true, maxSockets: SIDE_BY_SIDE }),
	};
	private running = 0;
	private retries = 0;
	private generation = 0;
	private closed = false;

	constructor(
		private readonly clock: Clock,
		private readonly log: CallLog,
	) {}

	/** Resolves with the status of the first try; null when nobody answered. */
	tell(telling: Telling): Promise<number | null> {
		// A series of reports may still be under way: the rest of it goes nowhere.
		if (this.closed) return Promise.resolve(null);
		return new Promise((resolve) => this.enqueue(telling, 0, this.generation, resolve));
	}

	/** Nothing is under way or waiting for another try. */
	get idle(): boolean {
		return this.running === 0 && this.waiting.length === 0 && this.retries === 0;
	}

	/** Drops what has not been told yet. */
	forget(): void {
		this.generation += 1;
		this.retries = 0;
		for (const job of this.waiting.splice(0)) job.drop();
	}

	close(): void {
		this.closed = true;
		this.forget();
		this.agents.httpAgent.destroy();
		this.agents.httpsAgent.destroy();
	}

	private enqueue(
		telling: Telling,
		tries: number,
		generation: number,
		done?: (status: number | null) => void,
	) {
		const run = async () => {
			const status = await this.call(telling);
			done?.(status);
			const taken = status !== null && status >= 200 && status < 300;
			if (taken || telling.until === undefined || generation !== this.generation) return;
			// How often LINK tries again is not documented; that it does so for the `ttl` is.
			const again = this.clock.now() + Math.min(60_000, 1_000 * 2 ** tries);
			if (again > telling.until) return;
			this.retries += 1;
			this.clock.at(again, () => {
				if (generation !== this.generation) return;
				this.retries -= 1;
				this.enqueue(telling, tries + 1, generation);
			});
		};
		this.waiting.push({ run, drop: () => done?.(null) });
		this.pump();
	}

	private pump(): void {
		while (this.running < SIDE_BY_SIDE) {
			const job = this.waiting.shift();
			if (!job) return;
			this.running += 1;
			void job.run().finally(() => {
				this.running -= 1;
				this.pump();
			});
		}
	}

	private async call(telling: Telling): Promise<number | null> {
		const {
			provider,
			what,
			url,
			method = 'POST',
			body,
			headers,
			answerWithinMs = ANSWER_WITHIN_MS,
		} = telling;
		const started = performance.now();
		let status: number | null = null;
		try {
			const answer = await axios.request<string>({
				method,
				url,
				data: body && dataOf(body),
				headers: { ...(body ? { 'content-type': typeOf(body) } : {}), accept: '*/*', ...headers },
				timeout: answerWithinMs,
				maxRedirects: 0,
				proxy: false,
				responseType: 'text',
				validateStatus: () => true,
				...this.agents,
			});
			status = answer.status;
		} catch {
			// Nobody there, or too slow: the log shows it.
		}
		this.log.add({
			direction: 'out',
			provider,
			method,
			where: hostOf(url),
			what,
			status,
			ms: Math.round(performance.now() - started),
		});
		return status;
	}
}

function dataOf(body: NonNullable<Telling['body']>): string | Buffer {
	if ('bytes' in body) return body.bytes;
	return 'json' in body ? JSON.stringify(body.json) : new URLSearchParams(body.form).toString();
}

function typeOf(body: NonNullable<Telling['body']>): string {
	return 'form' in body ? 'application/x-www-form-urlencoded' : 'application/json';
}

function hostOf(url: string): string {
	return URL.canParse(url) ? new URL(url).host : 'unreadable address';
}
