/** What the editor offers: the register's fields, the values that are there, the operators that fit. */
import { sql } from 'kysely';
import { responseKinds } from '../responses/kinds';
import type { Choice } from '../step';
import type { Store } from '../store/store';
import { knownField } from './conditions';
import { type Field, attributeField, attributeKey, builtInFields } from './fields';
import { operatorsOf } from './operators';
import { attributeNames } from './segment';
import { listSegments } from './saved';

/** Every field, with the attributes that the register has. */
export async function segmentFields(store: Store): Promise<Field[]> {
	const attributes = (await attributeNames(store)).map((name) => attributeField(attributeKey(name)!));
	return [...builtInFields(), ...attributes];
}

export function fieldOperators(name: string): Choice[] {
	return operatorsOf(knownField(name).type).map((operator) => ({
		name: operator.label,
		value: operator.name,
	}));
}

/** More than anybody picks from a list. */
const SHOWN_VALUES = 500;

/**
 * The values of a field that the register has, sorted; empty for numbers and dates. At most 500.
 * @throws {StepProblem} when there is no such field.
 */
export async function fieldValues(store: Store, name: string): Promise<string[]> {
	const field = knownField(name);
	if (field.of === 'segment') return listSegments(store);
	if (name === 'response.kind') return Object.keys(responseKinds).filter((kind) => !REGISTER_KINDS.has(kind));
	if (name === 'consent') return consents(store);
	if (field.of === 'person' && (field.type === 'choice' || name === 'person.postalCode')) {
		return distinct(store, sql`person as p`, field.column);
	}
	if (
		field.of === 'row' &&
		field.type !== 'day' &&
		field.type !== 'moment' &&
		field.type !== 'number' &&
		field.type !== 'money'
	) {
		if (field.entity.name === 'email' || field.entity.name === 'phone') return [];
		return distinct(store, field.entity.table, field.column, field.entity.base);
	}
	return [];
}

/** Kinds of responses that are rows of the register, asked about there. */
const REGISTER_KINDS = new Set(['gift', 'status', 'label']);

async function consents(store: Store): Promise<string[]> {
	const { rows } = await sql<{
		channel: string;
		purpose: string;
	}>`select distinct channel, purpose from consent
		order by channel, purpose limit ${SHOWN_VALUES}`.execute(store.reader);
	const channels = [...new Set(rows.map((row) => row.channel))];
	const narrower = rows.filter((row) => row.purpose !== '*').map((row) => `${row.channel}/${row.purpose}`);
	return [...channels, ...narrower];
}

async function distinct(
	store: Store,
	table: ReturnType<typeof sql>,
	column: ReturnType<typeof sql>,
	base?: ReturnType<typeof sql>,
): Promise<string[]> {
	const { rows } = await sql<{ value: string | null }>`select distinct ${column} as value from ${table}
		where ${column} is not null ${base ? sql`and ${base}` : sql``} order by 1 limit ${SHOWN_VALUES}`.execute(
		store.reader,
	);
	return rows.map((row) => String(row.value)).filter((value) => value !== '');
}
