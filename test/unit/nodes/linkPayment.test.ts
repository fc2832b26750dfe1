import fc from 'fast-check';
import { erasePerson } from '../../../core/register/erasePerson';
import { mergePersons } from '../../../core/register/mergePersons';
import { REACHED, enterGate } from '../../../core/journeys/gate';
import { registerStep } from '../../../core/journeys/journey';
import { readTraveller } from '../../../core/journeys/traveller';
import type { Json } from '../../../core/step';
import { readDonation } from '../../../nodes/LinkPayment/donation';
import { kronerText, oreOf, readKroner } from '../../../nodes/LinkPayment/kroner';
import { linkPayment } from '../../../nodes/LinkPayment/linkPayment';
import { linkTrigger } from '../../../nodes/LinkTrigger/linkTrigger';
import { storeMark } from '../../../providers/callback';
import { referenceOf } from '../../../providers/link/reference';
import { type CommonReport, readCommonPush } from '../../../providers/linkCommon/reports';
import { settlePayments } from '../../../providers/linkCommon/settle';
import { Office, until } from '../providers/office';
import { onBothDatabases } from '../stores';

describe('amounts', () => {
	const ore = fc.integer({ min: 1, max: 100_000_000 });
	const grouped = (kroner: number) => String(kroner).replace(/\B(?=(\d{3})+$)/g, ' ');
	/** Ways in which people write one amount. */
	const written = (amount: number): string[] => {
		const [kroner, rest] = [Math.trunc(amount / 100), amount % 100];
		const tail = rest === 0 ? '' : `,${String(rest).padStart(2, '0')}`;
		const number = `${kroner}${tail}`;
		return [
			number,
			number.replace(',', '.'),
			`${grouped(kroner)}${tail}`,
			`kr ${number}`,
			`Kr. ${number}`,
			`${number} kr`,
			`${number}kr.`,
			`${number} kroner!`,
			`NOK ${number}`,
			...(rest === 0 ? [`${kroner},-`, `${kroner},00`] : []),
		];
	};

	test('however it is written, an amount is read to the øre', () => {
		fc.assert(
			fc.property(ore, (amount) => {
				for (const text of written(amount)) expect([text, readKroner(text)]).toEqual([text, amount]);
				expect(oreOf(amount / 100)).toBe(amount);
				expect(readKroner(kronerText(amount))).toBe(amount);
			}),
		);
	});

	test('what is read is an amount above zero, and nothing but digits made it', () => {
		const piece = fc.constantFrom(
			'1',
			'0',
			'25',
			'100',
			' ',
			',',
			'.',
			',-',
			'kr',
			'-',
			'NOK',
			'e',
			'\u00a0',
			'½',
			'٣',
			'x',
		);
		fc.assert(
			fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
				const text = pieces.join('');
				const read = readKroner(text);
				if (read === undefined) return;
				expect(Number.isSafeInteger(read) && read > 0).toBe(true);
				const digits = text.replace(/\D/g, '').replace(/^0+/, '');
				expect([String(read), String(read / 100)]).toContain(digits);
			}),
			{ numRuns: 2_000 },
		);
	});

	test.each([
		'1.000',
		'1,000',
		'12,5',
		'-5',
		'0',
		'0,00',
		'1e3',
		'100 eller 200',
		'½',
		'',
		'hundre',
		'100 % av lønna',
		'1 00',
		'99999999999',
	])('%j is not read: it is nobody’s guess what somebody pays', (text) =>
		expect(readKroner(text)).toBeUndefined(),
	);

	test.each([[0], [-1], [Number.NaN], [Infinity], [0.001], [1 / 3], [1e9]])(
		'%s kroner are no amount',
		(value) => expect(oreOf(value)).toBeUndefined(),
	);
	test('decimals that a computer cannot hold exactly are still øre', () => {
		expect(oreOf(0.1 + 0.2)).toBe(30);
		expect(oreOf(19.99)).toBe(1_999);
		expect(oreOf('49,50')).toBe(4_950);
	});
});

