/** What came in leaves by the step's outputs: at least once, again when a run fails, and in sight when none succeeds. */
import { takeIn } from '../../../core/gifts/incoming';
import { letOut, outboxCounts, releaseStuck, stuckLines } from '../../../core/gifts/outbox';
import { type VirtualClock, virtualClock } from '../../../core/journeys/clock';
import type { Json, Outputs, RunEnd } from '../../../core/step';
import { onBothDatabases } from '../stores';
import { NOW, add, addStep, at, back, paid, until } from './money';

onBothDatabases('gifts that are let out', (current) => {
	let step = 0;
	let clock: VirtualClock;
	beforeEach(async () => {
		clock = virtualClock(NOW);
		step = await addStep(current().store);
	});
	const take = (...ids: string[]) =>
		takeIn(current().store, clock, {
			gifts: ids.map((id) => paid(id, 100)),
			step: { id: step, outputs: { gift: 0, reversed: 1 } },
		});
	const left = () => outboxCounts(current().store, step);
	const NOTHING = { waiting: 0, out: 0, stuck: 0 };
	/** A step whose runs end as told, one after the other; the last word holds for all that follow. */
	const listening = (...ends: RunEnd[]) => {
		const seen: string[][] = [];
		const items: Json[] = [];
		const said: string[] = [];
		const emit = async (outputs: Outputs): Promise<RunEnd> => {
			seen.push(
				outputs.flatMap((list, n) => list.map(({ json }) => `${n}:${String(at(json, 'gift.sourceId'))}`)),
			);
			items.push(...outputs.flat().map(({ json }) => json));
			return ends[Math.min(seen.length, ends.length) - 1] ?? { end: 'done' };
		};
		const stop = letOut(
			current().store,
			clock,
			step,
			emit,
			(level, text) => void said.push(`${level} ${text}`),
		);
		return { seen, items, said, stop };
	};

	it('go at once, what waits and what comes, and are gone when the run is done', async () => {
		const [kari = 0] = await add(current().store, 'Kari Eksempel');
		await take('p1');
		await current().store.db.updateTable('incoming_gift').set({ person_id: kari }).execute();
		const flow = listening();
		await until(async () => (await left()).out + (await left()).waiting === 0);
		await take('p2');
		await until(() => flow.seen.length === 2);
		await until(async () => JSON.stringify(await left()) === JSON.stringify(NOTHING));
		await flow.stop();
		expect(flow.seen).toEqual([['0:p1'], ['0:p2']]);
		expect(flow.items[0]).toMatchObject({
			gift: {
				source: 'vipps',
				amount: 100,
				amountOre: 10_000,
				currency: 'NOK',
				receivedAt: '2026-11-02T11:00:00.000Z',
				state: 'new',
				reversed: 0,
			},
			payer: { name: 'Kari Eksempel', phoneEnd: '0001', phone: null },
			person: { id: kari, givenName: 'Kari' },
		});
	});

	it('a run that fails is repeated later and later; after five somebody has to look, and can let it go', async () => {
		await take('p1');
		const flow = listening(
			...Array.from({ length: 5 }, () => ({ end: 'failed' as const, reason: 'No SMS.' })),
			{
				end: 'done',
			},
		);
		for (let run = 1; run < 5; run += 1) {
			await until(async () => flow.seen.length === run && (await left()).waiting === 1);
			await clock.advance(run * 30_000 - 1);
			expect(flow.seen).toHaveLength(run);
			await clock.advance(1);
		}
		await until(async () => (await left()).stuck === 1);
		expect(await stuckLines(current().store)).toMatchObject([
			{ step: 'Vipps', kind: 'gift', reason: 'No SMS.' },
		]);
		await clock.advance(86_400_000);
		expect(flow.seen).toHaveLength(5);
		expect(await releaseStuck(current().store, clock)).toBe(1);
		await until(async () => JSON.stringify(await left()) === JSON.stringify(NOTHING));
		expect(flow.seen).toHaveLength(6);
		await flow.stop();
		expect(flow.said.join()).toContain('warn 1 that came in could not be passed on');
	});

	it('a process that dies under a run leaves it to the next once its lease is over', async () => {
		await take('p1');
		letOut(
			current().store,
			virtualClock(NOW),
			step,
			() => new Promise(() => undefined),
			() => undefined,
		);
		await until(async () => (await left()).out === 1);
		const flow = listening();
		await clock.advance(60_000);
		expect(flow.seen).toEqual([]);
		await clock.advance(60_000);
		await until(async () => JSON.stringify(await left()) === JSON.stringify(NOTHING));
		expect(flow.seen).toEqual([['0:p1']]);
		await flow.stop();
	});

	it('a gift that went back before it was let out is not; that one went back is told', async () => {
		await take('p1', 'p2');
		const outputs = { gift: 0, reversed: 1 };
		const back1 = [back('r1', 'p1', 100), back('r2', 'p2', 40)];
		await takeIn(current().store, clock, { reversals: back1, step: { id: step, outputs } });
		const flow = listening();
		await until(async () => JSON.stringify(await left()) === JSON.stringify(NOTHING));
		await flow.stop();
		expect(flow.seen).toEqual([['0:p2', '1:p1', '1:p2']]);
		expect(flow.items[2]).toMatchObject({
			reversal: { amount: 40, reason: 'refund' },
			gift: { reversed: 40 },
		});
	});
});
