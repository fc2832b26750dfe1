/** Rules as conditions on a person: each one both asked of one person and, where it can be, as the set of all who fit. */
import { type RawBuilder, sql } from 'kysely';
import { StepProblem } from '../ports';
import type { Narrowing, SegmentRule } from './definition';
import { type Entity, type Field, builtInFields, fieldNamed, nearNames } from './fields';
import { operatorsOf } from './operators';
import {
	type Asked,
	type Now,
	type Sql,
	fitsWithout,
	momentSpan,
	predicate,
	texts,
	yearsPredicate,
} from './predicate';

export interface Condition {
	/** Asked of the person `p`. */
	each: Sql;
	/** A query of `person_id`, maybe repeated, that has just those who fit. Absent where those without rows fit. */
	set?: RawBuilder<{ person_id: number }>;
	/** A `set` over a whole table, or over the rows that fit: the first costs the same whatever it finds. */
	whole: boolean;
	/** `each` as asked of everybody at once, where that is quicker than one by one. */
	all?: Sql;
}

export const everybody: Condition = { each: sql<boolean>`1 = 1`, whole: false };

interface RowField {
	field: Field & { of: 'row' };
	rule: Narrowing;
	negative: boolean;
}

/** One rule by itself. `nested`: the condition of a saved segment. */
export function condition(rule: SegmentRule, now: Now, nested: (name: string) => Condition): Condition {
	const field = knownField(rule.field);
	const asked: Asked = { rule, label: field.label, type: field.type };
	const negative = isNegative(field, rule);
	switch (field.of) {
		case 'segment': {
			const names = texts(asked);
			const any = anyOf(names.map(nested), now);
			return negative ? not(any) : any;
		}
		case 'person':
			return { each: predicate(field.column, asked, now), whole: false };
		case 'age':
			return { each: yearsPredicate(sql.ref('p.birth_date'), asked, now), whole: false };
		case 'figure':
			return figureCondition(field, rule, asked, now);
		case 'row':
			return rowCondition(
				field.entity,
				[{ field, rule, negative }, ...rule.where.map((narrowing) => narrowed(field.entity, narrowing))],
				negative,
				now,
			);
	}
}

/** Rules that must all hold; those about the same kind of thing are about one and the same thing. */
export function conditions(
	rules: readonly SegmentRule[],
	now: Now,
	nested: (name: string) => Condition,
): Condition[] {
	const alone: Condition[] = [];
	const together = new Map<Entity, { rows: RowField[]; rules: SegmentRule[] }>();
	for (const rule of rules) {
		const field = knownField(rule.field);
		if (field.of !== 'row' || !field.entity.together) {
			alone.push(condition(rule, now, nested));
			continue;
		}
		const group = together.get(field.entity) ?? { rows: [], rules: [] };
		group.rules.push(rule);
		group.rows.push(
			{ field, rule, negative: isNegative(field, rule) },
			...rule.where.map((narrowing) => narrowed(field.entity, narrowing)),
		);
		together.set(field.entity, group);
	}
	for (const [entity, { rows, rules: own }] of together) {
		// Only what must not be: then none of them may be so, each for itself.
		if (rows.some((row) => !row.negative)) alone.push(rowCondition(entity, rows, false, now));
		else alone.push(...own.map((rule) => condition(rule, now, nested)));
	}
	return alone;
}

export function anyOf(parts: readonly Condition[], now: Now): Condition {
	if (parts.length === 1) return parts[0]!;
	const or = (pieces: Sql[]) => sql<boolean>`(${sql.join(pieces, sql` or `)})`;
	const each = or(parts.map((part) => part.each));
	const whole = parts.some((part) => part.whole);
	const sets = parts.flatMap((part) => (part.set ? [sql`select person_id from (${part.set}) as s`] : []));
	if (sets.length < parts.length) return { each, all: or(parts.map((part) => part.all ?? part.each)), whole };
	const set = sql<{ person_id: number }>`${sql.join(sets, sql` union all `)}`;
	return { each, all: isIn(set, now), set, whole };
}

