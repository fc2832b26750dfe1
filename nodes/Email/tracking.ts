/**
 * Whose opens and clicks may be looked at: only those who have said yes to just that. A yes to everything does not
 * cover it: tracking needs a consent of its own (ekomloven, in force since 2025; EDPB guidelines 2/2023).
 */
import type { Store } from '../../core/store/store';

export async function whoMayBeTracked(
	store: Store,
	asked: ReadonlyArray<{ personId: number; purpose: string }>,
): Promise<(personId: number, purpose: string) => boolean> {
	const ids = [...new Set(asked.map(({ personId }) => personId))];
	const purposes = [...new Set(asked.map(({ purpose }) => purpose))];
	const yes = new Set<string>();
	for (let from = 0; from < ids.length; from += 1_000) {
		const rows = await store.db
			.selectFrom('consent')
			.select(['person_id', 'purpose'])
			.where(store.among('person_id', ids.slice(from, from + 1_000)))
			.where('channel', '=', 'email')
			.where(store.amongTexts('purpose', purposes))
			.where('granted', '=', 1)
			.execute();
		for (const row of rows) yes.add(`${row.person_id} ${row.purpose}`);
	}
	return (personId, purpose) => yes.has(`${personId} ${purpose}`);
}
