/** Whatever is killed when: no gift is lost, none is doubled, and the sums are those of the source. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { KyselyPlugin } from 'kysely';
import { bookGifts } from '../../../core/gifts/book';
import { takeIn } from '../../../core/gifts/incoming';
import { letOut, outboxCounts } from '../../../core/gifts/outbox';
import { sums } from '../../../core/gifts/sums';
import { virtualClock } from '../../../core/journeys/clock';
import { takeOverLeases } from '../../../core/journeys/release';
import { settingOf } from '../../../core/store/setting';
import { type Store, openStore } from '../../../core/store/store';
import { onBothDatabases } from '../stores';
import { feedOf } from './feed';
import { NOW, add, addStep, back, deal, paid, until } from './money';

const ALWAYS = { from: 0, to: Number.MAX_SAFE_INTEGER };

/** A store whose writes die before their `fatal`-th statement, as a process does. */
function dyingAt(store: Store, fatal: number): { store: Store; statements: () => number } {
	let count = 0;
	const plugin: KyselyPlugin = {
		transformQuery({ node }) {
			count += 1;
			if (count === fatal) throw new Error('killed');
			return node;
		},
		transformResult: async ({ result }) => result,
	};
	return {
		store: {
			...store,
			write: (work) => store.write(({ db, tell }) => work({ db: db.withPlugin(plugin), tell })),
		},
		statements: () => count,
	};
}

onBothDatabases('gifts and processes that die', (current) => {
	const clock = virtualClock(NOW);

	it('a taking-in or a booking that dies at any statement leaves nothing, and done again it is done once', async () => {
		const { store } = current();
		const step = { id: await addStep(store), outputs: { gift: 0, reversed: 1, agreementStarted: 2 } };
		const [kari = 0] = await add(store, 'Kari Eksempel');
		await takeIn(store, clock, { gifts: [paid('p0', 100)], reversals: [back('r2', 'p2', 10)], step });
		const page = {
			gifts: [paid('p0', 100, { kid: '0010017' }), paid('p1', 200, { payerRef: 's' }), paid('p2', 300)],
			reversals: [back('r0', 'p0', 40)],
			agreements: [deal('a1')],
			remember: { key: 'feed', value: '1' },
			step,
		};
		const size = async () => {
			const counts = await Promise.all(
				(
					['incoming_gift', 'gift_reversal', 'agreement', 'outbox', 'gift', 'change', 'giver_key'] as const
				).map(async (table) => (await store.db.selectFrom(table).selectAll().execute()).length),
			);
			return [...counts, await settingOf(store.db, 'feed')];
		};
		/** Dies at each of its statements in turn, and then not. @returns how often it died */
		const dieEverywhere = async (work: (store: Store) => Promise<unknown>) => {
			const before = await size();
			for (let fatal = 1; ; fatal += 1) {
				const dying = dyingAt(store, fatal);
				const died = await work(dying.store).then(
					() => false,
					(cause: Error) => cause.message === 'killed',
				);
				if (!died) return fatal - 1;
				expect(await size()).toEqual(before);
			}
		};
		expect(await dieEverywhere((dying) => takeIn(dying, clock, page))).toBeGreaterThan(8);
		expect(await size()).toEqual([3, 2, 1, 5, 0, 0, 0, '1']);
		const rows = await store.db.selectFrom('incoming_gift').select('id').orderBy('id').execute();
		const booking = rows.map(({ id }) => ({ incomingId: id, personId: kari, receipt: true }));
		expect(await dieEverywhere((dying) => bookGifts(dying, clock, booking))).toBeGreaterThan(8);
		expect(
			(await store.db.selectFrom('gift').select('receipt_no').execute()).map((row) => row.receipt_no),
		).toEqual([1, 2, 3]);
		expect(await sums(store, ALWAYS)).toMatchObject([
			{ in: 60_000, reversed: 5_000, booked: 55_000, inBooks: 55_000 },
		]);
	});

	it('a run whose end cannot be written down is repeated, and a store that opens anew does not wait for it', async () => {
		const { store } = current();
		const id = await addStep(store);
		await takeIn(store, clock, { gifts: [paid('p1', 100)], step: { id, outputs: { gift: 0 } } });
		let runs = 0;
		let away = false;
		const failing: Store = {
			...store,
			write: (work) => (away ? Promise.reject(new Error('The store is away.')) : store.write(work)),
		};
		const emit = async () => {
			runs += 1;
			away = runs === 1;
			return { end: 'done' as const };
		};
		const said: string[] = [];
		const stop = letOut(failing, clock, id, emit, (_, text) => void said.push(text));
		await until(() => said.length > 0);
		await stop();
		expect(await outboxCounts(store, id)).toEqual({ waiting: 0, out: 1, stuck: 0 });
		away = false;
		await takeOverLeases(store);
		const stopAgain = letOut(failing, clock, id, emit, () => undefined);
		await until(async () => (await outboxCounts(store, id)).out === 0 && runs === 2);
		await stopAgain();
		expect(await outboxCounts(store, id)).toEqual({ waiting: 0, out: 0, stuck: 0 });
	});

	it('kill -9 in the middle of feed pages and bookings', async () => {
		const { url } = current();
		const step = await addStep(current().store);
		// The embedded store is the child's from now on.
		await current().store.close();
		const [seed, pages, perPage] = [Date.now() % 100_000, 16, 6];
		const feed = feedOf(seed, pages, perPage);
		/** Kills it a moment after it has said that many words; never, when left out. @returns whether it came to its end */
		const child = async (round: number, words?: number): Promise<boolean> => {
			const args = [url, seed, pages, perPage, step, round * 600_000].map(String);
			const process_ = spawn(
				process.execPath,
				['--import', 'tsx', join(__dirname, 'feedChild.mts'), ...args],
				{
					cwd: join(__dirname, '../../..'),
					env: { ...process.env, NODE_OPTIONS: '' },
					stdio: ['ignore', 'pipe', 'inherit'],
				},
			);
			const gone = new Promise((resolve) => process_.once('exit', resolve));
			let said = 0;
			let done = false;
			createInterface({ input: process_.stdout }).on('line', (line) => {
				said += 1;
				done ||= line === 'done';
				// Some of the way into the write that it has just begun.
				if (said === words) setTimeout(() => process_.kill('SIGKILL'), seed % 7);
			});
			await gone;
			return done;
		};
		let round = 0;
		for (const words of [1 + (seed % 3), 4 + (seed % 5), 9 + (seed % 11)]) await child((round += 1), words);
		expect(await child(round + 1)).toBe(true);

		const after = await openStore({ url });
		try {
			expect({ seed, sums: await sums(after, ALWAYS) }).toMatchObject({
				seed,
				sums: [
					{
						count: feed.payments,
						in: feed.ore,
						reversed: feed.reversedOre,
						booked: feed.ore - feed.reversedOre,
						inBooks: feed.ore - feed.reversedOre,
						onTheirWay: 0,
					},
				],
			});
			const gifts = await after.db.selectFrom('gift').selectAll().orderBy('receipt_no').execute();
			expect(gifts.map(({ receipt_no }) => receipt_no)).toEqual(gifts.map((_, n) => n + 1));
			expect(gifts.filter(({ reversed_at }) => reversed_at === null)).toHaveLength(feed.standing);
		} finally {
			await after.close();
		}
	}, 180_000);
});
