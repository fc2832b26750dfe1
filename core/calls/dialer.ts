/** How callers are reached one by one over HTTP; whatever dialer they use. */
import type { CallResult } from './result';
import type { Lead, LeadContent } from './lead';

export type Added =
	/** `providerRef`: what the dialer knows the lead by. */
	| { kind: 'taken'; providerRef?: string }
	/** Never will be: it goes back to the journey as left out. */
	| { kind: 'refused'; reason: string }
	/** Nothing was taken, try later. */
	| { kind: 'busy'; reason: string; retryAfterMs?: number }
	/** It may have been taken: nobody is handed over again. */
	| { kind: 'unknown'; reason: string };

export interface LeadThere {
	ref: string;
	/** Null where the dialer's answer was lost. */
	providerRef: string | null;
}

export type Withdrawal =
	| { kind: 'withdrawn' }
	/** Not there any more, or never was. */
	| { kind: 'gone' }
	/** The dialer cannot be told, or the form says that it is not to be: the callers have to be asked. */
	| { kind: 'untold'; reason: string }
	| { kind: 'busy'; reason: string };

export type Update = { kind: 'updated' } | Exclude<Withdrawal, { kind: 'withdrawn' }>;

export interface Dialer {
	/** @throws {NotSent} nothing was taken, {AnswerLost} it may have been, {StepProblem} the settings are wrong */
	add(lead: Lead): Promise<Added>;
	/** Whether a lead is there whose sender died on the way. Left out where the dialer cannot be asked. */
	find?(ref: string): Promise<{ there: boolean; providerRef?: string } | 'unknown'>;
	/** @throws as `add` */
	withdraw(lead: LeadThere): Promise<Withdrawal>;
	/**
	 * Name, number or place have become different: told twice, it is the same as once. Never makes a lead that is not there.
	 * Left out where leads cannot be changed.
	 * @throws as `add`
	 */
	update?(lead: Lead, before: LeadContent): Promise<Update>;
	/** What has changed since (epoch ms), of all leads of the campaign. Left out where results are only pushed. */
	results?(since: number): Promise<CallResult[]>;
}
