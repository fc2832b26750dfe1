/** Questions over SMS, told as stories with the sandbox's phones. */
import { enrol } from '../../../core/journeys/enrol';
import { registerJourney, registerStep } from '../../../core/journeys/journey';
import { releasePeople } from '../../../core/journeys/release';
import { erasePerson } from '../../../core/register/erasePerson';
import { exportPerson } from '../../../core/register/exportPerson';
import { saveContactRules } from '../../../core/dispatch/contactRules';
import type { Emit, Json, Out, Stop } from '../../../core/step';
import { linkConversation } from '../../../nodes/LinkConversation/linkConversation';
import { linkTrigger } from '../../../nodes/LinkTrigger/linkTrigger';
import { ingest } from '../../../core/responses/ingest';
import { callbackAddress, storeMark } from '../../../providers/callback';
import { incomingOf, readEvents } from '../../../providers/linkMultichannel/reports';
import { sandboxCredentials } from '../../../sandbox/server';
import { Office, until } from '../providers/office';
import { onBothDatabases } from '../stores';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const LABELS = ['notSent', 'noAnswer', 'notUnderstood', 'yes', 'no'];

interface Left {
	output: string;
	id: number;
	answer: Json;
}

/** A journey of one start and one step that asks; what leaves it is collected. */
class Asking {
	readonly left: Left[] = [];
	readonly problems: string[] = [];
	private stops: Stop[] = [];

	constructor(
		readonly office: Office,
		private readonly raw: Json,
		readonly step = 'flow-1/ask',
		/** A run that dies: what it would have let out is lost with it. */
		private readonly dies: (run: number) => boolean = () => false,
	) {}

	private runs = 0;

	private ctx() {
		const { place } = this.office.ctx();
		return this.office.ctx({ place: { ...place, step: this.step, name: 'Spør' } });
	}

	async run(items: Json[], released?: number[]): Promise<void> {
		const params = linkConversation.parameters.parse(this.raw);
		this.runs += 1;
		const died = this.dies(this.runs);
		const outputs = await linkConversation.run!(
			this.ctx(),
			params,
			items.map((json, index) => ({
				json,
				params,
				index,
				...(released ? { released: released[index] } : {}),
			})),
		);
		if (died) throw new Error('the process was killed');
		outputs.forEach((outs, output) => {
			for (const { json, problem } of outs) {
				if (problem) this.problems.push(problem.message);
				const { id } = json.person as { id: number };
				this.left.push({ output: LABELS[output] ?? String(output), id, answer: (json.answer ?? {}) as Json });
			}
		});
	}

	private async carry(items: Json[], released?: number[]): ReturnType<Emit> {
		try {
			await this.run(items, released);
			return { end: 'done' };
		} catch (cause) {
			const reason = cause instanceof Error ? cause.message : String(cause);
			return reason === 'the process was killed' ? { end: 'lost' } : { end: 'failed', reason };
		}
	}

	async listen(): Promise<void> {
		const emit: Emit = (outputs) => {
			const all = outputs.flatMap((outs: Out[], output) => outs.map(({ json }) => ({ json, output })));
			return this.carry(
				all.map(({ json }) => json),
				all.map(({ output }) => output),
			);
		};
		this.stops.push(
			await linkConversation.listen!(this.ctx(), linkConversation.parameters.parse(this.raw), emit),
		);
	}

	/** Lets them in by a start of their own, so that two questions can be asked at once. */
	async start(personIds: number[], journeyKey = 'flow-1'): Promise<void> {
		const { store, clock } = this.office;
		const settings = { reentry: { kind: 'afterExit' as const }, restart: { kind: 'atOnce' as const } };
		const journey = await registerJourney(store, clock, { key: journeyKey, name: 'Reise', settings });
		const start = await registerStep(store, clock, {
			key: `${journeyKey}/start`,
			name: 'Start',
			type: 'journeyStart',
			journeyId: journey.id,
			settings: {},
		});
		await enrol(
			store,
			clock,
			{ id: journey.id, stepId: start.id, settings },
			personIds.map((personId) => ({ personId })),
		);
		this.stops.push(
			await releasePeople(
				{ store, clock, stepId: start.id, outcomes: ['started'], log: () => undefined },
				(outputs) => this.carry(outputs.flat().map(({ json }) => json)),
			),
		);
	}

