/** Finding out who gave: each way, what is never done, and that repeats, races and crashes change nothing. */
import { decide } from '../../../core/gifts/decide';
import { identifyGifts } from '../../../core/gifts/identify';
import { takeIn } from '../../../core/gifts/incoming';
import { lookAgain } from '../../../core/gifts/lookAgain';
import { defaultRule } from '../../../core/gifts/rules';
import { virtualClock } from '../../../core/journeys/clock';
import type { Store } from '../../../core/store/store';
import { openStore } from '../../../core/store/store';
import { onBothDatabases } from '../stores';
import { crowd, giftRow, giverStep, inRegister, paidIn } from './people';

const NOW = Date.UTC(2026, 10, 22, 12);
const KARI = { givenName: 'Kari', familyName: 'Eksempelsen', phones: ['+4740000001'] };
const OLA = { givenName: 'Ola', familyName: 'Prøvemann', phones: ['+4740000002'] };
const outputs = { identified: 0, unknown: 2 };

onBothDatabases('Identify givers', (current) => {
	let store: Store;
	let stepId: number;
	const clock = virtualClock(NOW);
	beforeEach(async () => {
		store = current().store;
		stepId = await giverStep(store, clock);
	});

	const keyOf = (kind: string, value: string, personId: number) =>
		store.db.insertInto('giver_key').values({ kind, value, person_id: personId, created_at: NOW }).execute();
	const identify = (ids: number[], how = {}, rule = defaultRule) =>
		identifyGifts(store, clock, ids, rule, { stepId, ...how });
	const outbox = () =>
		store.db
			.selectFrom('outbox')
			.select(['step_id', 'output', 'subject_id', 'due_at'])
			.orderBy('id')
			.execute();
	const say = (giftId: number, decision: object) =>
		decide(store, clock, {
			giftId,
			actor: 'Siden (kari)',
			step: { id: stepId, outputs },
			...(decision as { decision: 'accepted' }),
		});

	test('a KID, our own reference, an agreement and a known payer each decide by themselves', async () => {
		const [kari] = await inRegister(store, clock, KARI);
		const kid = '00000000018';
		await keyOf('kid', kid, kari!);
		await keyOf('reference', 'mj-1', kari!);
		await keyOf('agreement', 'agr-1', kari!);
		await keyOf('payer', 'sub-1', kari!);
		const ids = await paidIn(
			store,
			clock,
			{ kid, evidence: { name: 'EN HELT ANNEN' } },
			{ reference: 'mj-1' },
			{ agreementRef: 'agr-1' },
			{ payerRef: 'sub-1' },
			{ kid: '00000000019', evidence: {} },
		);
		const found = await identify(ids);
		expect(found.map(({ state, decidedBy }) => [state, decidedBy])).toEqual([
			['identified', 'key:kid'],
			['identified', 'key:reference'],
			['identified', 'key:agreement'],
			['identified', 'key:payer'],
			// Its control digit is wrong: no key.
			['unknown', null],
		]);
		expect(found.slice(0, 4).map(({ personId }) => personId)).toEqual([kari, kari, kari, kari]);
	});

	test('two keys that name two persons are for people to look at', async () => {
		const [kari, ola] = await inRegister(store, clock, KARI, OLA);
		await keyOf('agreement', 'agr-1', kari!);
		await keyOf('payer', 'sub-2', ola!);
		const [id] = await paidIn(store, clock, { agreementRef: 'agr-1', payerRef: 'sub-2' });
		const [found] = await identify([id!]);
		expect(found).toMatchObject({ state: 'review', personId: null, probability: 0.5 });
		expect(found!.candidates.map(({ personId }) => personId)).toEqual([kari, ola]);
	});

	test('name and whole number are found, a namesake is looked at, a stranger is unknown; reasons are kept', async () => {
		const [kari] = await inRegister(store, clock, KARI, OLA, ...crowd(60));
		const ids = await paidIn(
			store,
			clock,
			{ evidence: { name: 'Kari Eksempelsen', phone: '+4740000001' } },
			{ evidence: { name: 'Kari Eksempelsen', phoneEnd: '7777' } },
			{ evidence: { name: 'Ukjent Fremmedmann', phoneEnd: '9876' } },
		);
		const [sure, doubtful, stranger] = await identify(ids);
		expect(sure).toMatchObject({ state: 'identified', personId: kari, decidedBy: 'phone', news: true });
		expect(sure!.candidates[0]!.reasons.map(({ code }) => code)).toContain('phone.same');
		expect(doubtful).toMatchObject({ state: 'review', personId: null });
		expect(stranger).toMatchObject({ state: 'unknown', personId: null, candidates: [] });
		const row = await giftRow(store, ids[1]!);
		expect(row).toMatchObject({ state: 'review', step_id: stepId, decided_by: null });
		expect(row.candidates).not.toContain('Eksempelsen');
	});

	test('asked again, nothing changes; with a rule of 1 only keys decide', async () => {
		await inRegister(store, clock, KARI, ...crowd(60));
		const [id] = await paidIn(store, clock, {
			evidence: { name: 'Kari Eksempelsen', phone: '+4740000001' },
		});
		expect((await identify([id!], {}, { threshold: 1, reviewFrom: 0.05 }))[0]).toMatchObject({
			state: 'review',
		});
		const [first] = await identify([id!]);
		const before = await giftRow(store, id!);
		await clock.advance(60_000);
		const [again] = await identify([id!]);
		expect(again).toEqual({ ...first, news: false });
		expect(await giftRow(store, id!)).toEqual(before);
	});

	test('a run by hand finds out and writes nothing', async () => {
		const [kari] = await inRegister(store, clock, KARI, ...crowd(60));
		const [id] = await paidIn(store, clock, {
			evidence: { name: 'Kari Eksempelsen', phone: '+4740000001' },
		});
		const before = await giftRow(store, id!);
		expect((await identify([id!], { writeNothing: true }))[0]).toMatchObject({
			state: 'identified',
			personId: kari,
		});
		expect(await giftRow(store, id!)).toEqual(before);
	});

	test('two runs at once, one of them in another process, agree and add nobody twice', async () => {
		await inRegister(store, clock, ...crowd(60));
		const ids = await paidIn(
			store,
			clock,
			...Array.from({ length: 12 }, () => ({
				evidence: { name: 'Nina Nykommer', phone: '+4740000077' },
			})),
		);
		const other = await openStore({ url: current().url });
		try {
			const [here, there] = await Promise.all([
				identify(ids, { createUnknown: true }),
				identifyGifts(other, clock, [...ids].reverse(), defaultRule, { stepId, createUnknown: true }),
			]);
			const persons = new Set([...here, ...there].map(({ personId }) => personId));
			expect(persons.size).toBe(1);
			expect([...persons][0]).toEqual(expect.any(Number));
			expect(here.filter(({ news }) => news).length + there.filter(({ news }) => news).length).toBe(12);
		} finally {
			await other.close();
		}
		const added = await store.db
			.selectFrom('person')
			.select(['id'])
			.where('given_name', '=', 'Nina')
			.execute();
		expect(added).toHaveLength(1);
	});

	test('killed in the middle, nothing of it is there; the next run does it all', async () => {
		await inRegister(store, clock, KARI, ...crowd(60));
		const ids = await paidIn(
			store,
			clock,
			{ evidence: { name: 'Kari Eksempelsen', phone: '+4740000001' } },
			{ evidence: { name: 'Nina Nykommer', phone: '+4740000077' } },
		);
		const people = () => store.db.selectFrom('person').select('id').execute();
		const before = { rows: await Promise.all(ids.map((id) => giftRow(store, id))), people: await people() };
		const dying: Store = {
			...store,
			write: (work) =>
				store.write(async (writing) => {
					await work(writing);
					throw new Error('killed');
				}),
		};
		const how = { stepId, createUnknown: true, letOut: { output: 0 } };
		await expect(identifyGifts(dying, clock, ids, defaultRule, how)).rejects.toThrow('killed');
		const accept = {
			giftId: ids[0]!,
			decision: 'anonymous' as const,
			actor: 'x',
			step: { id: stepId, outputs },
		};
		await expect(decide(dying, clock, accept)).rejects.toThrow('killed');
		expect({ rows: await Promise.all(ids.map((id) => giftRow(store, id))), people: await people() }).toEqual(
			before,
		);
		expect(await outbox()).toEqual([]);
		const found = await identify(ids, how);
		expect(found.map(({ decidedBy }) => decidedBy)).toEqual(['phone', 'rule']);
		expect((await outbox()).map((line) => line.subject_id)).toEqual(ids);
	});

	test('new persons only as the rule says: never by default, never from masked or several names', async () => {
		await inRegister(store, clock, ...crowd(60));
		const nina = { name: 'NINA MARIE NYKOMMER', phone: '+4740000077' };
		const [left] = await paidIn(store, clock, { evidence: nina });
		expect((await identify([left!]))[0]).toMatchObject({ state: 'unknown', personId: null });

		const ids = await paidIn(
			store,
			clock,
			{ evidence: nina },
			{ evidence: { name: 'Nils Nymann', email: 'nils@example.org' } },
			{ evidence: { name: 'Nora Nymann', phoneEnd: '0078' } },
			{ evidence: { name: 'N*** N***', phone: '+4740000079' } },
			{ evidence: { name: 'Kari og Per Nymann', phone: '+4740000080' } },
			{ evidence: { name: 'Eksempel Rørservice AS', phone: '+4740000081' } },
			{ evidence: { name: 'Nymann', phone: '+4740000082' } },
			{ evidence: { phone: '+4740000083' } },
		);
		const found = await identify(ids, { createUnknown: true });
		expect(found.map(({ decidedBy }) => decidedBy)).toEqual([
			'rule',
			'rule',
			...Array.from({ length: 6 }, () => null),
		]);
		const person = await store.db
			.selectFrom('person')
			.selectAll()
			.where('id', '=', found[0]!.personId!)
			.executeTakeFirstOrThrow();
		expect(person).toMatchObject({ given_name: 'Nina Marie', family_name: 'Nykommer' });
		const attributes = await store.db
			.selectFrom('attribute')
			.select(['key', 'value'])
			.where('person_id', '=', found[0]!.personId!)
			.execute();
		expect(attributes).toEqual([{ key: 'giverSource', value: 'vipps 2026-11-22 13:01' }]);
	});

	test('the directory is asked once, of whole numbers only, before a gift is unknown; source and time are kept', async () => {
		const [kari] = await inRegister(
			store,
			clock,
			{
				...KARI,
				phones: [],
				emails: ['kari@example.org'],
				street: 'Eksempelveien 4',
				postalCode: '0555',
				city: 'Oslo',
			},
			...crowd(60),
		);
		const asked: string[] = [];
		const lookUp = async (phone: string) => {
			asked.push(phone);
			return phone === '+4740000055'
				? { name: 'Kari Eksempelsen', street: 'Eksempelveien 4', postalCode: '0555', city: 'Oslo' }
				: undefined;
		};
		const how = { lookUp, directory: 'Katalogen' };
		const ids = await paidIn(
			store,
			clock,
			{ evidence: { phone: '+4740000055' } },
			{ evidence: { phone: '+4740000056' } },
			{ evidence: { phoneEnd: '0055' } },
		);
		const [found, nobody, masked] = await identify(ids, how);
		expect(asked).toEqual(['+4740000055', '+4740000056']);
		expect(found!.candidates[0]?.personId).toBe(kari);
		expect(found!.state).not.toBe('unknown');
		expect([nobody!.state, masked!.state]).toEqual(['unknown', 'unknown']);
		expect(JSON.parse((await giftRow(store, ids[0]!)).evidence)).toMatchObject({
			name: 'Kari Eksempelsen',
			lookedUp: { source: 'Katalogen', fields: ['name', 'street', 'postalCode', 'city'] },
		});
		await identify(ids, how);
		expect(asked).toHaveLength(2);
	});

	test('where the directory cannot be asked now, it is asked the next time', async () => {
		const [id] = await paidIn(store, clock, { evidence: { phone: '+4740000055' } });
		await identify([id!], { lookUp: async () => 'notAsked' });
		expect((await giftRow(store, id!)).evidence).not.toContain('lookedUp');
		let asked = 0;
		await identify([id!], {
			lookUp: async () => {
				asked += 1;
				return undefined;
			},
		});
		expect(asked).toBe(1);
	});

	test('accepted: the gift leaves by Identified, the payer is known from now on, and the next one needs nobody', async () => {
		const [kari] = await inRegister(store, clock, KARI, ...crowd(60));
		const evidence = { name: 'K Eksempelsen', phoneEnd: '0001' };
		const [id] = await paidIn(store, clock, { payerRef: 'sub-9', evidence });
		await identify([id!], {}, { threshold: 1, reviewFrom: 0.05 });
		const before = await giftRow(store, id!);
		expect(before.state).toBe('review');
		const done = await say(id!, { decision: 'accepted', personId: kari!, seen: 0, holdMs: 30_000 });
		expect(done).toMatchObject({ done: true, personId: kari, state: 'identified' });
		expect(await outbox()).toEqual([
			{ step_id: stepId, output: 0, subject_id: id, due_at: clock.now() + 30_000 },
		]);
		const [decision] = await store.db.selectFrom('gift_decision').selectAll().execute();
		expect(decision).toMatchObject({ decision: 'accepted', person_id: kari, actor: 'Siden (kari)' });
		expect(JSON.parse(decision!.compared ?? '{}')).toMatchObject({ family: 'same', phoneEnd: 'same' });
		const [next] = await paidIn(store, clock, { payerRef: 'sub-9', evidence: {} });
		expect((await identify([next!]))[0]).toMatchObject({ decidedBy: 'key:payer', personId: kari });
	});

	test('of two who decide at once the second is told; the first stands', async () => {
		const [kari, ola] = await inRegister(store, clock, KARI, OLA);
		const [id] = await paidIn(store, clock, { evidence: { phoneEnd: '9999' } });
		const said = await Promise.all([
			say(id!, { decision: 'accepted', personId: kari!, seen: 0, actor: 'den ene' }),
			say(id!, { decision: 'accepted', personId: ola!, seen: 0, actor: 'den andre' }),
		]);
		const first = said.findIndex(({ done }) => done);
		expect(said[1 - first]).toMatchObject({
			done: false,
			why: 'overtaken',
			by: { decision: 'accepted', actor: first === 0 ? 'den ene' : 'den andre' },
		});
		expect((await giftRow(store, id!)).person_id).toBe(first === 0 ? kari : ola);
		expect(await outbox()).toHaveLength(1);
	});

	test('taken back while it is not booked: a decision of its own, what was learned is forgotten, nothing leaves', async () => {
		const [kari] = await inRegister(store, clock, KARI, ...crowd(60));
		const [id] = await paidIn(store, clock, {
			payerRef: 'sub-9',
			agreementRef: 'agr-9',
			evidence: { name: 'K Eksempelsen', phoneEnd: '0001' },
		});
		await identify([id!]);
		const done = await say(id!, { decision: 'accepted', personId: kari!, holdMs: 30_000 });
		await clock.advance(5_000);
		const seen = done.done ? done.decisionId : 0;
		expect(await say(id!, { decision: 'reopened', seen })).toMatchObject({ done: true, state: 'review' });
		expect(await outbox()).toEqual([]);
		expect(await store.db.selectFrom('giver_key').selectAll().execute()).toEqual([]);
		const all = await store.db.selectFrom('gift_decision').select('decision').orderBy('id').execute();
		expect(all.map(({ decision }) => decision)).toEqual(['accepted', 'reopened']);
		// Somebody has it in hand: no later look decides it.
		await identify([id!]);
		expect(await giftRow(store, id!)).toMatchObject({ state: 'review', person_id: null });
	});

	test('what is booked is out of reach for people and machine', async () => {
		const [kari] = await inRegister(store, clock, KARI);
		const [id] = await paidIn(store, clock, { evidence: { name: 'Kari Eksempelsen', phone: '+4740000001' } });
		await identify([id!]);
		await store.db.updateTable('incoming_gift').set({ state: 'booked' }).where('id', '=', id!).execute();
		const before = await giftRow(store, id!);
		expect(await say(id!, { decision: 'anonymous' })).toEqual({ done: false, why: 'settled' });
		expect((await identify([id!]))[0]).toMatchObject({ state: 'booked', personId: kari, news: false });
		expect(await giftRow(store, id!)).toEqual(before);
	});

	test('not this one, then none of them: never again, also not by a key; the gift leaves by Unknown once', async () => {
		const [kari, twin] = await inRegister(
			store,
			clock,
			{ ...KARI, phones: [], memberNumber: 'M-1' },
			{ ...KARI, phones: [], memberNumber: 'M-2' },
			...crowd(60),
		);
		const [id] = await paidIn(store, clock, { payerRef: 'sub-5', evidence: { name: 'Kari Eksempelsen' } });
		await identify([id!]);
		expect(await say(id!, { decision: 'rejected', personIds: [kari!] })).toMatchObject({ state: 'review' });
		expect(await outbox()).toEqual([]);
		expect(await say(id!, { decision: 'rejected' })).toMatchObject({ state: 'unknown' });
		expect((await outbox()).map(({ output }) => output)).toEqual([2]);
		await say(id!, { decision: 'rejected', personIds: [twin!] });
		expect(await outbox()).toHaveLength(1);
		await keyOf('payer', 'sub-5', kari!);
		await identify([id!], { createUnknown: true });
		expect(await giftRow(store, id!)).toMatchObject({ state: 'unknown', person_id: null });
	});

	test('a gift that leaves after a decision leaves by the step that looked into it, unless that is gone', async () => {
		const other = await giverStep(store, clock, 'flow-2/givers');
		const ids = await paidIn(store, clock, {}, {});
		await identifyGifts(store, clock, ids, defaultRule, { stepId: other });
		await say(ids[0]!, { decision: 'anonymous' });
		await store.db.updateTable('step').set({ removed_at: NOW }).where('id', '=', other).execute();
		await say(ids[1]!, { decision: 'anonymous' });
		expect((await outbox()).map((line) => [line.subject_id, line.step_id, line.output])).toEqual([
			[ids[0], other, 2],
			[ids[1], stepId, 2],
		]);
	});

	test('looked into again, who has come into the register since is found and leaves by Identified; repeats add no line', async () => {
		await inRegister(store, clock, ...crowd(60));
		const ids = await paidIn(
			store,
			clock,
			{ evidence: { name: 'Sene Tilflytter', phone: '+4740000066' } },
			{ evidence: { name: 'Sene Tilflytter', phone: '+4740000066' } },
		);
		await identify(ids);
		await say(ids[1]!, { decision: 'anonymous' });
		await inRegister(store, clock, {
			givenName: 'Sene',
			familyName: 'Tilflytter',
			phones: ['+4740000066'],
		});
		const again = () => lookAgain(store, clock, defaultRule, { stepId, output: 0 });
		expect(await again()).toEqual({ looked: 1, identified: 1, whole: true });
		expect(await again()).toEqual({ looked: 0, identified: 0, whole: true });
		expect((await outbox()).map((line) => [line.subject_id, line.output])).toEqual([
			[ids[1], 2],
			[ids[0], 0],
		]);
		expect(await giftRow(store, ids[1]!)).toMatchObject({ state: 'unknown', decided_by: 'person' });
	});

	test('more evidence that comes while a gift is looked into is not overlooked', async () => {
		await inRegister(store, clock, KARI, ...crowd(60));
		const [id] = await paidIn(store, clock, { sourceId: 'psp-slow', evidence: { phone: '+4740000055' } });
		const gift = {
			source: 'vipps',
			sourceId: 'psp-slow',
			amountOre: 20_000,
			currency: 'NOK',
			receivedAt: NOW,
			channel: 'vipps' as const,
		};
		const lookUp = async () => {
			await takeIn(store, clock, {
				gifts: [{ ...gift, evidence: { name: 'Kari Eksempelsen' } }],
				step: { id: 0, outputs: {} },
			});
			return undefined;
		};
		expect((await identify([id!], { lookUp }))[0]).toMatchObject({ state: 'new', news: false });
		expect((await identify([id!]))[0]!.state).not.toBe('new');
	});
});
