/** Who may be written to, and when: the rules in front of every message, told as stories. */
import fc from 'fast-check';
import { DateTime } from 'luxon';
import type { BatchAnswer, Channel, Outgoing } from '../../../core/dispatch/channel';
import { type ContactRules, contactRules, saveContactRules } from '../../../core/dispatch/contactRules';
import { type Wanted, deliver, journeyKey } from '../../../core/dispatch/deliver';
import { type Verdict, judge } from '../../../core/dispatch/rules';
import { goalSchema } from '../../../core/journeys/goal';
import type { TravellerJson } from '../../../core/journeys/traveller';
import { addReservations, removeReservations, setConsent } from '../../../core/register/consents';
import { registerGifts } from '../../../core/register/gifts';
import { addLabels } from '../../../core/register/labels';
import { erasePerson } from '../../../core/register/erasePerson';
import { mergePersons } from '../../../core/register/mergePersons';
import { timelineOf } from '../../../core/register/timeline';
import { registerStep } from '../../../core/journeys/journey';
import { type Store, openStore } from '../../../core/store/store';
import { DAY, HOUR, MONDAY, Story, until } from '../journeys/story';
import { newStore, onBothDatabases } from '../stores';

const MINUTE = 60_000;
const OSLO = 'Europe/Oslo';
const NATIONAL = 'national reservation register';
const at = (text: string, zone = OSLO) => DateTime.fromISO(text, { zone }).toMillis();

class Phone implements Channel<string> {
	readonly provider = 'test';
	readonly batchSize = 1_000;
	/** Addresses, with the moment. */
	readonly got: Array<{ address: string; at: number }> = [];
	constructor(
		private readonly now: () => number,
		readonly channel = 'sms',
	) {}

	async send(batch: Array<Outgoing<string>>): Promise<BatchAnswer> {
		this.got.push(...batch.map(({ address }) => ({ address: address ?? '', at: this.now() })));
		return {
			kind: 'answered',
			sent: batch.map(({ dispatchId }) => ({ dispatchId, state: 'accepted', providerRef: `r${dispatchId}` })),
		};
	}
}

class Rules extends Story {
	set(rules: Partial<Parameters<typeof contactRules.parse>[0] & object> | ContactRules): Promise<void> {
		return saveContactRules(this.store, contactRules.parse(rules));
	}

	consent(people: readonly number[], channel = 'sms', purpose = 'nytt', granted = true) {
		return this.store.write((writing) =>
			setConsent(writing, this.store, this.clock.now(), people, {
				channel,
				purpose,
				granted,
				source: 'skjema',
			}),
		);
	}

	reserve(people: readonly number[], channel: string, source: string) {
		return this.store.write((writing) => addReservations(writing, this.clock.now(), people, channel, source));
	}

	async verdicts(
		people: readonly number[],
		more: { purpose?: string; channel?: string; class?: string } = {},
	) {
		const { purpose = 'nytt', channel = 'sms' } = more;
		const found = await judge(
			this.store.db,
			this.store,
			{ channel, now: this.clock.now(), zone: OSLO },
			people.map((personId) => ({ key: `${personId}`, personId, purpose, address: null, class: more.class })),
		);
		return people.map((id) => found.get(`${id}`));
	}

	async codes(...given: Parameters<Rules['verdicts']>) {
		return (await this.verdicts(...given)).map((verdict) => verdict?.code ?? 'yes');
	}

	/** Outside a journey. */
	send(phone: Channel<string>, people: readonly number[], purpose = 'nytt', key = `${Math.random()}`) {
		return deliver(
			{ store: this.store, clock: this.clock, pause: async () => undefined },
			phone,
			people.map((personId, item) => ({
				item,
				key: `${key}/${personId}`,
				personId,
				enrolmentId: null,
				address: `+47${40_000_000 + personId}`,
				message: 'Hei',
				purpose,
			})),
		);
	}

