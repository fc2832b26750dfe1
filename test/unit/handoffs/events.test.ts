import fc from 'fast-check';
import { type ItemEvent, type ItemWord, itemEvents } from '../../../core/handoffs/events';
import type { Transfer } from '../../../core/handoffs/transfer';
import { timelineOf } from '../../../core/register/timeline';
import { upsertPersons } from '../../../core/register/upsert';
import { openStore } from '../../../core/store/store';
import { onBothDatabases } from '../stores';
import { DAY, HOUR, sizeOf, until } from '../journeys/story';
import { HANDED_OVER, Letters, ZONE, refs } from './letters';

const taking: Transfer = async (_batch, items) => {
	await refs(items());
	return {};
};

onBothDatabases('what the printing house tells', (current) => {
	let letters: Letters;
	beforeEach(async () => {
		letters = await Letters.begin(current().store);
	});
	afterEach(() => letters.end());

	const event = (ref: number | undefined, state: ItemWord, more: Partial<ItemEvent> = {}): ItemEvent => {
		const at = more.at ?? letters.clock.now();
		return { ref: String(ref), state, at, eventId: `letter ${ref} ${state} ${at}`, ...more };
	};
	const hear = (events: ItemEvent[], markDeceased = false) =>
		itemEvents(letters.store, letters.clock, { source: 'print', zone: ZONE, markDeceased }, events);
	/** So many letters that are over there. @returns persons with their letters' numbers */
	const sent = async (count: number) => {
		const letterOf = await letters.sendTo(await letters.readers(count));
		const made = await letters.batch();
		await letters.handOver(made.handoffId, taking);
		return [...letterOf].sort((a, b) => a[1] - b[1]);
	};
	const person = async (id = 0) =>
		letters.store.db.selectFrom('person').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
	const item = async (dispatch = 0) =>
		letters.store.db
			.selectFrom('handoff_item')
			.selectAll()
			.where('dispatch_id', '=', dispatch)
			.executeTakeFirstOrThrow();

	test('moves letters forward, each word once, and stands on the person’s timeline', async () => {
		const [[kari = 0, letter = 0] = [], [, bad = 0] = []] = await sent(2);
		await letters.clock.advance(DAY);
		const accepted = event(letter, 'accepted');
		expect(
			await hear([accepted, event(bad, 'rejected', { reason: 'for mange sider' }), event(999, 'posted')]),
		).toMatchObject({ stored: 2, unknown: ['999'], early: 0 });
		expect(await item(letter)).toMatchObject({ state: 'accepted' });
		expect(await item(bad)).toMatchObject({ state: 'rejected', reason: 'for mange sider' });
		const dispatches = await letters.dispatches();
		expect(dispatches.find(({ id }) => id === bad)).toMatchObject({
			state: 'failed',
			reason: 'for mange sider',
		});
		await letters.clock.advance(DAY);
		const posted = event(letter, 'posted');
		await hear([posted, event(letter, 'printed', { at: letters.clock.now() - HOUR })]);
		expect(await item(letter)).toMatchObject({ state: 'posted' });
		// The same file once more, and the old one: nothing.
		expect(await hear([posted, posted, accepted])).toMatchObject({ stored: 0, repeated: 3 });
		expect(await item(letter)).toMatchObject({ state: 'posted' });
		const timeline = await timelineOf(letters.store, letters.clock.now(), kari);
		const kinds = (timeline?.events ?? []).flatMap((one) => (one.what === 'response' ? [one.kind] : []));
		expect(kinds).toEqual(['handedOver', 'event', 'printed', 'posted']);
	});

	test('a letter that comes back: without a new address none goes there any more, until the register knows another', async () => {
		const { store, clock } = letters;
		const [[kari = 0, letter = 0] = []] = await sent(1);
		const back = event(letter, 'returned', { reason: 'ukjent på adressen' });
		expect(await hear([back])).toMatchObject({ addressesBroken: 1, addressesChanged: 0 });
		expect(await person(kari)).toMatchObject({ address_invalid_reason: 'ukjent på adressen' });
		// The register says the same as before: that is no other address.
		const given = { street: 'Eksempelveien 1', postalCode: '0001', city: 'OSLO', country: 'NO' };
		const upsert = (street: string) =>
			store.write((writing) =>
				upsertPersons(writing, store, clock.now(), [{ id: kari, ...given, street }], 'fil'),
			);
		await upsert('Eksempelveien 1');
		expect((await person(kari)).address_invalid_reason).not.toBeNull();
		await upsert('Nyveien 2');
		expect((await person(kari)).address_invalid_reason).toBeNull();
		// Told of again, it is still about the old one.
		expect(await hear([back])).toMatchObject({ repeated: 1, addressesBroken: 0 });
		expect(
			await hear([event(letter, 'returned', { eventId: 'another file', reason: 'ukjent' })]),
		).toMatchObject({
			stored: 1,
			addressesBroken: 0,
		});
		expect((await person(kari)).address_invalid_reason).toBeNull();
	});

	test('a letter that comes back with the address that it was sent to has come back', async () => {
		const [[kari = 0, letter = 0] = []] = await sent(1);
		const { street, postal_code: postalCode, city } = await person(kari);
		const same = { street: street?.toUpperCase() ?? '', postalCode: postalCode ?? '', city: city ?? '' };
		const back = event(letter, 'returned', { reason: 'ukjent på adressen', newAddress: same });
		expect(await hear([back])).toMatchObject({ addressesBroken: 1, addressesChanged: 0 });
		expect(await person(kari)).toMatchObject({ street, address_invalid_reason: 'ukjent på adressen' });
	});

	test('a new address goes into the register once; what the register learns later stands', async () => {
		const { store, clock } = letters;
		const [[kari = 0, letter = 0] = []] = await sent(1);
		const newAddress = { street: 'Nyveien 2', postalCode: '0002', city: 'OSLO', country: 'NO' };
		const moved = event(letter, 'returned', { reason: 'flyttet', newAddress });
		expect(await hear([moved, moved])).toMatchObject({ stored: 1, addressesChanged: 1, addressesBroken: 0 });
		expect(await person(kari)).toMatchObject({
			street: 'Nyveien 2',
			postal_code: '0002',
			address_invalid_reason: null,
		});
		const changes = await store.db.selectFrom('change').select(['kind', 'subject']).execute();
		expect(changes).toEqual(expect.arrayContaining([{ kind: 'person_changed', subject: 'street' }]));
		const told = await store.db.selectFrom('response').selectAll().where('kind', '=', 'returned').execute();
		expect(told).toHaveLength(1);
		expect(JSON.parse(told[0]?.detail ?? '{}')).toMatchObject({ reason: 'flyttet', newAddress });
		await store.write((writing) =>
			upsertPersons(writing, store, clock.now(), [{ id: kari, street: 'Nyesteveien 3' }], 'fil'),
		);
		await hear([moved]);
		expect(await person(kari)).toMatchObject({ street: 'Nyesteveien 3' });
		// Forwarded to the new address: it has not come back.
		const forwarded = event(letter, 'addressUpdated', { newAddress, at: clock.now() + 1 });
		await hear([forwarded]);
		expect(await person(kari)).toMatchObject({ street: 'Nyveien 2' });
	});

	test('of a death only when the form says so', async () => {
		const [[kari = 0, first = 0] = [], [ola = 0, second = 0] = []] = await sent(2);
		const dead = { reason: 'avdød', deceased: true };
		await hear([event(first, 'returned', dead)]);
		expect(await person(kari)).toMatchObject({ deceased_on: null, address_invalid_reason: 'avdød' });
		await hear([event(second, 'returned', dead)], true);
		expect(await person(ola)).toMatchObject({ deceased_on: '2026-03-02' });
	});

	test('of letters whose batch is not settled here yet is left for later', async () => {
		const letterOf = await letters.sendTo(await letters.readers(1));
		const made = await letters.batch();
		const [letter] = [...letterOf.values()];
		const accepted = event(letter, 'accepted');
		await letters.handOver(made.handoffId, async (batch, items, sending) => {
			expect(await hear([accepted])).toMatchObject({ stored: 0, early: 1 });
			return taking(batch, items, sending);
		});
		expect(await hear([accepted])).toMatchObject({ stored: 1, early: 0 });
		expect(await item(letter)).toMatchObject({ state: 'accepted' });
	});

	test('in any order, in any parts and any number of times: letters end where their furthest word says', async () => {
		const all = await sent(12);
		let round = 0;
		await fc.assert(
			fc.asyncProperty(
				fc.shuffledSubarray(['accepted', 'printed', 'posted', 'returned'] as ItemWord[], { minLength: 1 }),
				fc.integer({ min: 1, max: 4 }),
				async (words, repeats) => {
					const letter = all[round % all.length]?.[1] ?? 0;
					round += 1;
					const before = (await item(letter)).state;
					for (const word of words) await hear(Array.from({ length: repeats }, () => event(letter, word)));
					const order = ['handedOver', 'accepted', 'printed', 'posted', 'returned'];
					const furthest = Math.max(...[before, ...words].map((word) => order.indexOf(word)));
					expect((await item(letter)).state).toBe(order[furthest]);
				},
			),
			{ numRuns: 12 },
		);
	});

	test('two processes read the same file at once: one of them does it', async () => {
		const second = await openStore({ url: current().url });
		try {
			const all = await sent(60);
			const events = all.map(([, letter], i) =>
				event(letter, 'returned', {
					reason: 'flyttet',
					...(i % 2 ? { newAddress: { street: 'Nyveien 2', postalCode: '0002', city: 'OSLO' } } : {}),
				}),
			);
			const heard = await Promise.all([
				hear(events),
				itemEvents(second, letters.clock, { source: 'print', zone: ZONE }, [...events].reverse()),
			]);
			const sum = (of: 'stored' | 'addressesChanged' | 'addressesBroken') =>
				heard.reduce((all, one) => all + one[of], 0);
			expect([sum('stored'), sum('addressesChanged'), sum('addressesBroken')]).toEqual([60, 30, 30]);
		} finally {
			await second.close();
		}
	});

	test('whoever waits at a gate for it goes on', async () => {
		const gate = await letters.gate({ goal: { any: [{ kind: 'returned' }] } });
		const letterOf = await letters.sendTo(await letters.readers(2));
		const gone = await letters.letGo((people) => letters.arrive(gate, people));
		const reached = await letters.release(gate.stepId);
		const made = await letters.batch();
		await letters.handOver(made.handoffId, taking);
		await until(() => sizeOf(gone, HANDED_OVER) === 2);
		const [first] = [...letterOf];
		await hear([event(first?.[1], 'returned', { reason: 'flyttet' })]);
		await until(() => sizeOf(reached, 0) === 1);
		expect(reached[0]?.people[0]?.person.id).toBe(first?.[0]);
	});
});
