/** What became of letters, one line each: the profile's default columns. */
import { stringify } from 'csv-stringify/sync';
import { DateTime } from 'luxon';
import type { LetterEvent } from '../letters/letterbox';

export interface StatusLine {
	id: string;
	event: LetterEvent;
}

const HEADINGS = ['id', 'status', 'reason', 'date', 'name', 'street', 'postalCode', 'city'];

/** @param garbage with a line in the middle that is none */
export function statusFile(lines: readonly StatusLine[], garbage = false): string {
	const rows = lines.map(({ id, event: { state, at, reason, newAddress } }) => [
		id,
		state,
		reason ?? '',
		DateTime.fromMillis(at, { zone: 'Europe/Oslo' }).toFormat("yyyy-LL-dd'T'HH:mm:ssZZ"),
		newAddress?.name ?? '',
		newAddress?.street ?? '',
		newAddress?.postalCode ?? '',
		newAddress?.city ?? '',
	]);
	const text = stringify([HEADINGS, ...rows], { delimiter: ';' });
	if (!garbage) return text;
	const all = text.split('\n');
	all.splice(Math.ceil(all.length / 2), 0, '\u0000%%% not a line');
	return all.join('\n');
}
