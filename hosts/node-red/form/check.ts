/** What is still missing or out of range in a form, before any message has been seen. */
import { isDynamic } from './dynamic';
import { type Field, groupsOf, membersOf } from './form';
import { type Values, complete, shownFields } from './values';

export type Complaint = { what: 'missing' | 'notANumber' } | { what: 'tooSmall' | 'tooLarge'; limit: number };
/** `field`: names from the top of the form down to the field, as the form shows them. */
export type Finding = Complaint & { field: string[] };

export function check(fields: readonly Field[], stored: Values): Finding[] {
	const values = complete(fields, stored);
	return findings(fields, values, values, []);
}

/** What is wrong with one field's own value, if anything. */
export function complaint(field: Field, value: unknown): Complaint | undefined {
	if (isDynamic(value)) return undefined;
	const empty =
		value === '' || value === undefined || value === null || (Array.isArray(value) && value.length === 0);
	if (empty) return field.required ? { what: 'missing' } : undefined;
	if (field.type !== 'number') return undefined;
	const { minValue, maxValue } = field.typeOptions ?? {};
	const number = Number(value);
	if (Number.isNaN(number)) return { what: 'notANumber' };
	if (minValue !== undefined && number < minValue) return { what: 'tooSmall', limit: minValue };
	if (maxValue !== undefined && number > maxValue) return { what: 'tooLarge', limit: maxValue };
	return undefined;
}

function findings(fields: readonly Field[], values: Values, root: Values, above: string[]): Finding[] {
	return shownFields(fields, values, root).flatMap((field) => {
		const value = values[field.name];
		const path = [...above, field.displayName];
		if (isDynamic(value)) return [];
		if (field.type === 'fixedCollection') return inGroups(field, (value ?? {}) as Values, root, path);
		if (field.type === 'collection') return inChosen(field, (value ?? {}) as Values, root, path);
		const found = complaint(field, value);
		return found ? [{ ...found, field: path }] : [];
	});
}

function inChosen(field: Field, value: Values, root: Values, path: string[]): Finding[] {
	const chosen = membersOf(field).filter(({ name }) => name in value);
	return findings(chosen, value, root, path);
}

function inGroups(field: Field, value: Values, root: Values, path: string[]): Finding[] {
	return groupsOf(field).flatMap((group) => {
		const rows = value[group.name];
		if (!Array.isArray(rows))
			return rows === undefined ? [] : findings(group.values, rows as Values, root, path);
		return rows.flatMap((row, index) =>
			findings(group.values, row as Values, root, [...path, String(index + 1)]),
		);
	});
}
