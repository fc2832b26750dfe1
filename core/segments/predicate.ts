/** One comparison, as SQL: a column, an operator, and what the rule gives. */
import { type RawBuilder, sql } from 'kysely';
import { StepProblem } from '../ports';
import { readDay } from '../register/calendar';
import type { Dialect } from '../store/migrations';
import { type Days, daysOfYears, momentsOf, relativeDays } from './days';
import type { Narrowing } from './definition';
import type { FieldType } from './operators';

export type Sql = RawBuilder<boolean>;

export interface Now {
	/** `YYYY-MM-DD` in the zone. */
	today: string;
	zone: string;
	dialect: Dialect;
}

/** What a rule is about, for messages: `Segment rule “Age is at least”`. */
export interface Asked {
	rule: Narrowing;
	label: string;
	type: FieldType;
}

/** The comparison as an SQL condition; never SQL null for a column that is not null. */
export function predicate(column: RawBuilder<unknown>, asked: Asked, now: Now): Sql {
	const { rule, type } = asked;
	if (rule.operator === 'isEmpty')
		return isText(type) ? sql`(${column} is null or ${column} = '')` : sql`${column} is null`;
	if (rule.operator === 'isNotEmpty') {
		return isText(type) ? sql`(${column} is not null and ${column} <> '')` : sql`${column} is not null`;
	}
	switch (type) {
		case 'day':
			return dayPredicate(column, asked, now);
		case 'moment':
			return momentPredicate(column, asked, now);
		case 'number':
			return numberPredicate(column, asked, 1);
		case 'money':
			return numberPredicate(column, asked, 100);
		default:
			return textPredicate(column, asked);
	}
}

/** The comparison of whole years since the day in the column. */
export function yearsPredicate(column: RawBuilder<unknown>, asked: Asked, now: Now): Sql {
	if (asked.rule.operator === 'isEmpty' || asked.rule.operator === 'isNotEmpty')
		return predicate(column, asked, now);
	const [least, most] = numberSpan(asked);
	const whole = {
		least: least === undefined ? undefined : Math.ceil(least),
		most: most === undefined ? undefined : Math.floor(most),
	};
	return within(column, daysOfYears(now.today, whole.least, whole.most));
}

/** Whether a figure without any rows (`value`: 0 or none) fits. */
export function fitsWithout(value: number | null, asked: Asked): boolean {
	if (asked.rule.operator === 'isEmpty') return value === null || value === 0;
	if (value === null || asked.rule.operator === 'isNotEmpty') return false;
	const [least, most] = numberSpan(asked);
	return (least === undefined || value >= least) && (most === undefined || value <= most);
}

function isText(type: FieldType): boolean {
	return type === 'text' || type === 'choice' || type === 'yesNo';
}

function textPredicate(column: RawBuilder<unknown>, asked: Asked): Sql {
	const { operator } = asked.rule;
	switch (operator) {
		case 'is':
			return sql`${column} = ${text(asked)}`;
		case 'isNot':
			return sql`(${column} is null or ${column} <> ${text(asked)})`;
		case 'anyOf':
			return sql`${column} in (${sql.join(texts(asked))})`;
		case 'noneOf':
			return sql`(${column} is null or ${column} not in (${sql.join(texts(asked))}))`;
		case 'contains':
			return like(column, text(asked), '%');
		case 'startsWith':
			return like(column, text(asked), '');
		case 'doesNotContain':
			return sql`(${column} is null or not ${like(column, text(asked), '%')})`;
		case 'atLeast':
		case 'atMost':
			return comparedText(column, asked, operator);
	}
	throw unknownOperator(asked);
}

