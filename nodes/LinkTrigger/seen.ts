/**
 * Events that have started a run but are kept nowhere (steps on the way, messages of other systems): told twice in one
 * process, they start one.
 */
import type { Store } from '../../core/store/store';

const LARGEST = 20_000;
const seen = new WeakMap<Store, Set<string>>();

/** @returns whether it has not been seen before */
export function isNew(store: Store, event: string): boolean {
	const known = seen.get(store) ?? new Set<string>();
	seen.set(store, known);
	if (known.has(event)) return false;
	known.add(event);
	if (known.size > LARGEST) {
		const [oldest] = known;
		if (oldest !== undefined) known.delete(oldest);
	}
	return true;
}
