/** A form's values in n8n's JSON shape: defaults filled in, hidden fields left out. */
import { isShown } from './display';
import { isDynamic } from './dynamic';
import { type Field, type FieldGroup, groupsOf, membersOf } from './form';

export type Values = Record<string, unknown>;

/** What a step's zod schema gets: as n8n would hand it over for the same entries. */
export function complete(fields: readonly Field[], stored: Values, root?: Values): Values {
	const shown = shownFields(fields, stored, root);
	const values: Values = {};
	for (const field of shown) values[field.name] = entered(field, stored);
	const top = root ?? values;
	for (const field of shown) {
		const value = values[field.name];
		if (isDynamic(value)) continue;
		if (field.type === 'fixedCollection') values[field.name] = completeGroups(field, value, top);
		if (field.type === 'collection') values[field.name] = completeChosen(field, value, top);
	}
	return values;
}

/**
 * The fields that a user sees and fills in. Several may share a name when only one of them is shown at a time. A field
 * can depend on one that is itself hidden; then it is hidden too, which settles in as many rounds as they nest.
 */
export function shownFields(fields: readonly Field[], stored: Values, root?: Values): Field[] {
	const filled = fields.filter(({ type }) => type !== 'notice');
	let shown = filled;
	for (let round = 0; round < 10; round++) {
		const values: Values = {};
		for (const field of shown) values[field.name] ??= entered(field, stored);
		const next = filled.filter((field) => isShown(field.displayOptions, values, root ?? values));
		const settled = next.length === shown.length && next.every((field, index) => field === shown[index]);
		shown = next;
		if (settled) break;
	}
	return shown;
}

const entered = (field: Field, stored: Values): unknown =>
	stored[field.name] === undefined ? structuredClone(field.default) : stored[field.name];

function completeGroups(field: Field, value: unknown, root: Values): Values {
	const groups: Values = {};
	for (const group of groupsOf(field)) {
		const rows = (value as Values | undefined)?.[group.name];
		if (rows === undefined) continue;
		groups[group.name] = Array.isArray(rows)
			? rows.map((row) => completeRow(group, row, root))
			: completeRow(group, rows, root);
	}
	return groups;
}

const completeRow = (group: FieldGroup, row: unknown, root: Values): Values =>
	complete(group.values, (row ?? {}) as Values, root);

/** Only what was added under "Add Field"; n8n gives no defaults for the others. */
function completeChosen(field: Field, value: unknown, root: Values): Values {
	const added = (value ?? {}) as Values;
	const chosen = membersOf(field).filter(({ name }) => name in added);
	return complete(chosen, added, root);
}
