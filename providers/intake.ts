/**
 * Takes in what providers tell, many calls at a time: what arrives while a write is under way goes into the next one
 * together, so that five thousand delivery reports are some dozens of writes.
 */
import type { Clock } from '../core/ports';
import { type Incoming, ingest } from '../core/responses/ingest';
import type { Store } from '../core/store/store';

interface Call {
	incoming: readonly Incoming[];
	done(fresh: Set<string>): void;
	failed(cause: unknown): void;
}

interface Queue {
	calls: Call[];
	busy: boolean;
}

const LARGEST_GROUP = 500;
const queues = new WeakMap<Store, Queue>();

/** Resolves, once they are stored, with the event ids that had not come before. */
export function takeIn(store: Store, clock: Clock, incoming: readonly Incoming[]): Promise<Set<string>> {
	if (incoming.length === 0) return Promise.resolve(new Set());
	const queue = queues.get(store) ?? { calls: [], busy: false };
	queues.set(store, queue);
	return new Promise((done, failed) => {
		queue.calls.push({ incoming, done, failed });
		if (!queue.busy) void work(store, clock, queue);
	});
}

async function work(store: Store, clock: Clock, queue: Queue): Promise<void> {
	queue.busy = true;
	while (queue.calls.length > 0) {
		const group = queue.calls.splice(0, LARGEST_GROUP);
		try {
			const all = group.flatMap((call) => call.incoming);
			const seen = await known(store, all);
			await ingest(store, clock, all);
			for (const call of group) {
				const fresh = new Set<string>();
				for (const { source, eventId } of call.incoming) {
					const key = `${source} ${eventId}`;
					if (!seen.has(key)) fresh.add(eventId);
					seen.add(key);
				}
				call.done(fresh);
			}
		} catch (cause) {
			for (const call of group) call.failed(cause);
		}
	}
	queue.busy = false;
}

async function known(store: Store, incoming: readonly Incoming[]): Promise<Set<string>> {
	const seen = new Set<string>();
	for (let from = 0; from < incoming.length; from += LARGEST_GROUP) {
		const ids = incoming.slice(from, from + LARGEST_GROUP).map((one) => one.eventId);
		const rows = await store.db
			.selectFrom('response')
			.select(['source', 'source_event_id'])
			.where(store.amongTexts('source_event_id', ids))
			.where('source', 'in', [...new Set(incoming.map((one) => one.source))])
			.execute();
		for (const row of rows) seen.add(`${row.source} ${row.source_event_id}`);
	}
	return seen;
}
