/** What people type, and what it is read as. */
import fc from 'fast-check';
import { DateTime } from 'luxon';
import { type Question, readAnswer, readReplies } from '../../../core/answers/answer';
import { readNumber } from '../../../core/answers/amount';
import { readDate } from '../../../core/answers/day';
import { readYesNo } from '../../../core/answers/yesNo';

const TODAY = '2026-11-22';
const valueOf = (question: Question, reply: string) => readAnswer(question, reply, TODAY)?.value;

describe('yes or no', () => {
	test.each([
		...[
			'Ja',
			'ja',
			'JA😊',
			'Ja takk!',
			' ja. ',
			'Jaaa',
			'jepp',
			'Jo',
			'Jau',
			'Javisst',
			'Yes please',
			'👍',
			'👍🏽',
		],
		...[
			'OK',
			'1',
			'1.',
			'1️⃣',
			'J',
			'Ja, jeg er fortsatt student',
			'Ja det stemmer 😀',
			'ＪＡ',
			'Juo',
			'«Ja»',
		],
	])('%s is yes', (reply) => expect(readYesNo(reply)).toBe(true));

	test.each([
		...[
			'Nei',
			'nei.',
			'NEI!!',
			'Nei takk',
			'Neida',
			'No',
			'no thanks',
			'No, I am not',
			'2',
			'👎',
			'N',
			'Nope',
		],
		...['Nei, jeg er ikke student lenger', 'Nei det er ok', 'niks', 'Ikke', 'Neiii'],
	])('%s is no', (reply) => expect(readYesNo(reply)).toBe(false));

	test.each([
		...[
			'',
			'   ',
			'😊',
			'Hva?',
			'Hvem er dette?',
			'kanskje',
			'Ja, men ikke nå',
			'Ja nei vet ikke',
			'nei, jo',
			'3',
		],
		...[
			'no problem',
			'Jeg er ikke student',
			'Ja eller nei',
			'Ja hvis jeg får tid',
			'januar',
			'neimen',
			'Nei ja',
			'12',
		],
		...['Ring meg', 'STOP', 'Jan Eksempel'],
	])('%s is asked about once more', (reply) => expect(readYesNo(reply)).toBeUndefined());

	test('words of the form’s own count too, and their contrary does not', () => {
		const own = { yes: ['fortsatt student', 'studerer'], no: ['ferdig', 'ikke student'] };
		expect(readYesNo('Jeg er fortsatt student!', own)).toBe(true);
		expect(readYesNo('studerer', own)).toBe(true);
		expect(readYesNo('Jeg er ferdig', own)).toBe(false);
		expect(readYesNo('Er ikke student', own)).toBe(false);
		expect(readYesNo('Jeg er ikke fortsatt student', own)).toBeUndefined();
		expect(readYesNo('studerer, snart ferdig', own)).toBeUndefined();
	});

	test('however it is cased, padded and decorated, a yes stays a yes and a no stays a no', () => {
		const yes = fc.constantFrom('ja', 'jepp', 'yes', 'ja takk', 'jo');
		const no = fc.constantFrom('nei', 'nei takk', 'nope', 'neida');
		const around = fc.constantFrom('', ' ', '!', '.', '…', ' 😊', '❤️', '\n', '  !!! ', '"', ' :)', '🙏🏻');
		const cased = (text: string, upper: boolean[]) =>
			[...text].map((c, i) => (upper[i % upper.length] ? c.toUpperCase() : c)).join('');
		const upper = fc.array(fc.boolean(), { minLength: 1, maxLength: 9 });
		fc.assert(
			fc.property(yes, no, around, around, upper, (y, n, before, after, how) => {
				expect(readYesNo(before + cased(y, how) + after)).toBe(true);
				expect(readYesNo(before + cased(n, how) + after)).toBe(false);
				expect(readYesNo(`${before}${cased(y, how)}, ${cased(n, how)}${after}`)).toBeUndefined();
			}),
		);
	});
});