	of(id: number): Left[] {
		return this.left.filter((one) => one.id === id);
	}

	async end(): Promise<void> {
		for (const stop of this.stops) await stop();
	}
}

const student = {
	sender: '2333',
	question: 'Hei {{ person.givenName }}! Er du fortsatt student? Svar JA eller NEI.',
};

onBothDatabases('LINK Conversation', (current) => {
	let office: Office;
	const askings: Asking[] = [];
	beforeEach(async () => {
		office = await Office.open(current().store);
		await office.publish(linkTrigger);
		office.box.world.link.profile.moUrl = (await callbackAddress(office.store, 'link')) ?? '';
	});
	afterEach(async () => {
		for (const one of askings.splice(0)) await one.end();
		await office.close();
	});

	const asking = (raw: Json = {}, step?: string, dies?: (run: number) => boolean) => {
		const made = new Asking(office, { ...student, ...raw }, step, dies);
		askings.push(made);
		return made;
	};
	const phoneOf = ({ person }: { person: Json }) => String(person.phone);
	const got = (phone: string) =>
		office.box.world.link.phones
			.of(phone)
			.filter(({ from }) => from === 'organisation')
			.map(({ text }) => text);
	const reply = (phone: string, text: string) => office.box.world.link.reply(phone, text);
	const questions = () =>
		office.store.db.selectFrom('question').selectAll().orderBy('enrolment_id').execute();
	const waiting = async (count: number) =>
		until(async () => {
			const rows = await office.store.db.selectFrom('traveller').select(['state', 'output']).execute();
			return rows.filter(({ state, output }) => state === 0 && output === null).length === count;
		}, 90_000);
	const leftAll = (one: Asking, count: number) => until(() => one.left.length === count, 90_000);

	test('each leaves by what they answered; nobody is asked twice, nothing they wrote is kept', async () => {
		const ask = asking();
		const people = await office.members({ givenName: 'Kari' }, { givenName: 'Ola' }, {}, { phone: null });
		await ask.listen();
		await ask.start(people.map(({ person }) => person.id));
		await waiting(3);
		await leftAll(ask, 1);
		const [kari, ola, silent, mute] = people.map((one) => ({ id: one.person.id, phone: phoneOf(one) }));
		expect(got(kari!.phone)).toEqual(['Hei Kari! Er du fortsatt student? Svar JA eller NEI.']);
		expect(ask.of(mute!.id)).toMatchObject([
			{ output: 'notSent', answer: { state: 'notSent', reason: 'has no phone number' } },
		]);

		await reply(kari!.phone, 'Ja takk! 😊');
		await reply(ola!.phone, 'nei, jeg jobber nå');
		await leftAll(ask, 3);
		expect(ask.of(kari!.id)).toMatchObject([
			{ output: 'yes', answer: { state: 'understood', value: true, words: 'Ja', asked: 1 } },
		]);
		expect(ask.of(ola!.id)).toMatchObject([{ output: 'no', answer: { value: false, words: 'Nei' } }]);
		expect(
			(await office.responses())
				.filter(({ kind }) => kind === 'replied')
				.map((r) => r.subject)
				.sort(),
		).toEqual(['JA', 'NEI']);
		office.clock.turnTo(office.clock.offset() + 3 * DAY + HOUR);
		await leftAll(ask, 4);
		expect(ask.of(silent!.id)).toMatchObject([{ output: 'noAnswer', answer: { state: 'noAnswer' } }]);
		expect(office.box.world.link.counts.sent).toBe(3);
		expect((await questions()).every(({ replies }) => replies === null)).toBe(true);
		const everything = JSON.stringify([await questions(), await office.responses()]);
		expect(everything).not.toMatch(/jobber/i);
	});

	test('what is not understood is asked about once more, then leaves as such; a late correction still counts', async () => {
		const ask = asking();
		const people = await office.members({ givenName: 'Kari' }, { givenName: 'Ola' });
		await ask.listen();
		await ask.start(people.map(({ person }) => person.id));
		await waiting(2);
		const [kari, ola] = people.map((one) => ({ id: one.person.id, phone: phoneOf(one) }));
		await reply(kari!.phone, 'Hvem er dette?');
		await reply(ola!.phone, 'hm');
		await until(() => got(kari!.phone).length === 2 && got(ola!.phone).length === 2, 90_000);
		expect(got(kari!.phone)[1]).toBe(
			'Beklager, vi forsto ikke svaret. Hei Kari! Er du fortsatt student? Svar JA eller NEI.',
		);
		await waiting(2);
		await reply(kari!.phone, 'JA!');
		await reply(ola!.phone, 'Ring meg');
		await leftAll(ask, 2);
		expect(ask.of(kari!.id)).toMatchObject([{ output: 'yes', answer: { asked: 2 } }]);
		expect(ask.of(ola!.id)).toMatchObject([{ output: 'notUnderstood', answer: { asked: 2 } }]);
		expect(ask.of(ola!.id)[0]?.answer).not.toHaveProperty('text');
		// The second message answers theirs: it is no marketing.
		expect((await office.dispatches()).map(({ purpose }) => purpose).sort()).toEqual([
			'',
			'',
			'marketing',
			'marketing',
		]);
	});

	test('the answer changes the register, in the same write, with its source', async () => {
		const ask = asking({
			save: {
				row: [
					{ to: 'removeLabel', on: 'Nei', label: 'student' },
					{ to: 'attribute', key: 'studentstatus' },
					{ to: 'consentGiven', on: 'yes', channel: 'sms', purpose: 'studenttilbud' },
					{ to: 'membership', on: 'no', status: 'Ordinær', kind: 'Student' },
				],
			},
		});
		const [one] = await office.members({});
		const id = one!.person.id;
		const { db } = office.store;
		await db.insertInto('label').values({ person_id: id, label: 'student', added_at: 1 }).execute();
		await db
			.insertInto('membership')
			.values({
				...{ person_id: id, kind: 'Student', unit: 'Bergen', status: 'Student', updated_at: 1 },
				...{ started_on: null, ended_on: null, paid_on: null, paid_until: null },
			})
			.execute();
		await ask.listen();
		await ask.start([id]);
		await waiting(1);
		await reply(phoneOf(one!), 'Nei.');
		await leftAll(ask, 1);
		expect(await db.selectFrom('label').selectAll().execute()).toEqual([]);
		expect(await db.selectFrom('attribute').select(['key', 'value']).execute()).toEqual([
			{ key: 'studentstatus', value: 'Nei' },
		]);
		expect(await db.selectFrom('membership').select('status').execute()).toEqual([{ status: 'Ordinær' }]);
		expect(
			await db.selectFrom('consent').select('purpose').where('source', '=', 'LINK Conversation').execute(),
		).toEqual([]);
	});

	test('stop is stop: a reservation, no further question, and out by No Answer', async () => {
		const ask = asking();
		const [one] = await office.members({});
		await ask.listen();
		await ask.start([one!.person.id]);
		await waiting(1);
		await reply(phoneOf(one!), 'STOPP');
		await leftAll(ask, 1);
		expect(ask.left).toMatchObject([{ output: 'noAnswer', answer: { state: 'stopped' } }]);
		expect(await office.reservations()).toMatchObject([{ person_id: one!.person.id, channel: 'sms' }]);
		expect(got(phoneOf(one!))).toHaveLength(1);
	});

	test('two questions to one number, of one person or of a family: one after the other, each with its own answer', async () => {
		const first = asking();
		const second = asking({ question: 'Bor du fortsatt i Bergen?' }, 'flow-2/ask');
		const [kari, ola] = await office.members(
			{ givenName: 'Kari', phone: '+4740000111' },
			{ givenName: 'Ola', phone: null },
		);
		await office.store.db
			.insertInto('contact_point')
			.values({
				...{ person_id: ola!.person.id, kind: 'phone' as const, value: '+4740000111' },
				...{ is_primary: 1, invalid_reason: null, created_at: 1 },
			})
			.execute();
		await first.listen();
		await second.listen();
		await first.start([ola!.person.id]);
		await waiting(1);
		await second.start([kari!.person.id], 'flow-2');
		await until(async () => (await questions()).some(({ state }) => state === 'queued'), 90_000);
		expect(got('+4740000111')).toEqual(['Hei Ola! Er du fortsatt student? Svar JA eller NEI.']);
		await reply('+4740000111', 'nei');
		await leftAll(first, 1);
		await until(() => got('+4740000111').length === 2, 90_000);
		await waiting(1);
		await reply('+4740000111', 'ja');
		await leftAll(second, 1);
		expect(first.left).toMatchObject([{ id: ola!.person.id, output: 'no' }]);
		expect(second.left).toMatchObject([{ id: kari!.person.id, output: 'yes' }]);
		const replied = (await office.responses()).filter(({ kind }) => kind === 'replied');
		expect(replied.map(({ person_id: id }) => id)).toEqual([ola!.person.id, kari!.person.id]);
		// Nobody is asked any more: what comes now is a reply like any other.
		await reply('+4740000111', 'Takk!');
		await until(async () => (await office.responses()).filter(({ kind }) => kind === 'replied').length === 3);
		expect([first.left.length, second.left.length]).toEqual([1, 1]);
	});

	test('a process that is killed after the question, and again after the answer: asked once, answered once', async () => {
		// Dies when the message has left, then when the answer has been read and written.
		const ask = asking({ save: { row: [{ to: 'attribute', key: 'svar' }] } }, undefined, (run) => run === 2);
		const [one] = await office.members({});
		const sent = office.box.world.link.counts;
		await ask.listen();
		await ask.start([one!.person.id]);
		await waiting(1);
		await reply(phoneOf(one!), 'ja');
		// Released by the reply: killed after the question was closed; let go again, it leaves as before.
		await leftAll(ask, 1);
		expect(ask.left).toMatchObject([{ output: 'yes', answer: { value: true } }]);
		expect(sent.sent).toBe(1);
		expect(await office.store.db.selectFrom('attribute').select('value').execute()).toEqual([
			{ value: 'Ja' },
		]);
	});

	test('a run that is repeated before anybody was parked sends nothing again; the reply that came meanwhile is read', async () => {
		const ask = asking();
		const [one] = await office.members({});
		const [traveller] = await office.travellers([one!.person.id]);
		const before = await office.store.db.selectFrom('traveller').selectAll().executeTakeFirstOrThrow();
		await ask.run([traveller!]);
		// As if the process had died before the write that parks them.
		await office.store.db
			.updateTable('traveller')
			.set({
				hop: before.hop,
				state: before.state,
				step_id: before.step_id,
				output: before.output,
				due_at: before.due_at,
			})
			.execute();
		await reply(phoneOf(one!), 'hva?');
		await until(async () => (await questions())[0]?.state === 'answered');
		await ask.run([traveller!]);
		expect(office.box.world.link.counts.sent).toBe(1);
		await ask.listen();
		await until(() => got(phoneOf(one!)).length === 2, 90_000);
		await waiting(1);
		await reply(phoneOf(one!), 'ja');
		await leftAll(ask, 1);
		expect(ask.left).toMatchObject([{ output: 'yes', answer: { asked: 2 } }]);
	});

	test('whoever is held back by quiet hours is asked when the hour has come, and no earlier reply is taken for an answer', async () => {
		await saveContactRules(office.store, {
			channels: { sms: { quiet: { from: '00:00', to: '23:59', weekends: false, holidays: false } } },
		} as never);
		const ask = asking();
		const [one] = await office.members({});
		await ask.listen();
		await ask.start([one!.person.id]);
		await until(async () => (await office.dispatches()).some(({ state }) => state === 'held'), 90_000);
		await until(async () => (await questions()).length === 0);
		await reply(phoneOf(one!), 'ja');
		await until(async () => (await office.responses()).length === 1);
		expect(ask.left).toEqual([]);
		await saveContactRules(office.store, {} as never);
		office.clock.turnTo(office.clock.offset() + DAY);
		await waiting(1);
		expect(got(phoneOf(one!))).toHaveLength(1);
		await reply(phoneOf(one!), 'nei');
		await leftAll(ask, 1);
		expect(ask.left).toMatchObject([{ output: 'no' }]);
	});

	test('a message that LINK cannot deliver lets its person go on by Not Sent', async () => {
		office.box.world.faults.order({ provider: 'link', kind: 'report-failed' });
		const ask = asking();
		const [one] = await office.members({});
		await ask.listen();
		await ask.start([one!.person.id]);
		await leftAll(ask, 1);
		expect(ask.left).toMatchObject([{ output: 'notSent', answer: { state: 'notDelivered' } }]);
	});

	test('the reply can be exported until it is read, and goes with its person', async () => {
		const ask = asking();
		const [one] = await office.members({});
		const { id } = one!.person;
		await ask.start([id]);
		await until(async () => (await questions()).length === 1, 90_000);
		await until(async () => {
			const [row] = await office.store.db.selectFrom('traveller').select('state').execute();
			return row?.state === 0;
		}, 90_000);
		await reply(phoneOf(one!), 'Hilsen Karianne');
		await until(async () => (await questions())[0]?.state === 'answered');
		const document = await exportPerson(office.store, office.clock.now(), id);
		expect(JSON.stringify(document?.questionsAsked)).toContain('Hilsen Karianne');
		await erasePerson(office.store, id);
		expect(await questions()).toEqual([]);
	});

	test('choices, a number and a date are outputs and values of their own', async () => {
		const ask = asking({
			answers: 'choices',
			choices: { choice: [{ name: 'Student' }, { name: 'I jobb', words: 'jobber' }, { name: 'Annet' }] },
		});
		const people = await office.members({}, {});
		await ask.listen();
		await ask.start(people.map(({ person }) => person.id));
		await waiting(2);
		expect(got(phoneOf(people[0]!))[0]).toMatch(/\n1 Student\n2 I jobb\n3 Annet$/);
		await reply(phoneOf(people[0]!), '2');
		await reply(phoneOf(people[1]!), 'annet');
		await leftAll(ask, 2);
		expect(ask.left.map(({ output, answer }) => [output, answer.value]).sort()).toEqual([
			['5', 'Annet'],
			['no', 'I jobb'],
		]);
	});

	test('a run by hand asks nobody and reads the reply that the form gives', async () => {
		const [one] = await office.members({});
		const try_ = async (raw: Json) => {
			const { outputs } = await office.run(linkConversation, { ...student, ...raw }, [one!], {
				testRun: true,
			});
			return outputs.findIndex((outs) => outs.length > 0);
		};
		expect(await try_({ testReply: 'Nei takk' })).toBe(4);
		expect(await try_({})).toBe(3);
		expect(await try_({ testReply: 'tja' })).toBe(2);
		expect(await try_({ testWith: 'noAnswer' })).toBe(1);
		expect(office.box.world.calls.count).toBe(0);
		expect(await questions()).toEqual([]);
	});

	test('a form that makes no question is told before anybody is asked', async () => {
		const [one] = await office.members({});
		const refused = (raw: Json) => office.run(linkConversation, { ...student, ...raw }, [one!]);
		await expect(refused({ sender: 'Foreningen' })).rejects.toMatchObject({
			message: expect.stringContaining('nobody can answer a name'),
		});
		await expect(refused({ question: ' ' })).rejects.toMatchObject({ details: { field: 'Question' } });
		await expect(refused({ answers: 'choices' })).rejects.toMatchObject({ details: { field: 'Choices' } });
		await expect(
			refused({ save: { row: [{ to: 'addLabel', on: 'Kanskje', label: 'x' }] } }),
		).rejects.toMatchObject({
			message: "'When the Answer Is' in 'Save Answer To' is 'Kanskje', which is no answer.",
		});
		await expect(refused({})).rejects.toThrow(/no person on a journey/);
		expect(await office.dispatches()).toEqual([]);
	});
});

