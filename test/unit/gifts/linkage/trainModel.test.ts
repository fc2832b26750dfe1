/** What is learned from a register and its gifts, on both databases; and that a register stays findable. */
import type { Evidence } from '../../../../core/gifts/evidence';
import type { GiftToMatch } from '../../../../core/gifts/finding';
import { findGivers } from '../../../../core/gifts/linkage/findGivers';
import { keepBlocks } from '../../../../core/gifts/linkage/keepBlocks';
import { defaultModel, readModel } from '../../../../core/gifts/linkage/model';
import { trainModel } from '../../../../core/gifts/linkage/trainModel';
import { defaultWeights } from '../../../../core/gifts/linkage/weights';
import { virtualClock } from '../../../../core/journeys/clock';
import { erasePerson } from '../../../../core/register/erasePerson';
import type { RegisterPerson } from '../../../../core/register/given';
import { upsertPersons } from '../../../../core/register/upsert';
import type { Store } from '../../../../core/store/store';
import { diceFrom } from '../../../../sandbox/dice';
import { feedIsThere, onBothDatabases } from '../../stores';

const NOW = Date.parse('2026-03-10T12:00:00Z');
const clock = virtualClock(NOW);

const GIVEN = ['Kari', 'Per', 'Liv', 'Odd', 'Gro', 'Tor', 'Siri', 'Nils', 'Åse', 'Jon', 'Eva', 'Leif'];
const STEMS = ['Sol', 'Vass', 'Bjørke', 'Lauv', 'Stein', 'Gran', 'Furu', 'Elve', 'Fjell', 'Myr'];
const ENDS = ['bakken', 'haugen', 'lia', 'moen', 'dal', 'vik', 'nes', 'rud'];

function register(count: number, seed: number): RegisterPerson[] {
	const dice = diceFrom(seed);
	return Array.from({ length: count }, (_, i) => ({
		memberNumber: `M${i}`,
		givenName: dice.oneOf(GIVEN),
		familyName: `${dice.oneOf(STEMS)}${dice.oneOf(ENDS)}`,
		phones: [`+47400${String((i * 7_919) % 100_000).padStart(5, '0')}`],
		postalCode: String(9_900 + (i % 40)),
		city: 'Eksempelby',
	}));
}

async function added(store: Store, persons: RegisterPerson[]): Promise<number[]> {
	const { ids } = await store.write((writing) => upsertPersons(writing, store, NOW, persons, 'test'));
	await feedIsThere(store);
	return ids.map((id) => id ?? 0);
}

interface Came {
	evidence: Evidence;
	decidedBy?: string;
	personId?: number;
}

async function came(store: Store, gifts: Came[]): Promise<number[]> {
	const rows = await store.write(({ db }) =>
		db
			.insertInto('incoming_gift')
			.values(
				gifts.map(({ evidence, decidedBy, personId }, i) => ({
					source: 'vipps',
					source_id: `g${i}`,
					amount_ore: 20_000,
					reversed_ore: 0,
					currency: 'NOK',
					received_at: NOW,
					channel: 'vipps',
					evidence: JSON.stringify(evidence),
					state: decidedBy ? ('identified' as const) : ('new' as const),
					person_id: personId ?? null,
					decided_by: decidedBy ?? null,
					created_at: NOW,
				})),
			)
			.returning('id')
			.execute(),
	);
	return rows.map(({ id }) => id);
}

const nameOf = ({ givenName, familyName }: RegisterPerson) => `${givenName} ${familyName}`;

onBothDatabases('training', (current) => {
	test('learns how often a giver’s number is another than the register’s, and how many are outside it', async () => {
		const { store } = current();
		const persons = register(400, 5);
		await added(store, persons);
		const dice = diceFrom(6);
		await came(
			store,
			Array.from({ length: 400 }, () => {
				const one = dice.oneOf(persons);
				// Half of those inside have got another number; three of ten are outside.
				const outside = dice.chance(0.3);
				const another = outside || dice.chance(0.5);
				return {
					evidence: {
						name: outside ? `${dice.oneOf(GIVEN)} Utenfor${dice.oneOf(STEMS)}` : nameOf(one),
						phoneEnd: another ? String(1_000 + dice.upTo(9_000)) : one.phones![0]!.slice(-4),
					},
				};
			}),
		);
		const seen: string[] = [];
		const model = await trainModel(store, clock, { progress: (_, __, what) => void seen.push(what) });
		expect(model.weights.phoneEnd!.same!.m).toBeLessThan(0.75);
		expect(model.weights.phoneEnd!.same!.m).toBeGreaterThan(0.4);
		expect(model.outsiders).toBeGreaterThan(0.2);
		expect(model.outsiders).toBeLessThan(0.45);
		expect(model.learnedFrom).toEqual({ gifts: 400, known: 0 });
		expect(new Set(seen).size).toBe(3);
		expect(await readModel(store)).toEqual(model);
	});

	test('takes what people have accepted as known, and keeps no name that few have', async () => {
		const { store } = current();
		const persons = register(120, 8);
		const ids = await added(store, [
			...persons,
			{ memberNumber: 'R', givenName: 'Ragnfrid', familyName: 'Enestående', phones: ['+4740900001'] },
		]);
		const gifts = await came(store, [
			...persons.slice(0, 60).map((one) => ({ evidence: { name: nameOf(one) } })),
			{ evidence: { name: 'Kid Giver' }, decidedBy: 'key:kid', personId: ids[3]! },
		]);
		const before = await trainModel(store, clock);
		expect(before.learnedFrom.known).toBe(0);
		await store.write(({ db }) =>
			db
				.insertInto('gift_decision')
				.values(
					gifts.slice(0, 40).map((gift, i) => ({
						incoming_gift_id: gift,
						decision: i % 4 === 3 ? ('reopened' as const) : ('accepted' as const),
						person_id: ids[i]!,
						compared: JSON.stringify({ given: 'nickname', family: 'same', life: 'alive' }),
						actor: 'test',
						at: NOW,
					})),
				)
				.execute(),
		);
		const after = await trainModel(store, clock);
		expect(after.learnedFrom.known).toBe(30);
		expect(after.weights.given!.nickname!.m).toBeGreaterThan(before.weights.given!.nickname!.m * 2);
		const kept = await store.db
			.selectFrom('setting')
			.select('value')
			.where('key', '=', 'gifts.linkage')
			.executeTakeFirstOrThrow();
		expect(kept.value).toContain('kari');
		expect(kept.value).not.toMatch(/ragnfrid|enest/);
	});

	test('of nothing leaves what ships', async () => {
		const { store } = current();
		const model = await trainModel(store, clock);
		expect(model.persons).toBe(0);
		for (const [comparison, levels] of Object.entries(defaultWeights)) {
			for (const [level, { m }] of Object.entries(levels)) {
				expect(model.weights[comparison]![level]!.m).toBeCloseTo(m, 2);
			}
		}
	});
});

