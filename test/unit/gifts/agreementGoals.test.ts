/** Journeys wait for regular givers, and segments find them. */
import { takeIn } from '../../../core/gifts/incoming';
import { learnKey } from '../../../core/gifts/learn';
import { virtualClock } from '../../../core/journeys/clock';
import { type GoalCondition, goalBits, whoMet } from '../../../core/journeys/goal';
import { countSegment } from '../../../core/segments/segment';
import { onBothDatabases } from '../stores';
import { NOW, add, addStep, deal } from './money';

onBothDatabases('agreements to give regularly', (current) => {
	it('are goals from the moment they are made or stopped, and fields of segments', async () => {
		const { store } = current();
		const clock = virtualClock(NOW);
		const step = { id: await addStep(store), outputs: {} };
		const [kari = 0, ola = 0] = await add(store, 'Kari Eksempel', 'Ola Eksempel');
		await store.write((writing) => learnKey(writing, NOW, { kind: 'payer', value: 'sub-1', personId: kari }));
		const met = async (kind: 'agreementStarted' | 'agreementStopped', since: number) => {
			const any: GoalCondition[] = [{ kind }];
			expect(goalBits({ any })).toBe(1 << 16);
			const candidates = [kari, ola].map((personId) => ({
				enrolmentId: personId,
				personId,
				since,
				dispatchId: null,
			}));
			return [...(await whoMet(store.db, store, { any }, candidates))];
		};
		const segment = (field: string, operator: string, value: number | string[]) =>
			countSegment(store, { conditions: { all: [{ field, operator, value }] } }, NOW);

		await takeIn(store, clock, { agreements: [deal('a1', { payerRef: 'sub-1' })], step });
		expect(await met('agreementStarted', NOW - 1)).toEqual([kari]);
		expect(await met('agreementStarted', NOW + 3_600_000)).toEqual([]);
		expect(await met('agreementStopped', NOW - 1)).toEqual([]);
		expect(await segment('agreement.status', 'anyOf', ['active'])).toBe(1);
		expect(await segment('agreement.amount', 'atLeast', 200)).toBe(1);
		expect(await segment('agreement.amount', 'atLeast', 201)).toBe(0);

		const stopped = deal('a1', { status: 'stopped', stoppedAt: NOW + 5 });
		await takeIn(store, clock, { agreements: [stopped], step });
		expect(await met('agreementStopped', NOW)).toEqual([kari]);
		expect(await met('agreementStarted', NOW - 1)).toEqual([]);
		expect(await segment('agreement.status', 'anyOf', ['active'])).toBe(0);
		const changes = await store.db.selectFrom('change').select(['kind', 'person_id']).orderBy('id').execute();
		expect(changes).toEqual([
			{ kind: 'agreement_started', person_id: kari },
			{ kind: 'agreement_stopped', person_id: kari },
		]);
	});
});