describe('choices', () => {
	const work: Question = {
		kind: 'choices',
		choices: [
			{ name: 'Student', words: ['studerer'] },
			{ name: 'I jobb', words: ['jobber', 'arbeid'] },
			{ name: 'Ikke student' },
			{ name: 'Pensjonist' },
		],
	};
	test.each([
		['1', 'Student'],
		['2.', 'I jobb'],
		['Alternativ 4', 'Pensjonist'],
		['nr. 3', 'Ikke student'],
		['to', 'I jobb'],
		['student 🎓', 'Student'],
		['Jeg studerer', 'Student'],
		['I JOBB!', 'I jobb'],
		['Jeg jobber nå', 'I jobb'],
		['jeg er ikke student', 'Ikke student'],
		['pensjonist siden i fjor', 'Pensjonist'],
	])('%s means %s', (reply, name) => expect(valueOf(work, reply)).toBe(name));
	test.each([
		'5',
		'0',
		'12',
		'student eller pensjonist',
		'jobber ikke',
		'vet ikke',
		'studenten',
		'',
		'student, jobber',
	])('%s means none of them', (reply) => expect(valueOf(work, reply)).toBeUndefined());
	test('where the choices are numbers, a number is the choice of that name, never a place in the list', () => {
		const amounts: Question = {
			kind: 'choices',
			choices: [{ name: '2' }, { name: '100 kr' }, { name: '1' }],
		};
		expect(valueOf(amounts, '2')).toBe('2');
		expect(valueOf(amounts, '1')).toBe('1');
		expect(valueOf(amounts, '3')).toBeUndefined();
		expect(valueOf(amounts, '100 kr')).toBe('100 kr');
	});
	test('whatever the names are, a name and its number mean that choice', () => {
		const names = fc.uniqueArray(fc.stringMatching(/^[a-zæøå]{3,12}( [a-zæøå]{3,8})?$/), {
			minLength: 2,
			maxLength: 9,
		});
		fc.assert(
			fc.property(names, fc.nat(), (given, pick) => {
				const which = pick % given.length;
				const question: Question = { kind: 'choices', choices: given.map((name) => ({ name })) };
				expect(readAnswer(question, `${given[which]?.toUpperCase()}!`, TODAY)?.which).toBe(which);
				// Unless a name is itself a number in words.
				expect(readAnswer(question, `${which + 1}`, TODAY)?.which).toBe(which);
			}),
		);
	});
});

describe('numbers and amounts', () => {
	test.each([
		['500', 500],
		['500 kr', 500],
		['kr 500,-', 500],
		['Kr. 1 500,50', 1500.5],
		['1.500', 1500],
		['1 000 000', 1_000_000],
		['12,5', 12.5],
		['12.50', 12.5],
		['-4', -4],
		['ca 300 kroner', 300],
		['fem hundre', 500],
		['femhundre', 500],
		['to tusen kr', 2000],
		['2 tusen', 2000],
		['3k', 3000],
		['tjue', 20],
		['2️⃣', 2],
		['vi er 4 stykker', 4],
	])('%s is %d', (reply, value) => expect(readNumber(reply)).toBe(value));
	test.each([
		...[
			'mange',
			'10 eller 20',
			'1-2',
			'+47 400 00 000',
			'40000000000',
			'12.03.2026',
			'1,500',
			'A4',
			'',
			'10.20.30',
			'to eller tre',
		],
	])('%s is none', (reply) => expect(readNumber(reply)).toBeUndefined());
	test('within the limits of the form', () => {
		const question: Question = { kind: 'number', minimum: 50, maximum: 5000, whole: true };
		expect(valueOf(question, '50')).toBe(50);
		expect(valueOf(question, '49')).toBeUndefined();
		expect(valueOf(question, '5001')).toBeUndefined();
		expect(valueOf(question, '99,5')).toBeUndefined();
	});
	test('an amount comes back as it was, however it is written', () => {
		const format = fc.constantFrom(
			(n: number) => `${n}`,
			(n: number) => `${n} kr`,
			(n: number) => `kr ${n},-`,
			(n: number) => n.toLocaleString('nb-NO'),
			(n: number) => `${n.toLocaleString('nb-NO').replace(/\s/g, '.')} kroner!`,
			(n: number) => `${n},00`,
		);
		fc.assert(
			fc.property(fc.integer({ min: 0, max: 9_999_999 }), format, (n, write) => {
				expect(readNumber(write(n))).toBe(n);
			}),
		);
	});
});

