/** A sender that is only slow is taken for dead, as when a clock is set forward: one of the two sends, and nobody is told twice. */
import { sql } from 'kysely';
import type { BatchAnswer, Channel, Outgoing } from '../../../core/dispatch/channel';
import { type Delivered, type Wanted, deliver, journeyKey } from '../../../core/dispatch/deliver';
import { settleOrphans } from '../../../core/dispatch/orphans';
import { enterGate } from '../../../core/journeys/gate';
import { NotSent, StepProblem } from '../../../core/ports';
import { onBothDatabases } from '../stores';
import { HOUR, Story, until } from '../journeys/story';

const PAST_LEASE = 101_000;

onBothDatabases('messages taken over', (current) => {
	let story: Story;
	let people: number[];
	let reached: string[];
	beforeEach(async () => {
		story = new Story(current().store);
		people = await story.members(3);
		reached = [];
	});
	afterEach(() => story.end());

	const take = (batch: Array<Outgoing<string>>): BatchAnswer => {
		reached.push(...batch.map((one) => one.message));
		return { kind: 'answered', sent: batch.map(({ dispatchId }) => ({ dispatchId, state: 'accepted' })) };
	};
	/** A provider that can be asked, and has received nothing of what was begun. */
	const channel = (send: Channel<string>['send']): Channel<string> => ({
		channel: 'email',
		provider: 'test',
		batchSize: 100,
		send,
		recall: async (ids) => ids.map((dispatchId) => ({ dispatchId, state: 'not sent' })),
	});
	const wanted = (more: (i: number) => Partial<Wanted<string>> = () => ({})) =>
		people.map((personId, item): Wanted<string> => ({
			item,
			key: `k${item}`,
			personId,
			enrolmentId: null,
			address: `person${item}@example.org`,
			message: `to ${item}`,
			purpose: '',
			...more(item),
		}));
	const send = (by: Channel<string>, what = wanted()) =>
		deliver(
			{ store: story.store, clock: story.clock, pause: async (ms) => story.clock.advance(ms) },
			by,
			what,
		);
	const states = (results: Delivered[]) =>
		results.map((one) => `${one.state}${one.repeated ? ' by another' : ''}`);
	const rows = () =>
		story.store.db.selectFrom('dispatch').select(['key', 'state', 'reason']).orderBy('id').execute();

	test('the slow one does not send what the other has sent', async () => {
		let calls = 0;
		let other: Delivered[] = [];
		const slow = await send(
			channel(async (batch) => {
				calls += 1;
				if (calls > 1) return take(batch);
				await story.clock.advance(PAST_LEASE);
				other = await send(channel(async (all) => take(all)));
				throw new NotSent('The connection was refused.');
			}),
		);
		expect(reached).toEqual(['to 0', 'to 1', 'to 2']);
		expect(calls).toBe(1);
		expect(states(other)).toEqual(['accepted', 'accepted', 'accepted']);
		expect(states(slow)).toEqual(Array.from({ length: 3 }, () => 'accepted by another'));
	});

	test('what another run lets go of just now has not been judged yet: the contact rules are asked', async () => {
		const { store, clock } = story;
		const [one] = wanted(() => ({ purpose: 'news' }));
		await store.db
			.insertInto('dispatch')
			.values({
				key: 'k0',
				person_id: people[0] ?? null,
				channel: 'email',
				provider: 'test',
				state: 'reserved',
				reserved_at: clock.now(),
				lease_until: clock.now() + PAST_LEASE,
			})
			.execute();
		let second: Promise<Delivered[]> | undefined;
		await store.write(async ({ db }) => {
			// Keeps the second run where it has seen the reservation and asks next who the people are.
			if (store.dialect === 'postgres')
				await db.selectFrom('person').select('id').where('id', '=', one!.personId).forUpdate().execute();
			second = send(
				channel(async (batch) => take(batch)),
				[one!],
			);
			if (store.dialect === 'postgres')
				await until(async () => {
					const { rows } = await sql`select 1 from pg_locks where not granted`.execute(store.db);
					return rows.length > 0;
				});
			await db.deleteFrom('dispatch').where('key', '=', 'k0').execute();
		});
		expect((await second!).map(({ state, code }) => [state, code])).toEqual([['skipped', 'noConsent']]);
		expect(reached).toEqual([]);
	});

	test('the slow one that gives up does not take back what the other is sending', async () => {
		let gaveUp: () => void = () => undefined;
		let other: Promise<Delivered[]> | undefined;
		const slow = send(
			channel(async () => {
				await story.clock.advance(PAST_LEASE);
				await new Promise<void>((atWork) => {
					other = send(
						channel(async (batch) => {
							atWork();
							await new Promise<void>((resolve) => (gaveUp = resolve));
							return take(batch);
						}),
					);
				});
				throw new StepProblem('The key was refused.');
			}),
		);
		await expect(slow).rejects.toThrow('The key was refused.');
		gaveUp();
		expect(states((await other) ?? [])).toEqual(['accepted', 'accepted', 'accepted']);
		// Sent once, and in the ledger: a later run does not send it again.
		await send(channel(async (batch) => take(batch)));
		expect(reached).toEqual(['to 0', 'to 1', 'to 2']);
		expect((await rows()).map((row) => row.state)).toEqual(['accepted', 'accepted', 'accepted']);
	});

	test('two who find the same dead sender’s messages: one sends, the other learns of it', async () => {
		await story.store.db
			.insertInto('dispatch')
			.values(
				wanted().map((one) => ({
					key: one.key,
					enrolment_id: null,
					step_id: null,
					person_id: one.personId,
					channel: 'email',
					provider: 'test',
					provider_ref: null,
					mailing_id: null,
					address: one.address,
					state: 'reserved' as const,
					reason: null,
					reserved_at: story.clock.now(),
					lease_until: story.clock.now(),
					settled_at: null,
				})),
			)
			.execute();
		let second: Delivered[] = [];
		const first = await send({
			...channel(async (batch) => take(batch)),
			// The other finds them while this one is still asking.
			recall: async (ids) => {
				second = await send(channel(async (batch) => take(batch)));
				return ids.map((dispatchId) => ({ dispatchId, state: 'not sent' }));
			},
		});
		expect(reached).toEqual(['to 0', 'to 1', 'to 2']);
		expect(states(second)).toEqual(['accepted', 'accepted', 'accepted']);
		expect(states(first)).toEqual(Array.from({ length: 3 }, () => 'accepted by another'));
	});

	test('a message whose sender died is unknown once its person has left or moved on, and not before', async () => {
		const journey = await story.journey();
		const gate = await story.gate();
		await story.enrol(journey, people);
		const there = await story.store.db
			.selectFrom('traveller')
			.select(['enrolment_id', 'person_id', 'hop'])
			.orderBy('enrolment_id')
			.execute();
		await story.store.db.updateTable('traveller').set({ state: 1 }).execute();
		const step = await story.gate({}, 'flow-1/mail');
		void send(
			channel(() => new Promise(() => undefined)),
			wanted((i) => ({
				key: journeyKey(there[i]!.enrolment_id, step.stepId, there[i]!.hop),
				enrolmentId: there[i]!.enrolment_id,
			})),
		).catch(() => undefined);
		for (let tries = 0; (await rows()).length < 3 && tries < 200; tries += 1)
			await new Promise((resolve) => setTimeout(resolve, 10));
		await story.store.db
			.updateTable('dispatch')
			.set({ step_id: step.stepId, lease_until: story.clock.now() })
			.execute();
		// The first leaves, the second stands at the next gate, the third is still on the way.
		await story.store.db.deleteFrom('traveller').where('enrolment_id', '=', there[0]!.enrolment_id).execute();
		await enterGate(story.store, story.clock, gate, [
			{
				enrolmentId: there[1]!.enrolment_id,
				hop: there[1]!.hop,
				personId: there[1]!.person_id,
				journeyKey: 'flow-1',
				test: false,
			},
		]);
		expect(await settleOrphans(story.store, story.clock.now() + HOUR)).toBe(2);
		const cut = { state: 'unknown', reason: expect.stringMatching(/cut off/) };
		expect(await rows()).toMatchObject([cut, cut, { state: 'reserved' }]);
	});
});
