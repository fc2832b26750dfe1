/** Whatever comes after it, what a person has said about a gift stands until a person says something else. */
import fc from 'fast-check';
import { type Decision, decide } from '../../../core/gifts/decide';
import { identifyGifts } from '../../../core/gifts/identify';
import { takeIn } from '../../../core/gifts/incoming';
import { trainModel } from '../../../core/gifts/linkage/trainModel';
import { lookAgain } from '../../../core/gifts/lookAgain';
import { defaultRule } from '../../../core/gifts/rules';
import { virtualClock } from '../../../core/journeys/clock';
import { onBothDatabases } from '../stores';
import { crowd, giftRow, giverStep, inRegister, paidIn } from './people';

const NOW = Date.UTC(2026, 10, 22, 12);
const KARI = { givenName: 'Kari', familyName: 'Eksempelsen', phones: ['+4740000001'] };
const KARL = { givenName: 'Karl', familyName: 'Eksempelsen', phones: ['+4740000002'] };

/** What can happen to a gift without anybody saying anything about it. */
const events = [
	'run',
	'runAndCreate',
	'ownRule',
	'reported',
	'toldMore',
	'again',
	'trained',
	'keyLearned',
] as const;

onBothDatabases('What people have said', (current) => {
	test('is never changed by a later run, training, key or report, in any order', async () => {
		const { store } = current();
		const clock = virtualClock(NOW);
		const stepId = await giverStep(store, clock);
		const [kari, karl] = await inRegister(store, clock, KARI, KARL, ...crowd(60));
		let count = 0;
		await fc.assert(
			fc.asyncProperty(
				fc.array(
					fc.oneof(
						fc.constantFrom(...events),
						fc.record({
							says: fc.constantFrom<Decision>('accepted', 'rejected', 'anonymous', 'reopened'),
							who: fc.constantFrom(kari!, karl!),
						}),
					),
					{ minLength: 2, maxLength: 8 },
				),
				fc.constantFrom(
					{ name: 'Kari Eksempelsen', phone: '+4740000001' },
					{ name: 'K Eksempelsen', phoneEnd: '0001' },
					{ name: 'Ukjent Fremmedmann', phone: '+4740000088' },
				),
				async (story, evidence) => {
					const mark = `story-${(count += 1)}`;
					const gift = { sourceId: mark, payerRef: mark, evidence };
					const [id] = await paidIn(store, clock, gift);
					let said: { state: string; person_id: number | null } | undefined;
					const identify = (rule = defaultRule, createUnknown = false) =>
						identifyGifts(store, clock, [id!], rule, { stepId, createUnknown });
					for (const event of story) {
						if (typeof event === 'object') {
							const done = await decide(store, clock, {
								giftId: id!,
								decision: event.says,
								personId: event.who,
								personIds: [event.who],
								actor: 'test',
								step: { id: stepId, outputs: { identified: 0, unknown: 2 } },
							});
							if (!done.done) throw new Error(done.why);
							said = { state: done.state, person_id: done.personId };
						} else if (event === 'run') await identify();
						else if (event === 'runAndCreate') await identify(defaultRule, true);
						else if (event === 'ownRule') await identify({ threshold: 0.5, reviewFrom: 0 });
						else if (event === 'again') await lookAgain(store, clock, defaultRule, { stepId, output: 0 });
						else if (event === 'trained') await trainModel(store, clock, { sample: 20 });
						else if (event === 'keyLearned')
							await store.db
								.insertInto('giver_key')
								.values({ kind: 'payer', value: mark, person_id: karl!, created_at: NOW })
								.onConflict((conflict) => conflict.doNothing())
								.execute();
						else
							await takeIn(store, clock, {
								gifts: [
									{
										source: 'vipps',
										sourceId: mark,
										amountOre: 20_000,
										currency: 'NOK',
										receivedAt: NOW,
										channel: 'vipps',
										evidence:
											event === 'toldMore'
												? { ...evidence, email: 'kari@example.org', city: 'Oslo' }
												: evidence,
									},
								],
								step: { id: 0, outputs: {} },
							});
						if (said) expect(await giftRow(store, id!)).toMatchObject({ ...said, decided_by: 'person' });
					}
				},
			),
			{ numRuns: 25 },
		);
	});
});