function gift(id: number, evidence: Evidence): GiftToMatch {
	return { id, evidence, amountOre: 20_000, receivedAt: NOW, campaign: null };
}

onBothDatabases('a register that is findable', (current) => {
	test('stays so when the first filling is cut off, and forgets who is erased', async () => {
		const { store } = current();
		const ids = await added(store, register(50, 9));
		await keepBlocks(store, clock);
		const rows = async () => {
			const all = await store.db.selectFrom('giver_block').selectAll().execute();
			return all.map(({ key, person_id: id }) => `${key} ${id}`).sort();
		};
		const whole = await rows();
		expect(whole.length).toBeGreaterThan(150);
		// As if it had been cut off after twenty persons.
		await store.write(async ({ db }) => {
			await db.deleteFrom('giver_block').where('person_id', '>', ids[19]!).execute();
			await db
				.insertInto('setting')
				.values({ key: 'gifts.blocksFilled', value: String(ids[19]) })
				.execute();
		});
		expect(await keepBlocks(store, clock)).toBe(30);
		expect(await rows()).toEqual(whole);
		expect(await keepBlocks(store, clock)).toBe(0);
		await erasePerson(store, ids[0]!);
		const left = await rows();
		expect(left.some((row) => row.endsWith(` ${ids[0]}`))).toBe(false);
	});

	test('answers alike whatever the order of the gifts, and gives gifts of one giver one answer', async () => {
		const { store } = current();
		const persons = register(80, 11);
		await added(store, persons);
		await keepBlocks(store, clock);
		const one = persons[4]!;
		const end = one.phones![0]!.slice(-4);
		const gifts = [
			...persons
				.slice(0, 20)
				.map((each, i) => gift(i + 1, { name: nameOf(each), phoneEnd: each.phones![0]!.slice(-4) })),
			gift(101, { name: nameOf(one), phoneEnd: end }),
			gift(102, { name: nameOf(one).toUpperCase(), phoneEnd: end, message: 'medlem M4' }),
			gift(103, { name: `${one.familyName}, ${one.givenName}`, phone: one.phones![0]! }),
		];
		const model = defaultModel(80);
		const straight = await findGivers(store, model, gifts);
		const turned = await findGivers(store, model, [...gifts].reverse());
		expect(turned.reverse()).toEqual(straight);
		const answers = straight.filter(({ giftId }) => giftId > 100 || giftId === 5);
		expect(answers).toHaveLength(4);
		expect(new Set(answers.map(({ candidates }) => candidates[0]?.probability)).size).toBe(1);
	});

	test('counts namesakes whom nobody can look at one by one', async () => {
		const { store } = current();
		const crowd: RegisterPerson[] = Array.from({ length: 200 }, (_, i) => ({
			memberNumber: `K${i}`,
			givenName: 'Kari',
			familyName: 'Hansen',
			phones: [`+4740100${String(i).padStart(3, '0')}`],
		}));
		await added(store, crowd);
		await keepBlocks(store, clock);
		const [bare, ended] = await findGivers(store, await readModel(store), [
			gift(1, { name: 'Kari Hansen' }),
			gift(2, { name: 'Kari Hansen', phoneEnd: '0199' }),
		]);
		expect(bare!.candidates[0]!.probability).toBeLessThan(0.01);
		// The last of them all is among those that the cap leaves out: the digits find them.
		expect(ended!.candidates[0]!.compared.phoneEnd).toBe('same');
		expect(ended!.candidates[0]!.probability).toBeGreaterThan(0.9);
		expect(ended!.candidates[0]!.probability).toBeLessThan(0.999);
	});
});
