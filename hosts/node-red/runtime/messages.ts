/** Between Node-RED's messages and a step's items: what came as one object leaves as one, what came as a list as a list. */
import type { NodeMessage } from 'node-red';
import type { Json, Out, Outputs } from '../../../core/step';
import type { StepProblem } from '../../../core/ports';

/** The property of a message by which a step hands itself those whom it lets come back: one output per item. */
const RELEASED = '_journeyReleased';

export interface Taken {
	items: Json[];
	/** {@link Given.released} of each item, where this is the step's own message. */
	released?: number[];
	/** `msg.payload` was an array: one message carries many people. */
	list: boolean;
}

/** A payload that is no object (text, number, nothing) is kept under `value`, so that every step has an object to read. */
export function itemsIn(message: NodeMessage): Taken {
	const { payload, [RELEASED]: released } = message as NodeMessage & { [RELEASED]?: unknown };
	if (Array.isArray(payload))
		return {
			items: payload.map(asObject),
			list: true,
			...(isOutputs(released, payload.length) ? { released } : {}),
		};
	return { items: [asObject(payload)], list: false };
}

function isOutputs(value: unknown, count: number): value is number[] {
	return Array.isArray(value) && value.length === count && value.every((one) => Number.isInteger(one));
}

function asObject(value: unknown): Json {
	const plain =
		typeof value === 'object' && value !== null && !Array.isArray(value) && !Buffer.isBuffer(value);
	if (plain) return value as Json;
	return value === undefined || value === null ? {} : { value };
}

export interface Leaving {
	/** One per output; null where nothing leaves. */
	messages: Array<NodeMessage | null>;
	/** What a Catch node gets: only the items that could not be handled. */
	refused?: { message: NodeMessage; problems: StepProblem[] };
	/** Items that left by any output. */
	sent: number;
}

export function messagesOut(message: NodeMessage, taken: Taken, outputs: Outputs): Leaving {
	const good = outputs.map((output) => output.filter(({ problem }) => !problem));
	const bad = outputs
		.flat()
		.filter((out): out is Out & { problem: StepProblem } => out.problem !== undefined);
	return {
		messages: good.map((output) => leaving(message, taken, output)),
		refused:
			bad.length === 0
				? undefined
				: {
						message: withItems(message, { ...taken, list: taken.list || bad.length > 1 }, bad),
						problems: bad.map(({ problem }) => problem),
					},
		sent: good.reduce((sum, output) => sum + output.length, 0),
	};
}

/** What a step brings in by itself has no incoming message: always a list. */
export function messagesEmitted(outputs: Outputs): Array<NodeMessage | null> {
	return outputs.map((output) => (output.length === 0 ? null : { payload: output.map(({ json }) => json) }));
}

/** For the step's own input: everybody in one list, each with the output they were let go by. */
export function messageComingBack(outputs: Outputs): NodeMessage {
	const all = outputs.flatMap((output, released) => output.map(({ json }) => ({ json, released })));
	const message = {
		payload: all.map(({ json }) => json),
		[RELEASED]: all.map(({ released }) => released),
	};
	return message;
}

/** One object may become many, as when a segment is listed: then they leave together, as a list. */
function leaving(message: NodeMessage, taken: Taken, output: Out[]): NodeMessage | null {
	if (output.length === 0) return null;
	return withItems(message, { ...taken, list: taken.list || output.length > 1 }, output);
}

/** Files stand in the item, each with its bytes as a Buffer, as nodes that write files or send mail take them. */
function itemOf({ json, files }: Out): Json {
	if (!files || files.length === 0) return json;
	const content = files.map(({ name, mimeType, bytes }) => ({ name, mimeType, content: Buffer.from(bytes) }));
	return { ...json, files: content };
}

/** Properties beside the payload (`topic`, `req`, `parts` …) travel on. */
function withItems(message: NodeMessage, taken: Taken, output: Out[]): NodeMessage {
	const { [RELEASED]: _, ...rest } = message as NodeMessage & { [RELEASED]?: unknown };
	const items = output.map(itemOf);
	return { ...rest, payload: taken.list ? items : items[0] };
}
