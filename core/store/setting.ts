/**
 * What is to be remembered and has no table of its own: a text by its key, in table `setting`. Whether it is a write of its
 * own or part of a greater one is for whoever asks to say, by the connection they hand over.
 */
import type { Db } from './store';

export async function settingOf(db: Db, key: string): Promise<string | undefined> {
	const row = await db.selectFrom('setting').select('value').where('key', '=', key).executeTakeFirst();
	return row?.value;
}

/** Whatever was kept under the key before gives way. */
export async function keepSetting(db: Db, key: string, value: string): Promise<void> {
	await db
		.insertInto('setting')
		.values({ key, value })
		.onConflict((conflict) => conflict.column('key').doUpdateSet({ value }))
		.execute();
}

/** Whoever comes first says what it is; where there is one already, it stays. */
export async function firstSetting(db: Db, key: string, value: string): Promise<void> {
	await db
		.insertInto('setting')
		.values({ key, value })
		.onConflict((conflict) => conflict.column('key').doNothing())
		.execute();
}

export async function forgetSetting(db: Db, key: string): Promise<void> {
	await db.deleteFrom('setting').where('key', '=', key).execute();
}

/** All whose keys begin so, in no order. */
export function settingsUnder(db: Db, beginning: string): Promise<Array<{ key: string; value: string }>> {
	return db.selectFrom('setting').select(['key', 'value']).where('key', 'like', `${beginning}%`).execute();
}
