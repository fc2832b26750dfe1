/** Money that comes in as gifts is taken down once, whoever tells of it, however often and in whatever order. */
import { type ToTakeIn, takeIn } from '../../../core/gifts/incoming';
import { bookGifts } from '../../../core/gifts/book';
import { incomingGifts } from '../../../core/gifts/known';
import { sums } from '../../../core/gifts/sums';
import { virtualClock } from '../../../core/journeys/clock';
import { settingOf } from '../../../core/store/setting';
import { openStore } from '../../../core/store/store';
import { onBothDatabases } from '../stores';
import { NOW, add, addStep, back, deal, paid } from './money';

const OUTPUTS = { gift: 0, reversed: 1, agreementStarted: 2, agreementStopped: 3 };
const ALL = { from: 0, to: Infinity };

onBothDatabases('gifts that come in', (current) => {
	const clock = virtualClock(NOW);
	let step = 0;
	beforeEach(async () => {
		step = await addStep(current().store);
	});
	const take = (what: Omit<ToTakeIn, 'step'>, store = current().store) =>
		takeIn(store, clock, { ...what, step: { id: step, outputs: OUTPUTS } });
	const rows = () => current().store.db.selectFrom('incoming_gift').selectAll().orderBy('id').execute();
	const lines = async () =>
		(await current().store.db.selectFrom('outbox').selectAll().orderBy('id').execute()).map(
			({ kind, output, subject_id }) => `${kind} ${subject_id} by ${output}`,
		);
	const idOf = async (sourceId: string) => (await rows()).find((row) => row.source_id === sourceId)?.id ?? 0;
	const total = async () =>
		(await sums(current().store, { from: 0, to: Number.MAX_SAFE_INTEGER }))[0] ?? undefined;

	it('is written once with the cursor of its feed, and again nothing comes of it', async () => {
		const page = { gifts: [paid('p1', 100), paid('p2', 250)], remember: { key: 'feed', value: '2' } };
		expect(await take(page)).toMatchObject({ gifts: 2, repeated: 0 });
		expect(await take(page)).toMatchObject({ gifts: 0, repeated: 2, enriched: 0 });
		expect((await rows()).map(({ source_id, amount_ore }) => [source_id, amount_ore])).toEqual([
			['p1', 10_000],
			['p2', 25_000],
		]);
		expect(await lines()).toEqual(['gift 1 by 0', 'gift 2 by 0']);
		expect(await settingOf(current().store.db, 'feed')).toBe('2');
	});

	it('the same page by two processes at once is one page', async () => {
		const other = await openStore({ url: current().url });
		try {
			const gifts = Array.from({ length: 40 }, (_, n) => paid(`p${n}`, n + 1, { also: `t${n}` }));
			// The other report calls them otherwise.
			const again = gifts.map((gift, n) => ({ ...gift, sourceId: `r${n}` }));
			await Promise.all([
				take({ gifts }),
				take({ gifts }, other),
				take({ gifts: again }, other),
				take({ gifts: [...again].reverse() }),
			]);
			expect(await rows()).toHaveLength(40);
			expect(await lines()).toHaveLength(40);
		} finally {
			await other.close();
		}
	});

	it('a second report adds what it knows, and whoever was not found is looked for again', async () => {
		await take({ gifts: [paid('p1', 100, { also: 'order-1' })] });
		const id = await idOf('p1');
		await current().store.db.deleteFrom('outbox').execute();
		await current()
			.store.db.updateTable('incoming_gift')
			.set({ state: 'unknown', decided_at: NOW, decided_by: 'linkage' })
			.execute();

		const fuller = paid('order-1', 100, {
			evidence: { name: 'Kari Anne Eksempel', phone: '+4740000001', message: 'Til hytta' },
		});
		expect(await take({ gifts: [fuller] })).toMatchObject({ gifts: 0, enriched: 1 });
		const [row] = await rows();
		expect(row).toMatchObject({ source_id: 'p1', state: 'new', decided_by: null });
		expect(JSON.parse(row?.evidence ?? '')).toEqual({
			name: 'Kari Anne Eksempel',
			phone: '+4740000001',
			phoneEnd: '0001',
			message: 'Til hytta',
		});
		expect(await lines()).toEqual([`gift ${id} by 0`]);
		// No end of it: the first report tells nothing more than is known by now.
		expect(await take({ gifts: [paid('p1', 100, { also: 'order-1' }), fuller] })).toMatchObject({
			enriched: 0,
		});
	});

	it('what somebody has decided by hand is not asked again', async () => {
		await take({ gifts: [paid('p1', 100)] });
		await current()
			.store.db.updateTable('incoming_gift')
			.set({ state: 'unknown', decided_at: NOW, decided_by: 'person' })
			.execute();
		await take({ gifts: [paid('p1', 100, { evidence: { phone: '+4740000001' } })] });
		expect((await rows())[0]).toMatchObject({ state: 'unknown' });
	});

	it('parts of one order are payments of their own', async () => {
		await take({ gifts: [paid('c1', 100, { also: 'order' }), paid('c2', 100, { also: 'order' })] });
		await take({ gifts: [paid('c3', 70, { also: 'order' })] });
		await take({ gifts: [paid('c2', 100, { also: 'order' }), paid('c1', 100, { also: 'order' })] });
		expect(await rows()).toHaveLength(3);
	});

	it('goes back in part and whole, before and after it is booked, and comes back', async () => {
		const [kari = 0] = await add(current().store, 'Kari Eksempel');
		// Before the gift itself is heard of.
		expect(await take({ reversals: [back('r1', 'p1', 30)] })).toMatchObject({ reversals: 1, early: 1 });
		await take({ gifts: [paid('p1', 100)] });
		const id = await idOf('p1');
		expect((await rows())[0]).toMatchObject({ state: 'new', reversed_ore: 3_000 });
		expect(await lines()).toEqual([`gift ${id} by 0`]);

		const [booked] = await bookGifts(current().store, clock, [{ incomingId: id, personId: kari }]);
		expect(booked).toMatchObject({ became: 'booked', amountOre: 7_000 });
		await take({ reversals: [back('r2', 'p1', 50), back('r2', 'p1', 50), back('r1', 'p1', 30)] });
		expect(await total()).toMatchObject({ in: 10_000, booked: 2_000, reversed: 8_000, inBooks: 2_000 });
		await take({ reversals: [back('r3', 'p1', 20)] });
		const gift = () => current().store.db.selectFrom('gift').selectAll().executeTakeFirstOrThrow();
		expect(await gift()).toMatchObject({ reversed_at: NOW, amount_ore: 10_000, person_id: kari });
		expect(await total()).toMatchObject({ in: 10_000, booked: 0, reversed: 10_000, inBooks: 0 });

		await take({ reversals: [back('r4', 'p1', -100, { reason: 'dispute won' })] });
		expect(await gift()).toMatchObject({ reversed_at: null, amount_ore: 10_000 });
		expect(await total()).toMatchObject({ in: 10_000, booked: 10_000, reversed: 0, inBooks: 10_000 });
		expect((await lines()).map((line) => line.split(' ')[0])).toEqual([
			'gift',
			'reversal',
			'reversal',
			'reversal',
		]);
		const changes = await current().store.db.selectFrom('change').selectAll().orderBy('id').execute();
		expect(changes.map(({ kind, value }) => `${kind} ${value}`)).toEqual([
			'gift_received 7000',
			'gift_reversed 5000',
			'gift_reversed 2000',
			'gift_reversed -10000',
		]);
	});

	it('whoever never heard of the gift does not hear that it went back', async () => {
		await take({ reversals: [back('r1', 'p1', 100)] });
		await take({ gifts: [paid('p1', 100)] });
		expect((await rows())[0]).toMatchObject({ state: 'reversed', reversed_ore: 10_000 });
		expect(await lines()).toEqual([]);
		// The dispute is won after all: now it is a gift.
		await take({ reversals: [back('r2', 'p1', -100)] });
		expect((await rows())[0]).toMatchObject({ state: 'new', reversed_ore: 0 });
		expect(await lines()).toContain(`gift ${await idOf('p1')} by 0`);
	});

	it('keeps each currency for itself', async () => {
		await take({ gifts: [paid('p1', 100), paid('p2', 50, { currency: 'SEK' })] });
		expect(await sums(current().store, { ...ALL, to: NOW + 1 })).toMatchObject([
			{ currency: 'NOK', in: 10_000, onTheirWay: 10_000, count: 1 },
			{ currency: 'SEK', in: 5_000, onTheirWay: 5_000, count: 1 },
		]);
	});

	it('is booked once, and nobody is taken for somebody', async () => {
		const { store } = current();
		const [kari = 0, ola = 0] = await add(store, 'Kari Eksempel', 'Ola Eksempel');
		await take({ gifts: [paid('p1', 100, { payerRef: 'sub-1' }), paid('p2', 40)] });
		const [one, two] = [await idOf('p1'), await idOf('p2')];
		expect(
			(
				await bookGifts(store, clock, [
					{ incomingId: one, personId: kari, campaign: 'Jul', receipt: true },
					{ incomingId: one, personId: ola, receipt: true },
					{ incomingId: two, personId: null, receipt: true },
					{ incomingId: 999, personId: kari },
				])
			).map(({ became, receiptNo, personId }) => ({ became, receiptNo, personId })),
		).toEqual([
			{ became: 'booked', receiptNo: 1, personId: kari },
			{ became: 'repeated', receiptNo: null, personId: kari },
			{ became: 'booked', receiptNo: 2, personId: null },
			{ became: 'noSuchGift', receiptNo: null, personId: null },
		]);
		expect(await bookGifts(store, clock, [{ incomingId: one, personId: ola, receipt: true }])).toMatchObject([
			{ became: 'repeated', receiptNo: 1, personId: kari },
		]);
		// Whose gift it was is found out later.
		expect(await bookGifts(store, clock, [{ incomingId: two, personId: ola }])).toMatchObject([
			{ became: 'assigned', personId: ola },
		]);
		const keys = await store.db.selectFrom('giver_key').select(['kind', 'value', 'person_id']).execute();
		expect(keys).toEqual([{ kind: 'payer', value: 'sub-1', person_id: kari }]);
		expect((await incomingGifts(store, [one])).get(one)).toMatchObject({ state: 'booked' });
	});

	it('an agreement is told of once, in any order, and is somebody’s once a payment of it is', async () => {
		const { store } = current();
		const [kari = 0] = await add(store, 'Kari Eksempel');
		await take({ agreements: [deal('a1'), deal('a2', { status: 'stopped', stoppedAt: NOW })] });
		await take({ agreements: [deal('a1'), deal('a2')] });
		expect((await lines()).map((line) => line.replace(/ \d+ /, ' '))).toEqual([
			'agreement by 2',
			'agreement by 3',
		]);
		await take({ gifts: [paid('p1', 200, { agreementRef: 'a1' })] });
		const [booked] = await bookGifts(store, clock, [{ incomingId: await idOf('p1'), personId: kari }]);
		expect(booked?.became).toBe('booked');
		await take({ agreements: [deal('a1', { status: 'stopped', stoppedAt: NOW + 1, stoppedBy: 'user' })] });
		const changes = await store.db.selectFrom('change').selectAll().orderBy('id').execute();
		expect(changes.map(({ kind, person_id }) => [kind, person_id])).toEqual([
			['gift_received', kari],
			['agreement_started', kari],
			['agreement_stopped', kari],
		]);
		const deals = await store.db.selectFrom('agreement').selectAll().orderBy('id').execute();
		expect(deals).toMatchObject([
			{ source_id: 'a1', status: 'stopped', stopped_by: 'user', person_id: kari },
			{ source_id: 'a2', status: 'stopped', stopped_at: NOW },
		]);
	});
});