describe('dates', () => {
	test.each([
		['12.3.2027', '2027-03-12'],
		['12/3-27', '2027-03-12'],
		['12. mars 2027', '2027-03-12'],
		['den 1 mai 1985 :)', '1985-05-01'],
		['2026-12-24', '2026-12-24'],
		['24.12', '2026-12-24'],
		['24. des', '2026-12-24'],
		['March 12, 2027', '2027-03-12'],
		['12th of March 2027', '2027-03-12'],
		['i morgen', '2026-11-23'],
		['I dag', '2026-11-22'],
		['01051985', '1985-05-01'],
		['29.2.2028', '2028-02-29'],
	])('%s is %s', (reply, date) => expect(readDate(reply, TODAY)).toBe(date));
	test.each([
		'31.2.2027',
		'29.2.2027',
		'13/13-26',
		'snart',
		'',
		'12',
		'1.1. eller 2.1.',
		'400 00 000',
		'1.5.1785',
	])('%s is none', (reply) => expect(readDate(reply, TODAY)).toBeUndefined());
	test('a year that is left out, or has two digits, lies where the form says', () => {
		expect(readDate('1.5', TODAY, 'future')).toBe('2027-05-01');
		expect(readDate('1.5', TODAY, 'past')).toBe('2026-05-01');
		expect(readDate('010585', TODAY, 'past')).toBe('1985-05-01');
		expect(readDate('1.5.30', TODAY, 'past')).toBe('1930-05-01');
		expect(readDate('1.5.30', TODAY, 'future')).toBe('2030-05-01');
		expect(readDate('29.2', TODAY, 'future')).toBe('2028-02-29');
	});
	test('every day comes back as it was, in every way of writing it', () => {
		const format = fc.constantFrom(
			'd.M.yyyy',
			'dd.MM.yyyy',
			'dd/MM-yyyy',
			'yyyy-MM-dd',
			'd. MMMM yyyy',
			'ddMMyyyy',
			'd MMM yyyy',
		);
		const day = fc.date({ min: new Date('1901-01-01'), max: new Date('2150-12-31'), noInvalidDate: true });
		fc.assert(
			fc.property(day, format, fc.constantFrom('nb', 'en'), (date, how, locale) => {
				const on = DateTime.fromJSDate(date, { zone: 'utc' });
				expect(readDate(on.setLocale(locale).toFormat(how), TODAY)).toBe(on.toISODate());
			}),
		);
	});
});

describe('e-mail addresses and free text', () => {
	test.each([
		['kari@example.org', 'kari@example.org'],
		['Den er Kari.Eksempel@Example.org.', 'kari.eksempel@example.org'],
		['mailto:kari@example.org', 'kari@example.org'],
		['kari (at) example.org', 'kari@example.org'],
		['<kari@example.org>!', 'kari@example.org'],
	])('%s is %s', (reply, address) => expect(valueOf({ kind: 'email' }, reply)).toBe(address));
	test.each(['kari@', '@example.org', 'kari', 'a@example.org b@example.org', 'kari@@example.org', ''])(
		'%s is none',
		(reply) => expect(valueOf({ kind: 'email' }, reply)).toBeUndefined(),
	);
	test('a text is kept as written, without signs nobody sees, and no longer than the form says', () => {
		expect(valueOf({ kind: 'text' }, '  Hei!\u0000Jeg 😊\nøver ')).toBe('Hei! Jeg 😊\nøver');
		expect(valueOf({ kind: 'text', longest: 5 }, 'æøå😊😊😊')).toBe('æøå😊😊');
		expect(valueOf({ kind: 'text' }, ' \n ')).toBeUndefined();
	});
	test('of several replies the last that says something counts; a text is all of them', () => {
		const kind = 'yesNo' as const;
		expect(readReplies({ kind }, ['nie', 'Nei', 'takk for sist'], TODAY)?.value).toBe(false);
		expect(readReplies({ kind }, ['Ja', 'nei forresten, nei'], TODAY)?.value).toBe(false);
		expect(readReplies({ kind: 'text' }, ['Hei', 'på deg'], TODAY)?.value).toBe('Hei\npå deg');
		expect(readReplies({ kind }, [], TODAY)).toBeUndefined();
	});
	test('nothing anybody types makes the reading stop or take long', () => {
		const questions: Question[] = [
			{ kind: 'yesNo', yes: ['a b'] },
			{ kind: 'choices', choices: [{ name: 'a' }, { name: '' }] },
			{ kind: 'number' },
			{ kind: 'date' },
			{ kind: 'email' },
			{ kind: 'text' },
		];
		fc.assert(
			fc.property(fc.string({ unit: 'binary', maxLength: 1_600 }), (reply) => {
				for (const question of questions) readAnswer(question, reply, TODAY);
			}),
		);
		const began = process.cpuUsage();
		for (const long of ['1 '.repeat(20_000), '1.'.repeat(20_000), 'a@'.repeat(20_000), 'ja '.repeat(20_000)])
			for (const question of questions) readAnswer(question, long, TODAY);
		// Of its own time: others may keep the machine busy.
		expect(process.cpuUsage(began).user).toBeLessThan(2_000_000);
	});
});
