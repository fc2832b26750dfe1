/** What becomes different about people whose leads the callers have, told as stories with the sandbox's calling agency. */
import { addReservations } from '../../../core/register/consents';
import { recordChanges } from '../../../core/register/changes';
import { upsertPersons } from '../../../core/register/upsert';
import { washAgainstFile } from '../../../core/calls/reservationFile';
import { AnswerLost, type Http, NotSent } from '../../../core/ports';
import type { RegisterPerson } from '../../../core/register/given';
import type { Json, StepContext } from '../../../core/step';
import { axiosHttp } from '../../../hosts/axiosHttp';
import { sandboxCredentials } from '../../../sandbox/server';
import { type Member, Office, until } from '../providers/office';
import { feedIsThere, onBothDatabases } from '../stores';
import { Calling, MONDAY, atVicidial } from './calling';

const NEW = '+4740077001';

onBothDatabases('Call List, after it was handed over', (current) => {
	let office: Office;
	const callings: Calling[] = [];
	beforeEach(async () => {
		office = await Office.open(current().store);
		office.clock.turnTo(MONDAY - Date.now());
		const { vicidial, adversus, sftp } = sandboxCredentials;
		office.credentials.vicidialApi = {
			url: `${office.box.url}/vicidial/non_agent_api.php`,
			userName: vicidial.id,
			password: vicidial.secret,
		};
		office.credentials.adversusApi = {
			baseUrl: `${office.box.url}/adversus/v1`,
			userName: adversus.id,
			password: adversus.secret,
		};
		office.credentials.sftpApi = {
			host: '127.0.0.1',
			port: office.box.sftpPort,
			userName: sftp.userName,
			authentication: 'password',
			password: sftp.password,
			hostKey: office.box.world.sftp.fingerprint,
			folder: '/calls',
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
	const leads = () => [...office.box.world.agency.leads.values()];
	const forward = (ms: number) => office.clock.turnTo(office.clock.offset() + ms);
	const nextLook = () => forward(61_000);
	const minutesUntil = (holds: () => boolean | Promise<boolean>) => office.minutesUntil(holds);
	const there = async (calls: Calling, count: number) => {
		await until(async () => {
			const items = await calls.items();
			return items.length === count && items.every(({ state }) => state === 'handedOver');
		});
		await until(async () => {
			const rows = await office.store.db
				.selectFrom('traveller')
				.select('enrolment_id')
				.where('state', '=', 0)
				.where('dispatch_id', 'is not', null)
				.execute();
			return rows.length === count;
		});
	};
	const handedOver = async (raw: Json = {}, members: Member[] = [{}], over?: Partial<StepContext>) => {
		const calls = calling(raw, over);
		const ids = (await office.members(...members)).map(({ person }) => person.id);
		await calls.listen();
		await calls.start(ids);
		if (calls.params.profile === 'file') {
			await until(async () => (await calls.items()).length === ids.length);
			await minutesUntil(async () => (await calls.items()).every(({ state }) => state === 'handedOver'));
		}
		await there(calls, ids.length);
		return { calls, ids };
	};
	const become = (person: RegisterPerson) =>
		office.store.write((writing) =>
			upsertPersons(writing, office.store, office.clock.now(), [person], 'test'),
		);
	/** Whatever was to be told has been. */
	const nothingNew = (calls: Calling) =>
		until(async () => (await calls.items()).every(({ news_at: at }) => at === null));
	/** Counts what is asked of VICIdial; `first` does something about the first update. */
	const counting = (first?: () => Promise<void>) => {
		const asked: Array<Record<string, string>> = [];
		const http: Http = async (request) => {
			const answer = await axiosHttp(request);
			const form = (request.form ?? {}) as Record<string, string>;
			if (form.function !== 'update_lead' || form.no_update) return answer;
			asked.push(form);
			if (asked.length === 1) await first?.();
			return answer;
		};
		return { http, asked };
	};

	it('a new number, name and place are with the callers a minute later, told once, and no second lead is made', async () => {
		const { http, asked } = counting();
		const { calls, ids } = await handedOver({}, [{ givenName: 'Kari' }, {}], { http });
		const [kari = 0] = ids;
		const before = leads();
		await become({ id: kari, phones: [NEW], familyName: 'Nordmann', postalCode: '5003', city: 'Bergen' });
		await minutesUntil(() => leads().some(({ phone }) => phone === NEW));
		await nothingNew(calls);
		expect(leads()).toHaveLength(2);
		const lead = leads().find(({ phone }) => phone === NEW);
		expect(before.map(({ id }) => id)).toContain(lead?.id);
		expect(lead).toMatchObject({
			name: 'Kari Nordmann',
			state: 'waiting',
			fields: { postal_code: '5003', city: 'Bergen', comments: 'Hei, er det Kari?' },
		});
		expect(asked).toHaveLength(1);
		for (let minute = 0; minute < 2; minute += 1) {
			nextLook();
			await new Promise((resolve) => setTimeout(resolve, 40));
		}
		expect(asked).toHaveLength(1);
		const dispatch = (await office.dispatches()).find(({ person_id }) => person_id === kari);
		expect(dispatch).toMatchObject({ state: 'accepted', address: NEW });
		expect(office.logs.join()).not.toContain(NEW);
	});

	it('what says nothing about the lead is not told; what comes back to what it was needs no telling', async () => {
		const { http, asked } = counting();
		const { calls, ids } = await handedOver({}, [{ givenName: 'Kari' }], { http });
		const [id = 0] = ids;
		await become({ id, street: 'Storgata 1', emails: ['ny@example.org'] });
		await become({ id, givenName: 'Karin' });
		await become({ id, givenName: 'Kari' });
		await minutesUntil(async () => {
			const row = await office.store.db
				.selectFrom('setting')
				.select('value')
				.where('key', 'like', 'calls:changes %')
				.executeTakeFirst();
			const last = await office.store.db
				.selectFrom('change')
				.select((of) => of.fn.max('id').as('id'))
				.executeTakeFirstOrThrow();
			return Number(row?.value) === Number(last.id);
		});
		await nothingNew(calls);
		expect(asked).toEqual([]);
	});

	it('who is reserved, has died, or comes under protection is taken off the list, and goes on by Left Out with the reason', async () => {
		const { calls, ids } = await handedOver({}, [{}, {}, {}, {}, {}]);
		const [reserved = 0, dead = 0, hidden = 0, unreachable = 0, stays = 0] = ids;
		await office.store.write(async (writing) => {
			const now = office.clock.now();
			const fresh = await addReservations(writing, now, [reserved], 'phone', 'member service');
			await recordChanges(
				writing,
				office.store,
				now,
				fresh.map((personId) => ({ personId, kind: 'reservation_added', subject: 'phone' })),
			);
		});
		await become({ id: dead, deceasedOn: '2026-11-20' });
		await become({ id: hidden, protected: true });
		await become({ id: unreachable, phones: [] });
		await minutesUntil(() => calls.left.length === 4);
		const codes = new Map(calls.left.map(({ id, output, call }) => [id, `${output} ${String(call.code)}`]));
		expect(codes.get(reserved)).toBe('leftOut reserved');
		expect(codes.get(dead)).toBe('leftOut deceased');
		expect(codes.get(hidden)).toBe('leftOut protected');
		expect(codes.get(unreachable)).toBe('leftOut noNumber');
		const waiting = leads().filter(({ state }) => state === 'waiting');
		expect(waiting).toHaveLength(1);
		const items = await calls.items();
		expect(items.find(({ person_id }) => person_id === stays)?.state).toBe('handedOver');
		for (const item of items.filter(({ person_id }) => person_id !== stays))
			expect(item).toMatchObject({ state: 'withdrawn', content: null });
		expect((await office.dispatches()).filter(({ state }) => state === 'cancelled')).toHaveLength(4);
	});

	it('a wash read in meanwhile takes off the list whom it finds, and a number from after it has not been washed', async () => {
		const wash = (text: string) =>
			washAgainstFile(office.store, office.clock, text, {
				fileName: 'reservasjon.csv',
				washedOn: '2026-11-20',
				holds: 'all',
				channels: ['phone'],
				columns: [],
				coversWords: [],
				countryCode: '47',
			});
		const calls = calling({ wash: 'thisMonth' });
		const ids = (await office.members({ phone: '+4740055001' }, { phone: '+4740055002' })).map(
			({ person }) => person.id,
		);
		forward(1_000);
		await wash('Telefon\n40055009\n');
		await calls.listen();
		await calls.start(ids);
		await there(calls, 2);
		await wash('Telefon\n40055009\n40055001\n');
		forward(1_000);
		await become({ id: ids[1] ?? 0, phones: [NEW] });
		await minutesUntil(() => calls.left.length === 2);
		expect(calls.of(ids[0] ?? 0)[0]).toMatchObject({ output: 'leftOut', call: { code: 'reserved' } });
		expect(calls.of(ids[1] ?? 0)[0]).toMatchObject({ output: 'leftOut', call: { code: 'notWashed' } });
		expect(leads().filter(({ state }) => state === 'waiting')).toEqual([]);
	});

	it('what changes before the handing over is in the lead itself', async () => {
		let open = false;
		let refused = 0;
		const { asked, http } = counting();
		const shut: Http = (request) => {
			if (open) return http(request);
			refused += 1;
			return Promise.reject(new NotSent('the dialer is not there'));
		};
		const calls = calling({}, { http: shut });
		const ids = (await office.members({})).map(({ person }) => person.id);
		await calls.listen();
		await calls.start(ids);
		await until(async () => refused > 0 && (await calls.items())[0]?.state === 'collected');
		await become({ id: ids[0] ?? 0, phones: [NEW] });
		await feedIsThere(office.store);
		open = true;
		await minutesUntil(() => leads().length === 1);
		await there(calls, 1);
		expect(leads().map(({ phone }) => phone)).toEqual([NEW]);
		expect(asked).toEqual([]);
	});

	it('an answer that is lost, or a process that dies while it tells: it is told again, and the result is found by the new number', async () => {
		const lost = counting(() => Promise.reject(new AnswerLost('the connection was reset')));
		const { calls, ids } = await handedOver({}, [{}], { http: lost.http });
		await become({ id: ids[0] ?? 0, phones: [NEW] });
		await minutesUntil(() => lost.asked.length === 1);
		await minutesUntil(() => lost.asked.length === 2);
		await nothingNew(calls);
		await calls.end();

		// The next one dies for good in the middle of it: nothing of its own comes back while the other works.
		let bury: () => void = () => undefined;
		const died = counting(
			() => new Promise<never>((_, reject) => (bury = () => reject(new AnswerLost('it died')))),
		);
		const dead = new Calling(office, { ...atVicidial }, { http: died.http });
		void dead.listen();
		await become({ id: ids[0] ?? 0, phones: ['+4740077002'] });
		await minutesUntil(() => died.asked.length === 1);
		const after = counting();
		const next = calling({}, { http: after.http });
		await next.listen();
		await new Promise((resolve) => setTimeout(resolve, 40));
		expect(after.asked).toEqual([]);
		await minutesUntil(() => after.asked.length === 1);
		await nothingNew(next);
		expect(leads().map(({ phone, state }) => `${phone} ${state}`)).toEqual(['+4740077002 waiting']);
		const params = {
			resource: 'result',
			operation: 'importFile',
			content: 'phone;disposition\n+4740077002;SALE\n',
		};
		const read = new Calling(office, params);
		await read.run([{}]);
		// Whichever of the two lets them go.
		await until(() => next.left.length + dead.left.length === 1);
		expect([...next.left, ...dead.left]).toMatchObject([{ output: 'yes' }]);
		bury();
		await dead.end();
	});

	it('at Adversus, which has no documented way: the lead stays as it is, the log says so, and there is no second one', async () => {
		const { calls, ids } = await handedOver({
			profile: 'adversus',
			campaignId: 27305,
			poolId: 26024,
			masterFields: { field: [{ value: 'phone', id: 2 }] },
			takenBack: 'nothing',
		});
		const [lead] = leads();
		const phone = lead?.phone;
		await become({ id: ids[0] ?? 0, phones: [NEW] });
		await minutesUntil(() => office.logs.some((line) => line.includes('cannot be changed at the callers')));
		await nothingNew(calls);
		expect(leads().map((one) => one.phone)).toEqual([phone]);
		nextLook();
		await new Promise((resolve) => setTimeout(resolve, 40));
		expect(office.logs.filter((line) => line.includes('cannot be changed'))).toHaveLength(1);
	});

	it('as files: one with the same columns and the action update, one with whom not to call; each once', async () => {
		const { calls, ids } = await handedOver(
			{ profile: 'file', folder: 'in', resultFolder: '', everyMinutes: 15, filePrefix: 'ringing' },
			[{ givenName: 'Kari' }, {}, {}],
		);
		const [kari = 0, dead = 0] = ids;
		const files = () => office.box.world.files.list('/calls/in').filter((name) => name.endsWith('.csv'));
		await until(() => leads().length === 3);
		await become({ id: kari, phones: [NEW], givenName: '=KARI()' });
		await become({ id: dead, deceasedOn: '2026-11-20' });
		await minutesUntil(() => leads().some(({ phone }) => phone === NEW));
		await until(() => calls.left.length === 1);
		await nothingNew(calls);
		expect(leads()).toHaveLength(3);
		const textOf = (what: string) => {
			const name = files().find((one) => one.includes(`-${what}-`)) ?? '';
			return office.box.world.files.read(`/calls/in/${name}`)?.toString('utf8').replace('\uFEFF', '') ?? '';
		};
		const list = office.box.world.files.read(`/calls/in/${files()[0] ?? ''}`)?.toString('utf8') ?? '';
		const [heading = '', row = '', ...more] = textOf('update').trim().split('\n');
		expect(list.replace('\uFEFF', '').split('\n')[0]).toBe(heading);
		expect(more).toEqual([]);
		const refs = new Map((await calls.items()).map(({ person_id, ref }) => [person_id, ref]));
		expect(row.startsWith(`${refs.get(kari)};update;${NEW};'=KARI()`)).toBe(true);
		expect(row).toContain('Hei, er det Kari?');
		expect(textOf('withdraw')).toBe(`ref;action;reason\n${refs.get(dead)};withdraw;no longer to be called\n`);
		expect(calls.left[0]).toMatchObject({ id: dead, output: 'leftOut', call: { code: 'deceased' } });
		for (let minute = 0; minute < 2; minute += 1) {
			nextLook();
			await new Promise((resolve) => setTimeout(resolve, 60));
		}
		expect(files()).toHaveLength(3);
	});
});
