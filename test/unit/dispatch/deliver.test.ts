import type { BatchAnswer, Channel, Outgoing } from '../../../core/dispatch/channel';
import { type Wanted, deliver, journeyKey } from '../../../core/dispatch/deliver';
import { AnswerLost, NotSent, StepProblem } from '../../../core/ports';
import { addReservations, setConsent } from '../../../core/register/consents';
import { onBothDatabases } from '../stores';
import { HOUR, Story } from '../journeys/story';

interface Text {
	text: string;
}

/** A provider at the end of a wire: keeps what reached it, and answers as a test says. */
class Provider implements Channel<Text> {
	readonly channel = 'sms';
	readonly provider = 'test';
	batchSize = 1_000;
	readonly reached: string[] = [];
	calls = 0;
	constructor(
		private readonly script: Array<(batch: Array<Outgoing<Text>>) => BatchAnswer | Promise<BatchAnswer>> = [],
	) {}

	async send(batch: Array<Outgoing<Text>>): Promise<BatchAnswer> {
		const act = this.script[this.calls] ?? this.script.at(-1) ?? ((all) => this.take(all));
		this.calls += 1;
		return act(batch);
	}

	take(batch: Array<Outgoing<Text>>): BatchAnswer {
		this.reached.push(...batch.map((one) => one.address ?? ''));
		return {
			kind: 'answered',
			sent: batch.map(({ dispatchId }) => ({
				dispatchId,
				state: 'accepted',
				providerRef: `ref-${dispatchId}`,
			})),
		};
	}
}

