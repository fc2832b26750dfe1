import { virtualClock } from '../../../core/journeys/clock';
import { answerInTime } from '../../../nodes/answerInTime';

describe('a call from a provider', () => {
	const nothing = async () => undefined;
	const answer = async (stored: Promise<unknown>) => {
		const clock = virtualClock(0);
		const answered = answerInTime(clock, stored, nothing);
		await clock.advance(5_000);
		return (await answered).status;
	};

	test('is told that all is well when what it told is stored', async () => {
		expect(await answer(Promise.resolve())).toBe(200);
	});

	test('is told to come again when it could not be stored', async () => {
		expect(await answer(Promise.reject(new Error('The store is away.')))).toBe(503);
	});

	test('is told to come again when it takes too long to know: it may still fail', async () => {
		expect(await answer(new Promise(nothing))).toBe(503);
	});
});
