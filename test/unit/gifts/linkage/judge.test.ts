/** Rules of likelihood that hold whatever the names, numbers and places are. */
import * as fc from 'fast-check';
import type { Evidence } from '../../../../core/gifts/evidence';
import { judge, probabilities } from '../../../../core/gifts/linkage/judge';
import { defaultModel } from '../../../../core/gifts/linkage/model';
import { partedName } from '../../../../core/gifts/linkage/names';
import type { Known } from '../../../../core/gifts/linkage/people';
import { type Told, giversTold } from '../../../../core/gifts/linkage/told';
import { weighHistory } from '../../../../core/gifts/linkage/weigh';
import { weighEach } from '../../../../core/gifts/linkage/weighEach';

const NOW = Date.parse('2026-03-10T12:00:00Z');
const GIVEN = ['Kari', 'Kari Anne', 'Karin', 'Per', 'Peder', 'Åse', 'Mohammed'];
const FAMILY = ['Hansen', 'Hanssen', 'Skaugerud', 'Berg Hansen', 'Lie'];
const PHONES = ['+4740000123', '+4740000124', '+4741110123', '+4741119999'];

const person = fc.record({
	given: fc.constantFrom(...GIVEN),
	family: fc.constantFrom(...FAMILY),
	phones: fc.uniqueArray(fc.constantFrom(...PHONES), { maxLength: 2 }),
	email: fc.constantFrom('a@example.org', 'b@example.org', undefined),
	postalCode: fc.constantFrom('9990', '9991', null),
	birthDate: fc.constantFrom('1960-01-01', '1961-01-01', null),
	gifts: fc.boolean(),
});

const told = fc.record(
	{
		name: fc.constantFrom('Kari Hansen', 'HANSEN KARI', 'Per Skaugerud', 'Åse Lie', 'Kari og Per Hansen'),
		phoneEnd: fc.constantFrom('0123', '9999', '5555', '9001'),
		phone: fc.constantFrom(...PHONES),
		email: fc.constantFrom('a@example.org', 'c@example.org'),
		postalCode: fc.constantFrom('9990', '9998'),
		birthDate: fc.constantFrom('1960-01-01', '1970-01-01'),
		message: fc.constantFrom('fra Kari', 'til minne om Per', 'medlem 1001'),
	},
	{ requiredKeys: [] },
);

const size = fc.constantFrom(1, 50, 20_000, 1_000_000);

function known(all: ReadonlyArray<typeof person extends fc.Arbitrary<infer P> ? P : never>): Known[] {
	return all.map((one, i) => ({
		id: i + 1,
		name: partedName(one.given, one.family),
		phones: one.phones,
		emails: one.email === undefined ? [] : [one.email],
		memberNumber: String(1_000 + i),
		postalCode: one.postalCode,
		city: '',
		home: one.postalCode === null ? '' : `${one.postalCode} storg${i % 2}`,
		birthDate: one.birthDate,
		deceasedOn: null,
		gifts: one.gifts ? 1 : 0,
		lastGiftAt: null,
	}));
}

function giver(evidence: Evidence): Told {
	return giversTold([{ id: 1, evidence, amountOre: 20_000, receivedAt: NOW, campaign: null }])[0]!;
}

function weighed(evidence: Evidence, people: readonly Known[], persons: number) {
	const model = { ...defaultModel(persons) };
	const one = giver(evidence);
	const all = weighEach(one, people, model, new Map(), () => 2);
	for (const each of all) {
		const past = each.person.gifts > 0 ? [{ amountOre: 10_000, givenAt: NOW - 86_400_000 }] : [];
		weighHistory(one, each, model, past);
	}
	return { model, one, odds: { weighed: all, unseen: 0 } };
}

function chances(evidence: Evidence, people: readonly Known[], persons: number): Map<number, number> {
	const { model, odds } = weighed(evidence, people, persons);
	const { probabilities: each } = probabilities(odds, model);
	return new Map(odds.weighed.map((one, i) => [one.person.id, each[i]!]));
}

