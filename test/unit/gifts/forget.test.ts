/** What is known of givers goes in time, and with the person; a report that repeats does not bring it back. */
import { bookGifts } from '../../../core/gifts/book';
import { evidenceDays, forgetOldEvidence } from '../../../core/gifts/forget';
import { takeIn } from '../../../core/gifts/incoming';
import { virtualClock } from '../../../core/journeys/clock';
import { StepProblem } from '../../../core/ports';
import { erasePerson } from '../../../core/register/erasePerson';
import { mergePersons } from '../../../core/register/mergePersons';
import { onBothDatabases } from '../stores';
import { NOW, add, addStep, deal, paid } from './money';

const DAY = 86_400_000;

onBothDatabases('what is known of givers', (current) => {
	const clock = virtualClock(NOW);
	const rows = () => current().store.db.selectFrom('incoming_gift').selectAll().orderBy('id').execute();
	const taken = async (...gifts: Array<ReturnType<typeof paid>>) => {
		const step = { id: await addStep(current().store), outputs: { gift: 0 } };
		await takeIn(current().store, clock, { gifts, step });
		return step;
	};

	it('is forgotten after as many days as the organisation says, where it has served', async () => {
		const { store } = current();
		const gifts = [
			...Array.from({ length: 5 }, (_, n) => paid(`old-${n}`, 100, { receivedAt: NOW - 40 * DAY })),
			paid('old-open', 100, { receivedAt: NOW - 40 * DAY }),
			paid('young', 100, { receivedAt: NOW - 20 * DAY }),
		];
		const step = await taken(...gifts);
		const open = (await rows()).filter(({ source_id }) => source_id !== 'old-open');
		await bookGifts(
			store,
			clock,
			open.map(({ id }) => ({ incomingId: id, personId: null })),
		);
		expect(await forgetOldEvidence(store, clock, 0)).toBe(0);
		expect(await forgetOldEvidence(store, clock, 30, 2)).toBe(5);
		expect(await forgetOldEvidence(store, clock, 30, 2)).toBe(0);
		const kept = async () => (await rows()).flatMap((row) => (row.evidence === '{}' ? [] : [row.source_id]));
		expect((await kept()).sort()).toEqual(['old-open', 'young']);
		await takeIn(store, clock, { gifts, step });
		expect((await kept()).sort()).toEqual(['old-open', 'young']);
		expect(evidenceDays({ keepGiftEvidenceDays: '30' })).toBe(30);
		expect(() => evidenceDays({ keepGiftEvidenceDays: 'lenge' })).toThrow(StepProblem);
	});

	it('goes with the person, and their gifts stay without them for good', async () => {
		const { store } = current();
		const [kari = 0, ola = 0] = await add(store, 'Kari Eksempel', 'Ola Eksempel');
		const gifts = [paid('p1', 100, { payerRef: 'sub-1' }), paid('p2', 50, { payerRef: 'sub-1' })];
		const step = await taken(...gifts);
		const [one, two] = await rows();
		await bookGifts(store, clock, [{ incomingId: one?.id ?? 0, personId: kari }]);
		await store.db
			.updateTable('incoming_gift')
			.set({ state: 'identified', person_id: kari, decided_by: 'key:payer', decided_at: NOW })
			.where('id', '=', two?.id ?? 0)
			.execute();
		await erasePerson(store, kari);
		await takeIn(store, clock, { gifts, step });
		expect(await rows()).toMatchObject([
			{ state: 'booked', person_id: null, evidence: '{}', payer_ref: null },
			{ state: 'unknown', person_id: null, evidence: '{}', payer_ref: null },
		]);
		// Not somebody else's either.
		expect(await bookGifts(store, clock, [{ incomingId: one?.id ?? 0, personId: ola }])).toMatchObject([
			{ became: 'repeated', personId: null },
		]);
		expect(await store.db.selectFrom('giver_key').selectAll().execute()).toEqual([]);
	});

	it('moves with a record that is merged into another', async () => {
		const { store } = current();
		const [kari = 0, twin = 0] = await add(store, 'Kari Eksempel', 'Kari Eksempel');
		const step = await taken(paid('p1', 100, { payerRef: 'sub-1', agreementRef: 'a1' }));
		await takeIn(store, clock, { agreements: [deal('a1')], step });
		const [row] = await rows();
		await bookGifts(store, clock, [{ incomingId: row?.id ?? 0, personId: twin }]);
		await mergePersons(store, NOW, kari, twin, 'page');
		expect(await rows()).toMatchObject([{ person_id: kari, state: 'booked' }]);
		const keys = await store.db.selectFrom('giver_key').select('person_id').execute();
		expect(keys.map((key) => key.person_id)).toEqual([kari, kari]);
		expect(await store.db.selectFrom('agreement').select('person_id').execute()).toEqual([
			{ person_id: kari },
		]);
	});
});