/** Membership of a set worked out once, in the form that each database does that with. */
function isIn(set: RawBuilder<unknown>, { dialect }: Now): Sql {
	// PostgreSQL joins on `exists`, and on its denial too; for `not in` it would fall back to going through the set.
	// Materialized: else each of its parallel workers works out the whole set for itself.
	return dialect === 'postgres'
		? sql<boolean>`exists (select 1 from (with t as materialized (${set}) select person_id from t) as s where s.person_id = p.id)`
		: sql<boolean>`p.id in (${set})`;
}

export function not(inner: Condition): Condition {
	return {
		each: sql<boolean>`not (${inner.each})`,
		...(inner.all ? { all: sql<boolean>`not (${inner.all})` } : {}),
		whole: inner.whole,
	};
}

/**
 * A person has a row of which all this holds. `denied`: the first of the rules is negative, and none of the person's
 * rows (that the others narrow to) may be what it denies.
 */
function rowCondition(entity: Entity, rows: readonly RowField[], denied: boolean, now: Now): Condition {
	const parts = rows.map(({ field, rule }, place) =>
		rowPredicate(field, place === 0 && denied ? turned(rule) : rule, now),
	);
	const holds = sql.join([...(entity.base ? [entity.base] : []), ...parts], sql` and `);
	const set = sql<{ person_id: number }>`select x.person_id from ${entity.table} where ${holds}`;
	const first = rows.length === 1 && !denied ? rows[0] : undefined;
	const span = first?.field.kept === 'gift_total' ? momentSpan(askedOf(first), now) : undefined;
	const each =
		span && !isShort(span)
			? gaveWithin(span)
			: sql<boolean>`exists (select 1 from ${entity.table} where x.person_id = p.id and ${holds})`;
	return denied ? not({ each, whole: false }) : { each, set, whole: false };
}

/**
 * Whether a person gave in a span of time, by the first and last gift of theirs: only who gave before and after it, and
 * so maybe within, is looked at gift by gift.
 */
function gaveWithin({ from, before }: { from?: number; before?: number }): Sql {
	const parts: Sql[] = [];
	if (from !== undefined) parts.push(sql`x.last_at >= ${sql.lit(from)}`);
	if (before !== undefined) parts.push(sql`x.first_at < ${sql.lit(before)}`);
	if (from !== undefined && before !== undefined) {
		parts.push(sql`(x.last_at < ${sql.lit(before)} or x.first_at >= ${sql.lit(from)}
			or exists (select 1 from gift as y where y.person_id = x.person_id and y.reversed_at is null
				and y.given_at >= ${sql.lit(from)} and y.given_at < ${sql.lit(before)}))`);
	}
	return sql<boolean>`exists (select 1 from gift_total as x where x.person_id = p.id and ${sql.join(parts, sql` and `)})`;
}

/** Few gifts fall into it: those are found by the index on their time. */
function isShort({ from, before }: { from?: number; before?: number }): boolean {
	return from !== undefined && before !== undefined && before - from < SHORT_SPAN;
}
const SHORT_SPAN = 100 * 86_400_000;

function askedOf({ field, rule }: RowField): Asked {
	return { rule, label: field.label, type: field.type };
}

const OPPOSITE: Record<string, string> = {
	isNot: 'is',
	noneOf: 'anyOf',
	doesNotContain: 'contains',
	isEmpty: 'isNotEmpty',
};

function turned(rule: Narrowing): Narrowing {
	return { ...rule, operator: OPPOSITE[rule.operator] ?? rule.operator };
}

function rowPredicate(field: Field & { of: 'row' }, rule: Narrowing, now: Now): Sql {
	const asked: Asked = { rule, label: field.label, type: field.type };
	if (field.years) return yearsPredicate(field.column, asked, now);
	if (field.name === 'consent' && ['is', 'anyOf'].includes(rule.operator)) {
		return sql`(${sql.join(texts(asked).map(consentOf), sql` or `)})`;
	}
	// A reservation against everything is one against each channel.
	if (field.name === 'reservation' && ['is', 'anyOf'].includes(rule.operator)) {
		return sql`x.channel in (${sql.join([...texts(asked), '*'])})`;
	}
	return predicate(field.column, asked, now);
}

/** `email`: for any purpose; `email/fundraising`: for that one, or for everything. */
function consentOf(value: string): Sql {
	const [channel, ...purpose] = value.split('/');
	if (purpose.length === 0) return sql`x.channel = ${channel}`;
	return sql`(x.channel = ${channel} and x.purpose in (${purpose.join('/')}, '*'))`;
}

