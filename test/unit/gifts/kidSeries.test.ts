import fc from 'fast-check';
import { type KidSeries, type KidWanted, giveKids } from '../../../core/gifts/kidSeries';
import { virtualClock } from '../../../core/journeys/clock';
import { isKid } from '../../../core/letters/kid';
import { openStore, type Store } from '../../../core/store/store';
import { onBothDatabases } from '../stores';

const clock = virtualClock(Date.UTC(2026, 10, 22, 12));
const fields = {
	name: 'KID Series',
	prefix: 'KID Begins With',
	length: 'KID Length',
	method: 'Control Digit',
};
const christmas: KidSeries = {
	name: 'Julegave',
	prefix: '77',
	length: 9,
	method: 'mod10',
	numbering: 'running',
};

async function members(store: Store, numbers: ReadonlyArray<string | null>): Promise<number[]> {
	const now = clock.now();
	const ids: number[] = [];
	await store.write(async ({ db }) => {
		for (const [place, member_number] of numbers.entries()) {
			const { id } = await db
				.insertInto('person')
				.values({
					member_number,
					given_name: 'Kari',
					family_name: `Eksempel ${place}`,
					name_key: 'kari eksempel',
					birth_date: null,
					gender: null,
					language: null,
					zone: null,
					street: null,
					postal_code: null,
					city: null,
					country: null,
					deceased_on: null,
					created_at: now,
					updated_at: now,
				})
				.returning('id')
				.executeTakeFirstOrThrow();
			ids.push(id);
		}
	});
	return ids;
}

const many = (count: number) => Array.from({ length: count }, (_, i) => String(1_000 + i));
const give = (store: Store, series: KidSeries, wanted: KidWanted[]) =>
	giveKids(store, clock, series, wanted, fields);
const kidsFor = async (store: Store, series: KidSeries, persons: number[], campaign: string | null = null) =>
	(
		await give(
			store,
			series,
			persons.map((personId) => ({ personId, campaign })),
		)
	).map(({ kid }) => kid);

