/** The examiner of finding givers: registers and gifts that are like those of a Norwegian organisation, and the truth of them. */
import fc from 'fast-check';
import { type GivenGift, drawGifts } from '../../../bench/gifts/giving';
import {
	type Judged,
	calibration,
	calibrationError,
	classOf,
	f1,
	precision,
	recall,
	tally,
	wilson,
	worst,
} from '../../../bench/gifts/judge';
import { drawRegister } from '../../../bench/gifts/register';
import { heard, slip } from '../../../bench/gifts/spelling';
import { diceFrom } from '../../../sandbox/dice';

describe('a drawn register', () => {
	const register = drawRegister(20_000, 11);
	const { rows, persons } = register;

	it('has as many rows as asked for, and is the same for the same seed', () => {
		expect(rows).toHaveLength(20_000);
		expect(drawRegister(2_000, 11).rows).toEqual(rows.slice(0, 2_000));
		expect(drawRegister(2_000, 12).rows).not.toEqual(rows.slice(0, 2_000));
	});

	it('spreads names as Norway does: Hansen some nine in a thousand, thousands of names a few times', () => {
		const families = countOf(persons.map((person) => person.name.family));
		expect(families.get('Hansen')! / persons.length).toBeGreaterThan(0.006);
		expect(families.get('Hansen')! / persons.length).toBeLessThan(0.015);
		expect([...families.values()].filter((count) => count <= 3).length).toBeGreaterThan(4_000);
		const foreign = persons.filter((person) => person.family.people >= 0).length / persons.length;
		expect(foreign).toBeGreaterThan(0.05);
		expect(foreign).toBeLessThan(0.2);
	});

	it('has what registers have: shared, missing, several and outdated numbers, the dead, double entries, old names', () => {
		const shares = {
			noPhone: share(rows.map((row) => row.phones.length === 0)),
			severalPhones: share(rows.map((row) => row.phones.length > 1)),
			dead: share(persons.map((person) => !person.alive)),
			twice: share(persons.map((person) => person.rows.length > 1)),
			moved: share(
				persons.filter(({ rows: [row] }) => row?.home).map(({ rows: [row], home }) => row!.home !== home),
			),
			otherNumber: share(
				persons
					.filter(({ phone, rows: [row] }) => phone && row!.phones.length > 0)
					.map(({ phone, rows: [row] }) => !row!.phones.includes(phone)),
			),
			otherFamilyName: share(
				persons.map(
					({ name, rows: [row] }) => !row!.family.toLowerCase().includes(name.family.toLowerCase()),
				),
			),
		};
		expect(shares.noPhone).toBeCloseTo(0.12, 1);
		expect(shares.severalPhones).toBeCloseTo(0.12, 1);
		expect(shares.dead).toBeGreaterThan(0.01);
		expect(shares.twice).toBeGreaterThan(0.001);
		expect(shares.moved).toBeCloseTo(0.1, 1);
		expect(shares.otherNumber).toBeGreaterThan(0.03);
		expect(shares.otherNumber).toBeLessThan(0.15);
		expect(shares.otherFamilyName).toBeGreaterThan(0.03);
		const holders = countOf(rows.flatMap((row) => row.phones));
		expect([...holders.values()].filter((count) => count > 1).length).toBeGreaterThan(50);
		expect(register.freed.length).toBeGreaterThan(100);
	});
});