function figureCondition(
	field: Field & { of: 'figure' },
	rule: SegmentRule,
	asked: Asked,
	now: Now,
): Condition {
	const { entity, figure, whenNone } = field;
	const narrowings = rule.where.map((narrowing) => {
		const { field: narrower, rule: own } = narrowed(entity, narrowing);
		return rowPredicate(narrower, own, now);
	});
	if (field.kept && narrowings.length === 0) return keptFigureCondition(field.kept, field, asked, now);
	const rows = [...(entity.base ? [entity.base] : []), ...narrowings];
	const holds = rows.length > 0 ? sql.join(rows, sql` and `) : sql`1 = 1`;
	const emptyFits = fitsWithoutRows(field, asked, whenNone);
	const asks = rule.operator === 'isEmpty' ? sql<boolean>`count(*) = 0` : predicate(figure, asked, now);
	// Those without rows have no group: where they fit, the others are looked for and left out.
	const having = emptyFits ? sql<boolean>`not (${asks})` : asks;
	const set = sql<{ person_id: number }>`select x.person_id from ${entity.table}
		where x.person_id is not null and ${holds} group by x.person_id having ${having}`;
	const each = sql<boolean>`exists (select 1 from ${entity.table} where x.person_id = p.id and ${holds}
		group by x.person_id having ${having})`;
	const positive: Condition = { each, all: isIn(set, now), set, whole: true };
	return emptyFits ? not(positive) : positive;
}

/** A figure over everything, which the store has at hand. */
function keptFigureCondition(
	{ table, column }: NonNullable<(Field & { of: 'figure' })['kept']>,
	field: Field & { of: 'figure' },
	asked: Asked,
	now: Now,
): Condition {
	const emptyFits = fitsWithoutRows(field, asked, field.whenNone);
	const asks = asked.rule.operator === 'isEmpty' ? sql<boolean>`1 = 0` : predicate(column, asked, now);
	// As below: those without gifts have no line.
	const fits = emptyFits ? sql<boolean>`not (${asks})` : asks;
	const set = sql<{ person_id: number }>`select x.person_id from ${table} where ${fits}`;
	const each = sql<boolean>`exists (select 1 from ${table} where x.person_id = p.id and ${fits})`;
	const positive: Condition = { each, set, whole: true };
	return emptyFits ? not(positive) : positive;
}

function fitsWithoutRows(field: Field, asked: Asked, whenNone: number | null): boolean {
	if (asked.rule.operator === 'isEmpty') return true;
	if (asked.rule.operator === 'isNotEmpty' || field.type === 'moment') return false;
	return fitsWithout(whenNone, asked);
}

function narrowed(entity: Entity, rule: Narrowing): RowField {
	const field = knownField(rule.field);
	if (field.of !== 'row' || field.entity.name !== entity.name) {
		throw new StepProblem(`“${field.label}” cannot narrow a rule about ${entity.label.toLowerCase()}s.`, {
			field: 'Field',
			hint: `Use a field of the ${entity.label.toLowerCase()} itself.`,
		});
	}
	return { field, rule, negative: isNegative(field, rule) };
}

/** @throws {StepProblem} naming the field, and those that are likely meant. */
export function knownField(name: string, more: readonly string[] = []): Field {
	const field = fieldNamed(name);
	if (field && field.name === name) return field;
	throw unknownField(name, [...builtInFields().map((known) => known.name), ...more]);
}

export function unknownField(name: string, known: readonly string[]): StepProblem {
	const near = nearNames(name, known);
	return new StepProblem(`The segment asks about “${name}”, which the register does not know.`, {
		field: 'Field',
		hint: near.length > 0 ? `Did you mean ${near.join(' or ')}?` : 'Choose the field from the list.',
	});
}

function isNegative(field: Field, rule: Narrowing): boolean {
	const operator = operatorsOf(field.type).find((candidate) => candidate.name === rule.operator);
	if (operator) return operator.negative ?? false;
	throw new StepProblem(`“${rule.operator}” cannot be asked of “${field.label}”.`, {
		field: 'Operator',
		hint: `It can be asked: ${operatorsOf(field.type)
			.map(({ name }) => name)
			.join(', ')}.`,
	});
}
