/** The rule: what is decided automatically, what people look at; and who may become a new person. */
import fc from 'fast-check';
import type { Candidate, Finding } from '../../../core/gifts/finding';
import { newGiver, wholeName } from '../../../core/gifts/newGiver';
import { agreement, reasonWords } from '../../../core/gifts/reasons';
import { checkedRule, defaultRule, ruled } from '../../../core/gifts/rules';
import { defaultWeights } from '../../../core/gifts/linkage/weights';

const candidate = (probability: number, personId = 1): Candidate => ({
	personId,
	probability,
	reasons: [],
	compared: {},
});
const finding = (probability: number, holdBack: string[] = []): Finding => ({
	giftId: 1,
	candidates: [candidate(probability)],
	outsider: 1 - probability,
	holdBack,
});

describe('The rule', () => {
	test.each([
		[0.9989, [], 'review'],
		[0.999, [], 'identified'],
		[1, [], 'identified'],
		[1, ['severalPersons'], 'review'],
		[0.05, [], 'review'],
		[0.0499, [], 'unknown'],
		[0.5, ['deceased'], 'review'],
	])('%d with %j: %s', (probability, holdBack, state) => {
		expect(ruled(finding(probability, holdBack), defaultRule).state).toBe(state);
	});

	test('nobody is decided on below the threshold, against what holds back, or with a threshold of 1', () => {
		fc.assert(
			fc.property(
				fc.double({ min: 0, max: 1, noNaN: true }),
				fc.double({ min: 0.5, max: 1, noNaN: true }),
				fc.boolean(),
				(probability, threshold, held) => {
					const rule = { threshold, reviewFrom: 0.05 };
					const { state, personId } = ruled(finding(probability, held ? ['deceased'] : []), rule);
					expect(personId !== null).toBe(state === 'identified');
					if (probability < threshold || held || threshold === 1) expect(state).not.toBe('identified');
				},
			),
		);
		expect(
			ruled({ giftId: 1, candidates: [], outsider: 1, holdBack: ['organisation'] }, defaultRule).state,
		).toBe('unknown');
	});

	test.each([
		[{ threshold: 0.49, reviewFrom: 0 }, 'Identified From'],
		[{ threshold: Number.NaN, reviewFrom: 0 }, 'Identified From'],
		[{ threshold: 0.9, reviewFrom: 0.95 }, 'Review From'],
		[{ threshold: 0.9, reviewFrom: -1 }, 'Review From'],
	])('%j is none: %s', (rule, field) => {
		expect(() => checkedRule(rule)).toThrow(`'${field}'`);
	});
});

describe('A whole name', () => {
	test.each([
		['KARI ANNE EKSEMPELSEN', 'Kari Anne', 'Eksempelsen'],
		['EKSEMPELSEN, KARI', 'Kari', 'Eksempelsen'],
		['Kari A. Eksempelsen', 'Kari A.', 'Eksempelsen'],
		['anne-lise o’prøve', 'anne-lise', 'o’prøve'],
		['ANNE-LISE ØSTEKSEMPEL', 'Anne-Lise', 'Østeksempel'],
	])('%s', (name, givenName, familyName) => {
		expect(wholeName({ name })).toEqual({ givenName, familyName });
	});

	test.each([
		'Kari',
		'K. Eksempelsen',
		'Kari E',
		'K*** E***',
		'xxxx Eksempelsen',
		'Kari og Per Eksempelsen',
		'Kari & Per Eksempelsen',
		'Eksempel Drift AS',
		'Eksempel Menighet',
		'Kari Eksempelsen dødsbo',
		'Anonym Giver',
		'4711 Eksempelsen',
		'',
	])('not %s', (name) => {
		expect(wholeName({ name })).toBeUndefined();
	});

	test('without a whole number or an e-mail address nobody new', () => {
		const name = 'Kari Eksempelsen';
		const of = (evidence: object) => newGiver({ name, ...evidence }, 'vipps', 0, 'Europe/Oslo');
		expect(of({})).toBeUndefined();
		expect(of({ phoneEnd: '0001' })).toBeUndefined();
		expect(of({ phone: 'xxxx 0001' })).toBeUndefined();
		expect(of({ email: 'k***@example.org' })).toBeUndefined();
		expect(of({ phone: '+4740000001' })).toMatchObject({ phones: ['+4740000001'] });
		const lookedUp = { source: 'Katalogen', at: 0, fields: ['street'] };
		expect(of({ email: 'Kari@example.org', street: 'Eksempelveien 1', lookedUp })).toEqual({
			givenName: 'Kari',
			familyName: 'Eksempelsen',
			emails: ['kari@example.org'],
			street: 'Eksempelveien 1',
			attributes: {
				giverSource: 'vipps 1970-01-01 01:00',
				'lookedUp.street': 'Katalogen 1970-01-01 01:00',
			},
		});
	});
});

describe('Reasons', () => {
	test('each outcome that is weighed has words in both languages', () => {
		for (const [name, levels] of Object.entries(defaultWeights))
			for (const level of Object.keys(levels)) {
				const reason = { code: `${name}.${level}`, weight: 1 };
				expect(reasonWords(reason, 'nb')).not.toContain(reason.code);
				expect(reasonWords(reason, 'en')).not.toContain(reason.code);
			}
	});

	test('each row agrees, contradicts, or is mixed', () => {
		const marks = agreement([
			{ code: 'given.same', weight: 8 },
			{ code: 'family.different', weight: -5 },
			{ code: 'phoneEnd.other', weight: -3.5 },
			{ code: 'key.kid', weight: 40 },
		]);
		expect([...marks]).toEqual([
			['name', 'mixed'],
			['phone', 'against'],
		]);
	});
});
