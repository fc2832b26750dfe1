/** Gifts into the books: each once, of a person or of nobody, and out again to accounts. */
import { takeIn } from '../../../core/gifts/incoming';
import { giftItems } from '../../../core/gifts/item';
import { virtualClock } from '../../../core/journeys/clock';
import type { Json, Outputs } from '../../../core/step';
import { registerGift } from '../../../nodes/RegisterGift/registerGift';
import { RegisterGift } from '../../../nodes/RegisterGift/RegisterGift.node';
import { readNetsFile } from '../../../providers/bank/netsFile';
import { NOW, add, addStep, back, deal, paid } from '../gifts/money';
import { onBothDatabases } from '../stores';
import { contextOn, runStep } from './stepRun';

const clock = virtualClock(NOW);

onBothDatabases('Register Gift', (current) => {
	const run = (params: Json, items: Json[] = [{}], more = {}) =>
		runStep(registerGift, current().store, params, items, { clock, ...more });
	const taken = async (...gifts: Array<ReturnType<typeof paid>>) => {
		const step = { id: await addStep(current().store), outputs: {} };
		await takeIn(current().store, clock, { gifts, step });
		const rows = await current().store.db.selectFrom('incoming_gift').selectAll().orderBy('id').execute();
		const items = await giftItems(
			current().store,
			rows.map(({ id }) => id),
			NOW,
		);
		return rows.map(({ id }) => items.get(id) ?? {});
	};
	const gifts = () => current().store.db.selectFrom('gift').selectAll().orderBy('id').execute();
	const files = async (params: Json) => {
		const ctx = contextOn(current().store, { clock });
		const parsed = registerGift.parameters.parse(params);
		const outputs: Outputs = await registerGift.run!(ctx, parsed, [{ json: {}, index: 0, params: parsed }]);
		return { out: outputs[0]?.[0], hints: ctx.hints };
	};

	it('books each gift once, of its person or of nobody', async () => {
		const [kari = 0] = await add(current().store, 'Kari Eksempel');
		const [one = {}, two = {}] = await taken(
			paid('p1', 250, { agreementRef: 'a1', campaign: 'Vår' }),
			paid('p2', 99.5, { channel: 'bank', source: 'ocr' }),
		);
		await takeIn(current().store, clock, { agreements: [deal('a1')], step: { id: 1, outputs: {} } });
		const items = [{ ...one, person: { id: kari } }, two];
		const first = await run({ purpose: 'Hytta', receipt: true }, items);
		expect(first.outputs[0]).toMatchObject([
			{
				gift: { sourceId: 'p1', state: 'booked' },
				person: { name: 'Kari Eksempel' },
				booking: { state: 'booked', amount: 250, campaign: 'Vår', purpose: 'Hytta', channel: 'vipps' },
				receipt: { number: 1, amount: '250,00', date: '02.11.2026', name: 'Kari Eksempel' },
			},
		]);
		expect(first.outputs[1]).toMatchObject([
			{ notRegistered: expect.stringContaining('to find the person by') },
		]);
		const again = await run({ giver: 'personOrAnonymous', receipt: true }, items);
		expect(again.outputs[0]).toMatchObject([
			{ booking: { state: 'repeated', purpose: 'Hytta' }, receipt: { number: 1 } },
			{ booking: { state: 'booked', anonymous: true, amount: 99.5 }, receipt: { number: 2, name: null } },
		]);
		expect(again.hints.join()).toContain('1 registered (99,50 in all), 1 had been registered before');
		expect(await gifts()).toMatchObject([
			{ person_id: kari, amount_ore: 25_000, agreement_id: 1, receipt_no: 1 },
			{ person_id: null, amount_ore: 9_950, agreement_id: null, receipt_no: 2 },
		]);
	});

	it('leaves the sub-campaign out where nobody knows what made somebody give', async () => {
		const items = await taken(
			paid('p1', 100),
			paid('p2', 100, { kid: '0010017', channel: 'bank' }),
			paid('p3', 100, { reference: 'gave-1' }),
			paid('p4', 100, { campaign: 'Vår/Annonse' }),
		);
		const { outputs } = await run({ giver: 'anonymous', campaign: 'Jul/Brev A' }, items.slice(0, 3));
		const rest = await run({ giver: 'anonymous' }, items.slice(3));
		expect([...(outputs[0] ?? []), ...(rest.outputs[0] ?? [])].map(({ booking }) => booking)).toMatchObject([
			{ campaign: 'Jul' },
			{ campaign: 'Jul/Brev A' },
			{ campaign: 'Jul/Brev A' },
			{ campaign: 'Vår/Annonse' },
		]);
	});

	it('takes in gifts of any other node, the same number once, and refuses what is no amount', async () => {
		const [kari = 0] = await add(current().store, 'Kari Eksempel');
		const params = { amount: '1 250,50', date: '30.10.2026', giftId: 'B-7', campaign: 'Basar' };
		for (const state of ['booked', 'repeated']) {
			const { outputs } = await run(params, [{ personId: kari }]);
			expect(outputs[0]).toMatchObject([{ booking: { state, date: '2026-10-30', amount: 1250.5 } }]);
		}
		await expect(run({ amount: '1.250' }, [{ personId: kari }])).rejects.toThrow("'Amount (NOK)'");
		await expect(run({ amount: 5, date: 'i går' }, [{ personId: kari }])).rejects.toThrow("'Date'");
		const mixed = await run({ amount: 0 }, [{ personId: kari }], { continueOnFail: true });
		expect(mixed.problems).toMatchObject([{ item: 0 }]);
		expect((await run({ operation: 'sums', from: '2026-10-01' })).outputs[0]).toMatchObject([
			{ kroner: { in: 1250.5, booked: 1250.5 }, ore: { in: 125_050 }, balanced: true },
		]);
	});

	it('flags gifts for the deduction, and says whether the year comes to enough', async () => {
		const [kari = 0] = await add(current().store, 'Kari Eksempel');
		const [one = {}, two = {}, three = {}] = await taken(
			paid('p1', 300),
			paid('p2', 250),
			paid('p3', 100, { currency: 'SEK' }),
		);
		const whose = (item: Json) => ({ ...item, person: { id: kari } });
		const limits = { year: [{ year: 2025, least: 500, most: 520 }] };
		const params = { deduction: true, options: { limits } };
		expect((await run(params, [whose(one)])).outputs[0]).toMatchObject([
			{ deduction: { year: 2026, flagged: true, sum: 300, counts: false, deductible: 0 } },
		]);
		expect((await run(params, [whose(two), whose(three)])).outputs[0]).toMatchObject([
			{ deduction: { flagged: true, sum: 550, least: 500, counts: true, deductible: 520 } },
			{ deduction: { flagged: false } },
		]);
	});

	it('says where all the money is, and what cannot be registered', async () => {
		const [one = {}, two = {}] = await taken(paid('p1', 100), paid('p2', 50, { campaign: 'Vår' }));
		const step = { id: 1, outputs: {} };
		await takeIn(current().store, clock, { reversals: [back('r1', 'p1', 100), back('r9', 'p9', 1)], step });
		const { outputs } = await run({ giver: 'anonymous' }, [one, two, { gift: { id: 999 } }]);
		expect(outputs[1]?.map(({ notRegistered }) => notRegistered)).toEqual([
			'all of it has gone back',
			'is no gift that this store knows',
		]);
		const sums = await run({ operation: 'sums', groupBy: ['campaign'] });
		expect(sums.outputs[0]).toMatchObject(
			expect.arrayContaining([
				expect.objectContaining({ campaign: 'Vår', balanced: true }),
				expect.objectContaining({ campaign: null, balanced: true }),
			]) as Json[],
		);
		expect(sums.hints.join()).toContain('1 reversals wait for a gift');
		await expect(run({ operation: 'sums', from: '2026-12-01', to: '2026-11-01' })).rejects.toThrow("'From'");
	});

	it('a run by hand writes nothing', async () => {
		const [one = {}] = await taken(paid('p1', 100));
		const { outputs } = await run({ giver: 'anonymous', amount: 7 }, [one, {}], { testRun: true });
		expect(outputs[0]).toMatchObject([
			{ booking: { state: 'preview', amount: 100 } },
			{ booking: { state: 'preview', amount: 7 } },
		]);
		expect(await gifts()).toEqual([]);
	});

	it('hands the books on as CSV that runs nothing, as an OCR file, and as items', async () => {
		const items = await taken(
			paid('p1', 100, { campaign: '=cmd|calc', kid: '0010017', channel: 'bank' }),
			paid('p2', 250.5),
			paid('p3', 30, { currency: 'SEK' }),
		);
		await run({ giver: 'anonymous', receipt: true }, items);
		const csv = await files({ operation: 'exportCsv' });
		expect(csv.out?.json).toMatchObject({
			count: 3,
			sum: 350.5,
			fileName: 'gifts-2026-11-01--2026-11-02.csv',
		});
		const lines = Buffer.from(csv.out?.files?.[0]?.bytes ?? [])
			.toString()
			.split('\n');
		expect(lines[0]).toMatch(/^\ufeffGift ID;Date;Amount;Currency;Campaign/);
		expect(lines[1]).toContain(`;2026-11-02;100,00;NOK;'=cmd|calc;`);
		expect(lines[2]).toContain(';250,50;NOK;');

		const ocr = await files({ operation: 'exportOcr', account: '1234 56 78903', ocrRecipient: '12345' });
		expect(ocr.out?.json).toMatchObject({ count: 2, sum: 350.5, withoutKid: 1, leftOut: 1 });
		const bytes = Buffer.from(ocr.out?.files?.[0]?.bytes ?? []);
		expect(
			bytes
				.toString('latin1')
				.split('\r\n')
				.slice(0, -1)
				.every((line) => line.length === 80),
		).toBe(true);
		const read = readNetsFile(bytes, { now: NOW, zone: 'Europe/Oslo' });
		expect(read.payments.map(({ amountOre, kid }) => [amountOre, kid ?? ''])).toEqual(
			expect.arrayContaining([[10_000, '0010017']]),
		);
		await expect(files({ operation: 'exportOcr', account: '1234' })).rejects.toThrow("'Account'");

		const listed = await run({ operation: 'list' });
		expect(listed.outputs[0]).toMatchObject([
			{ gift: { amount: 100, receipt: 1, state: 'booked', kid: '0010017' }, person: null },
			{ gift: { amount: 250.5 } },
			{ gift: { currency: 'SEK' } },
		]);
	});
});

it('its class names the step', () => {
	expect(new RegisterGift().description.name).toBe(registerGift.name);
	expect(new RegisterGift().description.outputs).toHaveLength(registerGift.outputs.length);
});
