/**
 * Finding givers, examined on a drawn register of 10 000 with gifts whose givers are known. Small beside the benchmark
 * (`npm run bench gifts`), with the same targets.
 */
import { drawGifts } from '../../../bench/gifts/giving';
import { examine } from '../../../bench/gifts/examine';
import { writeGifts, writeKeys, writeRegister } from '../../../bench/gifts/fill';
import {
	type EvidenceClass,
	type Judged,
	calibration,
	calibrationError,
	classOf,
	precision,
	tally,
} from '../../../bench/gifts/judge';
import { byPeer, exactJoin } from '../../../bench/gifts/peers';
import { drawRegister } from '../../../bench/gifts/register';
import { trainModel } from '../../../core/gifts/linkage/trainModel';
import { systemClock } from '../../../core/journeys/clock';
import { type TestStore, newStore } from '../stores';

const LEARNED = 4_000;
const EXAMINED = 2_500;

describe('trained on gifts of its own register, and asked about others', () => {
	const register = drawRegister(10_000, 2_026);
	const toLearn = drawGifts(register, LEARNED, 1);
	const toExamine = drawGifts(register, EXAMINED, 2);
	let office: TestStore;
	let judged: Judged[];

	beforeAll(async () => {
		office = await newStore('sqlite');
		const { store } = office;
		await writeRegister(store, register);
		const keys = [...toLearn.keys, ...toExamine.keys].map(
			(key) => [`${key.kind} ${key.value}`, key] as const,
		);
		await writeKeys(store, [...new Map(keys).values()]);
		await writeGifts(store, toLearn.gifts, 1);
		await trainModel(store, systemClock);
		await writeGifts(store, toExamine.gifts, 1 + LEARNED);
		judged = await examine(store, toExamine.gifts, 1 + LEARNED);
	});
	afterAll(() => office.remove());

	const of = (evidence: EvidenceClass) => tally(judged.filter((one) => classOf(one.gift) === evidence));

	it('at most one automatic decision of a thousand is wrong', () => {
		const all = tally(judged);
		expect(all.gifts).toBe(EXAMINED);
		expect(all.automatic).toBeGreaterThan(EXAMINED / 3);
		expect(all.automatic - all.right).toBeLessThanOrEqual(Math.ceil(all.automatic / 1_000));
	});

	it('decides 97 of 100 givers whose number or key the register has, and 85 of those whose last four digits it has', () => {
		expect(of('key').heldDecided).toBe(of('key').held);
		const exact = [of('key'), of('phone')];
		const held = exact.reduce((sum, one) => sum + one.held, 0);
		expect(exact.reduce((sum, one) => sum + one.heldDecided, 0) / held).toBeGreaterThanOrEqual(0.97);
		expect(of('digits').heldDecided / of('digits').held).toBeGreaterThanOrEqual(0.85);
	});

	it('takes nobody outside the register for somebody in it, but once in a thousand', () => {
		const { outside, pinned } = tally(judged);
		expect(outside).toBeGreaterThan(500);
		expect(pinned).toBeLessThanOrEqual(Math.ceil(outside / 1_000));
	});

	it('means what it says: the probability lies near the share that is right', () => {
		expect(calibrationError(calibration(judged))).toBeLessThan(0.03);
	});

	it('is right more often than a join on number and name', () => {
		const open = judged.filter(({ gift }) => gift.kid === null);
		const [ours, theirs] = [tally(open), tally(byPeer(exactJoin(register.rows), toExamine.gifts))];
		expect(precision(ours)).toBeGreaterThan(precision(theirs));
	});
});