describe('gifts to it', () => {
	const register = drawRegister(10_000, 3);
	const { gifts, keys } = drawGifts(register, 8_000, 5);
	const from = (source: GivenGift['source']) => gifts.filter((gift) => gift.source === source);

	it('are the same for the same seed, and others for another', () => {
		expect(drawGifts(drawRegister(10_000, 3), 300, 5).gifts).toEqual(gifts.slice(0, 300));
		expect(drawGifts(drawRegister(10_000, 3), 300, 6).gifts).not.toEqual(gifts.slice(0, 300));
	});

	it('tell what their source tells, and no more', () => {
		for (const { evidence } of from('donations')) {
			expect(evidence.name).toBeTruthy();
			expect(evidence).not.toHaveProperty('phoneEnd');
		}
		for (const { evidence } of from('report')) {
			expect(evidence.phoneEnd ?? '0000').toMatch(/^\d{4}$/);
			expect(evidence).not.toHaveProperty('phone');
		}
		for (const { evidence } of from('portal')) {
			expect(evidence.givenName && evidence.familyName).toBeTruthy();
			expect(evidence.phone ?? evidence.phoneEnd).toBeUndefined();
		}
		for (const { evidence } of from('bank')) {
			expect(evidence.name).toBe(evidence.name!.toUpperCase());
			expect(evidence.account).toMatch(/^\d{11}$/);
		}
		for (const { evidence, kid } of from('ocr')) {
			expect(kid).toMatch(/^\d{10}$/);
			expect(evidence).toEqual({ account: expect.stringMatching(/^\d{11}$/) });
		}
	});

	it('come from people in the register and from others, some of whom live with them or have had a member’s number', () => {
		const vipps = gifts.filter(({ source }) => source === 'donations' || source === 'report');
		expect(share(vipps.map((gift) => gift.right.length > 0))).toBeCloseTo(0.65, 1);
		for (const gift of gifts.filter(({ right }) => right.length === 0)) expect(gift.outside).toBe(true);
		const stories = gifts.map((gift) => gift.story.join('; '));
		for (const part of [
			'lives with a person',
			'was somebody’s in the register',
			'named after',
			'an account of two',
		]) {
			expect(stories.some((story) => story.includes(part))).toBe(true);
		}
	});

	it('hold the truth: an exact key, a held number or held digits are those of who gave', () => {
		for (const { kind, value, personId } of keys) {
			const of = gifts.filter((gift) => (kind === 'kid' ? gift.kid : gift.evidence.account) === value);
			if (kind === 'kid') for (const gift of of) expect(gift.right).toContain(personId);
		}
		for (const gift of gifts.filter(({ held, right }) => held && right.length > 0)) {
			const phones = gift.right.flatMap((id) => register.rows[id - 1]!.phones);
			const { phone, phoneEnd } = gift.evidence;
			if (phone) expect(phones).toContain(phone);
			if (phoneEnd) expect(phones.some((one) => one.endsWith(phoneEnd))).toBe(true);
		}
	});

	it('are never by the dead', () => {
		const dead = new Set(register.rows.filter((row) => row.deceasedOn).map((row) => row.id));
		expect(gifts.filter((gift) => gift.right.some((id) => dead.has(id)))).toEqual([]);
	});
});

it('a slip changes one place of a word, and what is heard stays a word', () => {
	fc.assert(
		fc.property(fc.constantFrom('Hansen', 'Skaugerud', 'Bjørg', 'Kathrine'), fc.nat(), (word, seed) => {
			const wrong = slip(word, diceFrom(seed));
			expect(Math.abs(wrong.length - word.length)).toBeLessThanOrEqual(1);
			expect(wrong[0]).toBe(word[0]);
			expect(heard(word, diceFrom(seed)).length).toBeGreaterThan(2);
		}),
	);
});

describe('the judge', () => {
	const gift = (right: number[], more: Partial<GivenGift> = {}): GivenGift => ({
		source: 'report',
		evidence: { name: 'Kari Eksempel', phoneEnd: '1234' },
		kid: null,
		amountOre: 100,
		receivedAt: 0,
		campaign: null,
		right,
		outside: right.length === 0,
		held: right.length > 0,
		story: [],
		...more,
	});
	const found = (
		of: GivenGift,
		personId: number | null,
		probability: number,
		automatic: boolean,
	): Judged => ({
		gift: of,
		personId,
		probability,
		automatic,
		decidedBy: automatic ? 'linkage' : null,
		reasons: [],
	});
	const four = [
		found(gift([1]), 1, 0.9999, true),
		found(gift([2]), 3, 0.9995, true),
		found(gift([]), 4, 0.999, true),
		found(gift([5]), 5, 0.7, false),
		found(gift([]), null, 0, false),
	];

	it('counts decisions, right ones, and outsiders that were taken for somebody', () => {
		const sum = tally(four);
		expect(sum).toMatchObject({
			gifts: 5,
			inside: 3,
			automatic: 3,
			right: 1,
			outside: 2,
			pinned: 1,
			held: 3,
		});
		expect(precision(sum)).toBeCloseTo(1 / 3);
		expect(recall(sum)).toBeCloseTo(1 / 3);
		expect(f1(sum)).toBeCloseTo(1 / 3);
		expect(worst(four, 10).map((one) => one.personId)).toEqual([3, 4]);
		expect(classOf(four[0]!.gift)).toBe('digits');
		expect(classOf(gift([1], { kid: '42' }))).toBe('key');
	});

	it('gives Wilson’s interval, as tables of it have it', () => {
		const [low, high] = wilson(999, 1000);
		expect(low).toBeCloseTo(0.9944, 3);
		expect(high).toBeCloseTo(0.9998, 3);
		expect(wilson(0, 0)).toEqual([0, 1]);
	});

	it('finds what is said and what is so side by side', () => {
		const sure = Array.from({ length: 100 }, (_, i) => found(gift([1]), i < 90 ? 1 : 2, 0.9, false));
		const [bin, ...others] = calibration(sure);
		expect(others).toEqual([]);
		expect(bin).toMatchObject({ n: 100, was: 0.9 });
		expect(calibrationError([bin!])).toBeCloseTo(0);
	});
});

const share = (values: readonly boolean[]) => values.filter(Boolean).length / values.length;

function countOf(values: readonly string[]): Map<string, number> {
	const counts = new Map<string, number>();
	for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
	return counts;
}
