/**
 * A process that asks the product who gave, and does nothing else: that a whole drawn register lies in the memory of who
 * asks for the figure is not to slow it down.
 */
import { openStore } from '../../core/store/store';
import { memoryOf } from '../child';
import { examine } from './examine';
import type { GivenGift } from './giving';
import type { Judged } from './judge';

export interface AskTask {
	url: string;
	/** Id of the first gift in the store. */
	first: number;
	/** See {@link examine}. */
	keep: boolean;
}

export interface Answered {
	/** In the order of the gifts, without them. */
	answers: Array<Omit<Judged, 'gift'>>;
	/** Real time, the opening of the store not counted. */
	seconds: number;
	/** MB that the process held in the end, without pages of files. */
	own: number;
}

async function main(): Promise<void> {
	const { url, first, keep } = JSON.parse(process.argv[2] ?? '') as AskTask;
	const heard = new Promise<GivenGift[]>((resolve) => {
		process.once('message', (message) => resolve((message as { gifts: GivenGift[] }).gifts));
	});
	process.send?.({ ready: true });
	const gifts = await heard;
	const store = await openStore({ url });
	const started = performance.now();
	const judged = await examine(store, gifts, first, { keep });
	const answered: Answered = {
		answers: judged.map(({ gift: _, ...answer }) => answer),
		seconds: (performance.now() - started) / 1000,
		own: memoryOf(process.pid).own,
	};
	// Some megabytes: gone only when it is told so.
	await new Promise<void>((resolve) => process.send?.(answered, undefined, undefined, () => resolve()));
	await store.close();
	if (process.connected) process.disconnect();
}

main().catch((cause: unknown) => {
	process.stderr.write(`${cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)}\n`);
	process.exit(1);
});
