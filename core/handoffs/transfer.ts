/** What a description of the other end (a printing house over SFTP, Pingen …) has to be able to do with a batch. */

/** A batch that is being handed over. */
export interface Batch {
	id: number;
	stepId: number;
	kind: 'letter' | 'call';
	/** What the other end knows it by; safe as a part of file names. */
	name: string;
	/** As it was made, not yet parsed. */
	settings: unknown;
	/** Epoch ms. The same in every try, as all that goes into the files should be. */
	openedAt: number;
	/** How many letters or people. */
	items: number;
}

/** One letter or person to call in it. */
export interface BatchItem {
	dispatchId: number;
	/** What the other end knows it by: digits. */
	ref: string;
	personId: number | null;
	/** As it was collected. */
	content: unknown;
}

/** A file of the batch, or one letter given by itself. */
export interface FileOfBatch {
	/** Unique in the batch. */
	name: string;
	/** Hexadecimal. */
	sha256: string;
	/** Bytes. */
	size: number;
}

/**
 * What is known of the files of this batch at the other end, kept in the store, so that whoever goes on with it after a
 * crash knows what is its own.
 */
export interface Sending {
	/** By name: `there` lies there whole, `sending` may. From earlier tries and this one. */
	files: ReadonlyMap<string, FileOfBatch & { state: 'sending' | 'placing' | 'there' }>;
	/** Before they are given: from now on what has their name there may be ours. @throws {TakenOver} */
	begin(files: readonly FileOfBatch[]): Promise<void>;
	/**
	 * It is whole, and is put in its place at once: from now on, when nothing of it is found there, the other end has taken
	 * it. @throws {TakenOver}
	 */
	placing(name: string): Promise<void>;
	/** They lie there. @throws {TakenOver} */
	there(names: readonly string[]): Promise<void>;
	/** They do not lie there (any more). @throws {TakenOver} */
	gone(names: readonly string[]): Promise<void>;
	/** The provider's own ids of letters, by dispatch: what it reports about them finds them. @throws {TakenOver} */
	known(refs: ReadonlyMap<number, string>): Promise<void>;
	/**
	 * Asked before what cannot be taken back: this process still is the one that hands the batch over.
	 * @throws {TakenOver}
	 */
	still(): Promise<void>;
	/** For the editor: so many of so many. */
	progress(done: number, total: number | undefined, what: string): void;
}

export interface Transferred {
	/** Sheets' pages in all, of letters. */
	pages?: number;
	/** Could not be made into what the other end takes: everything else is over there, these are not. */
	leftOut?: ReadonlyArray<{ dispatchId: number; reason: string; code?: string }>;
}

/**
 * Gives the batch to the other end. Called again after a crash: what `sending.files` says is there is not given again.
 * `items` can be walked more than once, and comes in the same order each time.
 * @throws {NotSent} it is not reached: tried again later.
 * @throws {AnswerLost} it may have what was given last: tried again later, when it can be looked at.
 * @throws {StepProblem} settings are wrong.
 */
export type Transfer = (
	batch: Batch,
	items: () => AsyncIterable<BatchItem>,
	sending: Sending,
) => Promise<Transferred>;

/** Another process hands the batch over by now: this one must do nothing more about it. */
export class TakenOver extends Error {
	override readonly name = 'TakenOver';
}
