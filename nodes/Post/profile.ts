/** Who prints the letters, as the step sees them: how a batch gets there, and how word of it comes back. */
import type { ItemEvent } from '../../core/handoffs/events';
import type { BatchItem, Transfer } from '../../core/handoffs/transfer';
import type { LetterOptions, LetterSpec } from '../../core/letters/letter';
import type { StepContext } from '../../core/step';
import type { Store } from '../../core/store/store';
import type { Parameters } from './form';

/** What a batch goes by from when it is made, whatever the form says later. Never secrets. */
export interface BatchSettings {
	/** How its letters are laid out. */
	letters: LetterOptions;
	/** {@link PrintProfile.settings} */
	profile: unknown;
}

/** The letters of a batch, as they are to be rendered. */
export interface Letters {
	options: LetterOptions;
	/** @throws {StepProblem} when it cannot be made any more (a file of it is gone). */
	specOf(item: Pick<BatchItem, 'ref' | 'content'>): Promise<LetterSpec>;
}

export interface HandingTo {
	ctx: StepContext;
	store: Store;
	/** {@link BatchSettings.profile} of this batch. */
	settings: unknown;
	letters: Letters;
}

export interface Looked {
	events: ItemEvent[];
	/** For the log: what could not be read, by file and line. Never a person. */
	notes: string[];
	/** There is more that could not be read yet: worth another look in a minute. */
	soon?: boolean;
	/** Called when the events have been written down: what was read need not be read again. */
	done?(): Promise<void>;
}

export interface PrintProfile {
	/** The ledger's provider, and the source of what comes back. */
	provider: string;
	/** Whether content is still needed after the hand-over. */
	keepContent?: boolean;
	/** How the form describes the other end. @throws {StepProblem} naming the field */
	settings(params: Parameters): unknown;
	/** Hands batches over. @throws {StepProblem} when the credential is wrong */
	transfer(handing: HandingTo): Promise<Transfer>;
	/** Looks for what has become of the letters; left out where it comes by itself, or where the form says not to look. */
	look?(looking: { ctx: StepContext; store: Store; stepId: number; params: Parameters }): Promise<Looked>;
	/** Word that comes to the step's public address; undefined when the request is none of theirs. */
	heard?(
		hearing: { ctx: StepContext; store: Store; params: Parameters },
		request: { headers: Record<string, string>; query: Record<string, string>; raw: Buffer },
	): Promise<{ status: number; events: ItemEvent[] } | undefined>;
	/** The step has got a public address: tells the other end where to report. */
	registered?(ctx: StepContext, params: Parameters, url: string): Promise<void>;
}