	/** A step that sends, on the journey: whoever is held back comes to it again. */
	async sender(phone: Channel<string>, purpose = 'nytt', key = 'flow-1/sms') {
		const { id: stepId } = await registerStep(this.store, this.clock, {
			key,
			name: 'SMS',
			type: 'linkSms',
			settings: {},
		});
		const came: TravellerJson[][] = [];
		const run = async (people: TravellerJson[], more: (json: TravellerJson) => object = () => ({})) => {
			came.push(people);
			const wanted = people.map((json, item): Wanted<string> => {
				const { enrolment, hop } = json.journey;
				return {
					item,
					key: journeyKey(enrolment, stepId, hop),
					personId: json.person.id,
					enrolmentId: enrolment,
					address: `+47${40_000_000 + json.person.id}`,
					message: 'Hei',
					purpose,
					hold: { hop, json: { ...json, ...more(json) } },
				};
			});
			return deliver(
				{ store: this.store, clock: this.clock, stepId, pause: async () => undefined },
				phone,
				wanted,
			);
		};
		return {
			stepId,
			came,
			run,
			listen: () => this.release(stepId, async (people) => void (await run(people))),
		};
	}

	dispatches() {
		return this.store.db.selectFrom('dispatch').selectAll().orderBy('id').execute();
	}
}

const night = { from: '21:00', to: '09:00', weekends: false, holidays: false };

