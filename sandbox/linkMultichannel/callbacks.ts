/**
 * Events on their way to the account's callback address: in order, up to 100 at a time, signed, and told again as the
 * document describes it (ten times within 15 seconds, then every 1 to 2 minutes, for 4 hours).
 */
import { gzipSync } from 'node:zlib';
import type { Clock } from '../../core/ports';
import type { Outgoing } from '../outgoing';
import type { Signed, SigningKeys } from './signing';

export interface CallbackSettings {
	url: string;
	auth?: {
		type: 'httpBasic' | 'bearerToken' | 'customHttpHeader';
		login?: string | undefined;
		password: string;
		headerName?: string | undefined;
	};
	enableCompression?: boolean;
	signatureEnabled?: boolean;
}

const LARGEST_BATCH = 100;
const QUICK_TRIES = 10;
const FIRST_DELAY_MS = 15;
const LATER_DELAY_MS = 90_000;
const GIVES_UP_AFTER_MS = 4 * 3_600_000;
const ANSWER_WITHIN_MS = 30_000;
/** Events of one moment travel together. */
const GATHER_MS = 10;

export class Callbacks {
	settings: CallbackSettings | undefined;
	/** The last one that left as it should, for playing it again. */
	last: Signed | undefined;
	private waiting: Array<{ event: object; since: number }> = [];
	private busy = false;
	private generation = 0;

	constructor(
		private readonly clock: Clock,
		private readonly outgoing: Outgoing,
		private readonly keys: SigningKeys,
	) {}

	tell(...events: object[]): void {
		if (!this.settings) return;
		const since = this.clock.now();
		this.waiting.push(...events.map((event) => ({ event, since })));
		if (!this.busy) void this.work();
	}

	get idle(): boolean {
		return !this.busy && this.waiting.length === 0;
	}

	empty(): void {
		this.waiting = [];
		this.generation += 1;
		this.busy = false;
	}

	/** Sends bytes as they are; resolves with the status. */
	post(url: string, { body, headers }: Signed, what = 'callback'): Promise<number | null> {
		return this.outgoing.tell({
			provider: 'linkMultichannel',
			what,
			url,
			body: { bytes: body },
			headers: { 'content-type': 'application/json', ...headers },
			answerWithinMs: ANSWER_WITHIN_MS,
		});
	}

	private async work(): Promise<void> {
		const { generation } = this;
		const called = () => generation !== this.generation;
		this.busy = true;
		await this.pause(GATHER_MS);
		while (!called() && this.settings && this.waiting.length > 0) {
			const batch = this.waiting.slice(0, LARGEST_BATCH);
			let taken = false;
			for (let tries = 0, signed = this.signed(batch); !taken && !called(); tries += 1) {
				const status = await this.post(this.settings.url, this.packed(signed));
				if (called()) return;
				this.last = this.packed(signed);
				// Anything else than these is final, also a 400 or 401: the events are lost then.
				taken = status !== null && status !== 429 && status < 500;
				if (taken) break;
				if (tries < QUICK_TRIES) await this.pause(FIRST_DELAY_MS * 2 ** tries);
				else {
					await this.pause(LATER_DELAY_MS);
					break;
				}
			}
			if (called()) return;
			if (taken) this.waiting.splice(0, batch.length);
			const latest = this.clock.now() - GIVES_UP_AFTER_MS;
			this.waiting = this.waiting.filter(({ since }) => since > latest);
		}
		if (!called()) this.busy = false;
	}

	private signed(batch: ReadonlyArray<{ event: object }>): Signed {
		const body = Buffer.from(JSON.stringify({ events: batch.map(({ event }) => event) }));
		return this.settings?.signatureEnabled ? this.keys.sign(body, this.clock.now()) : { body, headers: {} };
	}

	/** Compressed after it was signed. */
	private packed({ body, headers }: Signed): Signed {
		const all = { ...headers, ...this.authorization() };
		return this.settings?.enableCompression
			? { body: gzipSync(body), headers: { ...all, 'content-encoding': 'gzip' } }
			: { body, headers: all };
	}

	private authorization(): Record<string, string> {
		const auth = this.settings?.auth;
		switch (auth?.type) {
			case 'httpBasic':
				return {
					authorization: `Basic ${Buffer.from(`${auth.login ?? ''}:${auth.password}`).toString('base64')}`,
				};
			case 'bearerToken':
				return { authorization: `Bearer ${auth.password}` };
			case 'customHttpHeader':
				return { [(auth.headerName ?? 'x-api-key').toLowerCase()]: auth.password };
			case undefined:
				return {};
		}
	}

	private pause(ms: number): Promise<void> {
		return new Promise((resolve) => this.clock.at(this.clock.now() + ms, resolve));
	}
}
