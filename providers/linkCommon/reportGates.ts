/** Which gates delivery reports go to: the credential's, or the one that the LINK Trigger has set up for this account. */
import { createHash } from 'node:crypto';
import type { Store } from '../../core/store/store';
import { type CommonSettings, accountOf } from './settings';

const keyOf = (settings: CommonSettings) =>
	`linkCommon:gate:${createHash('sha256').update(accountOf(settings)).digest('base64url').slice(0, 16)}`;

/** None: nobody would hear of what became of a message. */
export async function reportGates(store: Store, settings: CommonSettings): Promise<string[]> {
	if (settings.gateIds.length > 0) return settings.gateIds;
	const row = await store.db
		.selectFrom('setting')
		.select('value')
		.where('key', '=', keyOf(settings))
		.executeTakeFirst();
	return row ? [row.value] : [];
}

/** Called when a gate that leads here has been set up. */
export async function rememberGate(store: Store, settings: CommonSettings, gateId: string): Promise<void> {
	await store.db
		.insertInto('setting')
		.values({ key: keyOf(settings), value: gateId })
		.onConflict((conflict) => conflict.column('key').doUpdateSet({ value: gateId }))
		.execute();
}

/** Called when it has been removed; another one that has been set up since stays. */
export async function forgetGate(store: Store, settings: CommonSettings, gateId: string): Promise<void> {
	await store.db
		.deleteFrom('setting')
		.where('key', '=', keyOf(settings))
		.where('value', '=', gateId)
		.execute();
}
