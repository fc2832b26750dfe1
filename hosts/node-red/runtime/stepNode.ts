/** One node type per step: takes messages in, brings people in or back, and cleans up at the next deploy. */
import type { Node, NodeAPI, NodeMessage, NodeMessageInFlow } from 'node-red';
import { StepProblem } from '../../../core/ports';
import type { Emit, Stop, Stopped } from '../../../core/step';
import { contextFor } from './context';
import type { Host, RegisteredStep, StepDef } from './host';
import { itemsIn, messageComingBack, messagesEmitted, messagesOut } from './messages';
import { evaluator, perItem, standing } from './parameters';
import { carriesTest } from '../../testRun';
import { answerAt } from './receive';
import { statusOf } from './status';

/** Node-RED gives a node 15 s to close; what has not ended by then is left to its lease. */
const CLOSE_WITHIN_MS = 12_000;
const FIRST_RETRY_MS = 2_000;
const LONGEST_RETRY_MS = 60_000;

export interface StepNode extends Node {
	/** What the button in the editor does. Only of steps that people can be started from. */
	startNow?: () => Promise<number>;
}

export function registerStep(host: Host, registered: RegisteredStep): void {
	const { RED } = host;
	function Constructor(this: Node, def: StepDef): void {
		RED.nodes.createNode(this, def);
		wire(host, registered, this as StepNode, def);
	}
	RED.nodes.registerType(
		registered.form.type,
		Constructor as Parameters<NodeAPI['nodes']['registerType']>[1],
	);
}

function wire(host: Host, { step, form, startNow }: RegisteredStep, node: StepNode, def: StepDef): void {
	const status = statusOf(host.RED, node);
	const lent = contextFor(host, form, node, def, status);
	const evaluate = evaluator(host.RED, node);
	const stored = def.params ?? {};
	const atWork = new Set<Promise<unknown>>();
	const track = async <T>(work: Promise<T>): Promise<T> => {
		atWork.add(work);
		try {
			return await work;
		} finally {
			atWork.delete(work);
		}
	};
	const emit: Emit = async (outputs) => {
		if (step.reenters) return await host.runs.takeIn(node, messageComingBack(outputs));
		status.sent(outputs.reduce((sum, output) => sum + output.length, 0));
		return await host.runs.emit(node, messagesEmitted(outputs));
	};
	const params = () => standing(step, form, stored, evaluate);

	if (step.run && form.inputs > 0) {
		const run = step.run.bind(step);
		node.on('input', (message, send, done) => {
			const work = takeIn(message, send);
			void track(work).then(
				() => done(),
				(cause: unknown) => {
					status.problem(firstWords(cause));
					done(spoken(cause));
				},
			);
		});
		const takeIn = async (
			message: NodeMessageInFlow,
			send: (messages: Array<NodeMessage | NodeMessage[] | null>) => void,
		) => {
			const taken = itemsIn(message);
			if (taken.items.length === 0) return;
			const read = await perItem(step, form, stored, message, taken.items, evaluate);
			const given = taken.released
				? read.map((one) => ({ ...one, released: taken.released?.[one.index] }))
				: read;
			// Node-RED has no runs by hand of its own; a person marked for testing makes one.
			const context = { ...(await lent.context()), testRun: carriesTest(taken.items) };
			const outputs = await run(context, given[0]?.params, given);
			const leaving = messagesOut(message, taken, outputs);
			status.sent(leaving.sent);
			if (leaving.sent > 0) send(leaving.messages);
			if (leaving.refused) refuse(node, leaving.refused);
		};
	}

	const starts: Array<() => void> = [];
	let listening: Stop | undefined;
	let closed = false;
	if (step.listen) {
		const listen = step.listen.bind(step);
		// Everything downstream must exist before anyone is sent there.
		onceStarted(host.RED, node, () => {
			starts.push(
				retrying(
					async () => {
						status.clear();
						const stop = await track(listen(await lent.context(), await params(), emit));
						if (closed) await stop();
						else listening = stop;
					},
					(cause) => {
						status.problem(firstWords(cause));
						node.error(spoken(cause));
					},
				),
			);
		});
	}
	if (startNow) node.startNow = async () => await startNow(await lent.context(), await params());
	const { receive } = step;
	const unroute = receive
		? answerAt(
				host,
				node,
				async (request) => receive.call(step, await lent.context(), await params(), request),
				emit,
			)
		: undefined;

	node.on('close', (removed: boolean, done: () => void) => {
		closed = true;
		unroute?.();
		for (const stop of starts) stop();
		void closing(removed ? 'removed' : undefined).finally(done);
	});
	const closing = async (why: Stopped | undefined) => {
		// A run still inside this Node-RED may be going nowhere: downstream nodes may be closing too.
		host.runs.abandon(node);
		const ended = Promise.allSettled([...atWork, listening?.(why)]).then(() => lent.release());
		await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, CLOSE_WITHIN_MS).unref())]);
	};
}

/** Items that could not be handled go to a Catch node on their own; the others have gone on. */
function refuse(node: Node, { message, problems }: { message: NodeMessage; problems: StepProblem[] }): void {
	const texts = [...new Set(problems.map((problem) => spoken(problem).message))];
	const others = texts.length > 3 ? ` (and ${texts.length - 3} more)` : '';
	node.error(`${texts.slice(0, 3).join(' ')}${others}`, message);
}

/** Calls `start` after the deploy that this node came with; calls it off when the node closes before. */
function onceStarted(RED: NodeAPI, node: Node, start: () => void): void {
	RED.events.once('flows:started', start);
	node.on('close', () => void RED.events.off('flows:started', start));
}

/** Tries until it works: a database that is away comes back. Says the same thing only once. */
function retrying(attempt: () => Promise<void>, say: (cause: unknown) => void): () => void {
	let timer: NodeJS.Timeout | undefined;
	let stopped = false;
	let said = '';
	const go = async (wait: number): Promise<void> => {
		try {
			await attempt();
		} catch (cause) {
			if (stopped) return;
			const text = spoken(cause).message;
			if (text !== said) say(cause);
			said = text;
			timer = setTimeout(() => void go(Math.min(wait * 2, LONGEST_RETRY_MS)), wait);
		}
	};
	void go(FIRST_RETRY_MS);
	return () => {
		stopped = true;
		clearTimeout(timer);
	};
}

/** What Catch gets and the Debug sidebar shows: what was refused, and how to go on. */
export function spoken(cause: unknown): Error {
	if (!(cause instanceof StepProblem)) return cause instanceof Error ? cause : new Error(String(cause));
	const item =
		cause.details.item === undefined || /item \d/i.test(cause.message)
			? ''
			: `Item ${cause.details.item + 1}: `;
	const text = `${item}${cause.message}${cause.hint ? ` ${cause.hint}` : ''}`;
	// No name and no stack: Node-RED would put both before and behind words that are meant for people.
	return Object.assign(new Error(text), { ...cause.details, cause: undefined, name: '', stack: text });
}

const firstWords = (cause: unknown) => (cause instanceof Error ? cause.message : String(cause));
