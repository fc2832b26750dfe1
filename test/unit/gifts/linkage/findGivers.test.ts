/** Who gave, found in a small register on both databases. */
import type { Evidence } from '../../../../core/gifts/evidence';
import type { GiftToMatch } from '../../../../core/gifts/finding';
import { findGivers } from '../../../../core/gifts/linkage/findGivers';
import { keepBlocks } from '../../../../core/gifts/linkage/keepBlocks';
import { readModel } from '../../../../core/gifts/linkage/model';
import { virtualClock } from '../../../../core/journeys/clock';
import type { RegisterPerson } from '../../../../core/register/given';
import { upsertPersons } from '../../../../core/register/upsert';
import type { Store } from '../../../../core/store/store';
import { feedIsThere, onBothDatabases } from '../../stores';

const NOW = Date.parse('2026-03-10T12:00:00Z');
const clock = virtualClock(NOW);

async function members(store: Store, persons: RegisterPerson[]): Promise<number[]> {
	const { ids } = await store.write((writing) => upsertPersons(writing, store, NOW, persons, 'test'));
	await feedIsThere(store);
	await keepBlocks(store, clock);
	return ids.map((id) => id ?? 0);
}

let last = 0;
function gift(evidence: Evidence, more: Partial<GiftToMatch> = {}): GiftToMatch {
	return { id: ++last, evidence, amountOre: 20_000, receivedAt: NOW, campaign: null, ...more };
}

async function found(store: Store, ...gifts: GiftToMatch[]) {
	return findGivers(store, await readModel(store), gifts);
}

/** Enough others that a register is a register: nobody of them is meant. */
const crowd: RegisterPerson[] = Array.from({ length: 60 }, (_, i) => ({
	givenName: ['Liv', 'Odd', 'Gro', 'Aud', 'Tor', 'Siv'][i % 6]!,
	familyName: `${['Sol', 'Vass', 'Bjørke', 'Lauv', 'Stein'][i % 5]}${['bakken', 'haugen', 'lia', 'moen'][i % 4]}en`,
	memberNumber: `C${i}`,
	phones: [`+47400007${String(i).padStart(2, '0')}`],
	postalCode: '9999',
	city: 'Eksempelby',
}));

const kari: RegisterPerson = {
	givenName: 'Kari Anne',
	familyName: 'Skaugerud',
	memberNumber: 'K1',
	phones: ['+4740000123'],
	emails: ['kari@example.org'],
	street: 'Storgata 12 B',
	postalCode: '9990',
	city: 'Prøvestad',
};

onBothDatabases('who gave', (current) => {
	test('a whole number with its name is as good as certain; as the bank writes it, too', async () => {
		const { store } = current();
		const [id] = await members(store, [kari, ...crowd]);
		const findings = await found(
			store,
			gift({ name: 'Kari Anne Skaugerud', phone: '+4740000123' }),
			gift({ name: 'SKAUGERUD KARI ANNE', phone: '+4740000123' }),
			gift({ name: 'Skaugerud, Kari', phone: '+4740000123' }),
			gift({ givenName: 'Kari', familyName: 'Skaugerud', phone: '+4740000123' }),
		);
		for (const { candidates, holdBack } of findings) {
			expect(candidates[0]?.personId).toBe(id);
			expect(candidates[0]?.probability).toBeGreaterThan(0.999);
			expect(holdBack).toEqual([]);
		}
	});

	test('a name with the last four digits is found; the name alone is likelier somebody else', async () => {
		const { store } = current();
		const [id] = await members(store, [kari, ...crowd]);
		const [ended, alone, wrong] = await found(
			store,
			gift({ name: 'Kari Skaugerud', phoneEnd: '0123' }),
			gift({ name: 'Liv Hansen' }),
			gift({ name: 'Ola Hansen', phoneEnd: '0123' }),
		);
		expect(ended?.candidates[0]).toMatchObject({ personId: id });
		expect(ended?.candidates[0]?.probability).toBeGreaterThan(0.999);
		expect(alone?.outsider).toBeGreaterThan(0.9);
		expect(wrong?.outsider).toBeGreaterThan(0.9);
	});

	test('whoever has the number by another name is not decided on', async () => {
		const { store } = current();
		const [id] = await members(store, [kari, ...crowd]);
		const [household, stranger] = await found(
			store,
			gift({ name: 'Per Skaugerud', phone: '+4740000123' }),
			gift({ name: 'Ola Nordmann', phone: '+4740000123' }),
		);
		expect(household?.candidates[0]?.personId).toBe(id);
		expect(household?.holdBack).toContain('nameContradicts');
		expect(household?.candidates[0]?.probability).toBeLessThan(0.9);
		expect(stranger?.outsider).toBeGreaterThan(0.5);
	});

	test('what changes in the register is found under its new name and number', async () => {
		const { store } = current();
		const [id] = await members(store, [kari, ...crowd]);
		await members(store, [{ memberNumber: 'K1', familyName: 'Lyngstad', phones: ['+4740000555'] }]);
		const [finding] = await found(store, gift({ name: 'Kari Lyngstad', phoneEnd: '0555' }));
		expect(finding?.candidates[0]?.personId).toBe(id);
		expect(finding?.candidates[0]?.probability).toBeGreaterThan(0.999);
	});

	test('somebody who was said not to have given it is not proposed again', async () => {
		const { store } = current();
		const [id] = await members(store, [kari, ...crowd]);
		const given = await store.write(({ db }) =>
			db
				.insertInto('incoming_gift')
				.values({
					source: 'vipps',
					source_id: '1',
					amount_ore: 10_000,
					reversed_ore: 0,
					currency: 'NOK',
					received_at: NOW,
					channel: 'vipps',
					evidence: '{}',
					state: 'review',
					created_at: NOW,
				})
				.returning('id')
				.executeTakeFirstOrThrow(),
		);
		const one = gift({ name: 'Kari Skaugerud', phoneEnd: '0123' }, { id: given.id });
		expect((await found(store, one))[0]?.candidates[0]?.personId).toBe(id);
		await store.write(({ db }) =>
			db
				.insertInto('gift_decision')
				.values({
					incoming_gift_id: given.id,
					decision: 'rejected',
					person_id: id!,
					actor: 'test',
					at: NOW,
				})
				.execute(),
		);
		expect((await found(store, one))[0]).toMatchObject({ candidates: [], outsider: 1 });
	});
});
