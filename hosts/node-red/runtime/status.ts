/** The small coloured mark under a node. */
import { wiresOf } from './context';
import type { Node, NodeAPI, NodeStatusFill } from 'node-red';

/** Node-RED cuts longer texts off. */
const LONGEST_TEXT = 20;

/** What steps count without knowing how many there will be, and the words of the catalogues for it. */
const counted = new Map([
	['enrolled', 'enrolled'],
	['new events', 'events'],
	['new gifts', 'gifts'],
	['people judged', 'judged'],
	['people listed', 'people'],
	['subscribers', 'subscribers'],
]);

export interface Status {
	sent(count: number): void;
	working(done: number, total: number | undefined, what: string): void;
	says(text: string): void;
	problem(text: string): void;
	clear(): void;
}

export function statusOf(RED: NodeAPI, node: Node): Status {
	let sent = 0;
	let waiting: number | undefined;
	const show = (fill: NodeStatusFill, shape: 'dot' | 'ring', text: string) =>
		node.status({
			fill,
			shape,
			text: text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT - 1)}…` : text,
		});
	const say = (id: string, count: number) => RED._(`status.${id}`, { n: short(count) } as never);
	// Both ways out of a gate lead nowhere: that may be meant, but is to be seen.
	const loose = () => wiresOf(node).length > 1 && wiresOf(node).every((wires) => wires.length === 0);
	const counts = () => {
		if (waiting && loose()) return show('yellow', 'ring', say('loose', waiting));
		if (!waiting) return show('green', 'dot', say('sent', sent));
		show(
			'blue',
			'ring',
			sent === 0 ? say('waiting', waiting) : `${say('waiting', waiting)} · ${short(sent)} →`,
		);
	};
	return {
		sent(count) {
			sent += count;
			counts();
		},
		working(done, total, what) {
			const stuck = Number(/(\d+) stuck/.exec(what)?.[1] ?? 0);
			if (/^\d+ waiting/.test(what)) {
				waiting = done;
				return stuck > 0 ? show('yellow', 'ring', say('stuck', stuck)) : counts();
			}
			if (total !== undefined) return show('blue', 'dot', `${short(done)} / ${short(total)}`);
			const words = counted.get(what);
			show('blue', 'dot', words ? say(words, done) : short(done));
		},
		says: (text) => show('grey', 'ring', text),
		problem: (text) => show('red', 'ring', text),
		clear: () => node.status({}),
	};
}

/** 12 345 → `12.3k`: the whole text must stay under twenty letters. */
export function short(count: number): string {
	if (count < 10_000) return String(count);
	if (count < 1_000_000) return `${(count / 1_000).toFixed(count < 100_000 ? 1 : 0)}k`;
	return `${(count / 1_000_000).toFixed(1)}M`;
}
