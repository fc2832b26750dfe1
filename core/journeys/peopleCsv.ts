/** The list of people as a file that spreadsheets open, with nothing in it that they would run. */
import { stringify } from 'csv-stringify/sync';
import { DateTime } from 'luxon';
import type { PersonHere } from './people';

const headings = [
	'Member Number',
	'Name',
	'Journey',
	'Step',
	'State',
	'Since',
	'Until',
	'Visits',
	'Reason',
	'Person ID',
	'Enrolment ID',
];

/**
 * @param zone IANA zone in which the moments are written, `2026-03-02 10:00`.
 * @param header Left out for all but the first part of a file written in parts. With it comes the mark by which Excel
 * knows UTF-8; semicolons are what it expects in Norway.
 */
export function peopleCsv(people: readonly PersonHere[], zone: string, { header = true } = {}): string {
	const moment = (at: number | null) =>
		at === null ? '' : DateTime.fromMillis(at, { zone }).toFormat('yyyy-MM-dd HH:mm');
	return stringify(
		people.map((person) => [
			person.memberNumber,
			person.name,
			person.journeyName,
			person.stepName,
			person.state,
			moment(person.since),
			moment(person.until),
			person.visits,
			person.reason,
			person.personId,
			person.enrolmentId,
		]),
		// A name such as `=cmd|…` gets an apostrophe in front: a spreadsheet shows it and runs nothing.
		{
			header,
			columns: headings.map((heading) => ({ key: heading, header: heading })),
			bom: header,
			delimiter: ';',
			escape_formulas: true,
		},
	);
}
