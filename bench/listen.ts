/** A process that does what a host does while people wait: it listens at the gate, and lets go whoever is due. */
import { systemClock } from '../core/journeys/clock';
import { releasePeople } from '../core/journeys/release';
import { openStore } from '../core/store/store';

export interface ListenTask {
	url: string;
	/** None: the store is only open. */
	stepId: number;
}

async function main(): Promise<void> {
	const { url, stepId } = JSON.parse(process.argv[2] ?? '') as ListenTask;
	const store = await openStore({ url });
	const stop = await releasePeople(
		{
			store,
			clock: systemClock,
			stepId,
			outcomes: ['reached', 'timedOut'],
			log: () => undefined,
			// The editor shows them: counting is part of what it costs.
			counts: () => undefined,
		},
		() => Promise.resolve({ end: 'done' }),
	);
	process.once('disconnect', () => {
		void stop()
			.then(() => store.close())
			.finally(() => process.exit());
	});
	process.send?.({ ready: true });
}

void main();
