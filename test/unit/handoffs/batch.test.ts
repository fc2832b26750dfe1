import {
	batchesOf,
	batchesToHandOver,
	cancelBatch,
	collectedAt,
	leaveOut,
	release,
} from '../../../core/handoffs/batch';
import { BATCH_LEASE } from '../../../core/handoffs/handOver';
import type { Transfer } from '../../../core/handoffs/transfer';
import { erasePerson } from '../../../core/register/erasePerson';
import { NotSent } from '../../../core/ports';
import { openStore } from '../../../core/store/store';
import { onBothDatabases } from '../stores';
import { sizeOf, until } from '../journeys/story';
import { HANDED_OVER, LEFT_OUT, Letters, refs } from './letters';

/** Takes everything at once. */
const taking: Transfer = async (batch, items, sending) => {
	await refs(items());
	await sending.begin([{ name: batch.name, sha256: 'a', size: 1 }]);
	await sending.still();
	await sending.there([batch.name]);
	return { pages: batch.items * 2 };
};

onBothDatabases('a batch of letters', (current) => {
	let letters: Letters;
	beforeEach(async () => {
		letters = await Letters.begin(current().store);
	});
	afterEach(() => letters.end());

	test('is made of what was collected, handed over once, and its people go on', async () => {
		const { store, clock } = letters;
		const people = await letters.readers(5);
		const letterOf = await letters.sendTo(people);
		const gone = await letters.letGo();
		expect(await collectedAt(store, letters.stepId)).toEqual({ count: 5, oldest: clock.now() });
		await clock.advance(3_600_000);
		const made = await letters.batch();
		expect(made).toMatchObject({ items: 5, withdrawn: 0, leftOut: [] });
		expect(made.name).toBe(`julebrev-2026-20260302-${made.handoffId}`);
		expect(await collectedAt(store, letters.stepId)).toEqual({ count: 0, oldest: null });
		expect(await batchesToHandOver(store, letters.stepId)).toEqual([made.handoffId]);

		const seen: string[][] = [];
		const done = await letters.handOver(made.handoffId, async (batch, items, sending) => {
			seen.push(await refs(items()));
			expect(batch).toMatchObject({ name: made.name, items: 5, settings: { folder: 'in' } });
			return taking(batch, items, sending);
		});
		expect(done).toEqual({ kind: 'handedOver', items: 5, leftOut: [] });
		expect(seen).toEqual([[...letterOf.values()].sort((a, b) => a - b).map(String)]);
		await until(() => sizeOf(gone, HANDED_OVER) === 5);
		for (const item of await letters.items())
			expect(item).toMatchObject({ state: 'handedOver', content: null, handed_over_at: clock.now() });
		for (const dispatch of await letters.dispatches())
			expect(dispatch).toMatchObject({ state: 'accepted', settled_at: clock.now() });
		const told = await store.db.selectFrom('response').select(['kind', 'person_id']).execute();
		expect(told).toHaveLength(5);
		expect(new Set(told.map(({ kind }) => kind))).toEqual(new Set(['handedOver']));
		expect(await batchesOf(store, letters.stepId)).toEqual([
			expect.objectContaining({ state: 'handedOver', items: 5, pages: 10, states: { handedOver: 5 } }),
		]);
		// Nothing is left to do about it.
		expect(await letters.handOver(made.handoffId, taking)).toEqual({ kind: 'notNow', state: 'handedOver' });
		expect(await batchesToHandOver(store, letters.stepId)).toEqual([]);
		expect(await letters.batch()).toMatchObject({ items: 0 });
	});

	test('whoever has left, died, said no or asked for protection by then gets no letter', async () => {
		const { store, clock } = letters;
		// A cap that all of them have reached with this very letter is no reason to keep it back now.
		await letters.strictRules();
		const [goal = 0, dead = 0, no = 0, hidden = 0, moved = 0, erased = 0, stays = 0] =
			await letters.readers(7);
		const letterOf = await letters.sendTo([goal, dead, no, hidden, moved, erased, stays]);
		const gone = await letters.letGo();
		await clock.advance(3_600_000);
		await letters.leave([goal]);
		const set = (id: number, values: object) =>
			store.db.updateTable('person').set(values).where('id', '=', id).execute();
		await set(dead, { deceased_on: '2026-03-01' });
		await set(hidden, { protected: 1 });
		await set(moved, { address_invalid_reason: 'flyttet' });
		await store.db
			.insertInto('reservation')
			.values({ person_id: no, channel: 'letter', source: 'ringte', at: clock.now() })
			.execute();
		await erasePerson(store, erased);

		const made = await letters.batch();
		expect(made).toMatchObject({ items: 1, withdrawn: 1 });
		expect(made.leftOut.map(({ dispatchId, code }) => [dispatchId, code]).sort()).toEqual(
			[
				[letterOf.get(dead), 'deceased'],
				[letterOf.get(no), 'reserved'],
				[letterOf.get(hidden), 'protected'],
				[letterOf.get(moved), 'brokenAddress'],
			].sort(),
		);
		await until(() => sizeOf(gone, LEFT_OUT) === 4);
		const states = new Map((await letters.items()).map((item) => [item.person_id, item]));
		expect(states.get(goal)).toMatchObject({ state: 'withdrawn', content: null });
		expect(states.get(dead)).toMatchObject({ state: 'leftOut', reason: 'is deceased', content: null });
		expect(states.get(stays)).toMatchObject({ state: 'batched' });
		expect(states.has(erased)).toBe(false);
		const ledger = new Map((await letters.dispatches()).map((row) => [row.person_id, row]));
		expect(ledger.get(goal)).toMatchObject({ state: 'cancelled', code: null });
		expect(ledger.get(hidden)).toMatchObject({ state: 'cancelled', code: 'protected' });
		expect(ledger.get(stays)).toMatchObject({ state: 'accepted' });
	});

	test('waits for a person’s release; who leaves meanwhile is taken out of it', async () => {
		const { store, clock } = letters;
		const [a = 0, b = 0, c = 0] = await letters.readers(3);
		const letterOf = await letters.sendTo([a, b, c]);
		const gone = await letters.letGo();
		const made = await letters.batch({ byHand: true });
		expect(await letters.handOver(made.handoffId, taking)).toEqual({ kind: 'notNow', state: 'ready' });
		await letters.leave([a]);
		const one = { dispatchId: letterOf.get(b) ?? 0, reason: 'feil navn' };
		expect(await leaveOut(store, clock, made.handoffId ?? 0, [one], LEFT_OUT)).toBe(1);
		expect(await leaveOut(store, clock, made.handoffId ?? 0, [one], LEFT_OUT)).toBe(0);
		await until(() => sizeOf(gone, LEFT_OUT) === 1);
		expect(await release(store, clock, made.handoffId ?? 0, 'Kari')).toBe(true);
		expect(await release(store, clock, made.handoffId ?? 0, 'Ola')).toBe(false);
		const seen: string[][] = [];
		const done = await letters.handOver(made.handoffId, async (batch, items, sending) => {
			seen.push(await refs(items()));
			return taking(batch, items, sending);
		});
		expect(done).toMatchObject({ kind: 'handedOver', items: 1 });
		expect(seen).toEqual([[String(letterOf.get(c))]]);
		expect((await batchesOf(store, letters.stepId))[0]).toMatchObject({
			releasedBy: 'Kari',
			items: 1,
			states: { withdrawn: 1, leftOut: 1, handedOver: 1 },
		});
	});

	test('in which nobody is left is not handed over', async () => {
		const people = await letters.readers(2);
		await letters.sendTo(people);
		const made = await letters.batch();
		await letters.leave(people);
		const done = await letters.handOver(made.handoffId, () => {
			throw new Error('nothing is given to anybody');
		});
		expect(done).toMatchObject({ kind: 'empty' });
		expect((await batchesOf(letters.store, letters.stepId))[0]).toMatchObject({ state: 'cancelled' });
	});

	test('cancelled, its letters leave with the next one; once on its way it cannot be', async () => {
		const { store, clock } = letters;
		await letters.sendTo(await letters.readers(3));
		const first = await letters.batch();
		await cancelBatch(store, clock, first.handoffId ?? 0, 'feil logo');
		expect(await collectedAt(store, letters.stepId)).toMatchObject({ count: 3 });
		expect(await letters.handOver(first.handoffId, taking)).toEqual({ kind: 'notNow', state: 'cancelled' });
		const second = await letters.batch();
		expect(second.items).toBe(3);
		await letters.handOver(second.handoffId, async (batch, items, sending) => {
			await expect(cancelBatch(store, clock, batch.id, 'nei')).rejects.toThrow('is on its way');
			await expect(
				leaveOut(store, clock, batch.id, [{ dispatchId: 1, reason: 'nei' }], LEFT_OUT),
			).rejects.toThrow('can no longer be changed');
			return taking(batch, items, sending);
		});
		await expect(cancelBatch(store, clock, second.handoffId ?? 0, 'nei')).rejects.toThrow('already');
	});

	test('the other end is away: tried again with what it has already', async () => {
		await letters.sendTo(await letters.readers(2));
		const made = await letters.batch();
		await expect(
			letters.handOver(made.handoffId, async (_batch, _items, sending) => {
				await sending.begin([
					{ name: 'a.pdf', sha256: 'aa', size: 10 },
					{ name: 'b.pdf', sha256: 'bb', size: 20 },
				]);
				await sending.there(['a.pdf']);
				throw new NotSent('the connection was cut');
			}),
		).rejects.toThrow(NotSent);
		expect((await batchesOf(letters.store, letters.stepId))[0]).toMatchObject({
			state: 'sending',
			reason: 'the connection was cut',
		});
		// Nobody has to wait for a lease: whoever failed has given it back.
		const done = await letters.handOver(made.handoffId, async (batch, items, sending) => {
			expect([...sending.files.values()].map(({ name, state }) => [name, state]).sort()).toEqual([
				['a.pdf', 'there'],
				['b.pdf', 'sending'],
			]);
			return taking(batch, items, sending);
		});
		expect(done).toMatchObject({ kind: 'handedOver', items: 2 });
	});

	test('one process at a time; a dead one’s batch is taken over, and if it lives after all it does no more', async () => {
		const { clock } = letters;
		const second = await openStore({ url: current().url });
		try {
			const people = await letters.readers(4);
			await letters.sendTo(people);
			const gone = await letters.letGo();
			const made = await letters.batch();
			let over = 0;
			let asleep: (() => void) | undefined;
			const sleeping = letters.handOver(made.handoffId, async (batch, items, sending) => {
				await sending.begin([{ name: batch.name, sha256: 'a', size: 1 }]);
				await new Promise<void>((resolve) => (asleep = resolve));
				await sending.still();
				over += 1;
				return taking(batch, items, sending);
			});
			const outcome = sleeping.catch((cause: unknown) => cause);
			await until(() => asleep !== undefined);
			const other = Object.assign(Object.create(letters) as Letters, { store: second });
			expect(await other.handOver(made.handoffId, taking)).toEqual({
				kind: 'busy',
				until: expect.any(Number),
			});
			await clock.advance(BATCH_LEASE + 1);
			const done = await other.handOver(made.handoffId, async (batch, items, sending) => {
				over += 1;
				expect(sending.files.get(batch.name)?.state).toBe('sending');
				// The first one wakes up while the second is at it.
				asleep?.();
				expect(await outcome).toMatchObject({ name: 'TakenOver' });
				return taking(batch, items, sending);
			});
			expect(done).toMatchObject({ kind: 'handedOver', items: 4 });
			expect(over).toBe(1);
			// The embedded store tells only its own process: the other one finds them when it looks by itself.
			await clock.advance(60_000);
			await until(() => sizeOf(gone, HANDED_OVER) === 4);
			expect(await letters.store.db.selectFrom('response').selectAll().execute()).toHaveLength(4);
		} finally {
			await second.close();
		}
	});

	test('cut off after the other end had it all: only what is left is settled, nothing is given again', async () => {
		const { store, clock } = letters;
		const people = await letters.readers(1_200);
		await letters.sendTo(people);
		const gone = await letters.letGo();
		const made = await letters.batch();
		// The process dies in the middle of settling: its store goes away.
		let writes = 0;
		const dying = Object.assign(Object.create(store) as typeof store, {
			write: (work: Parameters<typeof store.write>[0]) => {
				writes += 1;
				return writes > 6 ? Promise.reject(new Error('the store is away')) : store.write(work);
			},
		});
		const dead = Object.assign(Object.create(letters) as Letters, { store: dying });
		await expect(dead.handOver(made.handoffId, taking)).rejects.toThrow('the store is away');
		const half = await batchesOf(store, letters.stepId);
		expect(half[0]).toMatchObject({ state: 'sending', states: { batched: 700, handedOver: 500 } });
		await clock.advance(BATCH_LEASE + 1);
		const done = await letters.handOver(made.handoffId, () => {
			throw new Error('it is over there already');
		});
		expect(done).toMatchObject({ kind: 'handedOver', items: 1_200 });
		await until(() => sizeOf(gone, HANDED_OVER) === 1_200);
	});

	test('two processes at one cut-off make one batch', async () => {
		const second = await openStore({ url: current().url });
		try {
			await letters.sendTo(await letters.readers(40));
			const other = Object.assign(Object.create(letters) as Letters, { store: second });
			const both = await Promise.all([letters.batch(), other.batch()]);
			expect(both.map(({ items }) => items).sort((a, b) => a - b)).toEqual([0, 40]);
		} finally {
			await second.close();
		}
	});

	test('whose letters were left out by the transfer go on as left out, the others as handed over', async () => {
		const people = await letters.readers(3);
		const letterOf = await letters.sendTo(people);
		const gone = await letters.letGo();
		const made = await letters.batch();
		const bad = letterOf.get(people[1] ?? 0) ?? 0;
		const done = await letters.handOver(made.handoffId, async (batch, items, sending) => ({
			...(await taking(batch, items, sending)),
			leftOut: [{ dispatchId: bad, reason: 'the address does not fit', code: 'addressTooLong' }],
		}));
		expect(done).toMatchObject({ kind: 'handedOver', items: 2, leftOut: [{ dispatchId: bad }] });
		await until(() => sizeOf(gone, HANDED_OVER) === 2 && sizeOf(gone, LEFT_OUT) === 1);
	});

	test('a run that has not parked its people yet finds that they have been handed over', async () => {
		const people = await letters.readers(2);
		const gone = await letters.letGo();
		await letters.sendTo(people, async () => {
			const made = await letters.batch();
			expect(made).toMatchObject({ items: 2, withdrawn: 0 });
			await letters.handOver(made.handoffId, taking);
		});
		await until(() => sizeOf(gone, HANDED_OVER) === 2);
		const items = await letters.items();
		expect(items.map(({ state }) => state)).toEqual(['handedOver', 'handedOver']);
	});
});
