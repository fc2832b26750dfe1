/**
 * What the core needs from the world around it, as interfaces: time, HTTP, secrets and a place to say things.
 * Hosts (n8n, Node-RED) and tests implement them; the core and the steps never reach past them.
 */

/** Time in epoch milliseconds (UTC), and timers that follow the same clock, so that a test can turn it. */
export interface Clock {
	now(): number;
	/** Calls `ring` once the clock has reached `at` (epoch ms; any distance ahead). Returns a way to call it off. */
	at(at: number, ring: () => void): () => void;
}

export interface HttpRequest {
	method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
	url: string;
	/** Appended to the URL; an array repeats the key as given (`list_id[]`: [1, 2] → `list_id[]=1&list_id[]=2`). */
	query?: Record<string, string | number | Array<string | number>>;
	headers?: Record<string, string>;
	/** HTTP Basic. */
	basic?: { username: string; password: string };
	/** Sent as JSON. */
	json?: unknown;
	/** Sent as application/x-www-form-urlencoded. */
	form?: Record<string, string>;
	/** Sent as it is; `headers` say what it is. */
	body?: Uint8Array;
	/** Milliseconds; default 30 000. */
	timeoutMs?: number;
}

export interface HttpAnswer {
	status: number;
	/** Lower-case names. */
	headers: Record<string, string>;
	/** Parsed JSON when the answer says it is JSON and parses; else the text. */
	body: unknown;
}

/**
 * Sends one request. Any HTTP status is an answer, not an exception; redirects are not followed.
 * @throws {NotSent} when it is certain that the far end never got the request (refused, name unknown, TLS failed).
 * @throws {AnswerLost} when it may have been received: timeout, connection reset after it was written.
 */
export type Http = (request: HttpRequest) => Promise<HttpAnswer>;

export class NotSent extends Error {
	override readonly name = 'NotSent';
}

export class AnswerLost extends Error {
	override readonly name = 'AnswerLost';
}

/** Where a step tells its user how far it is. Counts of people, never who. */
export interface Progress {
	(done: number, total: number | undefined, what: string): void;
}

/**
 * Something the person at the editor can put right. `message` says what was refused, naming the field as the form
 * shows it; `hint` says how to go on. Never holds secrets or details of persons.
 */
export class StepProblem extends Error {
	override readonly name = 'StepProblem';
	constructor(
		message: string,
		readonly details: { hint?: string; field?: string; item?: number; cause?: unknown } = {},
	) {
		super(message, { cause: details.cause });
	}
	get hint(): string | undefined {
		return this.details.hint;
	}
}
