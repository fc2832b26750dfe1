/** Gifts by Vipps as an office meets them: the sandbox stands in for Vipps. */
import { createHmac } from 'node:crypto';
import axios from 'axios';
import { AnswerLost } from '../../../core/ports';
import type { Json, Out, Outputs, StepContext } from '../../../core/step';
import { vippsGiftTrigger } from '../../../nodes/VippsGiftTrigger/vippsGiftTrigger';
import { sandboxCredentials } from '../../../sandbox/server';
import type { Payer } from '../../../sandbox/vipps/payers';
import { signedHeaders } from '../../../sandbox/vipps/hooks';
import { units } from '../../../sandbox/vipps/units';
import { Office, until } from '../providers/office';
import { onBothDatabases } from '../stores';

const MINUTE = 60_000;
const DAY = 86_400_000;
const STEP = 'flow-1/trigger';

onBothDatabases('Vipps Gift Trigger', (current) => {
	let office: Office;
	const stops: Array<() => Promise<void>> = [];
	beforeEach(async () => {
		office = await Office.open(current().store);
		const { id, secret, subscriptionKey, merchantSerialNumber } = sandboxCredentials.vipps;
		const baseUrl = `${office.box.url}/vipps`;
		office.credentials.vippsApi = {
			clientId: id,
			clientSecret: secret,
			subscriptionKey,
			merchantSerialNumber,
			baseUrl,
		};
		office.credentials.vippsReportApi = {
			clientId: sandboxCredentials.vippsReport.id,
			clientSecret: sandboxCredentials.vippsReport.secret,
			baseUrl,
		};
	});
	afterEach(async () => {
		for (const stop of stops.splice(0)) await stop();
		vipps().empty();
		await office.close();
	});

	const vipps = () => office.box.world.vipps;
	const later = (ms: number) => office.clock.turnTo(office.clock.offset() + ms);
	let payers = 0;
	const payer = (name: string): Payer => {
		payers += 1;
		const phone = `+4740000${100 + payers}`;
		const { id } = office.box.world.people.know({ phone })!;
		const known = vipps().payer(id)!;
		const [givenName = '', familyName = ''] = name.split(' ');
		return { ...known, name, givenName, familyName };
	};
	const place = (over: Partial<StepContext> = {}): Partial<StepContext> => ({
		place: { ...office.ctx().place, step: STEP },
		...over,
	});
	/** What each output has let out so far. */
	const listen = async (raw: Json = {}, over: Partial<StepContext> = {}) => {
		const out: Json[][] = [[], [], [], []];
		const stop = await vippsGiftTrigger.listen!(
			office.ctx(place(over)),
			vippsGiftTrigger.parameters.parse(raw),
			async (outputs: Outputs) => {
				outputs.forEach((items: Out[], index) => out[index]?.push(...items.map(({ json }) => json)));
				return { end: 'done' };
			},
		);
		stops.push(stop);
		return Object.assign(out, { stop });
	};
	const gift = (json: Json | undefined) => json?.gift as Json;
	const ledger = () =>
		office.store.db.selectFrom('incoming_gift').selectAll().orderBy('received_at').orderBy('id').execute();

	describe('the Donations report', () => {
		beforeEach(() => {
			vipps().profile.donationsLagMs = 0;
		});

		test('each gift comes once, with name, number, message and the campaign of its link', async () => {
			const out = await listen({ pollMinutes: 5 });
			vipps().donations.give(payer('Kari Eksempel'), {
				amountOre: 50_000,
				message: 'Til barna',
				reference: 'jul-2026',
			});
			later(5 * MINUTE);
			await until(() => out[0]!.length === 1);
			expect(gift(out[0]![0])).toMatchObject({
				source: 'vipps',
				amount: 500,
				campaign: 'jul-2026',
				message: 'Til barna',
				state: 'new',
			});
			expect(out[0]![0]).toMatchObject({
				payer: { name: 'Kari Eksempel', phone: expect.stringMatching(/^\+4740000/) },
			});
			later(5 * MINUTE);
			vipps().donations.give(payer('Per Eksempel'), { amountOre: 10_000 });
			later(5 * MINUTE);
			await until(() => out[0]!.length === 2);
			expect(await ledger()).toHaveLength(2);
		});

		test('pages that repeat their last payments, and several payments in one second, lose and double none', async () => {
			vipps().profile.donationsPageSize = 3;
			const out = await listen({ pollMinutes: 5 });
			const at = office.clock.now();
			for (let one = 0; one < 11; one += 1)
				// Two in the same second each time: the page ends between them.
				vipps().donations.give(
					payer('Kari Eksempel'),
					{ amountOre: 100 + one },
					at + Math.floor(one / 2) * 1_000,
				);
			later(5 * MINUTE);
			await until(() => out[0]!.length === 11);
			expect((await ledger()).map(({ amount_ore }) => amount_ore)).toEqual(
				Array.from({ length: 11 }, (_, one) => 100 + one),
			);
		});

		test('a payment that comes into the report after later ones is found, as far back as is looked', async () => {
			const out = await listen({ pollMinutes: 5, options: { lookBackMinutes: 60 } });
			const before = office.clock.now();
			later(20 * MINUTE);
			vipps().donations.give(payer('Kari Eksempel'), { amountOre: 20_000 });
			later(5 * MINUTE);
			await until(() => out[0]!.length === 1);
			vipps().donations.give(payer('Sen Eksempel'), { amountOre: 30_000 }, before + MINUTE);
			later(5 * MINUTE);
			await until(() => out[0]!.length === 2);
			expect(out[0]![1]).toMatchObject({ gift: { amount: 300 }, payer: { name: 'Sen Eksempel' } });
		});

		test('a reading that breaks off between two pages goes on there', async () => {
			vipps().profile.donationsPageSize = 3;
			const { http } = office.ctx();
			let pages = 0;
			const out = await listen(
				{ pollMinutes: 5 },
				{
					http: async (request) => {
						if (!request.url.includes('/reports/payments')) return http(request);
						pages += 1;
						// The first round finds nothing yet; the second breaks off in the middle of its pages.
						if (pages === 3) throw new AnswerLost('127.0.0.1 gave no answer (ECONNRESET)');
						return http(request);
					},
				},
			);
			const at = office.clock.now();
			for (let one = 0; one < 7; one += 1)
				vipps().donations.give(payer('Kari Eksempel'), { amountOre: 100 + one }, at + one * 1_000);
			later(5 * MINUTE);
			await until(() => pages === 3 && out[0]!.length === 3);
			later(5 * MINUTE);
			await until(() => out[0]!.length === 7);
			expect(await ledger()).toHaveLength(7);
		});

		test('after a stop it goes on where it was; what was paid before it began stays out', async () => {
			vipps().donations.give(payer('Gammel Eksempel'), { amountOre: 100 }, office.clock.now() - DAY);
			const first = await listen({ pollMinutes: 5 });
			await first.stop();
			vipps().donations.give(payer('Kari Eksempel'), { amountOre: 20_000 });
			later(3 * DAY);
			const second = await listen({ pollMinutes: 5 });
			await until(() => second[0]!.length === 1);
			expect((await ledger()).map(({ amount_ore }) => amount_ore)).toEqual([20_000]);
		});

		test('it begins where the form says', async () => {
			vipps().donations.give(
				payer('Gammel Eksempel'),
				{ amountOre: 100 },
				Date.parse('2026-01-31T10:00:00Z'),
			);
			vipps().donations.give(payer('Kari Eksempel'), { amountOre: 200 }, Date.parse('2026-02-01T10:00:00Z'));
			const out = await listen({ since: '2026-02-01T00:00:00' });
			await until(() => out[0]!.length === 1);
			expect(gift(out[0]![0])).toMatchObject({ amount: 2 });
		});

		test('two processes that listen take in each gift once', async () => {
			const one = await listen({ pollMinutes: 5 });
			const other = await listen({ pollMinutes: 5 });
			for (let round = 1; round <= 4; round += 1) {
				vipps().donations.give(payer('Kari Eksempel'), { amountOre: 100 * round });
				later(5 * MINUTE);
				await until(() => one[0]!.length + other[0]!.length === round);
			}
			expect(await ledger()).toHaveLength(4);
		});

		test('an agreement that a payment names is asked for, and told of when it began after we did', async () => {
			const old = vipps().donations.start(payer('Gammel Eksempel'), { amountOre: 10_000 });
			later(31 * DAY);
			const out = await listen({ pollMinutes: 5 });
			vipps().donations.start(payer('Kari Eksempel'), { amountOre: 20_000, reference: 'fadder' });
			later(5 * MINUTE);
			await until(() => out[2]!.length === 1 && out[0]!.length === 1);
			expect(out[2]![0]).toMatchObject({
				agreement: {
					source: 'vipps',
					status: 'active',
					amount: 200,
					interval: 'monthly',
					campaign: 'fadder',
				},
				payer: { name: 'Kari Eksempel' },
			});
			expect(gift(out[0]![0]).agreement).toBe((out[2]![0]!.agreement as Json).sourceId);
			later(31 * DAY);
			await until(async () =>
				(await office.store.db.selectFrom('agreement').select('source_id').execute()).some(
					(row) => row.source_id === old.id,
				),
			);
			expect(out[2]).toHaveLength(1);
		});

		test('an agreement that stops is told of by webhook; word of its start that comes late changes nothing', async () => {
			const raw = { pollMinutes: 60, agreementWebhooks: true };
			const out = await listen(raw);
			const { answers } = await office.publish(vippsGiftTrigger, raw, STEP);
			expect([...vipps().hooks.hooks.values()].flatMap(({ events }) => events).sort()).toEqual([
				'donations.agreement.amount-changed.v1',
				'donations.agreement.started.v1',
				'donations.agreement.stopped.v1',
				'donations.agreement.withdrawal-day-changed.v1',
			]);
			later(1_000);
			const agreement = vipps().donations.start(payer('Kari Eksempel'), { amountOre: 20_000 });
			await until(() => out[2]!.length === 1);
			const { last } = vipps().hooks;
			vipps().donations.stop(agreement, 'USER');
			await until(() => out[3]!.length === 1);
			expect(out[3]![0]).toMatchObject({ agreement: { status: 'stopped', sourceId: agreement.id } });
			await vipps().hooks.send(last!.url, last!.headers, last!.body);
			expect(answers).toEqual([200, 200, 200]);
			expect(await office.store.db.selectFrom('agreement').select('status').execute()).toEqual([
				{ status: 'stopped' },
			]);
			expect(out[2]).toHaveLength(1);
		});

		test('a run by hand shows the newest gifts and takes none in', async () => {
			for (let one = 1; one <= 12; one += 1)
				vipps().donations.give(
					payer('Kari Eksempel'),
					{ amountOre: one * 100 },
					office.clock.now() - (13 - one) * MINUTE,
				);
			const out = await listen({}, { testRun: true });
			expect(out[0]!.map((json) => gift(json).amount)).toEqual([3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
			expect(out[0]![0]).toMatchObject({
				gift: { id: null },
				payer: { name: 'Kari Eksempel' },
				person: null,
			});
			expect(await ledger()).toEqual([]);
		});

		test('keys that Vipps refuses are told at once; a Vipps that is away is asked again', async () => {
			office.credentials.vippsReportApi = { ...office.credentials.vippsReportApi, clientSecret: 'wrong' };
			await expect(listen()).rejects.toThrow(
				"Vipps does not accept these 'Client ID' and 'Client Secret' (401",
			);
			office.credentials.vippsReportApi.clientSecret = sandboxCredentials.vippsReport.secret;
			const { http } = office.ctx();
			let away = true;
			const out = await listen(
				{ pollMinutes: 5 },
				{
					http: async (request) =>
						away && request.url.includes('/donations/')
							? {
									status: 429,
									headers: { 'retry-after': '1200' },
									body: { statusCode: 429, message: 'Rate limit' },
								}
							: http(request),
				},
			);
			vipps().donations.give(payer('Kari Eksempel'), { amountOre: 100 });
			away = false;
			later(10 * MINUTE);
			expect(await ledger()).toEqual([]);
			later(11 * MINUTE);
			await until(() => out[0]!.length === 1);
			expect(office.logs.join()).toContain('Vipps asked us to wait (429)');
		});
	});

	describe('the Report API', () => {
		const NUMBER = units.number.ledgerId;
		beforeEach(() => {
			vipps().profile.reportLagMs = 0;
			vipps().profile.reportPageSize = 3;
		});

		test('captures are gifts with name, four digits and message; payouts and fees never are', async () => {
			const out = await listen({ source: 'report', ledgers: [NUMBER], pollMinutes: 60 });
			for (let one = 1; one <= 5; one += 1)
				vipps().payNumber(payer('Kari Eksempel'), one * 10_000, `Gave ${one}`);
			later(2 * DAY);
			await until(() => out[0]!.length === 5);
			expect(out[0]![0]).toMatchObject({
				gift: { source: 'vipps', amount: 100, message: 'Gave 1' },
				payer: { name: 'Kari Eksempel', phone: null, phoneEnd: expect.stringMatching(/^\d{4}$/) },
			});
			const types = vipps().ledgers.flatMap(({ entries }) => entries.funds.map(({ entryType }) => entryType));
			expect(types).toContain('payout-scheduled');
			expect(types).toContain('fees-retained');
			expect((await ledger()).reduce((sum, { amount_ore }) => sum + amount_ore, 0)).toBe(150_000);
		});

		test('refunds and disputes take a gift back, and a dispute that is won gives it again', async () => {
			const out = await listen({ source: 'report', ledgers: [NUMBER], pollMinutes: 60 });
			const whole = vipps().payNumber(payer('Kari Eksempel'), 10_000, '');
			const part = vipps().payNumber(payer('Per Eksempel'), 20_000, '');
			later(60 * MINUTE);
			await until(() => out[0]!.length === 2);
			vipps().money.dispute(whole);
			vipps().money.refund(part, 5_000);
			later(60 * MINUTE);
			await until(() => out[1]!.length === 2);
			expect(out[1]!.map(({ reversal }) => reversal)).toEqual([
				expect.objectContaining({ amount: 100, reason: 'dispute' }),
				expect.objectContaining({ amount: 50, reason: 'refund' }),
			]);
			expect((await ledger()).map(({ state, reversed_ore }) => [state, reversed_ore])).toEqual([
				['reversed', 10_000],
				['new', 5_000],
			]);
			vipps().money.dispute(whole, true);
			later(60 * MINUTE);
			await until(async () => (await ledger())[0]!.reversed_ore === 0);
		});

		test('the cursor is kept: a feed is read once, also by the next process', async () => {
			const first = await listen({ source: 'report', ledgers: [NUMBER], pollMinutes: 60 });
			for (let one = 1; one <= 4; one += 1) vipps().payNumber(payer('Kari Eksempel'), one * 10_000, '');
			later(60 * MINUTE);
			await until(() => first[0]!.length === 4);
			await first.stop();
			const urls: string[] = [];
			const { http } = office.ctx();
			await listen(
				{ source: 'report', ledgers: [NUMBER], pollMinutes: 60 },
				{
					http: (request) => {
						if (request.url.includes('/feed')) urls.push(JSON.stringify(request.query));
						return http(request);
					},
				},
			);
			expect(urls).toHaveLength(1);
			expect(urls[0]).toContain('cursor');
			expect(urls[0]).toContain('"includeGDPRSensitiveData":"true"');
		});

		test('a gift that both the Donations report and the ledger tell of is one, with what both know', async () => {
			vipps().profile.donationsLagMs = 0;
			const out = await listen({ pollMinutes: 60 });
			vipps().donations.give(payer('Kari Eksempel'), { amountOre: 50_000, message: 'Hei' });
			const raw = { source: 'report', ledgers: [units.donations.ledgerId], pollMinutes: 60 };
			const second = await listen(raw, { place: { ...office.ctx().place, step: 'flow-1/other' } });
			later(61 * MINUTE);
			await until(
				async () => (await ledger()).length === 1 && (await ledger())[0]!.evidence.includes('+4740000'),
			);
			later(61 * MINUTE);
			expect(out[0]!.length + second[0]!.length).toBe(1);
		});

		test('without a ledger, those of the recipients are read', async () => {
			const raw = { source: 'report', recipientHandles: units.number.handle, pollMinutes: 60 };
			const out = await listen(raw);
			vipps().payNumber(payer('Kari Eksempel'), 10_000, '');
			later(60 * MINUTE);
			await until(() => out[0]!.length === 1);
			const shown = await listen(raw, { testRun: true });
			expect(shown[0]).toMatchObject([{ gift: { amount: 100 } }]);
		});

		test('the ledgers to choose from are named; one that is not theirs is refused by its field', async () => {
			const choices = await vippsGiftTrigger.choices!.ledgers!(office.ctx(), { source: 'report' });
			expect(choices).toContainEqual({
				name: units.number.name,
				value: NUMBER,
				description: units.number.handle,
			});
			const own = await vippsGiftTrigger.choices!.ledgers!(office.ctx(), { source: 'reportSalesUnit' });
			expect(own.map(({ value }) => value)).toEqual([units.api.ledgerId]);
			await expect(listen({ source: 'report' })).rejects.toThrow("'Ledgers' is empty.");
			await expect(listen({ source: 'report', ledgers: ['999'] })).rejects.toThrow(
				"'Ledgers': Vipps knows no ledger 999",
			);
		});
	});

	describe('payments by webhook', () => {
		const raw = { source: 'payments', pollMinutes: 60 };
		const order = (
			amountOre: number,
			scopes: Array<'name' | 'phoneNumber'> = [],
			reference = 'gave-0000-0001',
		) =>
			vipps().epayments.create(
				{
					reference,
					amountOre,
					description: 'Gave',
					returnUrl: null,
					userFlow: 'WEB_REDIRECT',
					msisdn: null,
					scopes,
					metadata: { campaign: 'jul-2026', purpose: 'barn' },
					expiresAt: undefined,
				},
				'k',
			)!;
		const published = async (more: Json = {}) => {
			const out = await listen({ ...raw, ...more });
			const hook = await office.publish(vippsGiftTrigger, { ...raw, ...more }, STEP);
			return { out, hook };
		};

		test('a captured payment is a gift, with its campaign and what the payer shares', async () => {
			const { out, hook } = await published();
			const payment = order(50_000, ['name', 'phoneNumber']);
			vipps().epayments.approve(payment, payer('Kari Eksempel'));
			vipps().epayments.capture(payment, 50_000);
			await until(() => out[0]!.length === 1);
			expect(out[0]![0]).toMatchObject({
				gift: {
					source: 'vippsPayment',
					amount: 500,
					campaign: 'jul-2026',
					purpose: 'barn',
					reference: 'gave-0000-0001',
				},
				payer: { name: 'Kari Eksempel', phone: expect.stringMatching(/^\+4740000/) },
			});
			vipps().epayments.refund(payment, 20_000);
			await until(() => out[1]!.length === 1);
			expect(out[1]![0]).toMatchObject({ reversal: { amount: 200, reason: 'refund' } });
			await until(() => hook.answers.length === 3);
			expect(hook.answers).toEqual([200, 200, 200]);
			expect(await ledger()).toHaveLength(1);
		});

		test('approved payments of other pages are captured where that is wished', async () => {
			const { out } = await published({ capture: true });
			const payment = order(30_000);
			vipps().epayments.approve(payment, payer('Kari Eksempel'));
			await until(() => out[0]!.length === 1);
			expect(payment.captures).toHaveLength(1);
		});

		test('told twice, out of order and again a week later, it is one gift', async () => {
			const { out, hook } = await published();
			const payment = order(50_000);
			vipps().epayments.approve(payment, payer('Kari Eksempel'));
			vipps().epayments.capture(payment, 50_000);
			await until(() => out[0]!.length === 1 && hook.answers.length === 2);
			const { last } = vipps().hooks;
			later(7 * DAY);
			expect(await vipps().hooks.send(last!.url, last!.headers, last!.body)).toBe(200);
			later(2 * DAY);
			expect(await vipps().hooks.send(last!.url, last!.headers, last!.body)).toBe(401);
			expect(hook.answers.filter((status) => status === 200)).toHaveLength(3);
			expect(await ledger()).toHaveLength(1);
			expect(out[0]).toHaveLength(1);
		});

		test('a call that is not Vipps’s own is refused: forged, changed, cut short, encoded anew, led elsewhere', async () => {
			const { out } = await published();
			const [hook] = vipps().hooks.hooks.values();
			const payment = order(50_000);
			vipps().epayments.approve(payment, payer('Kari Eksempel'));
			const body = JSON.stringify({
				msn: '123456',
				reference: payment.reference,
				name: 'CAPTURED',
				success: true,
			});
			const headers = signedHeaders(hook!.url, Buffer.from(body), hook!.secret, office.clock.now());
			const send = (bytes: string, more: Record<string, string> = {}, url = hook!.url) =>
				vipps().hooks.send(url, { ...headers, ...more }, bytes);
			const forged = signedHeaders(hook!.url, Buffer.from(body), 'guess', office.clock.now());
			expect(await send(body, forged)).toBe(401);
			expect(await send(body.replace('true', 'null'))).toBe(401);
			expect(await send(body.slice(0, -1))).toBe(401);
			expect(await send(JSON.stringify(JSON.parse(body), null, 1))).toBe(401);
			expect(await send(body, { 'x-ms-date': new Date(0).toUTCString() })).toBe(401);
			expect(await send(body, {}, hook!.url.replace('signal=payments', 'signal=stopped'))).toBe(401);
			const { status } = await axios.post(hook!.url, body, { validateStatus: () => true });
			expect(status).toBe(401);
			// With a hash that fits the changed body, the signature does not.
			const changed = body.replace('gave-0000-0001', 'gave-0000-0002');
			const hash = createHmac('sha256', '').update(changed).digest('base64');
			expect(await send(changed, { 'x-ms-content-sha256': hash })).toBe(401);
			expect(await send(body)).toBe(200);
			expect(out[0]).toEqual([]);
		});

		test('agreements start and stop, and their charges are gifts by the giver who shares who they are', async () => {
			const { out } = await published();
			const { recurring } = vipps();
			const kari = payer('Kari Eksempel');
			const agreement = recurring.draft({
				pricing: { type: 'LEGACY', amount: 30_000 },
				interval: { unit: 'MONTH', count: 1 },
				productName: 'Fast giver',
				productDescription: '',
				merchantRedirectUrl: 'https://example.org/takk',
				merchantAgreementUrl: 'https://example.org/min-side',
				externalId: null,
				msisdn: null,
				scopes: ['name', 'phoneNumber'],
				initialCharge: {
					amountOre: 30_000,
					transactionType: 'DIRECT_CAPTURE',
					description: 'Første gave',
					due: office.clock.now(),
					retryDays: 0,
					orderId: null,
					externalId: null,
					type: 'INITIAL',
				},
			});
			later(1_000);
			recurring.accept(agreement, kari);
			await until(() => out[0]!.length === 1 && out[2]!.length === 1);
			expect(out[0]![0]).toMatchObject({
				gift: { source: 'vippsRecurring', amount: 300, agreement: agreement.id },
				payer: { name: 'Kari Eksempel' },
			});
			expect(out[2]![0]).toMatchObject({
				agreement: { source: 'vippsRecurring', sourceId: agreement.id, amount: 300, interval: 'month' },
			});
			recurring.stop(agreement, 'USER');
			await until(() => out[3]!.length === 1);
			expect(out[3]![0]).toMatchObject({ agreement: { status: 'stopped', stoppedBy: 'user' } });
		});

		test('where the ledger of the sales unit is read too, a payment is one gift, whichever is first', async () => {
			vipps().profile.reportLagMs = 0;
			const report = { source: 'report', ledgers: [units.api.ledgerId], pollMinutes: 60 };
			const other = { place: { ...office.ctx().place, step: 'flow-1/other' } };
			const reported = await listen(report, other);
			const early = order(10_000, [], 'gave-0000-0001');
			vipps().epayments.approve(early, payer('Kari Eksempel'));
			vipps().epayments.capture(early, 10_000);
			later(60 * MINUTE);
			await until(() => reported[0]!.length === 1);
			const { out } = await published();
			vipps().epayments.refund(early, 10_000);
			await until(async () => (await ledger())[0]!.reference === 'gave-0000-0001');
			const late = order(20_000, [], 'gave-0000-0002');
			vipps().epayments.approve(late, payer('Per Eksempel'));
			vipps().epayments.capture(late, 20_000);
			await until(() => out[0]!.length === 1);
			later(60 * MINUTE);
			await until(() => reported[1]!.length + out[1]!.length >= 1);
			expect((await ledger()).map((row) => [row.source, row.amount_ore, row.reversed_ore])).toEqual([
				['vipps', 10_000, 10_000],
				['vippsPayment', 20_000, 0],
			]);
		});

		test('a registration that is gone is made anew, one whose secret is lost is replaced, and a gone step leaves none', async () => {
			const { out, hook } = await published();
			const ids = () => [...vipps().hooks.hooks.keys()];
			const [first] = ids();
			/** Whoever asks Vipps has written down what came of it. */
			const roundIsOver = () =>
				until(async () => {
					const turn = await office.store.db
						.selectFrom('rate')
						.select('free_at')
						.where('key', 'like', 'turn vipps:%')
						.executeTakeFirst();
					return turn?.free_at === 0;
				});
			// Published anew: the same registration.
			await vippsGiftTrigger.registered!(
				office.ctx(place()),
				vippsGiftTrigger.parameters.parse(raw),
				hook.url,
			);
			expect(ids()).toEqual([first]);
			vipps().hooks.remove(first!);
			later(60 * MINUTE);
			await until(() => ids().length === 1);
			await roundIsOver();
			const [second] = ids();
			// The store comes back from a copy that never knew the secret.
			await office.store.db.deleteFrom('setting').where('key', 'like', 'vippsWebhooks:%').execute();
			later(60 * MINUTE);
			await until(() => ids().length === 1 && ids()[0] !== second);
			await roundIsOver();
			const kept = await office.store.db
				.selectFrom('setting')
				.select('value')
				.where('key', 'like', 'vippsWebhooks:%')
				.executeTakeFirstOrThrow();
			expect(kept.value).not.toContain([...vipps().hooks.hooks.values()][0]!.secret);
			const payment = order(50_000);
			vipps().epayments.approve(payment, payer('Kari Eksempel'));
			vipps().epayments.capture(payment, 50_000);
			await until(() => out[0]!.length === 1);
			const gone = vippsGiftTrigger.unregistered!(office.ctx(place()));
			await until(async () => {
				const rows = await office.store.db.selectFrom('setting').select('value').execute();
				return rows.some(({ value }) => value.includes('goneAt'));
			});
			later(2 * MINUTE);
			await gone;
			expect(ids()).toEqual([]);
		});

		test('what cannot be looked up now is told again by Vipps, and counts once', async () => {
			const out = await listen(raw);
			const { http } = office.ctx();
			let away = true;
			const ctx = office.ctx.bind(office);
			jest.spyOn(office, 'ctx').mockImplementation((over = {}) =>
				ctx({
					...over,
					http: async (request) =>
						away && request.url.includes('/epayment/')
							? { status: 503, headers: {}, body: '' }
							: http(request),
				}),
			);
			const hook = await office.publish(vippsGiftTrigger, raw, STEP);
			const payment = order(50_000);
			vipps().epayments.approve(payment, payer('Kari Eksempel'));
			vipps().epayments.capture(payment, 50_000);
			await until(() => hook.answers.length === 1);
			expect(hook.answers).toEqual([503]);
			away = false;
			later(5_000);
			await until(() => out[0]!.length === 1);
		});
	});
});