onBothDatabases('A KID series', (current) => {
	it('gives each person one KID per campaign, and the same again', async () => {
		const { store } = current();
		const persons = await members(store, many(3));
		const first = await kidsFor(store, christmas, persons, 'Jul');
		expect(first).toEqual(['770000016', '770000024', '770000032']);
		expect(first.every((kid) => isKid(kid ?? '', 'mod10'))).toBe(true);
		expect(await kidsFor(store, christmas, [...persons].reverse(), 'Jul')).toEqual([...first].reverse());
		const other = await kidsFor(store, christmas, persons, 'Påske');
		expect(new Set([...first, ...other]).size).toBe(6);
		expect(await kidsFor(store, christmas, persons, 'Jul')).toEqual(first);
	});

	it('keeps whose it is, and what for', async () => {
		const { store } = current();
		const [personId = 0] = await members(store, ['1']);
		const wanted = { personId, campaign: 'Jul', purpose: 'Barn', amountOre: 25_000 };
		const [given] = await give(store, christmas, [wanted]);
		expect(await give(store, christmas, [{ ...wanted, amountOre: 30_000 }])).toEqual([
			{ kid: given?.kid, repeated: true },
		]);
		const keys = await store.db.selectFrom('giver_key').selectAll().execute();
		expect(keys).toMatchObject([
			{
				kind: 'kid',
				value: given?.kid,
				person_id: personId,
				campaign: 'Jul',
				purpose: 'Barn',
				amount_ore: 30_000,
			},
		]);
	});

	it('never gives a KID that ends in a minus sign, and never the same twice, whatever is asked in whatever order', async () => {
		const { store } = current();
		const persons = await members(store, many(12));
		const asked = fc.array(
			fc.record({
				person: fc.integer({ min: 0, max: 11 }),
				campaign: fc.constantFrom(null, 'Jul', 'Påske'),
				series: fc.constantFrom('A', 'B'),
			}),
			{ minLength: 1, maxLength: 25 },
		);
		const known = new Map<string, string>();
		await fc.assert(
			fc.asyncProperty(asked, async (list) => {
				for (const name of ['A', 'B']) {
					// Both with the same digits: what one has given, the other steps over.
					const series: KidSeries = { name, prefix: '5', length: 8, method: 'mod11', numbering: 'running' };
					const mine = list.filter((one) => one.series === name);
					const given = await give(
						store,
						series,
						mine.map(({ person, campaign }) => ({ personId: persons[person] ?? 0, campaign })),
					);
					for (const [place, { kid }] of given.entries()) {
						expect(isKid(kid ?? '', 'mod11')).toBe(true);
						expect(kid).toMatch(/^5\d{7}$/);
						const key = `${name} ${mine[place]?.person} ${mine[place]?.campaign}`;
						expect(known.get(key) ?? kid).toBe(kid);
						known.set(key, kid ?? '');
					}
				}
				expect(new Set(known.values()).size).toBe(known.size);
			}),
			{ numRuns: 25 },
		);
	});

	it('skips the numbers whose control digit would be a minus sign', async () => {
		const { store } = current();
		const persons = await members(store, many(60));
		const series: KidSeries = { ...christmas, name: 'MOD11', prefix: '', length: 4, method: 'mod11' };
		const kids = await kidsFor(store, series, persons);
		expect(kids.filter((kid) => !isKid(kid ?? '', 'mod11') || kid?.endsWith('-'))).toEqual([]);
		// Of 1 to 66 those that would need ten are left out.
		expect(kids.map((kid) => kid?.slice(0, 3))).not.toContain('006');
		expect(kids[4]).toBe('0051');
		expect(kids[5]?.slice(0, 3)).toBe('007');
	});

	it('is made of the member number where that is wanted', async () => {
		const { store } = current();
		const persons = await members(store, ['42', 'M42', '123456789', null, '006', '0042']);
		const series: KidSeries = {
			...christmas,
			name: 'Medlem',
			prefix: '9',
			length: 8,
			numbering: 'memberNumber',
		};
		const given = await give(
			store,
			series,
			[...persons, 999_999].map((personId) => ({ personId })),
		);
		expect(given).toEqual([
			{ kid: '90000423', repeated: false },
			{ kid: null, reason: 'has no member number of digits alone' },
			{ kid: null, reason: 'has a member number that is longer than the KID has room for' },
			{ kid: null, reason: 'has no member number of digits alone' },
			{ kid: '90000068', repeated: false },
			{ kid: null, reason: 'somebody else has that KID' },
			{ kid: null, reason: 'is not in the register' },
		]);
		expect(await kidsFor(store, series, persons.slice(0, 1), 'Jul')).toEqual(['90000423']);
		const [minus] = await give(
			store,
			{ ...series, name: 'Medlem 11', prefix: '', length: 4, method: 'mod11' },
			[{ personId: persons[4] ?? 0 }],
		);
		expect(minus).toEqual({
			kid: null,
			reason: 'has a member number that has no MOD11 control digit',
		});
	});

	it('says what is wrong with it, and gives nothing then', async () => {
		const { store } = current();
		const persons = await members(store, many(12));
		const refused = (series: Partial<KidSeries>, who = persons.slice(0, 1)) =>
			expect(kidsFor(store, { ...christmas, ...series }, who)).rejects;
		await refused({ name: ' ' }).toThrow("'KID Series' is empty.");
		await refused({ prefix: '7a' }).toThrow("'KID Begins With' has more than digits.");
		await refused({ length: 26 }).toThrow("'KID Length' is not 2 to 25.");
		await refused({ length: 3 }).toThrow("'KID Length' leaves no digit");
		await refused({ name: 'Liten', length: 4 }, persons).toThrow("The KID series 'Liten' is used up.");
		expect(await store.db.selectFrom('giver_key').selectAll().execute()).toEqual([]);
		await kidsFor(store, christmas, persons);
		await refused({ prefix: '78' }).toThrow("has 77 as its 'KID Begins With'");
		await refused({ length: 10 }).toThrow("has 9 as its 'KID Length'");
		await refused({ method: 'mod11' }).toThrow("has MOD10 as its 'Control Digit'");
	});

	it('gives no number to two persons when two processes give at the same moment', async () => {
		const { store, url } = current();
		const other = await openStore({ url });
		try {
			const persons = await members(store, many(80));
			const [a, b, c] = await Promise.all([
				kidsFor(store, christmas, persons),
				kidsFor(other, christmas, [...persons].reverse()),
				kidsFor(other, christmas, persons.slice(20, 60)),
			]);
			expect(new Set(a).size).toBe(80);
			expect([...b].reverse()).toEqual(a);
			expect(c).toEqual(a.slice(20, 60));
			expect(await store.db.selectFrom('giver_key').selectAll().execute()).toHaveLength(80);
		} finally {
			await other.close();
		}
	});
});
