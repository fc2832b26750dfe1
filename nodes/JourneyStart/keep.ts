/** What a start step must remember over restarts: how far it has read, when it last looked. */
import type { Store } from '../../core/store/store';

export async function settingOf(store: Store, key: string): Promise<string | undefined> {
	const row = await store.db.selectFrom('setting').select('value').where('key', '=', key).executeTakeFirst();
	return row?.value;
}

export async function keepSetting(store: Store, key: string, value: string): Promise<void> {
	await store.write(({ db }) =>
		db
			.insertInto('setting')
			.values({ key, value })
			.onConflict((conflict) => conflict.column('key').doUpdateSet({ value }))
			.execute(),
	);
}