onBothDatabases('the dispatch ledger', (current) => {
	let story: Story;
	let people: number[];
	const pauses: number[] = [];
	beforeEach(async () => {
		story = new Story(current().store);
		people = await story.members(5);
		pauses.length = 0;
	});
	afterEach(() => story.end());

	const wanted = (count = people.length, more: Partial<Wanted<Text>> = {}): Array<Wanted<Text>> =>
		people.slice(0, count).map((personId, item) => ({
			item,
			key: `k${personId}`,
			personId,
			enrolmentId: null,
			address: `+4740000${100 + item}`,
			message: { text: 'Hei' },
			purpose: '',
			...more,
		}));
	const send = (channel: Channel<Text>, what = wanted()) =>
		deliver(
			{ store: story.store, clock: story.clock, pause: async (ms) => void pauses.push(ms) },
			channel,
			what,
		);
	const states = async () =>
		(await story.store.db.selectFrom('dispatch').select(['state']).orderBy('id').execute()).map(
			(row) => row.state,
		);

	test('sends each message once, however often the step runs again', async () => {
		const provider = new Provider();
		expect((await send(provider)).map((one) => [one.state, one.repeated])).toEqual(
			people.map(() => ['accepted', false]),
		);
		expect((await send(provider)).map((one) => [one.state, one.repeated])).toEqual(
			people.map(() => ['accepted', true]),
		);
		expect(provider.reached).toHaveLength(people.length);
	});

	test('two runs at the same moment send each message once', async () => {
		const provider = new Provider();
		await Promise.all([send(provider), send(provider)]);
		expect(provider.reached.sort()).toEqual(wanted().map((one) => one.address));
	});

	test('a crash between reserving and settling leaves it unknown, and nothing is sent again', async () => {
		const dies = new Provider([
			(batch) => {
				dies.take(batch);
				return new Promise(() => undefined);
			},
		]);
		void send(dies);
		while (dies.reached.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
		const next = new Provider();
		expect((await send(next)).map((one) => one.state)).toEqual(people.map(() => 'reserved'));
		await story.clock.advance(HOUR);
		const results = await send(next);
		expect(results.map((one) => one.state)).toEqual(people.map(() => 'unknown'));
		expect(results[0]!.reason).toContain('may have gone out');
		expect(next.reached).toEqual([]);
		expect(await states()).toEqual(people.map(() => 'unknown'));
	});

	test('after a crash, a provider that can be asked is asked: what never left is sent', async () => {
		const dies = new Provider([() => new Promise(() => undefined)]);
		void send(dies);
		while (dies.calls === 0) await new Promise((resolve) => setTimeout(resolve, 5));
		await story.clock.advance(HOUR);
		const next = Object.assign(new Provider(), {
			recall: async (ids: number[]) =>
				ids.map((dispatchId, i) => ({
					dispatchId,
					state: i === 0 ? ('accepted' as const) : ('not sent' as const),
				})),
		});
		expect((await send(next)).map((one) => one.state)).toEqual(people.map(() => 'accepted'));
		expect(next.reached).toHaveLength(people.length - 1);
	});

	test('an answer that never comes makes the batch unknown; a later report settles it', async () => {
		const provider = new Provider([
			(batch) => {
				provider.take(batch);
				throw new AnswerLost('No answer within 30 seconds.');
			},
		]);
		const results = await send(provider);
		expect(results.map((one) => one.state)).toEqual(people.map(() => 'unknown'));
		await send(provider);
		expect(provider.calls).toBe(1);
		await story.respond({ kind: 'delivered', dispatchId: results[0]!.dispatchId });
		expect((await states())[0]).toBe('delivered');
	});

	test('refused connections, 429 and 503 are tried again with growing pauses, or the pause the provider asks for', async () => {
		const provider: Provider = new Provider([
			() => {
				throw new NotSent('refused');
			},
			() => ({ kind: 'busy', reason: '429', retryAfterMs: 7_000 }),
			() => ({ kind: 'busy', reason: '503' }),
			(batch) => provider.take(batch),
		]);
		expect((await send(provider)).map((one) => one.state)).toEqual(people.map(() => 'accepted'));
		expect(pauses).toEqual([2_000, 7_000, 8_000]);
	});

	test('a provider that stays away ends the run with what to do; the next run sends', async () => {
		const away = new Provider([
			() => {
				throw new NotSent('connection refused');
			},
		]);
		await expect(send(away)).rejects.toMatchObject({
			message: expect.stringContaining('took nothing after 5 tries: connection refused'),
			hint: expect.stringContaining('nobody gets the message twice'),
		});
		const back = new Provider();
		await send(back);
		expect(back.reached).toHaveLength(people.length);
	});

	test('wrong credentials give back every reservation, also of batches not yet tried', async () => {
		const provider: Provider = new Provider([
			(batch) => provider.take(batch),
			() => {
				throw new StepProblem('LINK does not accept the client secret.', { field: 'Client Secret' });
			},
		]);
		provider.batchSize = 2;
		await expect(send(provider)).rejects.toThrow('LINK does not accept');
		expect(await states()).toEqual(['accepted', 'accepted']);
	});

	test('one bad message never stops its batch: it is found by halves and fails alone', async () => {
		const bad = wanted()[3]!.address;
		const provider: Provider = new Provider([
			(batch) =>
				batch.some((one) => one.address === bad)
					? { kind: 'refused', reason: 'recipient is invalid' }
					: provider.take(batch),
		]);
		expect((await send(provider)).map((one) => one.state)).toEqual([
			'accepted',
			'accepted',
			'accepted',
			'failed',
			'accepted',
		]);
		expect(provider.reached).toHaveLength(people.length - 1);
	});

	test('a report that is quicker than the answer is found when the answer brings the id', async () => {
		const provider: Provider = new Provider([
			async (batch) => {
				await story.respond({
					source: 'test',
					kind: 'delivered',
					providerRef: `ref-${batch[0]!.dispatchId}`,
				});
				return provider.take(batch);
			},
		]);
		await send(provider, wanted(1));
		expect(await states()).toEqual(['delivered']);
		const [response] = await story.store.db
			.selectFrom('response')
			.select(['person_id', 'dispatch_id'])
			.execute();
		expect(response).toMatchObject({ person_id: people[0] });
	});

	test('reservations, missing consent, death and broken addresses are reasons, one for each person', async () => {
		const { store, clock } = story;
		await store.write(async (writing) => {
			await addReservations(writing, clock.now(), [people[0]!], 'sms', 'test');
			await setConsent(writing, store, clock.now(), people.slice(2), {
				channel: 'sms',
				purpose: 'nytt',
				granted: true,
				source: 'test',
			});
			await writing.db
				.updateTable('person')
				.set({ deceased_on: '2026-01-01' })
				.where('id', '=', people[2]!)
				.execute();
			await writing.db
				.insertInto('contact_point')
				.values({
					person_id: people[3]!,
					kind: 'phone',
					value: wanted()[3]!.address!,
					is_primary: 1,
					invalid_reason: 'not in use',
					created_at: 0,
				})
				.execute();
		});
		const provider = new Provider();
		const results = await send(provider, wanted(5, { purpose: 'nytt' }));
		expect(results.map((one) => one.reason)).toEqual([
			'is reserved against sms',
			"has not consented to sms for 'nytt'",
			'is deceased',
			'the number does not work: not in use',
			undefined,
		]);
		expect(provider.reached).toEqual([wanted()[4]!.address]);
		expect(await states()).toEqual(['skipped', 'skipped', 'skipped', 'skipped', 'accepted']);
	});

	test('the key of a message on a journey changes with each visit of the step', () => {
		expect(journeyKey(7, 3, 1)).toBe('e7/3/1');
		expect(journeyKey(7, 3, 1)).not.toBe(journeyKey(7, 3, 2));
	});
});