onBothDatabases('LINK Conversation by other ways than MyLINK', (current) => {
	let office: Office;
	let ask: Asking;
	beforeEach(async () => {
		office = await Office.open(current().store);
		const { url } = office.box;
		office.credentials.linkMultichannelApi = {
			authentication: 'apiKey',
			apiKey: sandboxCredentials.multichannel.secret,
			baseUrl: `${url}/linkMultichannel`,
		};
		office.box.world.multichannel.network.profile.reportAfterMs = 5;
	});
	afterEach(async () => {
		await ask.end();
		await office.close();
	});

	test.each([
		['rcs', 'Ja, fortsatt student på …'],
		['whatsapp', 'Ja, fortsatt studen…'],
	] as const)(
		'over %s the answers are buttons; a tap is read as what it returns; whoever cannot get it is sent an SMS and answers in words',
		async (via, caption) => {
			const mark = await storeMark(office.store);
			const { network } = office.box.world.multichannel;
			const people = await office.members({ givenName: 'Kari' }, { givenName: 'Ola' });
			const [kari, ola] = people.map(({ person }) => String((person as Json).phone)) as [string, string];
			network.profile.without[ola] = [via];
			ask = new Asking(office, {
				...student,
				via,
				options: { yesButton: 'Ja, fortsatt student på heltid' },
			});
			await ask.listen();
			await ask.start(people.map(({ person }) => person.id));
			const shown = (phone: string) => office.box.world.link.phones.of(phone).at(-1);
			await until(() => shown(kari) !== undefined && shown(ola) !== undefined, 90_000);
			expect(shown(kari)).toMatchObject({ channel: via });
			expect(shown(kari)?.buttons?.map((button) => button.caption)).toEqual([caption, 'Nei']);
			expect(shown(ola)).toMatchObject({ channel: 'sms', buttons: [] });
			await until(
				async () => (await office.dispatches()).filter(({ settled_at: at }) => at !== null).length === 2,
				15_000,
			);

			// What the trigger takes in, without its web address.
			const tell = async (events: object[]) =>
				ingest(
					office.store,
					office.clock,
					(readEvents({ events }, office.clock.now())?.pushes ?? []).flatMap((push) =>
						incomingOf(push, mark),
					),
				);
			const tap = shown(kari)!.buttons![0]!;
			await tell(network.say(kari, { text: tap.caption, postback: tap.postback }));
			await tell(network.say(ola, { text: 'Nei takk' }));
			await until(() => ask.left.length === 2, 90_000);
			expect(ask.of(people[0]!.person.id)).toMatchObject([{ output: 'yes' }]);
			expect(ask.of(people[1]!.person.id)).toMatchObject([{ output: 'no' }]);
		},
	);

	test('over Common, by a short number with a route for all that is written to it', async () => {
		office.joinCommon();
		const trigger = { events: ['inbound'], routes: { route: [{ match: 'DEFAULT', number: '2333' }] } };
		await office.publish(linkTrigger, trigger);
		const [kari] = await office.members({ givenName: 'Kari', phone: '+4740000071' });
		ask = new Asking(office, { ...student, via: 'common' });
		await ask.listen();
		await ask.start([kari!.person.id]);
		const phone = () => office.box.world.link.phones.of('+4740000071');
		await until(() => phone().some(({ from }) => from === 'organisation'));
		expect(phone()[0]).toMatchObject({ organisation: '2333', text: expect.stringContaining('Hei Kari!') });
		await until(async () => (await office.dispatches()).every(({ settled_at: at }) => at !== null));
		expect(await office.box.world.linkCommon.reply('+4740000071', 'Ja da, Blindern 😊')).toBe(200);
		await until(() => ask.left.length === 1);
		expect(ask.of(kari!.person.id)).toMatchObject([{ output: 'yes' }]);
	});
});