describe('a donation by keyword', () => {
	const wanted = { keywords: ['gave', 'STØTT'], withoutAmount: 0 };
	test.each([
		['GAVE 100', 10_000],
		['gave 100 kr', 10_000],
		['Gave kr. 49,50', 4_950],
		['GAVE100', 10_000],
		['  gave:\n 1 000 ', 100_000],
		['støtt 50,-', 5_000],
		['STO\u0308TT 50', undefined],
		['GAVEKORT 100', undefined],
		['gave', undefined],
		['gave 100 200 kroner takk', undefined],
		['gave 50 til meg og 50 til deg', undefined],
		['GAVE -100', undefined],
		['100 GAVE', undefined],
	])('%j is %s øre', (text, ore) => {
		const read = readDonation(text, wanted);
		expect('ore' in read ? read.ore : undefined).toBe(ore);
		if ('reason' in read) expect(read.reason).not.toContain('100');
	});

	test('the keyword alone is the usual amount, when one is set', () => {
		expect(readDonation('Gave', { ...wanted, withoutAmount: 5_000 })).toEqual({
			keyword: 'GAVE',
			ore: 5_000,
		});
	});

	test('any amount behind any case of the keyword is that amount', () => {
		fc.assert(
			fc.property(
				fc.integer({ min: 1, max: 9_999 }),
				fc.constantFrom('gave', 'GAVE', 'Gave', 'gAvE'),
				(kroner, word) => {
					expect(readDonation(`${word} ${kroner}`, wanted)).toEqual({ keyword: 'GAVE', ore: kroner * 100 });
				},
			),
		);
	});
});

const form = {
	operation: 'charge',
	shortNumber: '2333',
	amount: 100,
	text: 'Takk, {{ person.givenName }}! {{ charge.kroner }} kr.',
	campaign: 'Vår 2026',
};
const answering = {
	operation: 'answerDonation',
	keywords: 'GAVE',
	text: 'Takk for gaven på {{ charge.kroner }} kr!',
	campaign: 'SMS',
};
const paymentOf = (json: Json | undefined) => (json?.payment ?? {}) as Record<string, unknown>;

