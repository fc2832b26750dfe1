/**
 * Knows when the run that an emission started has ended: every message of the run carries its token, and Node-RED's
 * messaging hooks tell when a message is on its way to a node, taken in, and done with. What is on its way or taken in
 * and not done keeps the run open, also in a Delay or a Batch, and over clones and subflows.
 *
 * A Function node that makes up a new message instead of passing its own on leaves the run, as it leaves `_msgid`.
 */
import type { Node, NodeAPI, NodeMessage } from 'node-red';
import type { RunEnd } from '../../../core/step';

const LABEL = 'member-journeys';
/** The property of a message that names its run. */
export const RUN = '_journeyRun';

interface Delivery {
	msg: NodeMessage;
	destination: { id: string; node?: HandlingNode };
}
interface Completion {
	msg: NodeMessage;
	error?: unknown;
	node: { id: string };
}
/** Node-RED's count of `input` handlers that take a `done`; a node without any never completes. */
interface HandlingNode {
	_expectedDoneCount?: number;
}

interface Run {
	onTheWay: Map<string, number>;
	takenIn: Map<string, number>;
	failed?: string;
	end(end: RunEnd): void;
}

export interface Runs {
	/** Sends `messages` from the node (one per output, null for none); resolves when the run they start has ended. */
	emit(node: Node, messages: Array<NodeMessage | null>): Promise<RunEnd>;
	/** Hands the node a message as if it came in by its own wire; resolves when the run that it starts has ended. */
	takeIn(node: Node, message: NodeMessage): Promise<RunEnd>;
	/** The node closes: its open runs are not followed any longer. */
	abandon(node: Node): void;
}

export function followRuns(RED: NodeAPI): Runs {
	const runs = new Map<string, Run>();
	const byNode = new Map<string, Set<string>>();
	// Handlers at work right now, innermost last: a thrown handler is seen only by what Node-RED logs for it.
	const atWork: Array<{ event: Delivery; logged?: string }> = [];

	const runOf = (msg: NodeMessage | undefined) => {
		const token = msg?.[RUN];
		return typeof token === 'string' ? runs.get(token) : undefined;
	};
	const settle = (token: string) => {
		const run = runs.get(token);
		if (!run || run.onTheWay.size + run.takenIn.size > 0) return;
		// A Catch or Complete node gets its message right after the node that it listens to is done.
		setImmediate(() => {
			if (!runs.has(token) || run.onTheWay.size + run.takenIn.size > 0) return;
			runs.delete(token);
			run.end(run.failed === undefined ? { end: 'done' } : { end: 'failed', reason: run.failed });
		});
	};
	const doneAt = (msg: NodeMessage, node: string, reason?: string) => {
		const run = runOf(msg);
		if (!run || !take(run.takenIn, node)) return;
		if (reason !== undefined) run.failed ??= reason;
		settle(msg[RUN] as string);
	};

	// The editor's palette can load the package anew; the hooks of the former load go with it.
	RED.hooks.remove(`*.${LABEL}`);
	addHook<Delivery>(RED, 'preDeliver', ({ msg, destination }) => {
		const run = runOf(msg);
		if (run) add(run.onTheWay, destination.id);
	});
	addHook<Delivery>(RED, 'onReceive', (event) => {
		const run = runOf(event.msg);
		if (!run) return;
		const { id } = event.destination;
		// Link In, Catch and Complete nodes are handed their messages without a delivery.
		take(run.onTheWay, id);
		add(run.takenIn, id);
		atWork.push({ event });
	});
	addHook<Delivery>(RED, 'postReceive', (event) => {
		const index = atWork.findLastIndex((one) => one.event === event);
		if (index < 0) return;
		const [{ logged } = {}] = atWork.splice(index);
		const { id, node } = event.destination;
		if (!node?._expectedDoneCount) doneAt(event.msg, id, logged);
		// It may yet say that it is done; if not, it has thrown and never will.
		else if (logged !== undefined) setImmediate(() => doneAt(event.msg, id, logged));
	});
	addHook<Completion>(RED, 'onComplete', ({ msg, error, node }) => {
		doneAt(msg, node.id, error === undefined || error === null ? undefined : text(error));
	});

	listenToLog(RED, (node, said) => {
		const innermost = atWork.at(-1);
		if (innermost?.event.destination.id === node) innermost.logged ??= said;
	});

	const follow = (node: Node, start: (token: string, run: Run) => void) => {
		const token = RED.util.generateId();
		const mine = byNode.get(node.id) ?? new Set();
		byNode.set(node.id, mine.add(token));
		return new Promise<RunEnd>((resolve) => {
			const end = (how: RunEnd) => {
				runs.delete(token);
				mine.delete(token);
				resolve(how);
			};
			const run: Run = { onTheWay: new Map(), takenIn: new Map(), end };
			runs.set(token, run);
			start(token, run);
			settle(token);
		});
	};

	return {
		emit: (node, messages) =>
			follow(node, (token) => node.send(messages.map((message) => message && { ...message, [RUN]: token }))),
		takeIn: (node, message) =>
			follow(node, (token, run) => {
				add(run.onTheWay, node.id);
				node.receive({ ...message, [RUN]: token });
			}),
		abandon(node) {
			for (const token of byNode.get(node.id) ?? []) runs.get(token)?.end({ end: 'lost' });
			byNode.delete(node.id);
		},
	};
}

function addHook<E>(RED: NodeAPI, hook: string, listener: (event: E) => void): void {
	const hooks = RED.hooks as unknown as { add(id: string, callback: (event: E) => void): void };
	// The hook takes one argument: Node-RED tells callback style from plain by counting them. Nothing may be thrown into
	// the delivery of other people's messages.
	hooks.add(`${hook}.${LABEL}`, (event: E) => {
		try {
			listener(event);
		} catch (cause) {
			RED.log.warn(`member-journeys: ${hook}: ${text(cause)}`);
		}
	});
}

const SEVERE = 20;
let logListener: { emit(type: 'log', entry: { level: number; id?: string; msg: unknown }): void } | undefined;

/** Tells what nodes log as severe, by node id. One listener, however often the package is loaded. */
function listenToLog(RED: NodeAPI, said: (node: string, words: string) => void): void {
	const log = RED.log as unknown as Record<'addHandler' | 'removeHandler', (handler: object) => void>;
	if (logListener) log.removeHandler(logListener);
	logListener = {
		emit: (_type, { level, id, msg }) => {
			if (level === SEVERE && id !== undefined) said(id, text(msg));
		},
	};
	log.addHandler(logListener);
}

const add = (counts: Map<string, number>, key: string) => void counts.set(key, (counts.get(key) ?? 0) + 1);

function take(counts: Map<string, number>, key: string): boolean {
	const count = counts.get(key) ?? 0;
	if (count > 1) counts.set(key, count - 1);
	else counts.delete(key);
	return count > 0;
}

const text = (cause: unknown) => (cause instanceof Error ? cause.message : String(cause));
