/** How a provider is reached from the ledger: one interface for SMS, newsletters, letters, calls. */
import type { Rate } from './pace';

/** One message about to leave: its row is already reserved under `dispatchId`. */
export interface Outgoing<M> {
	dispatchId: number;
	/** Phone (E.164) or e-mail; null where the provider needs none. */
	address: string | null;
	message: M;
}

export interface Sent {
	dispatchId: number;
	state: 'accepted' | 'failed';
	providerRef?: string;
	/** Why it failed, in words for the person at the editor. */
	reason?: string;
}

export type BatchAnswer =
	/** The provider took the batch; one entry per message. */
	| { kind: 'answered'; sent: Sent[]; mailingId?: number }
	/** Nothing was taken and will not be: a batch of several is halved to find the one that is bad. */
	| { kind: 'refused'; reason: string }
	/** Nothing was taken, try later (429, 503). */
	| { kind: 'busy'; reason: string; retryAfterMs?: number }
	/** It may have been taken (5xx, unreadable answer): nobody is sent to again. */
	| { kind: 'unknown'; reason: string };

export interface Channel<M> {
	/** `sms`, `email` …: what consents and reservations are about. */
	channel: string;
	/** `link`, `make` … */
	provider: string;
	batchSize: number;
	/** Messages per second that all processes keep to together. When it is left out there is no limit. */
	rate?: Rate | undefined;
	/**
	 * @throws {NotSent} certainly not received: tried again with back-off, then given back.
	 * @throws {AnswerLost} may have been received: every message becomes `unknown`.
	 * @throws {StepProblem} settings are wrong (credentials …): reservations are given back, the run ends.
	 */
	send(batch: Array<Outgoing<M>>): Promise<BatchAnswer>;
	/**
	 * Asks what became of messages whose sender died between reserving and settling. Left out where the provider
	 * cannot be asked: then they are `unknown`.
	 */
	recall?(
		dispatchIds: number[],
	): Promise<Array<{ dispatchId: number; state: 'accepted' | 'not sent' | 'unknown' }>>;
}
