/** What the ledger asks of the databases goes by indexes: a page of a feed costs the same among many gifts as among few. */
import { CompiledQuery, sql } from 'kysely';
import { bookGifts } from '../../../core/gifts/book';
import { giversByKey } from '../../../core/gifts/exactKeys';
import { forgetOldEvidence } from '../../../core/gifts/forget';
import { takeIn } from '../../../core/gifts/incoming';
import { letOut, outboxCounts } from '../../../core/gifts/outbox';
import { sums } from '../../../core/gifts/sums';
import { virtualClock } from '../../../core/journeys/clock';
import { type Store, openStore } from '../../../core/store/store';
import { onBothDatabases } from '../stores';
import { NOW, add, addStep, back, deal, paid, until } from './money';

const MANY = 20_000;
const HOT = ['incoming_gift', 'gift_reversal', 'giver_key', 'agreement', 'outbox', 'gift'];

interface Asked {
	statement: string;
	parameters: readonly unknown[];
}

onBothDatabases('the ledger among many gifts', (current) => {
	it('reads no table whole', async () => {
		const asked: Asked[] = [];
		const { store } = current();
		const step = await addStep(store);
		const [kari = 0] = await add(store, 'Kari Eksempel');
		await fill(store, step);
		const heard = await openStore({
			url: current().url,
			log: (statement, parameters) => void asked.push({ statement, parameters }),
		});
		const clock = virtualClock(NOW);
		try {
			asked.length = 0;
			await takeIn(heard, clock, {
				gifts: [
					paid('new-1', 100, { also: 'other-1', kid: '0010017', payerRef: 'sub-1', agreementRef: 'a5' }),
					paid('g17', 1, { kid: '0010017' }),
				],
				reversals: [back('r-1', 'g18', 1), back('r-2', 'g-none', 1)],
				agreements: [deal('a1'), deal('a-new')],
				step: { id: step, outputs: { gift: 0, reversed: 1, agreementStarted: 2, agreementStopped: 3 } },
				remember: { key: 'feed', value: '1' },
			});
			const { id } = await heard.db
				.selectFrom('incoming_gift')
				.select('id')
				.where('source', '=', 'vipps')
				.where('source_id', '=', 'new-1')
				.executeTakeFirstOrThrow();
			await giversByKey(heard.db, heard, [{ id, kid: '0010017', payerRef: 'sub-1' }]);
			await bookGifts(heard, clock, [{ incomingId: id, personId: kari, receipt: true }]);
			await sums(heard, { from: NOW - 1_000, to: NOW + 1 });
			await forgetOldEvidence(heard, clock, 365, 10);
			const stop = letOut(
				heard,
				clock,
				step,
				async () => ({ end: 'done' }),
				() => undefined,
			);
			await until(async () => {
				const { waiting, out } = await outboxCounts(store, step);
				return waiting + out === 0;
			});
			await stop();
			expect(asked.length).toBeGreaterThan(30);
			expect(await wholeReads(store, asked)).toEqual([]);
		} finally {
			await heard.close();
		}
	}, 60_000);
});

async function fill(store: Store, step: number): Promise<void> {
	const { db } = store;
	const n =
		store.dialect === 'sqlite'
			? sql`with recursive n(i) as (select 1 union all select i + 1 from n where i < ${sql.lit(MANY)})`
			: sql`with n(i) as (select generate_series(1, ${sql.lit(MANY)}))`;
	const past = sql.lit(NOW - 400 * 86_400_000);
	await sql`insert into gift (source, source_id, amount_ore, currency, given_at) ${n}
		select 'vipps', 'g' || i, 100, 'NOK', ${past} + i from n`.execute(db);
	await sql`insert into incoming_gift (source, source_id, also, amount_ore, reversed_ore, currency, received_at, channel,
			evidence, state, gift_id, created_at) ${n}
		select 'vipps', 'g' || i, 'o' || i, 100, 0, 'NOK', ${past} + i, 'vipps', '{}', 'booked', i, ${past} from n`.execute(
		db,
	);
	await sql`insert into gift_reversal (source, source_id, of, amount_ore, at, reason, incoming_gift_id) ${n}
		select 'vipps', 'b' || i, 'g' || i, 1, ${past}, 'refund', i from n`.execute(db);
	await sql`insert into giver_key (kind, value, created_at) ${n} select 'payer', 'sub-' || i, ${past} from n`.execute(
		db,
	);
	await sql`insert into agreement (source, source_id, currency, status, evidence, updated_at) ${n}
		select 'vipps', 'a' || i, 'NOK', 'active', '{}', ${past} from n`.execute(db);
	// Another step has a backlog.
	await sql`insert into outbox (step_id, output, kind, subject_id, state, attempts, due_at) ${n}
		select ${sql.lit(step + 1)}, 0, 'gift', i, 'waiting', 0, ${past} from n`.execute(db);
	await sql`analyze`.execute(db);
}

async function wholeReads(store: Store, asked: readonly Asked[]): Promise<string[]> {
	const whole: string[] = [];
	for (const { statement, parameters } of asked) {
		if (!/^\s*(with|select|insert|update|delete)/i.test(statement)) continue;
		const { rows } = await store.db.executeQuery<Record<string, string>>(
			CompiledQuery.raw(`explain ${store.dialect === 'sqlite' ? 'query plan ' : ''}${statement}`, [
				...parameters,
			]),
		);
		for (const row of rows) {
			const line = row.detail ?? row['QUERY PLAN'] ?? '';
			const alias = /^SCAN (\w+)$/.exec(line)?.[1] ?? /Seq Scan on (\w+)/.exec(line)?.[1] ?? '';
			const table = new RegExp(`"?(\\w+)"?(?: as)? "?${alias}"?\\b`).exec(statement)?.[1] ?? alias;
			if (HOT.includes(alias) || (alias !== '' && HOT.includes(table))) whole.push(`${line}: ${statement}`);
		}
	}
	return whole;
}