onBothDatabases('LINK Payment', (current) => {
	let office: Office;
	beforeEach(async () => {
		office = await Office.open(current().store);
		office.joinCommon();
	});
	afterEach(() => office.close());
	const common = () => office.box.world.linkCommon;
	const db = () => office.store.db;
	const gifts = () => db().selectFrom('gift').selectAll().orderBy('id').execute();
	const charges = () => db().selectFrom('charge').selectAll().orderBy('dispatch_id').execute();
	const travellersOf = async (...members: Parameters<Office['members']>) => {
		const people = await office.members(...members);
		return { people, travellers: await office.travellers(people.map(({ person }) => person.id)) };
	};
	const withoutTrigger = () => {
		office.credentials.linkCommonApi = { ...office.credentials.linkCommonApi, gateIds: 'g1' };
		common().gates.set('g1', { id: 'g1', destinations: [{ url: 'do://drop' }] });
	};
	const report = async (
		dispatchId: number,
		resultCode: number,
		at = office.clock.now(),
	): Promise<CommonReport> => {
		const push = readCommonPush(
			{
				id: `m${dispatchId}`,
				refId: referenceOf(await storeMark(office.store), dispatchId),
				resultCode,
				segments: 1,
				timestamp: new Date(at).toISOString(),
			},
			at,
		);
		return push as CommonReport;
	};
	const settle = async (...reports: CommonReport[]) =>
		settlePayments(office.store, office.clock, reports, await storeMark(office.store));

	test('ordered, reported paid, registered as a gift: once, also when the run is repeated', async () => {
		await office.publish(linkTrigger);
		const { people, travellers } = await travellersOf({ givenName: 'Kari' }, { givenName: 'Ola' });
		const { first, second } = await office.run(linkPayment, form, travellers);
		expect(second).toEqual([]);
		expect(first.map(paymentOf)).toMatchObject([
			{ state: 'ordered', kroner: 100, ore: 10_000, from: '2333' },
			{ state: 'ordered', kroner: 100, ore: 10_000 },
		]);
		await until(async () => (await gifts()).length === 2);
		// Their reports come side by side: whose is the first is nobody's promise.
		const byPerson = (await gifts()).sort((a, b) => (a.person_id ?? 0) - (b.person_id ?? 0));
		expect(byPerson).toMatchObject(
			people.map(({ person }) => ({
				person_id: person.id,
				source: 'link-payment',
				amount_ore: 10_000,
				currency: 'NOK',
				campaign: 'Vår 2026',
				channel: 'sms',
			})),
		);
		expect((await charges()).map(({ state, code }) => [state, code])).toEqual([
			['paid', 1001],
			['paid', 1001],
		]);
		expect(common().taken[0]).toMatchObject({
			source: '2333',
			sourceTON: 'SHORTNUMBER',
			tariff: 10_000,
			currency: 'NOK',
			productCategory: 17,
			userData: 'Takk, Kari! 100 kr.',
		});
		await office.run(linkPayment, form, travellers);
		expect(common().taken).toHaveLength(2);
		expect(await gifts()).toHaveLength(2);
	});

	test('GAVE 100 comes in, is answered with a receipt of 100 kr, and is a gift when it is paid', async () => {
		const hook = await office.publish(linkTrigger, {
			events: ['inbound'],
			routes: { route: [{ keyword: 'GAVE', match: 'FIRST_WORD', number: '2333' }] },
		});
		const [kari] = await office.members({ givenName: 'Kari' });
		await common().reply(String(kari!.person.phone), 'Gave 100');
		await until(() => hook.items.length === 1);
		const item = hook.items[0]!;
		const { first } = await office.run(linkPayment, answering, [item]);
		expect(paymentOf(first[0])).toMatchObject({
			state: 'ordered',
			ore: 10_000,
			to: kari!.person.phone,
			from: '2333',
		});
		expect(common().taken[0]).toMatchObject({
			userData: 'Takk for gaven på 100 kr!',
			moReferenceId: item.messageId,
			source: '2333',
		});
		await until(async () => (await gifts()).length === 1);
		expect(await gifts()).toMatchObject([
			{ person_id: kari!.person.id, amount_ore: 10_000, campaign: 'SMS' },
		]);
		// The same SMS once more, as after a run that was repeated.
		await office.run(linkPayment, answering, [item]);
		expect(common().taken).toHaveLength(1);
	});

	test('what is not understood, and what is outside the limits, leaves by its own output and costs nothing', async () => {
		withoutTrigger();
		const sms = (text: string, id: string) => ({
			text,
			sender: '+4740000077',
			recipient: 'NO-2333',
			messageId: id,
		});
		const items = [
			sms('GAVE mye', 'a'),
			sms('gave 5', 'b'),
			sms('gave 501', 'c'),
			sms('gave 500', 'd'),
			sms('HEI', 'e'),
		];
		const { first, second, outputs } = await office.run(linkPayment, answering, items);
		expect(outputs[2]!.map(({ json, from }) => [from, paymentOf(json).reason])).toEqual([
			[0, 'has something else than one amount after the keyword'],
			[1, '5 kr is below the smallest amount of 10 kr'],
			[2, '501 kr is above the largest amount of 500 kr'],
			[4, 'begins with none of the keywords'],
		]);
		expect(first.map((json) => paymentOf(json).ore)).toEqual([50_000]);
		expect(second).toEqual([]);
		expect(common().taken).toHaveLength(1);
		// Nobody in the register has that number: the gift is theirs once they are known.
		await settle(await report(Number(paymentOf(first[0]).dispatch), 1001));
		expect(await gifts()).toMatchObject([{ person_id: null, amount_ore: 50_000 }]);
	});

	test('1009 is a gift that was not delivered; 2201 is none; 1010 stays open until somebody knows', async () => {
		withoutTrigger();
		const { travellers } = await travellersOf({}, {}, {});
		const { first } = await office.run(linkPayment, form, travellers);
		const [a, b, c] = first.map((json) => Number(paymentOf(json).dispatch));
		expect(await settle(await report(a!, 1011))).toEqual({ paid: 0, gifts: 0, notPaid: 0, unknown: 0 });
		expect(await settle(await report(a!, 1009), await report(b!, 2201), await report(c!, 1010))).toEqual({
			paid: 1,
			gifts: 1,
			notPaid: 1,
			unknown: 1,
		});
		expect((await charges()).map(({ state, code }) => [state, code])).toEqual([
			['paid', 1009],
			['notPaid', 2201],
			['unknown', 1010],
		]);
		// Late and contradictory: paid stays paid, and what turns out to be paid is.
		await settle(await report(a!, 1002), await report(a!, 1001), await report(c!, 1001));
		expect((await charges()).map(({ state }) => state)).toEqual(['paid', 'notPaid', 'paid']);
		expect((await gifts()).map(({ source_id }) => source_id)).toEqual([String(a), String(c)]);
	});

	test('the same report any number of times, and from two processes at once, is one gift', async () => {
		withoutTrigger();
		const { travellers } = await travellersOf({});
		const { first } = await office.run(linkPayment, form, travellers);
		const paid = await report(Number(paymentOf(first[0]).dispatch), 1001);
		const told = await Promise.all(Array.from({ length: 5 }, () => settle(paid, paid)));
		expect(told.map((one) => one.gifts).sort()).toEqual([0, 0, 0, 0, 1]);
		expect(await gifts()).toHaveLength(1);
	});

	test('a gate that waits for a gift lets go whoever has paid', async () => {
		withoutTrigger();
		const { travellers } = await travellersOf({}, {});
		const { first } = await office.run(linkPayment, form, travellers);
		const settings = {
			wait: { kind: 'duration' as const, amount: 5, unit: 'days' as const },
			since: 'gate' as const,
			holdReached: false,
			timeZone: 'Europe/Oslo',
			goal: { any: [{ kind: 'gift' as const, minimumOre: 10_000, campaign: 'Vår 2026' }] },
		};
		const step = await registerStep(office.store, office.clock, {
			key: 'flow-1/gate',
			name: 'Vent på gave',
			type: 'waitForGoal',
			settings,
		});
		const arriving = first.flatMap((json) => readTraveller(json) ?? []);
		const gate = { stepId: step.id, settings, lastSeen: step.lastSeen };
		expect((await enterGate(office.store, office.clock, gate, arriving)).parked).toBe(2);
		await settle(await report(Number(paymentOf(first[0]).dispatch), 1001));
		const rows = await db().selectFrom('traveller').select('output').orderBy('enrolment_id').execute();
		expect(rows.map(({ output }) => output)).toEqual([REACHED, null]);
	});

	test('silent: the security level the first time a number is charged, and never again unless that was refused', async () => {
		await office.publish(linkTrigger);
		const silent = {
			operation: 'chargeSilently',
			shortNumber: '2333',
			amount: 50,
			merchantId: 'mer_1',
			to: '+4740000081',
		};
		const pay = async (key: string) => {
			const { first } = await office.run(linkPayment, { ...silent, options: { chargeKey: key } }, [{}]);
			const dispatch = Number(paymentOf(first[0]).dispatch);
			await until(async () =>
				(await charges()).some((one) => one.dispatch_id === dispatch && one.state !== 'ordered'),
			);
			return common().taken.at(-1)?.customParameters;
		};
		common().plays.push({ phone: '+4740000081', codes: [2206] });
		const base = { chargeOnly: 'true', authorize: 'true', 'strex.username': 'mer_1' };
		expect(await pay('a')).toEqual({ ...base, 'strex.securityLevel': '2' });
		expect(await pay('b')).toEqual({ ...base, 'strex.securityLevel': '2' });
		expect(await pay('c')).toEqual(base);
		expect(common().taken.every(({ userData }) => userData === undefined)).toBe(true);
		expect((await charges()).map(({ state }) => state)).toEqual(['notPaid', 'paid', 'paid']);
		// No phone got anything.
		expect(office.box.world.link.phones.of('+4740000081')).toEqual([]);
	});

	test('two silent charges of one number in one batch: one of them is the first', async () => {
		withoutTrigger();
		const items = [{ key: 'a' }, { key: 'b' }];
		const params = linkPayment.parameters.parse({
			operation: 'chargeSilently',
			shortNumber: '2333',
			amount: 50,
			merchantId: 'mer_1',
			to: '+4740000082',
		});
		await linkPayment.run!(
			office.ctx(),
			params,
			items.map((json, index) => ({
				json,
				index,
				params: { ...params, options: { ...params.options, chargeKey: json.key } },
			})),
		);
		const levels = common().taken.map(({ customParameters }) => customParameters?.['strex.securityLevel']);
		expect(levels).toEqual(['2', undefined]);
	});

	test('outside a journey money needs a key; with one it is taken once', async () => {
		withoutTrigger();
		const [person] = await office.members({});
		await expect(office.run(linkPayment, form, [person!])).rejects.toMatchObject({
			message: "'Charge Key' is empty for [Item 1].",
			details: { field: 'Charge Key', item: 0 },
		});
		const keyed = { ...form, options: { chargeKey: 'faktura-7' } };
		await office.run(linkPayment, keyed, [person!]);
		await office.run(linkPayment, keyed, [person!]);
		expect(common().taken).toHaveLength(1);
	});

	test.each([
		[{ shortNumber: 'Foreningen' }, 'Short Number', /is no short number/],
		[{ shortNumber: '' }, 'Short Number', /is empty/],
		[{ operation: 'chargeSilently' }, 'Strex Merchant ID', /is empty/],
		[
			{ options: { smallestAmount: 100, largestAmount: 50 } },
			'Largest Amount (NOK)',
			/is no amount above the smallest/,
		],
		[{ text: 'Hei {{ person.fornavn }}' }, 'Text', /fornavn/],
	])('a form that is wrong stops the run before anybody is charged: %j', async (over, field, message) => {
		withoutTrigger();
		const { travellers } = await travellersOf({});
		await expect(office.run(linkPayment, { ...form, ...over }, travellers)).rejects.toMatchObject({
			message: expect.stringMatching(message),
			details: { field, item: 0 },
		});
		expect(common().taken).toEqual([]);
	});

	test('one person who cannot be charged is left out with the reason; the others are', async () => {
		withoutTrigger();
		const { travellers } = await travellersOf({ phone: null }, { givenName: '🎉' }, {});
		const { first, second } = await office.run(linkPayment, form, travellers);
		expect(second.map((json) => paymentOf(json).reason)).toEqual([
			'has no phone number',
			expect.stringContaining('cannot carry (emoji and the like): 🎉'),
		]);
		expect(first).toHaveLength(1);
		const dear = await office.run(
			linkPayment,
			{ ...form, text: 'Takk', amount: 501, to: '+4740000083', options: { chargeKey: 'x' } },
			[{ to: '' }],
		);
		expect(paymentOf(dear.second[0])).toMatchObject({
			state: 'skipped',
			reason: '501 kr is above the largest amount of 500 kr',
		});
	});

	test('without a gate nobody would hear whether it is paid: nobody is charged', async () => {
		const { travellers } = await travellersOf({});
		await expect(office.run(linkPayment, form, travellers)).rejects.toMatchObject({
			details: { field: 'Gate IDs for Delivery Reports' },
		});
		expect(await office.dispatches()).toEqual([]);
		expect(await charges()).toEqual([]);
	});

	test('a run by hand charges nobody', async () => {
		const people = await office.members({}, { phone: null });
		const { first, second } = await office.run(linkPayment, form, people, { testRun: true });
		expect(paymentOf(first[0])).toMatchObject({ state: 'preview', ore: 10_000, text: 'Takk, Kari! 100 kr.' });
		expect(paymentOf(second[0])).toMatchObject({ reason: 'has no phone number' });
		expect(office.hints.join()).toContain('Nobody is charged in a test run');
		expect(await office.dispatches()).toEqual([]);
		expect(office.box.world.calls.count).toBe(0);
	});

	test('an answer that is lost is ordered all the same: never again, and the report finds its amount', async () => {
		await office.publish(linkTrigger);
		const { travellers } = await travellersOf({});
		office.box.world.faults.order({ provider: 'link', kind: 'reset-after', path: 'sendbatch' });
		const { first } = await office.run(linkPayment, form, travellers);
		expect(paymentOf(first[0]).state).toMatch(/unknown|delivered/);
		await until(async () => (await gifts()).length === 1);
		await office.run(linkPayment, form, travellers);
		expect(common().taken).toHaveLength(1);
	});

	test('what LINK certainly did not take leaves no charge behind', async () => {
		withoutTrigger();
		const { travellers } = await travellersOf({});
		office.box.world.faults.order({ provider: 'link', kind: '400', path: 'sendbatch' });
		const { second } = await office.run(linkPayment, form, travellers);
		expect(paymentOf(second[0])).toMatchObject({
			state: 'failed',
			reason: expect.stringContaining('LINK refused it'),
		});
		expect(await charges()).toEqual([]);
	});

	test('erased before it is paid: the money is a gift of nobody’s; merged: of the one who stays', async () => {
		withoutTrigger();
		const { people, travellers } = await travellersOf({}, {}, {});
		const { first } = await office.run(linkPayment, form, travellers);
		const [a, b] = first.map((json) => Number(paymentOf(json).dispatch));
		await erasePerson(office.store, people[0]!.person.id);
		expect((await charges())[0]).toMatchObject({ person_id: null, address: null, state: 'ordered' });
		await mergePersons(office.store, office.clock.now(), people[2]!.person.id, people[1]!.person.id, 'test');
		await settle(await report(a!, 1001), await report(b!, 1001));
		expect((await gifts()).map((gift) => [gift.person_id, gift.amount_ore])).toEqual([
			[null, 10_000],
			[people[2]!.person.id, 10_000],
		]);
	});
});
