/**
 * The addresses at which providers reach us. Neither LINK nor Make documents a signature on what it sends, so an
 * address carries a token that cannot be guessed: made once per store and provider, kept as a setting.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { firstSetting, keepSetting, settingOf } from '../core/store/setting';
import type { Store } from '../core/store/store';

export type CallbackProvider = 'link' | 'make' | 'calls';

/** Never changes once made: reports on messages that are under way carry it. */
export function callbackToken(store: Store, provider: CallbackProvider): Promise<string> {
	return madeOnce(store, `${provider}:token`, () => randomBytes(24).toString('base64url'));
}

/** Short text that tells this store's references from those of others on the same account. */
export function storeMark(store: Store): Promise<string> {
	return madeOnce(store, 'store:mark', () => randomBytes(4).toString('hex'));
}

/** Keeps the public address of the trigger together with its token; the newest one published counts. */
export async function rememberAddress(store: Store, provider: CallbackProvider, url: string): Promise<void> {
	const address = new URL(url);
	address.searchParams.set('token', await callbackToken(store, provider));
	await store.write(({ db }) => keepSetting(db, `${provider}:callback`, address.href));
}

/** Where the provider is to report to, token included; undefined while no trigger has been published. */
export function callbackAddress(store: Store, provider: CallbackProvider): Promise<string | undefined> {
	return settingOf(store.db, `${provider}:callback`);
}

/** Whether the caller knows the store's token, or the admin's own. Takes the same time whatever was wrong. */
export async function knowsSecret(
	store: Store,
	provider: CallbackProvider,
	given: string | undefined,
	own: string | undefined,
): Promise<boolean> {
	const token = await callbackToken(store, provider);
	const isToken = same(given ?? '', token);
	const isOwn = own ? same(given ?? '', own) : false;
	return isToken || isOwn;
}

function same(a: string, b: string): boolean {
	const digest = (text: string) => createHash('sha256').update(text).digest();
	return timingSafeEqual(digest(a), digest(b));
}

const known = new WeakMap<Store, Map<string, string>>();

/** Made the first time somebody asks; the same for every process on the store from then on. */
export async function madeOnce(store: Store, key: string, make: () => string): Promise<string> {
	const values = known.get(store) ?? new Map<string, string>();
	known.set(store, values);
	const value = values.get(key);
	if (value !== undefined) return value;
	// Read first: a write waits for its turn, and this is asked for by every call that comes in.
	let kept = await settingOf(store.db, key);
	if (kept === undefined) {
		await store.write(({ db }) => firstSetting(db, key, make()));
		kept = await settingOf(store.db, key);
	}
	const made = kept ?? '';
	values.set(key, made);
	return made;
}
