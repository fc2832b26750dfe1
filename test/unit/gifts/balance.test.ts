/** For any history: all that came in is booked, reversed, in review, unknown or on its way, and the books hold what is booked. */
import fc from 'fast-check';
import { sql } from 'kysely';
import { bookGifts } from '../../../core/gifts/book';
import { takeIn } from '../../../core/gifts/incoming';
import { sums } from '../../../core/gifts/sums';
import { virtualClock } from '../../../core/journeys/clock';
import type { Store } from '../../../core/store/store';
import { onBothDatabases } from '../stores';
import { NOW, add, back, paid } from './money';

const SIZES = [100, 250, 75, 1_000, 30];
const ALWAYS = { from: 0, to: Number.MAX_SAFE_INTEGER };

type Deed =
	/** Told of by its id, or by its other name. */
	| { deed: 'pay'; gift: number; otherwise: boolean }
	| { deed: 'back'; id: number; gift: number; ore: number; otherwise: boolean }
	| { deed: 'find'; gift: number; state: 'identified' | 'review' | 'unknown' }
	| { deed: 'book'; gift: number; person: number | null };

const gift = fc.nat({ max: SIZES.length - 1 });
const deeds: fc.Arbitrary<Deed[]> = fc.array(
	fc.oneof(
		{
			weight: 3,
			arbitrary: fc.record({ deed: fc.constant('pay' as const), gift, otherwise: fc.boolean() }),
		},
		{
			weight: 2,
			arbitrary: fc.record({
				deed: fc.constant('back' as const),
				id: fc.nat({ max: 11 }),
				gift,
				ore: fc.oneof(
					fc.integer({ min: -30_000, max: 100_000 }).filter((ore) => ore !== 0),
					fc.constantFrom(10_000, -10_000, 25_000, -25_000),
				),
				otherwise: fc.boolean(),
			}),
		},
		fc.record({
			deed: fc.constant('find' as const),
			gift,
			state: fc.constantFrom('identified' as const, 'review' as const, 'unknown' as const),
		}),
		fc.record({ deed: fc.constant('book' as const), gift, person: fc.option(fc.constantFrom(0, 1)) }),
	),
	{ maxLength: 25 },
);

onBothDatabases('sums of gifts', (current) => {
	const clock = virtualClock(NOW);
	const empty = async ({ db }: Store) => {
		for (const table of ['gift', 'incoming_gift', 'gift_reversal', 'outbox', 'change', 'giver_key'])
			await sql`delete from ${sql.table(table)}`.execute(db);
	};

	it('balance after whatever has happened, in whatever order, however often it is told', async () => {
		const { store } = current();
		const persons = await add(store, 'Kari Eksempel', 'Ola Eksempel');
		const step = { id: 1, outputs: { gift: 0, reversed: 1 } };
		const name = (n: number, otherwise: boolean) => (otherwise ? `order-${n}` : `p${n}`);
		await fc.assert(
			fc.asyncProperty(deeds, async (history) => {
				await empty(store);
				const paidFor = new Set<number>();
				const backs = new Map<number, { gift: number; ore: number }>();
				for (const one of history) {
					const row = await store.db
						.selectFrom('incoming_gift')
						.selectAll()
						.where('source_id', 'in', [name(one.gift, false), name(one.gift, true)])
						.executeTakeFirst();
					switch (one.deed) {
						case 'pay': {
							paidFor.add(one.gift);
							const kroner = SIZES[one.gift] ?? 0;
							const told = paid(name(one.gift, one.otherwise), kroner, {
								also: name(one.gift, !one.otherwise),
							});
							await takeIn(store, clock, { gifts: [told], step });
							break;
						}
						case 'back': {
							if (!backs.has(one.id)) backs.set(one.id, one);
							const told = { ...back(`r${one.id}`, name(one.gift, one.otherwise), 1), amountOre: one.ore };
							await takeIn(store, clock, { reversals: [told], step });
							break;
						}
						case 'find':
							if (row?.state === 'new')
								await store.db
									.updateTable('incoming_gift')
									.set({
										state: one.state,
										decided_at: NOW,
										candidates: one.state === 'review' ? '[]' : null,
									})
									.where('id', '=', row.id)
									.execute();
							break;
						case 'book':
							if (row)
								await bookGifts(store, clock, [
									{
										incomingId: row.id,
										personId: one.person === null ? null : (persons[one.person] ?? null),
									},
								]);
					}
				}
				const expected = [...paidFor].reduce(
					(sum, n) => {
						const ore = (SIZES[n] ?? 0) * 100;
						const gone = [...backs.values()].reduce((all, one) => all + (one.gift === n ? one.ore : 0), 0);
						return { in: sum.in + ore, reversed: sum.reversed + Math.min(ore, Math.max(0, gone)) };
					},
					{ in: 0, reversed: 0 },
				);
				const [found = { in: 0, booked: 0, reversed: 0, review: 0, unknown: 0, onTheirWay: 0, inBooks: 0 }] =
					await sums(store, ALWAYS);
				expect(found).toMatchObject(expected);
				expect(found.booked + found.reversed + found.review + found.unknown + found.onTheirWay).toBe(
					found.in,
				);
				expect(found.inBooks).toBe(found.booked);
				// What each person has given in all follows.
				const kept = await sql<{
					ore: number;
				}>`select coalesce(sum(kroner_ore), 0) as ore from gift_total`.execute(store.db);
				const stands = await sql<{
					ore: number;
				}>`select coalesce(sum(amount_ore), 0) as ore from gift where person_id is not null and reversed_at is null`.execute(
					store.db,
				);
				expect(Number(kept.rows[0]?.ore)).toBe(Number(stands.rows[0]?.ore));
			}),
			{ numRuns: 25 },
		);
	}, 120_000);
});
