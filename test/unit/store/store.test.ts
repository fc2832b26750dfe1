import { sql } from 'kysely';
import { openStore } from '../../../core/store/store';
import { onBothDatabases } from '../stores';

onBothDatabases('the store', (current) => {
	const setting = (key: string) =>
		current().store.db.selectFrom('setting').select('value').where('key', '=', key).executeTakeFirst();

	test('keeps what was written when it is opened again', async () => {
		const { store, url } = current();
		await store.write(({ db }) => db.insertInto('setting').values({ key: 'a', value: '1' }).execute());
		const again = await openStore({ url });
		expect(await again.db.selectFrom('setting').selectAll().execute()).toEqual([{ key: 'a', value: '1' }]);
		await again.close();
	});

	test('takes back a whole write that fails in the middle', async () => {
		const { store } = current();
		const failing = store.write(async ({ db }) => {
			await db.insertInto('setting').values({ key: 'a', value: '1' }).execute();
			throw new Error('in the middle');
		});
		await expect(failing).rejects.toThrow('in the middle');
		expect(await setting('a')).toBeUndefined();
	});

	test('keeps writes that run side by side apart', async () => {
		const { store } = current();
		await store.write(({ db }) => db.insertInto('setting').values({ key: 'n', value: '0' }).execute());
		const failing = store
			.write(async ({ db }) => {
				await db.insertInto('setting').values({ key: 'lost', value: '1' }).execute();
				await new Promise((resolve) => setTimeout(resolve, 20));
				throw new Error('rolled back');
			})
			.catch(() => undefined);
		const good = Array.from({ length: 20 }, (_, i) =>
			store.write(({ db }) =>
				db
					.insertInto('setting')
					.values({ key: `k${i}`, value: '1' })
					.execute(),
			),
		);
		await Promise.all([failing, ...good]);
		expect(await setting('lost')).toBeUndefined();
		const { count } = await store.db
			.selectFrom('setting')
			.select(sql<number>`count(*)`.as('count'))
			.executeTakeFirstOrThrow();
		expect(count).toBe(21);
	});

	test('tells listeners after the commit, and never of a write that failed', async () => {
		const { store } = current();
		let heard = 0;
		const stop = store.hear('change', () => (heard += 1));
		await new Promise((resolve) => setTimeout(resolve, 300));
		heard = 0;
		await store.write(async ({ tell }) => {
			tell('change');
			tell('change');
		});
		await store
			.write(async ({ tell }) => {
				tell('change');
				throw new Error('no');
			})
			.catch(() => undefined);
		await new Promise((resolve) => setTimeout(resolve, 200));
		expect(heard).toBe(1);
		stop();
	});

	test('refuses a store that a newer version made, and says what to do', async () => {
		const { store, url } = current();
		await sql`update schema_version set version = 9999`.execute(store.db);
		await expect(openStore({ url })).rejects.toThrow(/newer version of Member Journeys \(schema 9999/);
	});

	test('looks up a thousand ids as one value', async () => {
		const { store } = current();
		const ids = Array.from({ length: 1000 }, (_, i) => i);
		expect(await store.db.selectFrom('person').select('id').where(store.among('id', ids)).execute()).toEqual(
			[],
		);
	});
});

test('a file that cannot be written is named in the message, with what to check', async () => {
	await expect(openStore({ url: '/proc/nowhere/store.db' })).rejects.toMatchObject({
		message: expect.stringContaining('The Journey Store at /proc/nowhere/store.db cannot be opened'),
		hint: expect.stringContaining('folder exists'),
	});
});

test('a PostgreSQL that cannot be reached is named without its password', async () => {
	const failing = openStore({ url: 'postgres://ola:hemmelig@127.0.0.1:1/x' });
	await expect(failing).rejects.toThrow(/127\.0\.0\.1:1/);
	await failing.catch((problem: Error) => expect(problem.message).not.toContain('hemmelig'));
});
