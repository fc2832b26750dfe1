/** What the segment form of {@link segmentFields} gives, read into a segment; and the lists behind its dropdowns. */
import { z } from 'zod/v4';
import { StepProblem } from '../core/ports';
import { fieldOperators, fieldValues, segmentFields } from '../core/segments/choices';
import {
	type Narrowing,
	type SegmentDefinition,
	type SegmentRule,
	segmentDefinition,
	units,
} from '../core/segments/definition';
import { getSegment, listSegments } from '../core/segments/saved';
import type { Choice, Json, StepContext } from '../core/step';
import type { Store } from '../core/store/store';

const unit = z.enum(units).catch('days');
const scalar = z.union([z.string(), z.number(), z.boolean()]);

const row = z.object({
	field: z.string().default(''),
	operator: z.string().default(''),
	values: z.array(scalar).default([]),
	value: scalar.default(''),
	upTo: scalar.default(''),
	unit: unit.default('days'),
	period: z.coerce.number().min(0).default(0),
	periodUnit: unit.default('months'),
	campaign: z.string().trim().default(''),
});

const rows = z
	.object({ rule: z.array(row).default([]) })
	.default({ rule: [] })
	.transform(({ rule }) => rule);

/** Spread into a step's parameters. */
export const segmentForm = {
	source: z.enum(['saved', 'built']).default('built'),
	savedSegment: z.string().trim().default(''),
	include: rows,
	conditions: rows,
	exclude: rows,
};
export type SegmentForm = z.infer<z.ZodObject<typeof segmentForm>>;

/**
 * The segment that the form describes; a saved one is read from the store.
 * @throws {StepProblem} when a rule is not complete or there is no saved segment of that name.
 */
export async function segmentIn(store: Store, given: SegmentForm): Promise<SegmentDefinition> {
	if (given.source === 'built') return builtSegment(given);
	if (given.savedSegment === '') {
		throw new StepProblem('No saved segment is chosen.', {
			field: 'Saved Segment',
			hint: 'Choose one from the list, or build the segment here.',
		});
	}
	return getSegment(store, given.savedSegment);
}

export function builtSegment({
	include,
	conditions,
	exclude,
}: Omit<SegmentForm, 'source' | 'savedSegment'>): SegmentDefinition {
	const read = (rules: Array<z.infer<typeof row>>, list: string) =>
		rules.map((rule, i) => ruleOf(rule, `${list}, rule ${i + 1}`));
	return segmentDefinition.parse({
		include: { any: read(include, 'Include Any Of') },
		conditions: { all: read(conditions, 'And All Of') },
		exclude: { any: read(exclude, 'Exclude Any Of') },
	});
}

/** When what a figure counts has happened. */
const HAPPENED: Record<string, string> = {
	gift: 'gift.givenAt',
	message: 'message.sentAt',
	response: 'response.at',
};

function ruleOf(given: z.infer<typeof row>, where: string): SegmentRule {
	const { field, operator, unit, period, campaign } = given;
	if (field === '')
		throw new StepProblem(`${where}: no field is chosen.`, {
			field: 'Field',
			hint: 'Choose one, or remove the rule.',
		});
	if (operator === '') {
		throw new StepProblem(`${where}: no operator is chosen.`, {
			field: 'Operator',
			hint: 'Choose how the field is compared.',
		});
	}
	const narrowings: Narrowing[] = [];
	const happened = HAPPENED[field.split('.')[0] ?? ''];
	if (period > 0 && happened) {
		narrowings.push({ field: happened, operator: 'withinLast', value: period, unit: given.periodUnit });
	}
	if (campaign !== '' && field.startsWith('gift.'))
		narrowings.push({ field: 'gift.campaign', operator: 'is', value: campaign });
	return { field, operator, value: valueOf(given), unit, where: narrowings };
}

function valueOf({ operator, values, value, upTo }: z.infer<typeof row>): SegmentRule['value'] {
	if (operator === 'between') return [value, upTo];
	if (operator !== 'anyOf' && operator !== 'noneOf') return value;
	// Where the register has no values to pick from yet, they may be typed in.
	const typed = String(value)
		.split(',')
		.map((part) => part.trim());
	return values.length > 0 ? values : typed.filter((part) => part !== '');
}

const fieldAsked = z.object({ field: z.string().min(1) });

/** Lists for the dropdowns, to be spread into a step's `choices`. The row's field comes in as `current.field`. */
export const segmentChoices = {
	async savedSegments(ctx: StepContext): Promise<Choice[]> {
		return (await listSegments(await ctx.store())).map((name) => ({ name, value: name }));
	},
	async segmentFields(ctx: StepContext): Promise<Choice[]> {
		return (await segmentFields(await ctx.store())).map(({ name, label }) => ({ name: label, value: name }));
	},
	async segmentOperators(_ctx: StepContext, current: Json): Promise<Choice[]> {
		const asked = fieldAsked.safeParse(current);
		return asked.success ? fieldOperators(asked.data.field) : [];
	},
	async segmentValues(ctx: StepContext, current: Json): Promise<Choice[]> {
		const asked = fieldAsked.safeParse(current);
		if (!asked.success) return [];
		return (await fieldValues(await ctx.store(), asked.data.field)).map((value) => ({ name: value, value }));
	},
};