describe('probabilities', () => {
	test('of all candidates and of everybody else add up to one', () => {
		fc.assert(
			fc.property(told, fc.array(person, { maxLength: 14 }), size, (evidence, persons, register) => {
				const { model, one, odds } = weighed(evidence, known(persons), register);
				const { candidates, outsider } = judge(one, odds, model);
				const sum = candidates.reduce((total, { probability }) => total + probability, outsider);
				expect(sum).toBeCloseTo(1, 5);
				for (const { probability } of candidates) {
					expect(probability).toBeGreaterThanOrEqual(0);
					expect(probability).toBeLessThanOrEqual(1);
				}
			}),
			{ numRuns: 500 },
		);
	});

	test('do not depend on the order of the candidates', () => {
		fc.assert(
			fc.property(told, fc.array(person, { maxLength: 8 }), size, (evidence, persons, register) => {
				const people = known(persons);
				const straight = chances(evidence, people, register);
				const turned = chances(evidence, [...people].reverse(), register);
				for (const [id, chance] of straight) expect(turned.get(id)).toBeCloseTo(chance, 9);
			}),
			{ numRuns: 300 },
		);
	});

	/** What of the gift could agree with the person, and does not tell yet. */
	const agreeing: Array<(evidence: Evidence, one: Known) => Evidence | undefined> = [
		(evidence, { phones }) =>
			evidence.phone === undefined && evidence.phoneEnd === undefined && phones[0]
				? { ...evidence, phoneEnd: phones[0].slice(-4) }
				: undefined,
		(evidence, { phones }) =>
			evidence.phone === undefined && evidence.phoneEnd === undefined && phones[0]
				? { ...evidence, phone: phones[0] }
				: undefined,
		(evidence, { phones }) =>
			evidence.phone === undefined && phones.some((phone) => phone.slice(-4) === evidence.phoneEnd)
				? { ...evidence, phone: phones.find((phone) => phone.slice(-4) === evidence.phoneEnd) }
				: undefined,
		(evidence, { emails }) =>
			evidence.email === undefined && emails[0] ? { ...evidence, email: emails[0] } : undefined,
		(evidence, { birthDate }) =>
			evidence.birthDate === undefined && birthDate ? { ...evidence, birthDate } : undefined,
		(evidence, { postalCode }) =>
			evidence.postalCode === undefined && postalCode ? { ...evidence, postalCode } : undefined,
		(evidence, { memberNumber }) =>
			evidence.message === undefined && memberNumber
				? { ...evidence, message: `medlem ${memberNumber}` }
				: undefined,
	];

	test('of somebody never fall when something more agrees with them alone', () => {
		fc.assert(
			fc.property(
				told,
				fc.array(person, { minLength: 1, maxLength: 6 }),
				size,
				fc.nat(agreeing.length - 1),
				(evidence, persons, register, which) => {
					const people = known(persons);
					// What agrees with others, too, may speak for them more.
					const one = Object.assign(people[0]!, {
						phones: ['+4790009001'],
						emails: ['only@example.org'],
						birthDate: '1985-05-05',
						postalCode: '8888',
						home: '8888 storg9',
					});
					const more = agreeing[which]!(evidence, one);
					if (!more) return;
					const before = chances(evidence, people, register).get(one.id)!;
					const after = chances(more, people, register).get(one.id)!;
					expect(after).toBeGreaterThanOrEqual(before * (1 - 1e-9));
				},
			),
			{ numRuns: 3_000 },
		);
	});
});

describe('held back for people to decide', () => {
	const [kari, twin] = known([
		{
			given: 'Kari',
			family: 'Skaugerud',
			phones: ['+4740000123'],
			email: undefined,
			postalCode: '9990',
			birthDate: null,
			gifts: true,
		},
		{
			given: 'Kari',
			family: 'Skaugerud',
			phones: ['+4741110123'],
			email: undefined,
			postalCode: null,
			birthDate: null,
			gifts: true,
		},
	]);
	const held = (evidence: Evidence, ...people: Known[]) => {
		const { model, one, odds } = weighed(evidence, people, 10_000);
		return judge(one, odds, model).holdBack;
	};

	test.each<[string, Evidence, Known[], string[]]>([
		['nobody fits better', { name: 'Kari Skaugerud', phoneEnd: '0123' }, [kari!], []],
		[
			'two fit name and digits',
			{ name: 'Kari Skaugerud', phoneEnd: '0123' },
			[kari!, twin!],
			['severalPersons'],
		],
		[
			'a number under another name',
			{ name: 'Per Hansen', phone: '+4740000123' },
			[kari!],
			['nameContradicts'],
		],
		['a name and nothing else', { name: 'Kari Skaugerud' }, [kari!], ['nameAlone']],
		['a name with another number', { name: 'Kari Skaugerud', phoneEnd: '5555' }, [kari!], ['nameAlone']],
		['a company', { name: 'Skaugerud Bygg AS', phone: '+4740000123' }, [kari!], ['organisation']],
		[
			'one who had died',
			{ name: 'Kari Skaugerud', phone: '+4740000123' },
			[{ ...kari!, deceasedOn: '2025-01-01' }],
			['deceased'],
		],
	])('%s', (_, evidence, people, expected) => {
		expect(held(evidence, ...people)).toEqual(expected);
	});
});
