/**
 * A step: one node of the palette, written once and run by both hosts. What a host is, a step never learns; it gets a
 * {@link StepContext} and lists of items, and gives back one list of items for each of its outputs.
 */
import type { z } from 'zod/v4';
import type { OutputRule } from './outputs';
import type { Clock, Http, Progress, StepProblem } from './ports';
import type { Store } from './store/store';

/** The plain JSON of one item (n8n) or one element of `msg.payload` (Node-RED). */
export type Json = Record<string, unknown>;

/** One incoming item, with the step's parameters as they evaluate for it (expressions, `msg` properties). */
export interface Given<P> {
	json: Json;
	params: P;
	/** Position among the incoming items; the `from` of what comes out of it. */
	index: number;
	/**
	 * Comes back out of the step's own {@link Step.listen}, by this output's position: somebody who has waited here. Only
	 * of steps with {@link Step.reenters}.
	 */
	released?: number;
}

/** One outgoing item. `from` is the position of the incoming item it comes from, if it comes from one. */
export interface Out {
	json: Json;
	from?: number;
	/** Shown by the editor beside the item: n8n keeps them as its binary data, Node-RED as `files` of the element. */
	files?: FileOut[];
	/** This item could not be handled: goes where the host sends failed items (error output, Catch). */
	problem?: StepProblem;
}

export interface FileOut {
	name: string;
	/** e.g. `application/pdf`. */
	mimeType: string;
	bytes: Uint8Array;
}

/** One list per output of the step, in the order of `outputs`. */
export type Outputs = Out[][];

/**
 * How the run that an emission started has ended. `unfinished`: it is waiting inside the host, ask again later.
 * `lost`: the host stopped under it (a new deploy, a shutdown); how far it came is unknown, its people are let go again.
 * `started: false`: it never came to be, so that nobody in it has been anywhere.
 */
export type RunEnd =
	| { end: 'done' }
	| { end: 'failed'; reason: string }
	| { end: 'unfinished' }
	| { end: 'lost'; started?: boolean };

/** Starts a run of the flow from this step; resolves when that run has ended. */
export type Emit = (outputs: Outputs) => Promise<RunEnd>;

/** Why a step stops listening; nothing: its flow is stopped, or deployed anew. */
export type Stopped = 'removed';

export type Stop = (why?: Stopped) => Promise<void>;

/** A request to the step's public address, exactly as it came in. */
export interface Received {
	method: string;
	/** Lower-case names. */
	headers: Record<string, string>;
	query: Record<string, string>;
	/** The body's bytes, before any parsing: signatures are checked on these. */
	raw: Buffer;
}

export interface Receipt {
	status: number;
	/** Lower-case names. Without a content type, the body is plain text. */
	headers?: Record<string, string>;
	/** In parts when it is large: each is asked for when the one before has left. */
	body?: string | AsyncIterable<string>;
	/**
	 * Carries on after the answer has been sent; what it emits starts a run. (Not named `then`: a receipt with that
	 * method would itself be taken for a promise wherever it is awaited.)
	 */
	after?: (emit: Emit) => Promise<void>;
}

/** One entry of a dropdown that knows the register, a provider or the saved segments. */
export interface Choice {
	name: string;
	value: string;
	description?: string;
}

/** Where a step stands: which flow, which node. `step` is stable over renames and restarts, unique in the store. */
export interface Place {
	host: 'n8n' | 'node-red';
	/** n8n: workflow id. Node-RED: flow (tab) id. */
	flow: string;
	flowName: string;
	/** `<flow>/<node id>`. */
	step: string;
	/** The node's name as the editor shows it. */
	name: string;
}

/** The names of the credentials a step may ask for (one file each in `credentials/`). */
export type CredentialName =
	| 'memberJourneysStoreApi'
	| 'memberJourneysPageApi'
	| 'linkCallbackApi'
	| 'linkMyLinkApi'
	| 'linkCommonApi'
	| 'linkMultichannelApi'
	| 'makeNewsletterApi'
	| 'emailSmtpApi'
	| 'sftpApi'
	| 'adversusApi'
	| 'vicidialApi'
	| 'pingenApi'
	| 'vippsApi'
	| 'vippsReportApi'
	| 'directoryApi';

/**
 * Tries what an admin is about to save, reaching out no further than needed.
 * @throws {StepProblem} saying what to change.
 */
export type CredentialCheck = (world: Pick<StepContext, 'http'>, settings: unknown) => Promise<void>;

export interface StepContext {
	/** The store that the step's Journey Store credential names; opened once per process and shared. */
	store(): Promise<Store>;
	/** The admin's settings for one credential, not yet parsed. */
	credentials(name: CredentialName): Promise<unknown>;
	clock: Clock;
	http: Http;
	place: Place;
	/** A run started by hand in the editor, to try the flow: nobody real is enrolled, parked or written to. */
	testRun: boolean;
	/** Failed items leave as items with `problem` instead of ending the run. */
	continueOnFail: boolean;
	progress: Progress;
	/** Says something under the step's output in the editor (n8n hint, Node-RED status). */
	hint(text: string): void;
	/** For logs: counts and ids, never persons or secrets. */
	log(level: 'info' | 'warn' | 'error', text: string): void;
	/** The address at which `receive` is reached from outside, when the host knows it. */
	publicUrl?(): string | undefined;
	/** Its path on this host: what stands behind the host's own address, when `publicUrl` is not known. */
	path?(): string | undefined;
	/**
	 * Whether anything stands behind that output (by its position). n8n tells it of the step as a whole: any wire counts
	 * for all of its outputs.
	 */
	wired?(output: number): boolean;
}

export interface Step<P> {
	/** Type name within the package, e.g. `waitForGoal`. */
	name: string;
	/** Parsed before `run`; issues are reported with the field's name as the form shows it. */
	parameters: z.ZodType<P>;
	/** Labels of the outputs, in order. */
	outputs: readonly string[];
	/** The outputs follow what is filled in; `outputs` are those of the form as it is to begin with. */
	outputsBy?: OutputRule;
	/** Takes items in. Absent on steps that only bring people in (triggers). `params` are the first item's. */
	run?(ctx: StepContext, params: P, items: Array<Given<P>>): Promise<Outputs>;
	/** Runs from deploy or publish until stopped: steps that bring people in, or back later. */
	listen?(ctx: StepContext, params: P, emit: Emit): Promise<Stop>;
	/** What `listen` emits does not leave by the outputs but comes to `run` again, marked as {@link Given.released}. */
	reenters?: boolean;
	/** Answers the step's public address, within two seconds. */
	receive?(ctx: StepContext, params: P, request: Received): Promise<Receipt>;
	/** Told its public address whenever its flow is published or deployed: to keep it, or to give it to a provider. */
	registered?(ctx: StepContext, params: P, url: string): Promise<void>;
	/**
	 * Its flow is unpublished, for good or for the moment in which it is published anew (n8n does not say which); may take
	 * long.
	 */
	unregistered?(ctx: StepContext): Promise<void>;
	/** Fills dropdowns while the form is edited, by the name of the method that the description gives. */
	choices?: Record<string, (ctx: StepContext, current: Json) => Promise<Choice[]>>;
}
