/** What can be asked of a field, by the type of its values. */
export type FieldType = 'text' | 'choice' | 'number' | 'money' | 'day' | 'moment' | 'yesNo';

export interface Operator {
	name: string;
	label: string;
	/** What it needs: nothing, one value, several, a span of time. */
	takes: 'nothing' | 'value' | 'values' | 'span' | 'two';
	/** Says that something is *not* so: of things a person has several of, then none may be so. */
	negative?: true;
}

const is: Operator = { name: 'is', label: 'Is', takes: 'value' };
const isNot: Operator = { name: 'isNot', label: 'Is Not', takes: 'value', negative: true };
const anyOf: Operator = { name: 'anyOf', label: 'Is Any Of', takes: 'values' };
const noneOf: Operator = { name: 'noneOf', label: 'Is None Of', takes: 'values', negative: true };
const isEmpty: Operator = { name: 'isEmpty', label: 'Is Empty', takes: 'nothing', negative: true };
const isNotEmpty: Operator = { name: 'isNotEmpty', label: 'Is Not Empty', takes: 'nothing' };
const atLeast: Operator = { name: 'atLeast', label: 'Is at Least', takes: 'value' };
const atMost: Operator = { name: 'atMost', label: 'Is at Most', takes: 'value' };
const between: Operator = { name: 'between', label: 'Is Between', takes: 'two' };

const texts: Operator[] = [
	is,
	isNot,
	anyOf,
	noneOf,
	{ name: 'contains', label: 'Contains', takes: 'value' },
	{ name: 'doesNotContain', label: 'Does Not Contain', takes: 'value', negative: true },
	{ name: 'startsWith', label: 'Starts With', takes: 'value' },
	isEmpty,
	isNotEmpty,
];
const dates: Operator[] = [
	{ name: 'withinLast', label: 'Is Within the Last', takes: 'span' },
	{ name: 'moreThanAgo', label: 'Is More Than … Ago', takes: 'span' },
	{ name: 'inNext', label: 'Is Within the Next', takes: 'span' },
	{ name: 'today', label: 'Is Today', takes: 'nothing' },
	{ name: 'thisMonth', label: 'Is in This Month', takes: 'nothing' },
	{ name: 'thisYear', label: 'Is in This Year', takes: 'nothing' },
	{ name: 'dayAndMonthToday', label: 'Has Its Day and Month Today', takes: 'nothing' },
	{ name: 'on', label: 'Is On', takes: 'value' },
	{ name: 'before', label: 'Is Before', takes: 'value' },
	{ name: 'after', label: 'Is After', takes: 'value' },
	between,
	isEmpty,
	isNotEmpty,
];
const numbers: Operator[] = [is, atLeast, atMost, between, isEmpty, isNotEmpty];

const BY_TYPE: Record<FieldType, Operator[]> = {
	text: [...texts, atLeast, atMost],
	choice: texts,
	number: numbers,
	money: numbers,
	day: dates,
	moment: dates,
	yesNo: [is],
};

export function operatorsOf(type: FieldType): Operator[] {
	return BY_TYPE[type];
}