onBothDatabases('the contact rules', (current) => {
	let story: Rules;
	let phone: Phone;
	beforeEach(() => {
		story = new Rules(current().store);
		phone = new Phone(() => story.clock.now());
	});
	afterEach(() => story.end());

	describe('who', () => {
		test('consent is per channel and purpose, with its source and time; a no to one purpose stands against a yes to all', async () => {
			const [yes, other, all, no, none] = await story.members(5);
			await story.consent([yes!]);
			await story.consent([other!], 'email');
			await story.consent([all!, no!], 'sms', '*');
			await story.consent([no!], 'sms', 'nytt', false);
			expect(await story.codes([yes!, other!, all!, no!, none!])).toEqual([
				'yes',
				'noConsent',
				'yes',
				'denied',
				'noConsent',
			]);
			expect(await story.codes([none!], { purpose: '' })).toEqual(['yes']);
			const kept = await story.store.db
				.selectFrom('consent')
				.selectAll()
				.where('person_id', '=', yes!)
				.execute();
			expect(kept).toMatchObject([{ channel: 'sms', purpose: 'nytt', source: 'skjema', at: MONDAY }]);
		});

		test('an existing relation stands in for consent where the rules say so, for these purposes; a no always stands', async () => {
			const people = await story.members(6);
			const [member, former, giver, longAgo, stop, denied] = people as [
				number,
				number,
				number,
				number,
				number,
				number,
			];
			const { store } = story;
			const membership = (person_id: number, status: string) => ({
				person_id,
				kind: 'Medlem',
				unit: '',
				status,
				started_on: null,
				ended_on: null,
				paid_on: null,
				paid_until: null,
				updated_at: 0,
			});
			await store.db
				.insertInto('membership')
				.values([
					membership(member, 'Aktiv'),
					membership(former, 'Utmeldt'),
					membership(stop, 'Aktiv'),
					membership(denied, 'Aktiv'),
				])
				.execute();
			await store.write((writing) =>
				registerGifts(writing, store, MONDAY, [
					{ personId: giver, source: 'b', sourceId: '1', amountOre: 100, givenAt: MONDAY - 300 * DAY },
					{ personId: longAgo, source: 'b', sourceId: '2', amountOre: 100, givenAt: MONDAY - 500 * DAY },
				]),
			);
			await story.reserve([stop], 'sms', 'link');
			await story.consent([denied], 'sms', 'nytt', false);
			const relation = { memberships: ['Aktiv'], gaveWithinMonths: 12, purposes: ['nytt'], label: '' };
			await story.set({ channels: { sms: { existingRelation: true } }, existingRelation: relation });
			expect(await story.codes(people)).toEqual([
				'yes',
				'noConsent',
				'yes',
				'noConsent',
				'reserved',
				'denied',
			]);
			expect(await story.codes([member], { purpose: 'lotteri' })).toEqual(['noConsent']);
			expect(await story.codes([member], { channel: 'email' })).toEqual(['noConsent']);
			await story.set({
				channels: { sms: { existingRelation: true } },
				existingRelation: { ...relation, label: 'fikk si nei' },
			});
			expect(await story.codes([member, giver])).toEqual(['noConsent', 'noConsent']);
			await store.write((writing) => addLabels(writing, store, MONDAY, [giver], 'fikk si nei'));
			expect(await story.codes([member, giver])).toEqual(['noConsent', 'yes']);
		});

		test('a national reservation yields to an existing relation; the person’s own does not, and outweighs it for good', async () => {
			const [giver, stranger] = (await story.members(2)) as [number, number];
			const { store } = story;
			await story.consent([giver, stranger], 'phone');
			await store.write((writing) =>
				registerGifts(writing, store, MONDAY, [
					{ personId: giver, source: 'b', sourceId: '1', amountOre: 100, givenAt: MONDAY - DAY },
				]),
			);
			await story.set({
				channels: { phone: { existingRelation: true } },
				existingRelation: { gaveWithinMonths: 12 },
			});
			await story.reserve([giver, stranger], 'phone', NATIONAL);
			expect(await story.codes([giver, stranger], { channel: 'phone' })).toEqual(['yes', 'reserved']);
			expect(await story.reserve([giver], 'phone', 'telefon')).toEqual([giver]);
			expect(await story.codes([giver], { channel: 'phone' })).toEqual(['reserved']);
			// The next wash against the national register neither takes it over nor takes it back.
			await story.reserve([giver], 'phone', NATIONAL);
			await store.write((writing) =>
				removeReservations(writing, store, MONDAY, [giver, stranger], 'phone', NATIONAL),
			);
			expect(await story.codes([giver, stranger], { channel: 'phone' })).toEqual(['reserved', 'yes']);
		});

		test('the dead never, those under address protection only where the rules allow it', async () => {
			const [dead, hidden] = (await story.members(2)) as [number, number];
			await story.consent([dead, hidden]);
			await story.store.db
				.updateTable('person')
				.set({ deceased_on: '2026-01-01' })
				.where('id', '=', dead)
				.execute();
			await story.store.db.updateTable('person').set({ protected: 1 }).where('id', '=', hidden).execute();
			expect(await story.codes([dead, hidden])).toEqual(['deceased', 'protected']);
			expect(await story.codes([dead, hidden], { purpose: '' })).toEqual(['deceased', 'protected']);
			await story.set({ channels: { sms: { protectedPersons: true } } });
			expect(await story.codes([dead, hidden])).toEqual(['deceased', 'yes']);
		});
	});

	describe('when', () => {
		test('in each person’s own zone, also where the register’s zone is none', async () => {
			const people = (await story.members(3)) as [number, number, number];
			await story.consent(people);
			const { db } = story.store;
			await db.updateTable('person').set({ zone: 'America/New_York' }).where('id', '=', people[1]).execute();
			await db.updateTable('person').set({ zone: 'Norge' }).where('id', '=', people[2]).execute();
			await story.set({ channels: { sms: { quiet: night } }, spreadMinutes: 0 });
			await story.clock.set(at('2026-03-03T08:00'));
			const ends = (await story.verdicts(people)).map((verdict) => verdict?.until);
			expect(ends).toEqual([at('2026-03-03T09:00'), at('2026-03-03T09:00', 'America/New_York'), ends[0]]);
			expect(await story.codes(people, { purpose: '' })).toEqual(['yes', 'yes', 'yes']);
			await story.set({ channels: { sms: { quiet: night } }, quietForService: true });
			expect(await story.codes(people, { purpose: '' })).toEqual(['quiet', 'quiet', 'quiet']);
		});

		test('whatever the hours, the spread and the zone: held to an open minute, and no longer than the spread', async () => {
			const [person] = (await story.members(1)) as [number];
			await story.consent([person]);
			const minute = fc.integer({ min: 0, max: 1_439 });
			const time = (of: number) =>
				`${String(Math.floor(of / 60)).padStart(2, '0')}:${String(of % 60).padStart(2, '0')}`;
			await fc.assert(
				fc.asyncProperty(
					minute,
					minute,
					fc.constantFrom(0, 30, 600, 1_440),
					fc.integer({ min: at('2026-03-27T00:00') / MINUTE, max: at('2026-03-31T00:00') / MINUTE }),
					fc.constantFrom(OSLO, 'America/New_York', 'Asia/Kathmandu'),
					fc.integer({ min: 1, max: 1_000_000 }),
					async (from, to, spreadMinutes, start, zone, enrolmentId) => {
						const quiet = { ...night, from: time(from), to: time(to) };
						const rules = contactRules.parse({ channels: { sms: { quiet } }, spreadMinutes });
						const ask = async (now: number, spread = rules) =>
							(
								await judge(story.store.db, story.store, { channel: 'sms', now, zone, rules: spread }, [
									{ key: 'k', personId: person, purpose: 'nytt', address: null, enrolmentId },
								])
							).get('k');
						const now = start * MINUTE;
						const verdict: Verdict | undefined = await ask(now);
						if (!verdict) return;
						const first = (await ask(now, { ...rules, spreadMinutes: 0 }))?.until ?? 0;
						expect(verdict.until).toBeGreaterThanOrEqual(first);
						expect(verdict.until).toBeLessThanOrEqual(first + spreadMinutes * MINUTE);
						expect(await ask(verdict.until ?? 0)).toBeUndefined();
					},
				),
				{ numRuns: 40 },
			);
		});

		test('caps count by channel, in all and by class of journey, over rolling days; service messages neither count nor are counted', async () => {
			const [kari, ola] = (await story.members(2)) as [number, number];
			await story.consent([kari, ola]);
			await story.consent([kari, ola], 'email');
			await story.set({
				channels: { sms: { caps: [{ messages: 2, days: 7 }] } },
				caps: [{ messages: 3, days: 30 }],
				classes: { verving: { caps: [{ messages: 1, days: 14 }] } },
			});
			for (let i = 0; i < 5; i += 1) await story.send(phone, [kari], '');
			expect(await story.codes([kari])).toEqual(['yes']);
			await story.send(phone, [kari]);
			await story.clock.advance(3 * DAY);
			await story.send(phone, [kari]);
			const [full] = await story.verdicts([kari]);
			expect(full).toMatchObject({
				verdict: 'skip',
				code: 'cap',
				reason: 'has had 2 messages by SMS within 7 days',
			});
			expect(await story.codes([kari], { channel: 'email' })).toEqual(['yes']);
			await story.send(new Phone(() => 0, 'email'), [kari]);
			expect(await story.codes([kari], { channel: 'email' })).toEqual(['cap']);
			expect(await story.codes([kari], { purpose: '' })).toEqual(['yes']);
			expect(await story.codes([ola], { class: 'verving' })).toEqual(['yes']);
			await story.store.db
				.updateTable('dispatch')
				.set({ person_id: ola, class: 'verving' })
				.where('channel', '=', 'email')
				.execute();
			expect(await story.codes([ola], { class: 'verving' })).toEqual(['cap']);
			expect(await story.codes([ola], { class: 'giver' })).toEqual(['yes']);
			// Next Monday at the same time, the first of the two is a week old.
			await story.clock.advance(4 * DAY - MINUTE);
			expect(await story.codes([kari])).toEqual(['yes']);
		});

		test('a weekly message meets its weekly cap every week, also when the clocks change', async () => {
			const [kari] = (await story.members(1)) as [number];
			await story.consent([kari]);
			await story.set({ channels: { sms: { caps: [{ messages: 1, days: 7 }] } } });
			for (const monday of ['2026-03-16', '2026-03-23', '2026-03-30', '2026-04-06']) {
				await story.clock.set(at(`${monday}T10:00`) + Math.floor(Math.random() * 5 * MINUTE));
				expect((await story.send(phone, [kari]))[0]).toMatchObject({ state: 'accepted' });
			}
		});

		test('what does not leave is not counted: failed and skipped messages are none', async () => {
			const [kari] = (await story.members(1)) as [number];
			await story.consent([kari]);
			await story.set({ channels: { sms: { caps: [{ messages: 1, days: 7 }] } } });
			const refuses = Object.assign(new Phone(() => 0), {
				send: async (): Promise<BatchAnswer> => ({ kind: 'refused', reason: 'no such number' }),
			});
			expect(await story.send(refuses, [kari])).toMatchObject([{ state: 'failed' }]);
			expect(await story.send(phone, [kari])).toMatchObject([{ state: 'accepted' }]);
			expect(await story.send(phone, [kari])).toMatchObject([{ state: 'skipped', code: 'cap' }]);
		});

		test('one message in a batch of two for the same person; the other is skipped with the moment it could have left', async () => {
			const [kari] = (await story.members(1)) as [number];
			await story.consent([kari]);
			await story.set({ minutesBetween: 60 });
			const one = {
				personId: kari,
				enrolmentId: null,
				address: '+4740000001',
				message: 'Hei',
				purpose: 'nytt',
			};
			const sent = await deliver({ store: story.store, clock: story.clock }, phone, [
				{ ...one, item: 0, key: 'a' },
				{ ...one, item: 1, key: 'b' },
			]);
			expect(sent).toMatchObject([
				{ state: 'accepted' },
				{ state: 'skipped', code: 'gap', until: MONDAY + HOUR },
			]);
		});
	});

	describe('on a journey', () => {
		const evening = at('2026-03-02T21:30');
		const onTheWay = async (count: number, goal = false) => {
			await story.clock.set(evening);
			const people = await story.members(count);
			await story.consent(people);
			await story.set({ channels: { sms: { quiet: night } } });
			const journey = await story.journey(
				goal ? { goal: goalSchema.parse({ any: [{ kind: 'gift' }] }) } : {},
			);
			const step = await story.sender(phone);
			await story.enrol(journey, people);
			await story.release(journey.stepId, async (travellers) => {
				await step.run(travellers, ({ person }) => ({ sms: { text: `til ${person.id}` } }));
			});
			await until(async () => (await story.dispatches()).length === count, 90_000);
			return { people, step, journey };
		};

		test('held overnight over a restart, let go spread out in the morning, with what the item carried; sent once', async () => {
			const { people, step } = await onTheWay(40);
			expect((await story.dispatches()).map(({ state, code }) => `${state} ${code}`)).toEqual(
				people.map(() => 'held quiet'),
			);
			await story.stopReleasing();
			await step.listen();
			await story.clock.set(at('2026-03-03T08:59'));
			expect(phone.got).toEqual([]);
			for (let minute = 0; minute <= 31; minute += 1) {
				await story.clock.set(at('2026-03-03T09:00') + minute * MINUTE);
				const due = await story.store.db
					.selectFrom('traveller')
					.select('enrolment_id')
					.where('state', '=', 0)
					.where('due_at', '<=', story.clock.now())
					.execute();
				if (due.length > 0) await until(async () => (await waitingUpTo(story.clock.now())) === 0);
			}
			await until(() => phone.got.length === people.length);
			expect(new Set(phone.got.map(({ address }) => address)).size).toBe(people.length);
			expect(new Set(phone.got.map((one) => Math.floor(one.at / (10 * MINUTE)))).size).toBeGreaterThan(1);
			for (const { at: when } of phone.got) expect(when).toBeGreaterThanOrEqual(at('2026-03-03T09:00'));
			expect(
				step.came
					.slice(1)
					.flat()
					.map((json) => (json as unknown as { sms: object }).sms),
			).toEqual(
				step.came
					.slice(1)
					.flat()
					.map(({ person }) => ({ text: `til ${person.id}` })),
			);
			await until(async () => (await story.whereabouts()).exits.length === people.length);
		});
		const waitingUpTo = async (now: number) =>
			(
				await story.store.db
					.selectFrom('traveller')
					.select('enrolment_id')
					.where('state', '=', 0)
					.where('due_at', '<=', now)
					.execute()
			).length;

		test('a run that is repeated neither holds nor sends a second time', async () => {
			const { step } = await onTheWay(2);
			const first = step.came[0]!;
			expect((await step.run(first)).map(({ state, repeated }) => [state, repeated])).toEqual([
				['held', true],
				['held', true],
			]);
			expect(await story.dispatches()).toHaveLength(2);
			await step.listen();
			await story.clock.set(at('2026-03-03T10:00'));
			await until(() => phone.got.length === 2);
			await step.run(step.came.at(-1)!);
			await step.run(first);
			expect(phone.got).toHaveLength(2);
		});

		test('a goal that is reached takes a held person out of the journey at once', async () => {
			const { people } = await onTheWay(2, true);
			const { store } = story;
			await store.write((writing) =>
				registerGifts(writing, store, story.clock.now(), [
					{ personId: people[0]!, source: 'b', sourceId: '1', amountOre: 100, givenAt: story.clock.now() },
				]),
			);
			const { travellers, exits } = await story.whereabouts();
			expect(travellers.map(({ person_id }) => person_id)).toEqual([people[1]]);
			expect(exits).toMatchObject([{ person_id: people[0], exit_reason: 'goal' }]);
		});

		test('the timeline says that it was held, why, until when they wait, and what became of it', async () => {
			const { people, step } = await onTheWay(1);
			const before = await timelineOf(story.store, story.clock.now(), people[0]!);
			expect(before?.events.at(-1)).toMatchObject({
				what: 'message',
				state: 'held',
				code: 'quiet',
				reason: 'quiet hours for SMS',
			});
			expect(before?.now).toMatchObject([
				{ step: 'SMS', state: 'waiting', reason: 'quiet hours for SMS', until: expect.any(Number) },
			]);
			await story.reserve(people, 'sms', 'link');
			await step.listen();
			await story.clock.set(at('2026-03-03T10:00'));
			await until(async () => (await story.dispatches()).length === 2);
			const after = await timelineOf(story.store, story.clock.now(), people[0]!);
			expect(after?.events.filter(({ what }) => what === 'message').at(-1)).toMatchObject({
				state: 'skipped',
				code: 'reserved',
			});
		});

		test('erased while held: nothing is left; merged while held: the one who stays gets it', async () => {
			const { people, step } = await onTheWay(3);
			const [erased, gone, survivor] = people as [number, number, number];
			await erasePerson(story.store, erased);
			expect((await story.dispatches()).length).toBe(2);
			const joined = await mergePersons(story.store, story.clock.now(), survivor, gone, 'test');
			expect(joined).toMatchObject({ merged: true, journeysJoined: 1 });
			await step.listen();
			await story.clock.set(at('2026-03-03T10:00'));
			await until(() => phone.got.length === 1);
			expect(phone.got[0]!.address).toBe(`+47${40_000_000 + survivor}`);
		});

		test('ten thousand are held and let go, each once, in good time', async () => {
			const began = Date.now();
			const { people, step } = await onTheWay(10_000);
			await step.listen();
			await story.clock.set(at('2026-03-03T10:00'));
			await until(() => phone.got.length >= people.length, 90_000);
			expect(new Set(phone.got.map(({ address }) => address)).size).toBe(10_000);
			expect(phone.got).toHaveLength(10_000);
			expect(Date.now() - began).toBeLessThan(90_000);
		});

		test('who moves on while their message is being held is not brought back', async () => {
			await story.clock.set(evening);
			const [kari] = (await story.members(1)) as [number];
			await story.consent([kari]);
			await story.set({ channels: { sms: { quiet: night } } });
			const journey = await story.journey();
			const gate = await story.gate();
			const step = await story.sender(phone);
			await story.enrol(journey, [kari]);
			await story.release(journey.stepId, async (travellers) => {
				await story.arrive(gate, travellers);
				await step.run(travellers);
			});
			await until(async () => (await story.dispatches()).length === 1);
			expect(await story.dispatches()).toMatchObject([
				{ state: 'cancelled', reason: 'had left the journey or moved on' },
			]);
			expect((await story.whereabouts()).travellers).toMatchObject([{ step_id: gate.stepId }]);
		});
	});
});

describe('two processes write to the same person at the same moment', () => {
	test('one message leaves, the other waits its turn (PostgreSQL)', async () => {
		const fresh = await newStore('postgres');
		const other: Store = await openStore({ url: fresh.url });
		try {
			const [here, there] = [new Rules(fresh.store), new Rules(other)];
			const people = await here.members(60);
			await here.consent(people);
			await here.set({ minutesBetween: 60, caps: [{ messages: 1, days: 1 }], whenFull: 'skip' });
			const phone = new Phone(() => 0);
			await Promise.all([here.send(phone, people), there.send(phone, [...people].reverse())]);
			await Promise.all([here.send(phone, people), there.send(phone, people)]);
			const each = new Map<string, number>();
			for (const { address } of phone.got) each.set(address, (each.get(address) ?? 0) + 1);
			expect([...each.values()]).toEqual(people.map(() => 1));
		} finally {
			await other.close();
			await fresh.remove();
		}
	});
});
