import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { isValidPhoneNumber } from 'libphonenumber-js/max';
import { DateTime } from 'luxon';
import { exampleRegister, registerHeadings } from '../../../sandbox/register';

const read = (csv: string) => parse(csv, { delimiter: ';', columns: true }) as Array<Record<string, string>>;
const day = (text: string | undefined) => DateTime.fromFormat(text ?? '', 'dd.MM.yyyy', { zone: 'utc' });

describe('the example register', () => {
	const today = '2026-11-22';
	const csv = exampleRegister({ persons: 5_000, seed: 7, today });
	const rows = read(csv);
	const share = (holds: (row: Record<string, string>) => boolean) => rows.filter(holds).length / rows.length;
	const ageOf = (row: Record<string, string>) =>
		Math.floor(DateTime.fromISO(today, { zone: 'utc' }).diff(day(row['Fødselsdato']), 'years').years);

	test('is the same for the same seed, and another for another', () => {
		expect(exampleRegister({ persons: 5_000, seed: 7, today })).toBe(csv);
		expect(exampleRegister({ persons: 5_000, seed: 8, today })).not.toBe(csv);
	});

	test('has the headings of a Norwegian export and five thousand members', () => {
		expect(csv.split('\n', 1)[0]).toBe(registerHeadings.join(';'));
		expect(rows).toHaveLength(5_000);
		expect(new Set(rows.map((row) => row.Medlemsnummer)).size).toBe(5_000);
	});

	test('has phones that exist in form only, and e-mails that nobody can get', () => {
		const phones = rows.map((row) => row.Mobil).filter(Boolean) as string[];
		expect(phones.every((phone) => /^\+47400\d{5}$/.test(phone) && isValidPhoneNumber(phone))).toBe(true);
		expect(new Set(phones).size).toBe(phones.length);
		const emails = rows.map((row) => row['E-post']).filter(Boolean) as string[];
		expect(emails.every((email) => /^[a-z.]+\d+@example\.(no|org)$/.test(email))).toBe(true);
		expect(new Set(emails).size).toBe(emails.length);
	});

	test('has the gaps of real life: no phone, no e-mail, no consent, under eighteen', () => {
		expect(share((row) => row.Mobil === '')).toBeGreaterThan(0.03);
		expect(share((row) => row['E-post'] === '')).toBeGreaterThan(0.03);
		expect(share((row) => row['Samtykke e-post'] === 'Nei')).toBeGreaterThan(0.1);
		expect(share((row) => ageOf(row) < 18)).toBeGreaterThan(0.05);
		expect(share((row) => ageOf(row) < 18)).toBeLessThan(0.2);
		expect(share((row) => row.Status === 'Utmeldt')).toBeGreaterThan(0.03);
	});

	test('has some hundreds who joined this year, most of them reachable', () => {
		const fresh = rows.filter((row) => day(row.Innmeldt).year === 2026);
		expect(fresh.length).toBeGreaterThan(300);
		expect(fresh.length).toBeLessThan(800);
		const reachable = fresh.filter(
			(row) => row['E-post'] && row['Samtykke e-post'] === 'Ja' && ageOf(row) >= 18,
		);
		expect(reachable.length).toBeGreaterThan(200);
	});

	test('never holds a date that lies ahead, nor a member who joined before birth', () => {
		fc.assert(
			fc.property(
				fc.integer(),
				fc.date({ min: new Date('2024-01-01'), max: new Date('2030-12-31'), noInvalidDate: true }),
				(seed, on) => {
					const now = DateTime.fromJSDate(on, { zone: 'utc' }).startOf('day');
					for (const row of read(exampleRegister({ persons: 40, seed, today: now.toISODate() ?? '' }))) {
						expect(day(row.Innmeldt) <= now).toBe(true);
						expect(day(row.Innmeldt) > day(row['Fødselsdato'])).toBe(true);
						if (row.Betalt) expect(day(row.Betalt) <= now && day(row.Betalt) >= day(row.Innmeldt)).toBe(true);
					}
				},
			),
			{ numRuns: 60 },
		);
	});
});
