/** Which gates delivery reports go to: the credential's, or the one that the LINK Trigger has set up for this account. */
import { createHash } from 'node:crypto';
import { keepSetting, settingOf } from '../../core/store/setting';
import type { Store } from '../../core/store/store';
import { type CommonSettings, accountOf } from './settings';

const keyOf = (settings: CommonSettings) =>
	`linkCommon:gate:${createHash('sha256').update(accountOf(settings)).digest('base64url').slice(0, 16)}`;

/** None: nobody would hear of what became of a message. */
export async function reportGates(store: Store, settings: CommonSettings): Promise<string[]> {
	if (settings.gateIds.length > 0) return settings.gateIds;
	const gateId = await settingOf(store.db, keyOf(settings));
	return gateId === undefined ? [] : [gateId];
}

/** Called when a gate that leads here has been set up. */
export function rememberGate(store: Store, settings: CommonSettings, gateId: string): Promise<void> {
	return keepSetting(store.db, keyOf(settings), gateId);
}

/** Called when it has been removed; another one that has been set up since stays. */
export async function forgetGate(store: Store, settings: CommonSettings, gateId: string): Promise<void> {
	await store.db
		.deleteFrom('setting')
		.where('key', '=', keyOf(settings))
		.where('value', '=', gateId)
		.execute();
}
