/** Looking after something for as long as a step listens: whenever it is told of, and when its time has come. */
import type { Clock } from './ports';
import type { Store, Topic } from './store/store';

export interface Rounds {
	/** Goes round now, or once more when a round is under way. */
	look(): void;
	/** Goes round no more; waits for the round under way. */
	stop(): Promise<void>;
}

/**
 * Goes round at once, whenever the topic is told, when the clock was turned, and at the moment that the last round named.
 * One round at a time; what is told meanwhile brings another.
 * @param round returns when to go round next at the latest (epoch ms); what is past by then means at once
 * @param failed told what a round has thrown; returns when to try again (epoch ms)
 */
export function goRound(
	store: Store,
	clock: Clock,
	topic: Topic,
	round: () => Promise<number>,
	failed: (cause: unknown) => number,
): Rounds {
	let stopped = false;
	let again = false;
	let busy: Promise<void> | undefined;
	let calledOff: () => void = () => undefined;
	const look = () => {
		if (stopped) return;
		if (busy) {
			again = true;
			return;
		}
		calledOff();
		busy = round()
			.catch(failed)
			.then((next) => {
				busy = undefined;
				if (stopped) return;
				// Time went on while we looked, or something was told.
				if (again || next <= clock.now()) {
					again = false;
					look();
				} else calledOff = clock.at(next, look);
			});
	};
	const deaf = [store.hear(topic, look), store.hear('clock', look)];
	look();
	return {
		look,
		async stop() {
			stopped = true;
			for (const off of deaf) off();
			calledOff();
			await busy;
		},
	};
}
