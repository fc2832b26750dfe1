/** Call lists, told as stories with the sandbox's calling agency. */
import { washAgainstFile } from '../../../core/calls/reservationFile';
import { exitPeople } from '../../../core/journeys/exit';
import { AnswerLost, type Http } from '../../../core/ports';
import { axiosHttp } from '../../../hosts/axiosHttp';
import type { Json, StepContext } from '../../../core/step';
import { callList } from '../../../nodes/CallList/callList';
import { sandboxCredentials } from '../../../sandbox/server';
import type { Said } from '../../../sandbox/dialer/agency';
import { type Member, Office, until } from '../providers/office';
import { onBothDatabases } from '../stores';
import { Calling, MONDAY, atVicidial } from './calling';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
onBothDatabases('Call List', (current) => {
	let office: Office;
	const callings: Calling[] = [];
	beforeEach(async () => {
		office = await Office.open(current().store);
		office.clock.turnTo(MONDAY - Date.now());
		office.credentials.vicidialApi = {
			url: `${office.box.url}/vicidial/non_agent_api.php`,
			userName: sandboxCredentials.vicidial.id,
			password: sandboxCredentials.vicidial.secret,
		};
		office.credentials.adversusApi = {
			baseUrl: `${office.box.url}/adversus/v1`,
			userName: sandboxCredentials.adversus.id,
			password: sandboxCredentials.adversus.secret,
		};
	});
	afterEach(async () => {
		for (const one of callings.splice(0)) await one.end();
		await office.close();
	});

	const calling = (raw: Json = {}, over?: Partial<StepContext>) => {
		const made = new Calling(office, { ...atVicidial, ...raw }, over);
		callings.push(made);
		return made;
	};
	const idsOf = async (...members: Member[]) =>
		(await office.members(...members)).map(({ person }) => person.id);
	const agency = () => office.box.world.agency;
	const waitingLeads = () =>
		agency()
			.find(({ state }) => state === 'waiting')
			.reverse();
	const forward = (ms: number) => office.clock.turnTo(office.clock.offset() + ms);
	const minutesUntil = (holds: () => boolean | Promise<boolean>) => office.minutesUntil(holds);

	/** Published, with the addresses that VICIdial calls entered over there. */
	const publish = async (calls: Calling): Promise<string> => {
		const { url } = await office.publish(callList, { ...atVicidial, ...calls.raw }, 'flow-1/calls');
		const row = await office.store.db
			.selectFrom('setting')
			.select('value')
			.where('key', '=', 'calls:address flow-1/calls')
			.executeTakeFirstOrThrow();
		expect(row.value.startsWith(url)).toBe(true);
		const variables = [
			'ref=--A--vendor_lead_code--B--',
			'dispo=--A--dispo--B--',
			'talk_time=--A--talk_time--B--',
			'callback_datetime=--A--callback_datetime--B--',
			'attempts=--A--called_count--B--',
			'amount=--A--amount--B--',
			'frequency=--A--frequency--B--',
			'paymentForm=--A--payment_form--B--',
			'reason=--A--reason--B--',
			'street=--A--new_address--B--&postalCode=--A--new_postal_code--B--&city=--A--new_city--B--',
		].join('&');
		office.box.world.vicidial.urls = {
			dispoCallUrl: `${row.value}&${variables}`,
			noAgentCallUrl: `${row.value}&${variables}`,
		};
		return row.value;
	};
	const ring = (phone: string, said: Said) => {
		const lead = waitingLeads().find((one) => one.phone === phone);
		if (!lead) throw new Error('nobody with that number is on the list');
		return agency().ring(lead, said);
	};

	/** They are with the callers, and wait. */
	const handedOver = async (raw: Json = {}, members: Member[] = [{}], over?: Partial<StepContext>) => {
		const calls = calling(raw, over);
		const ids = await idsOf(...members);
		await calls.listen();
		await publish(calls);
		await calls.start(ids);
		await until(async () => {
			const items = await calls.items();
			return items.length === ids.length && items.every(({ state }) => state === 'handedOver');
		});
		await until(async () => (await parked()).length === ids.length);
		return { calls, ids };
	};
	const parked = () =>
		office.store.db
			.selectFrom('traveller')
			.selectAll()
			.where('state', '=', 0)
			.where('dispatch_id', 'is not', null)
			.execute();
	const phoneOf = async (id: number) =>
		(
			await office.store.db
				.selectFrom('contact_point')
				.select('value')
				.where('person_id', '=', id)
				.where('kind', '=', 'phone')
				.executeTakeFirstOrThrow()
		).value;

	it('a yes with an amount lets the person go by Yes with the agreement; told again, nothing changes', async () => {
		const { calls, ids } = await handedOver({ options: { yesLabel: 'fastgiver-avtalt' } }, [
			{ givenName: 'Kari' },
			{},
		]);
		const [kari = 0, other = 0] = ids;
		const phone = await phoneOf(kari);
		const [lead] = waitingLeads();
		expect(lead?.fields).toMatchObject({ first_name: 'Kari', comments: 'Hei, er det Kari?', list_id: '101' });
		ring(phone, {
			outcome: 'yes',
			amount: 300,
			frequency: 'monthly',
			paymentForm: 'avtalegiro',
			note: 'ring ikke før ti',
		});
		await until(() => calls.left.length === 1);
		expect(calls.of(kari)[0]).toMatchObject({
			output: 'yes',
			call: {
				disposition: 'yes',
				word: 'SALE',
				amount: 300,
				frequency: 'monthly',
				paymentForm: 'avtalegiro',
				attempts: 1,
			},
		});
		const labels = await office.store.db.selectFrom('label').selectAll().execute();
		expect(labels).toMatchObject([{ person_id: kari, label: 'fastgiver-avtalt' }]);
		const responses = await office.responses();
		expect(responses.map(({ kind, subject }) => `${kind} ${subject ?? ''}`.trim()).sort()).toEqual([
			'called yes',
			'handedOver',
			'handedOver',
		]);
		// What the caller noted is kept nowhere.
		expect(JSON.stringify([responses, await calls.items()])).not.toContain('ring ikke');
		expect(office.logs.join()).not.toContain('Kari');

		const url = office.box.world.vicidial.urls.dispoCallUrl ?? '';
		const again = url
			.replace('--A--vendor_lead_code--B--', lead?.externalId ?? '')
			.replace('--A--dispo--B--', 'SALE')
			.replace('--A--called_count--B--', '1')
			.replace('--A--amount--B--', '300');
		expect((await fetch(again)).status).toBe(200);
		await new Promise((resolve) => setTimeout(resolve, 50));
		expect((await office.responses()).length).toBe(3);
		expect(calls.of(other)).toEqual([]);
		expect((await fetch(again.replace(/token=[^&]+/, 'token=guess'))).status).toBe(401);
	});

	it('who may not be called leaves by Left Out, each with the reason; the others are with the callers', async () => {
		const calls = calling({ wash: 'agency' });
		const ids = await idsOf(
			{ phone: '+4722334455' },
			{ phone: '+46701234567' },
			{ phone: '+4781500000' },
			{ phone: null },
			{},
			{},
			{},
			{},
			{},
		);
		const [, , , , young = 0, dead = 0, hidden = 0, reserved = 0, fine = 0] = ids;
		const { db } = office.store;
		await db.updateTable('person').set({ birth_date: '2009-06-01' }).where('id', '=', young).execute();
		await db.updateTable('person').set({ deceased_on: '2026-01-01' }).where('id', '=', dead).execute();
		await db.updateTable('person').set({ protected: 1 }).where('id', '=', hidden).execute();
		await db
			.insertInto('reservation')
			.values({ person_id: reserved, channel: 'phone', source: 'member service', at: 1 })
			.execute();
		await calls.listen();
		await calls.start(ids);
		await until(() => calls.left.length === 8);
		await until(async () => (await calls.items()).some(({ state }) => state === 'handedOver'));
		expect(calls.left.map(({ output, call }) => `${output} ${String(call.code)}`).sort()).toEqual([
			'leftOut deceased',
			'leftOut foreignNumber',
			'leftOut landline',
			'leftOut noNumber',
			'leftOut protected',
			'leftOut reserved',
			'leftOut serviceNumber',
			'leftOut underAge',
		]);
		expect(waitingLeads().map(({ phone }) => phone)).toEqual([await phoneOf(fine)]);
	});

	it('without a wash of this month nobody is handed over, and the message names its date; then the reserved are left out', async () => {
		const calls = calling({ wash: 'thisMonth' });
		const [reserved = 0, free = 0] = await idsOf({ phone: '+4740055001' }, { phone: '+4740055002' });
		await calls.listen();
		const wash = (washedOn: string, text: string) =>
			washAgainstFile(office.store, office.clock, text, {
				fileName: 'reservasjon.csv',
				washedOn,
				holds: 'all',
				channels: ['phone'],
				columns: [],
				coversWords: [],
				countryCode: '47',
			});
		await wash('2026-10-20', 'Telefon\n40055009\n');
		await calls.start([reserved, free]);
		const stuck = () => office.store.db.selectFrom('traveller').selectAll().where('state', '=', 2).execute();
		await until(async () => (await stuck()).length === 2);
		expect((await stuck())[0]?.reason).toContain('2026-10-20');
		expect(await calls.items()).toEqual([]);
		await wash('2026-11-02', 'Navn;Telefon\nEn Annen;400 55 001\n');
		await office.store.db.updateTable('traveller').set({ state: 1, due_at: 0 }).execute();
		await office.store.write(async ({ tell, db }) => {
			const { id } = await db
				.selectFrom('step')
				.select('id')
				.where('key', '=', 'flow-1/start')
				.executeTakeFirstOrThrow();
			tell(`step:${id}`);
		});
		await until(() => waitingLeads().length === 1);
		await until(() => calls.left.length === 1);
		expect(calls.left[0]).toMatchObject({ id: reserved, output: 'leftOut', call: { code: 'reserved' } });
		expect(waitingLeads()[0]?.phone).toBe(await phoneOf(free));
	});

	it('whoever reaches the goal before the call is taken off the list', async () => {
		const { calls, ids } = await handedOver({}, [{}, {}]);
		const [gone = 0, stays = 0] = ids;
		const rows = await office.store.db
			.selectFrom('enrolment')
			.selectAll()
			.where('person_id', '=', gone)
			.execute();
		await office.store.write((writing) =>
			exitPeople(
				writing,
				office.store,
				office.clock.now(),
				rows.map(({ id }) => id),
				'goal',
			),
		);
		await minutesUntil(async () => (await calls.items()).some(({ state }) => state === 'withdrawn'));
		expect(waitingLeads().map(({ phone }) => phone)).toEqual([await phoneOf(stays)]);
		const [dispatch] = (await office.dispatches()).filter(({ person_id }) => person_id === gone);
		expect(dispatch).toMatchObject({ state: 'cancelled', reason: 'left the journey before the call' });
	});

	it('asked not to be called: reserved at once, by No; a wrong number no longer is one; no answer goes on waiting', async () => {
		const { calls, ids } = await handedOver({}, [{}, {}, {}]);
		const [stop = 0, wrong = 0, silent = 0] = ids;
		ring(await phoneOf(silent), { outcome: 'noAnswer' });
		ring(await phoneOf(stop), { outcome: 'doNotCall' });
		ring(await phoneOf(wrong), { outcome: 'wrongNumber' });
		await until(() => calls.left.length === 2);
		await until(async () => (await office.responses()).filter(({ kind }) => kind === 'called').length === 3);
		expect(calls.of(stop)[0]).toMatchObject({ output: 'no', call: { disposition: 'askedNotToBeCalled' } });
		expect(await office.reservations()).toEqual([{ person_id: stop, channel: 'phone', source: 'calls' }]);
		expect(calls.of(wrong)[0]).toMatchObject({ output: 'notReached', call: { disposition: 'invalid' } });
		const broken = await office.store.db
			.selectFrom('contact_point')
			.selectAll()
			.where('invalid_reason', 'is not', null)
			.execute();
		expect(broken).toMatchObject([{ person_id: wrong, invalid_reason: 'not in use' }]);
		expect(calls.of(silent)).toEqual([]);
	});

	it('a call-back is kept by the callers and holds the person past their time; else time is up by Not Reached', async () => {
		const { calls, ids } = await handedOver({ giveUpDays: 2 }, [{}, {}]);
		const [later = 0, never = 0] = ids;
		const at = MONDAY + 3 * DAY;
		ring(await phoneOf(later), { outcome: 'callBack', callBackAt: at });
		await until(async () => (await calls.items()).some(({ outcome }) => outcome?.includes('callBack')));
		forward(2 * DAY + HOUR);
		await until(() => calls.left.length === 1);
		expect(calls.of(never)[0]).toMatchObject({
			output: 'notReached',
			call: { state: 'timeIsUp', disposition: 'expired' },
		});
		await until(() => waitingLeads().length === 1);
		forward(at + HOUR - office.clock.now());
		ring(await phoneOf(later), { outcome: 'yes', amount: 100 });
		await until(() => calls.of(later).length === 1);
		expect(calls.of(later)[0]).toMatchObject({ output: 'yes', call: { attempts: 2 } });
	});

	it('where the journey calls back, they come again at that time as a new lead', async () => {
		const { calls, ids } = await handedOver({ callBacks: 'journey' });
		const [id = 0] = ids;
		const at = MONDAY + DAY;
		ring(await phoneOf(id), { outcome: 'callBack', callBackAt: at });
		await until(async () => (await calls.items())[0]?.state === 'done');
		forward(HOUR);
		await new Promise((resolve) => setTimeout(resolve, 50));
		expect(await calls.items()).toHaveLength(1);
		forward(at + 1_000 - office.clock.now());
		await until(async () => (await calls.items()).length === 2);
		await until(async () => (await calls.items())[1]?.state === 'handedOver');
		expect(calls.left).toEqual([]);
	});

	it('who comes at night is on the list at once, and not called before nine on the next weekday', async () => {
		// A Friday, 22:00 in Oslo.
		office.clock.turnTo(Date.UTC(2026, 10, 27, 21) - Date.now());
		const { ids } = await handedOver();
		const phone = await phoneOf(ids[0] ?? 0);
		const [lead] = waitingLeads();
		expect(new Date(lead?.from ?? 0).toISOString()).toBe('2026-11-30T08:00:00.000Z');
		expect(ring(phone, { outcome: 'yes' })).toMatchObject({ rung: false });
		// The next morning is a Saturday.
		forward(14 * HOUR);
		expect(ring(phone, { outcome: 'yes' })).toMatchObject({ rung: false });
		forward(Date.UTC(2026, 10, 30, 8, 1) - office.clock.now());
		expect(ring(phone, { outcome: 'yes' })).toMatchObject({ rung: true });
	});

	it('an answer that is lost hands nobody over twice; the result still comes', async () => {
		let cut = 0;
		const losing: Http = async (request) => {
			const answer = await axiosHttp(request);
			if (request.form?.function !== 'add_lead') return answer;
			cut += 1;
			throw new AnswerLost('the connection was reset');
		};
		const { calls, ids } = await handedOver({}, [{}], { http: losing });
		expect(await office.dispatches()).toMatchObject([{ state: 'unknown' }]);
		forward(61_000);
		await new Promise((resolve) => setTimeout(resolve, 100));
		expect(cut).toBe(1);
		expect(waitingLeads()).toHaveLength(1);
		ring(await phoneOf(ids[0] ?? 0), { outcome: 'yes', amount: 150 });
		await until(() => calls.left.length === 1);
		expect(await office.dispatches()).toMatchObject([{ state: 'delivered', reason: null }]);
	});

	it('a process that died with leads in hand: the dialer is asked which of them it has', async () => {
		const died: Http = async (request) => {
			const answer = await axiosHttp(request);
			if (request.form?.function === 'add_lead') await new Promise(() => undefined);
			return answer;
		};
		const calls = calling({}, { http: died });
		const ids = await idsOf({}, {});
		// Nothing of this one's ever comes back: it is not waited for.
		const dead = new Calling(office, { ...atVicidial }, { http: died });
		void dead.listen();
		await dead.start(ids);
		await until(() => waitingLeads().length === 2);
		// One of them had not been sent yet.
		agency().leads.delete(waitingLeads()[1]?.id ?? 0);
		forward(200_000);
		const next = calling();
		await next.listen();
		await until(async () => (await calls.items()).every(({ state }) => state === 'handedOver'));
		expect(waitingLeads()).toHaveLength(2);
		expect(new Set(waitingLeads().map(({ externalId }) => externalId)).size).toBe(2);
	});

	it('the result for somebody who has left stands on their timeline, and what they said is kept', async () => {
		const { calls, ids } = await handedOver({ takenBack: 'nothing' });
		const [id = 0] = ids;
		const rows = await office.store.db.selectFrom('enrolment').selectAll().execute();
		await office.store.write((writing) =>
			exitPeople(
				writing,
				office.store,
				office.clock.now(),
				rows.map((row) => row.id),
				'goal',
			),
		);
		await minutesUntil(async () => (await calls.items())[0]?.state === 'withdrawn');
		ring(await phoneOf(id), { outcome: 'doNotCall' });
		await until(async () => (await office.reservations()).length === 1);
		expect(calls.left).toEqual([]);
		expect((await office.responses()).filter(({ kind }) => kind === 'called')).toMatchObject([
			{ person_id: id, subject: 'askedNotToBeCalled' },
		]);
		expect((await calls.items())[0]?.state).toBe('withdrawn');
	});

	it('a word that nobody has told of changes nothing, and is named in the log; with a row for it, it counts', async () => {
		const { calls, ids } = await handedOver();
		const url = await publish(calls);
		const [item] = await calls.items();
		const tell = (to: string) => fetch(`${to}&ref=${item?.ref}&dispo=KOSTBAR`);
		expect((await tell(url)).status).toBe(422);
		expect(office.logs.some((line) => line.includes("'KOSTBAR'"))).toBe(true);
		expect((await office.responses()).filter(({ kind }) => kind === 'called')).toEqual([]);
		calls.raw = {
			...calls.raw,
			dispositions: { row: [{ word: 'KOSTBAR, DYR', disposition: 'no', outcome: 'default' }] },
		};
		const told = await publish(calls);
		expect((await tell(told)).status).toBe(200);
		await until(() => calls.left.length === 1);
		expect(calls.of(ids[0] ?? 0)[0]).toMatchObject({
			output: 'no',
			call: { disposition: 'no', word: 'KOSTBAR' },
		});
	});

	it('at Adversus: leads with their fields, results by polling; an early try that is told late changes nothing', async () => {
		const calls = calling({
			profile: 'adversus',
			campaignId: 27305,
			poolId: 26024,
			masterFields: {
				field: [
					{ value: 'name', id: 1 },
					{ value: 'phone', id: 2 },
					{ value: 'data', name: 'sisteGave', id: 3 },
				],
			},
			resultFields: {
				field: [
					{ id: 9002, field: 'amount' },
					{ id: 9001, field: 'reason' },
				],
			},
			data: { field: [{ name: 'sisteGave', value: '200 {{ person.givenName }}' }] },
			takenBack: 'nothing',
			lookMinutes: 1,
		});
		const [yes = 0, no = 0] = await idsOf({ givenName: 'Ola' }, { givenName: 'Eva' });
		await calls.listen();
		await calls.start([yes, no]);
		await until(async () => (await calls.items()).filter(({ state }) => state === 'handedOver').length === 2);
		expect(waitingLeads().map(({ fields }) => fields['3'])).toEqual(['200 Ola', '200 Eva']);
		forward(HOUR);
		ring(await phoneOf(yes), { outcome: 'yes', amount: 250 });
		ring(await phoneOf(no), { outcome: 'no', reason: 'økonomi' });
		await minutesUntil(() => calls.left.length === 2);
		expect(calls.of(yes)[0]).toMatchObject({ output: 'yes', call: { amount: 250, word: 'success' } });
		expect(calls.of(no)[0]).toMatchObject({ output: 'no', call: { reason: 'økonomi' } });
	});

	it('what was said on the phone is in the register at once; what is told late or twice undoes nothing', async () => {
		const { calls, ids } = await handedOver({ options: { markDeceased: true } }, [{}, {}, {}]);
		const [moved = 0, dead = 0, agreed = 0] = ids;
		const url = await publish(calls);
		const refs = new Map((await calls.items()).map(({ person_id, ref }) => [person_id, ref]));
		const tell = async (...results: Json[]) => {
			const answer = await fetch(url, {
				method: 'POST',
				headers: { 'content-type': 'application/json' },
				body: JSON.stringify(results.length === 1 ? { event: 'lead_saved', data: results[0] } : results),
			});
			return answer.status;
		};
		const iso = (ms: number) => new Date(MONDAY + ms).toISOString();
		expect(
			await tell(
				{
					ref: refs.get(moved),
					disposition: 'flyttet',
					at: iso(60_000),
					newStreet: 'Nyveien 1',
					newPostalCode: '5003',
					newCity: 'Bergen',
				},
				{ ref: refs.get(dead), disposition: 'død', at: iso(60_000) },
				{
					ref: refs.get(agreed),
					disposition: 'ja',
					at: iso(HOUR),
					amount: '250',
					consentEmail: 'ja',
					consentSms: 'nei',
				},
			),
		).toBe(200);
		await until(() => calls.left.length === 3);
		expect(calls.of(moved)[0]?.output).toBe('notReached');
		expect(calls.of(dead)[0]).toMatchObject({ output: 'leftOut', call: { disposition: 'deceased' } });
		const { db } = office.store;
		const person = (id: number) =>
			db.selectFrom('person').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
		expect(await person(moved)).toMatchObject({ street: 'Nyveien 1', postal_code: '5003', city: 'Bergen' });
		expect((await person(dead)).deceased_on).toBe('2026-11-23');
		const consents = () =>
			db
				.selectFrom('consent')
				.where('person_id', '=', agreed)
				.where('source', '=', 'calls')
				.orderBy('channel')
				.select(['channel', 'purpose', 'granted'])
				.execute();
		const said = [
			{ channel: 'email', purpose: 'marketing', granted: 1 },
			{ channel: 'sms', purpose: 'marketing', granted: 0 },
		];
		expect(await consents()).toEqual(said);

		// Told late: an earlier try, and a yes to SMS from before the no.
		expect(await tell({ ref: refs.get(agreed), disposition: 'NA', at: iso(-HOUR), consentSms: 'ja' })).toBe(
			200,
		);
		expect(await tell({ ref: refs.get(agreed), disposition: 'ja', at: iso(HOUR), amount: '250' })).toBe(200);
		expect(await consents()).toEqual(said);
		const item = (await calls.items()).find(({ person_id }) => person_id === agreed);
		expect(item).toMatchObject({ state: 'done' });
		expect(JSON.parse(item?.outcome ?? '{}')).toMatchObject({ disposition: 'yes', amount: 250 });
		expect((await office.responses()).filter(({ kind }) => kind === 'called')).toHaveLength(4);
		expect(calls.left).toHaveLength(3);
	});

	it('a wash, a file of results and a report are done by the step as well, and say what they did', async () => {
		const { calls, ids } = await handedOver();
		const [item] = await calls.items();
		const by = async (raw: Json) => {
			const params = callList.parameters.parse(raw);
			const [done = []] = await callList.run!(calls.ctx(), params, [{ json: {}, params, index: 0 }]);
			return done[0]?.json ?? {};
		};
		const file = `ref;disposition\n${item?.ref};SALE\n;tull\n`;
		expect(await by({ resource: 'result', operation: 'importFile', content: file })).toMatchObject({
			results: { stored: 1, refused: [{ line: 3, field: 'ref' }] },
		});
		await until(() => calls.of(ids[0] ?? 0).length === 1);
		const register = `Telefon\n${await phoneOf(ids[0] ?? 0)}\n`;
		const wash = { resource: 'wash', operation: 'importFile', content: register, washedOn: '2026-11-20' };
		expect(await by(wash)).toMatchObject({ wash: { entries: 1, matched: 1, washedOn: '2026-11-20' } });
		expect(await by({ resource: 'wash', operation: 'get' })).toMatchObject({
			wash: { washedOn: '2026-11-20' },
		});
		await expect(by({ ...wash, washedOn: '2026-12-24' })).rejects.toMatchObject({
			details: { field: 'File Is Of', item: 0 },
		});
	});

	it('as files over SFTP: a list with everybody in it, results read once whole, who has left named in a file', async () => {
		office.credentials.sftpApi = {
			host: '127.0.0.1',
			port: office.box.sftpPort,
			userName: sandboxCredentials.sftp.userName,
			authentication: 'password',
			password: sandboxCredentials.sftp.password,
			hostKey: office.box.world.sftp.fingerprint,
			folder: '/calls',
		};
		const calls = calling({
			profile: 'file',
			folder: 'in',
			resultFolder: 'out',
			everyMinutes: 15,
			lookMinutes: 1,
			data: { field: [{ name: 'formel', value: '=cmd|calc!A1' }] },
		});
		const [yes = 0, gone = 0] = await idsOf(
			{ givenName: '=HYPERLINK("http://x")' },
			{ givenName: 'Eva;"ond"' },
		);
		await calls.listen();
		await calls.start([yes, gone]);
		await until(async () => (await calls.items()).length === 2);
		forward(15 * 60_000 + 1_000);
		await until(() => waitingLeads().length === 2);
		await until(async () => (await calls.items()).every(({ state }) => state === 'handedOver'));
		const [list] = office.box.world.files.list('/calls/in').filter((name) => name.endsWith('.csv'));
		const text = office.box.world.files.read(`/calls/in/${list ?? ''}`)?.toString('utf8') ?? '';
		expect(text.split('\n')[0]).toContain('ref;action;phone;firstName');
		expect(text).toContain('\'=HYPERLINK(""http://x"")');
		expect(text).toContain("'=cmd|calc!A1");
		expect((await office.responses()).filter(({ kind }) => kind === 'handedOver')).toHaveLength(2);

		ring(await phoneOf(yes), { outcome: 'yes', amount: 500, frequency: 'monthly' });
		const rows = await office.store.db
			.selectFrom('enrolment')
			.selectAll()
			.where('person_id', '=', gone)
			.execute();
		await office.store.write((writing) =>
			exitPeople(
				writing,
				office.store,
				office.clock.now(),
				rows.map(({ id }) => id),
				'goal',
			),
		);
		await minutesUntil(() => calls.left.length === 1);
		expect(calls.of(yes)[0]).toMatchObject({ output: 'yes', call: { amount: 500, frequency: 'monthly' } });
		await until(() => waitingLeads().length === 0);
		expect((await calls.items()).map(({ state }) => state).sort()).toEqual(['done', 'withdrawn']);
		expect(office.box.world.files.list('/calls/in')).toHaveLength(2);
	});

	it('the day is reported once: handed over, reached, yes, average amount, reasons, cost per yes', async () => {
		const { calls, ids } = await handedOver(
			{ options: { dailyReport: true, reportTime: '20:00', costPerCall: 30, costPerHour: 600 } },
			[{}, {}, {}, {}],
		);
		const [a = 0, b = 0, c = 0, d = 0] = ids;
		ring(await phoneOf(a), { outcome: 'yes', amount: 200 });
		ring(await phoneOf(b), { outcome: 'yes', amount: 400 });
		ring(await phoneOf(c), { outcome: 'no', reason: 'økonomi' });
		ring(await phoneOf(d), { outcome: 'noAnswer' });
		await until(() => calls.left.length === 3);
		await until(async () => (await office.responses()).filter(({ kind }) => kind === 'called').length === 4);
		forward(Date.UTC(2026, 10, 23, 19) + 1_000 - office.clock.now());
		await until(() => calls.left.some(({ output }) => output === 'report'));
		expect(calls.left.find(({ output }) => output === 'report')?.json.callReport).toMatchObject({
			callList: 'Ringeliste',
			from: '2026-11-23',
			handedOver: 4,
			calls: 4,
			people: 4,
			reached: 3,
			yes: 2,
			yesPercent: 66.7,
			averageAmount: 300,
			reasonsForNo: { økonomi: 1 },
			cost: 167.5,
			costPerYes: 83.75,
		});
		const [asked] = (await callList.run!(
			calls.ctx(),
			callList.parameters.parse({ resource: 'report', operation: 'get' }),
			[
				{
					json: {},
					params: callList.parameters.parse({
						resource: 'report',
						operation: 'get',
						reportFrom: '2026-11-01',
						reportTo: '2026-11-30',
					}),
					index: 0,
				},
			],
		)) ?? [[]];
		expect(asked?.[0]?.json.callReport).toMatchObject({ yes: 2, callList: null });
	});

	it('a run by hand calls nobody: the lead is shown, and each goes on by the chosen output', async () => {
		const calls = calling({ testWith: 'no' }, { testRun: true });
		const items = await office.members({ givenName: 'Kari' }, { phone: null });
		await calls.run(items);
		expect(calls.left.map(({ output }) => output).sort()).toEqual(['leftOut', 'no']);
		const shown = calls.left.find(({ output }) => output === 'no')?.call.lead;
		expect(shown).toMatchObject({ firstName: 'Kari', script: 'Hei, er det Kari?', hoursFrom: '09:00' });
		expect(await calls.items()).toEqual([]);
		expect(await office.dispatches()).toEqual([]);
	});
});
