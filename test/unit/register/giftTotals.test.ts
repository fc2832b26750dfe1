/** What each person has given in all is kept by the databases themselves: right after any write, also several at once. */
import fc from 'fast-check';
import { sql } from 'kysely';
import { registerGifts } from '../../../core/register/gifts';
import { type Store, openStore } from '../../../core/store/store';
import { onBothDatabases } from '../stores';

const NOW = Date.UTC(2026, 2, 15, 12);
const PERSONS = [1, 2, 3, 4];

type Deed =
	| { deed: 'give'; person: number | null; ore: number; currency: string; at: number }
	| { deed: 'reverse' | 'stand' | 'remove'; gift: number }
	| { deed: 'correct'; gift: number; ore: number }
	| { deed: 'move'; from: number; to: number | null }
	| { deed: 'erase'; person: number };

const person = fc.constantFrom(...PERSONS);
const gift = fc.integer({ min: 1, max: 15 });
const ore = fc.integer({ min: 1, max: 1_000 });
const give = fc.record({
	deed: fc.constant('give' as const),
	person: fc.option(person),
	ore,
	currency: fc.constantFrom('NOK', 'NOK', 'SEK'),
	at: fc.integer({ min: 0, max: 50 }),
});
const deed: fc.Arbitrary<Deed> = fc.oneof(
	{ weight: 4, arbitrary: give },
	fc.record({ deed: fc.constantFrom('reverse' as const, 'stand' as const, 'remove' as const), gift }),
	fc.record({ deed: fc.constant('correct' as const), gift, ore }),
	fc.record({ deed: fc.constant('move' as const), from: person, to: fc.option(person) }),
	fc.record({ deed: fc.constant('erase' as const), person }),
);

onBothDatabases('what each person has given in all', (current) => {
	const addPersons = async ({ db }: Store) => {
		for (const id of PERSONS) {
			await sql`insert into person (id, given_name, family_name, name_key, created_at, updated_at)
				values (${id}, 'Kari', 'Eksempel', 'kari eksempel', 0, 0) on conflict do nothing`.execute(db);
		}
	};
	const kept = async ({ db }: Store) =>
		(await db.selectFrom('gift_total').selectAll().orderBy('person_id').execute()).map((row) => ({ ...row }));
	/** The same, added up from the gifts by this test. */
	const expected = async ({ db }: Store) => {
		const gifts = await db.selectFrom('gift').selectAll().where('reversed_at', 'is', null).execute();
		return PERSONS.flatMap((person_id) => {
			const theirs = gifts.filter((row) => row.person_id === person_id);
			if (theirs.length === 0) return [];
			const kroner = theirs.filter((row) => row.currency === 'NOK').map((row) => row.amount_ore);
			const times = theirs.map((row) => row.given_at);
			return [
				{
					person_id,
					gifts: theirs.length,
					kroner_ore: kroner.reduce((sum, amount) => sum + amount, 0),
					largest_ore: kroner.length > 0 ? Math.max(...kroner) : null,
					first_at: Math.min(...times),
					last_at: Math.max(...times),
				},
			];
		});
	};

	let number = 0;
	const carryOut = async (store: Store, deeds: readonly Deed[]) => {
		await store.write(async (writing) => {
			const { db } = writing;
			for (const one of deeds) {
				if (one.deed === 'give') {
					number += 1;
					await registerGifts(writing, store, NOW, [
						{
							personId: one.person,
							source: 'test',
							sourceId: String(number),
							amountOre: one.ore,
							currency: one.currency,
							givenAt: one.at,
						},
					]);
				} else if (one.deed === 'move') {
					await sql`update gift set person_id = ${one.to} where person_id = ${one.from}`.execute(db);
				} else if (one.deed === 'erase') {
					await sql`delete from person where id = ${one.person}`.execute(db);
					await addPersons({ db } as unknown as Store);
				} else {
					const { rows } = await sql<{ id: number }>`select id from gift order by id limit 15`.execute(db);
					const id = rows[one.gift - 1]?.id ?? 0;
					if (one.deed === 'remove') await sql`delete from gift where id = ${id}`.execute(db);
					else if (one.deed === 'correct')
						await sql`update gift set amount_ore = ${one.ore} where id = ${id}`.execute(db);
					else
						await sql`update gift set reversed_at = ${one.deed === 'reverse' ? NOW : null} where id = ${id}`.execute(
							db,
						);
				}
			}
		});
	};

	test('gifts given, reversed, corrected, moved to another person and removed, in any order', async () => {
		const { store } = current();
		await fc.assert(
			fc.asyncProperty(fc.array(deed, { minLength: 1, maxLength: 12 }), async (deeds) => {
				await sql`delete from gift`.execute(store.db);
				await addPersons(store);
				await carryOut(store, deeds);
				expect(await kept(store)).toEqual(await expected(store));
			}),
			{ numRuns: 60 },
		);
	});

	test.each([
		['a gift and another one', false, { deed: 'give', person: 1, ore: 200, currency: 'NOK', at: 9 }],
		['a first gift and one that stands again', true, { deed: 'stand', gift: 1 }],
		['a gift and a reversal', false, { deed: 'reverse', gift: 1 }],
	] as Array<[string, boolean, Deed]>)(
		'%s, while the first is not committed yet',
		async (_title, reversed, second) => {
			const { store, url } = current();
			await addPersons(store);
			await carryOut(store, [{ deed: 'give', person: 1, ore: 100, currency: 'NOK', at: 5 }]);
			if (reversed) await carryOut(store, [{ deed: 'reverse', gift: 1 }]);
			const other = store.dialect === 'postgres' ? await openStore({ url }) : undefined;
			try {
				let commit: () => void = () => undefined;
				const held = new Promise<void>((resolve) => (commit = resolve));
				const given = new Promise<void>((resolve, reject) => {
					store
						.write(async (writing) => {
							const newGift = { personId: 1, source: 'test', sourceId: 'held', amountOre: 300, givenAt: 7 };
							await registerGifts(writing, store, NOW, [newGift]);
							resolve();
							await held;
						})
						.then(() => done(), reject);
				});
				let done: () => void = () => undefined;
				const first = new Promise<void>((resolve) => (done = resolve));
				await given;
				const next = carryOut(other ?? store, [second]);
				await new Promise((resolve) => setTimeout(resolve, 150));
				commit();
				await Promise.all([first, next]);
				expect(await kept(store)).toEqual(await expected(store));
			} finally {
				await other?.close();
			}
		},
	);

	test('several write about the same persons at the same time', async () => {
		const { store, url } = current();
		await addPersons(store);
		const others =
			store.dialect === 'postgres' ? await Promise.all([openStore({ url }), openStore({ url })]) : [];
		try {
			const streams = fc.sample(fc.array(deed, { minLength: 40, maxLength: 40 }), { numRuns: 3, seed: 7 });
			await Promise.all(
				streams.map(async (deeds, place) => {
					// Each transaction touches one person's gifts or one gift: several would lock in an order of their own.
					for (const one of deeds) {
						if (
							one.deed === 'give' ||
							one.deed === 'reverse' ||
							one.deed === 'stand' ||
							one.deed === 'correct'
						)
							await carryOut(others[place - 1] ?? store, [one]);
					}
				}),
			);
			const total = await kept(store);
			expect(total.length).toBeGreaterThan(0);
			expect(total).toEqual(await expected(store));
		} finally {
			await Promise.all(others.map((other) => other.close()));
		}
	});
});