/** SQLite knows upper and lower case of a–z only: letters such as Å are looked for both ways. */
function like(column: RawBuilder<unknown>, wanted: string, before: '%' | ''): Sql {
	const capital = wanted.charAt(0).toUpperCase() + wanted.slice(1).toLowerCase();
	const variants = [...new Set([wanted, wanted.toLowerCase(), wanted.toUpperCase(), capital])];
	const patterns = variants.map(
		(variant) => `${before}${variant.replace(/[\\%_]/g, (mark) => `\\${mark}`)}%`,
	);
	return sql`(${sql.join(
		patterns.map(
			(pattern) =>
				sql`lower(${column}) like lower(${pattern}) escape '\\' or ${column} like ${pattern} escape '\\'`,
		),
		sql` or `,
	)})`;
}

/** Attributes are text: numbers compare as numbers where both are, dates and the rest as text. */
function comparedText(column: RawBuilder<unknown>, asked: Asked, operator: 'atLeast' | 'atMost'): Sql {
	const wanted = text(asked);
	const sign = operator === 'atLeast' ? sql`>=` : sql`<=`;
	const number = Number(wanted.replace(',', '.'));
	if (wanted.trim() === '' || !Number.isFinite(number))
		return sql`${column} ${sign} ${readDay(wanted) ?? wanted}`;
	// Only what reads as a number on both databases is compared as one.
	const digits = sql`case when ${column} like '-%' then substr(${column}, 2) else ${column} end`;
	return sql`(case when trim(${digits}, '0123456789') in ('', '.', ',') and trim(${digits}, '.,') <> ''
		then cast(replace(${column}, ',', '.') as numeric) ${sign} ${sql.lit(number)} else 1 = 0 end)`;
}

function numberPredicate(column: RawBuilder<unknown>, asked: Asked, factor: number): Sql {
	const [least, most] = numberSpan(asked);
	const parts: Sql[] = [];
	if (least !== undefined && least === most) return sql`${column} = ${sql.lit(Math.round(least * factor))}`;
	if (least !== undefined) parts.push(sql`${column} >= ${sql.lit(Math.ceil(least * factor - 1e-9))}`);
	if (most !== undefined) parts.push(sql`${column} <= ${sql.lit(Math.floor(most * factor + 1e-9))}`);
	return sql`(${sql.join(parts, sql` and `)})`;
}

/** Lowest and highest value that fit. */
function numberSpan(asked: Asked): [number | undefined, number | undefined] {
	switch (asked.rule.operator) {
		case 'is': {
			const value = number(asked);
			return [value, value];
		}
		case 'atLeast':
			return [number(asked), undefined];
		case 'atMost':
			return [undefined, number(asked)];
		case 'between': {
			const [from, to] = two(asked);
			return [toNumber(asked, from), toNumber(asked, to)];
		}
	}
	throw unknownOperator(asked);
}

function dayPredicate(column: RawBuilder<unknown>, asked: Asked, now: Now): Sql {
	// The same expression as the index on birthdays.
	if (asked.rule.operator === 'dayAndMonthToday') return anniversary(sql`substr(${column}, 6, 5)`, now.today);
	return within(column, days(asked, now));
}

function momentPredicate(column: RawBuilder<unknown>, asked: Asked, now: Now): Sql {
	if (asked.rule.operator === 'dayAndMonthToday') {
		throw new StepProblem(`The segment rule “${asked.label}” cannot be asked for its day and month.`, {
			field: 'Operator',
			hint: 'Day and month can be asked of dates such as the birth date and the start of a membership.',
		});
	}
	const { from, before } = momentSpan(asked, now) ?? {};
	const parts: Sql[] = [];
	if (from !== undefined) parts.push(sql`${column} >= ${sql.lit(from)}`);
	if (before !== undefined) parts.push(sql`${column} < ${sql.lit(before)}`);
	return parts.length === 0 ? sql`${column} is not null` : sql`(${sql.join(parts, sql` and `)})`;
}

/** The moments that fit: from the first on, before the other; undefined when the rule asks for no span of time. */
export function momentSpan(asked: Asked, now: Now): { from?: number; before?: number } | undefined {
	if (['isEmpty', 'isNotEmpty', 'dayAndMonthToday'].includes(asked.rule.operator)) return undefined;
	const span = momentsOf(days(asked, now), now.zone);
	return span.from === undefined && span.before === undefined ? undefined : span;
}

