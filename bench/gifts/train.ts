/** A process that makes a register findable and trains on it and its gifts, and says what that took. */
import { keepBlocks } from '../../core/gifts/linkage/keepBlocks';
import { trainModel } from '../../core/gifts/linkage/trainModel';
import { systemClock } from '../../core/journeys/clock';
import { openStore } from '../../core/store/store';
import { memoryOf } from '../child';

export interface TrainTask {
	url: string;
	/** Gifts to learn from, at most. */
	gifts: number;
}

export interface Trained {
	/** Seconds. */
	findable: number;
	training: number;
	/** MB that the process held at most: in all, and without pages of files. */
	most: number;
	own: number;
}

const LOOK_EVERY_MS = 250;

async function main(): Promise<void> {
	const { url, gifts } = JSON.parse(process.argv[2] ?? '') as TrainTask;
	const store = await openStore({ url });
	let most = 0;
	let own = 0;
	const looking = setInterval(() => {
		const memory = memoryOf(process.pid);
		most = Math.max(most, memory.resident);
		own = Math.max(own, memory.own);
	}, LOOK_EVERY_MS);
	const seconds = async (work: () => Promise<unknown>) => {
		const started = performance.now();
		await work();
		return (performance.now() - started) / 1000;
	};
	const findable = await seconds(() => keepBlocks(store, systemClock));
	const training = await seconds(() => trainModel(store, systemClock, { sample: gifts }));
	clearInterval(looking);
	const trained: Trained = { findable, training, most, own };
	process.send?.(trained);
	await store.close();
	if (process.connected) process.disconnect();
}

main().catch((cause: unknown) => {
	process.stderr.write(`${cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)}\n`);
	process.exit(1);
});