/** Who was born on 29 February is congratulated on 28 February in other years. */
function anniversary(monthAndDay: RawBuilder<unknown>, today: string): Sql {
	const year = Number(today.slice(0, 4));
	const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
	const wanted = today.slice(5);
	return wanted === '02-28' && !leap
		? sql`${monthAndDay} in ('02-28', '02-29')`
		: sql`${monthAndDay} = ${wanted}`;
}

function days(asked: Asked, { today }: Now): Days {
	const { operator, unit } = asked.rule;
	switch (operator) {
		case 'withinLast':
		case 'moreThanAgo':
		case 'inNext': {
			const amount = number(asked);
			if (!Number.isInteger(amount) || amount < 0) {
				throw wrongValue(asked, 'a whole number of days, weeks, months or years');
			}
			return relativeDays[operator](today, amount, unit ?? 'days');
		}
		case 'today':
		case 'thisMonth':
		case 'thisYear':
			return relativeDays[operator](today);
		case 'on': {
			const day = toDay(asked, one(asked));
			return { from: day, to: day };
		}
		case 'before':
			return { to: relativeDays.moreThanAgo(toDay(asked, one(asked)), 0, 'days').to };
		case 'after':
			return { from: relativeDays.inNext(toDay(asked, one(asked)), 1, 'days').to };
		case 'between': {
			const [from, to] = two(asked);
			return { from: toDay(asked, from), to: toDay(asked, to) };
		}
	}
	throw unknownOperator(asked);
}

function within(column: RawBuilder<unknown>, { from, to }: Days): Sql {
	const parts: Sql[] = [];
	if (from !== undefined) parts.push(sql`${column} >= ${from}`);
	if (to !== undefined) parts.push(sql`${column} <= ${to}`);
	return parts.length === 0 ? sql`${column} is not null` : sql`(${sql.join(parts, sql` and `)})`;
}

type Scalar = string | number | boolean;

function list(asked: Asked): Scalar[] {
	const { value } = asked.rule;
	const values = Array.isArray(value) ? value : value === undefined ? [] : [value];
	return values.filter((entry) => entry !== '');
}

function one(asked: Asked): Scalar {
	const [first, ...more] = list(asked);
	if (first === undefined || more.length > 0) throw wrongValue(asked, 'one value');
	return first;
}

function two(asked: Asked): [Scalar, Scalar] {
	const [from, to, ...more] = list(asked);
	if (from === undefined || to === undefined || more.length > 0)
		throw wrongValue(asked, 'two values, from and to');
	return [from, to];
}

export function texts(asked: Asked): string[] {
	const values = list(asked);
	if (values.length === 0) throw wrongValue(asked, 'at least one value');
	return values.map((value) => String(value));
}

function text(asked: Asked): string {
	return String(one(asked));
}

function number(asked: Asked): number {
	return toNumber(asked, one(asked));
}

function toNumber(asked: Asked, value: Scalar): number {
	const read =
		typeof value === 'number'
			? value
			: Number(
					String(value)
						.replace(/[\s\u00a0]/g, '')
						.replace(',', '.'),
				);
	if (!Number.isFinite(read) || Math.abs(read) > 1e12) throw wrongValue(asked, 'a number');
	return read;
}

function toDay(asked: Asked, value: Scalar): string {
	const day = readDay(String(value));
	if (!day) throw wrongValue(asked, 'a date such as 2026-12-31');
	return day;
}

function wrongValue(asked: Asked, needed: string): StepProblem {
	const given = list(asked).map(String).join(', ');
	return new StepProblem(
		`The segment rule “${asked.label}” needs ${needed}${given ? `; it has “${given.slice(0, 60)}”` : ''}.`,
		{ field: 'Value', hint: 'Correct the value in the segment.' },
	);
}

function unknownOperator(asked: Asked): StepProblem {
	return new StepProblem(`“${asked.rule.operator}” cannot be asked of “${asked.label}”.`, {
		field: 'Operator',
		hint: 'Choose another operator from the list.',
	});
}
