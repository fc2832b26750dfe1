/** Turns what zod says about a step's parameters into words about the form, as the person at the editor sees it. */
import type { z } from 'zod/v4';
import { StepProblem } from '../core/ports';

/** What of n8n's form description names fields; both hosts build their forms from it. */
export interface FormField {
	name: string;
	displayName: string;
	/** Members of a collection, groups of a fixed collection, entries of a dropdown. */
	options?: ReadonlyArray<object>;
}

type Issue = z.core.$ZodIssue;

/** `item`: position of the incoming item (or message element) whose parameters they are. */
export function parameterProblem(
	form: readonly FormField[],
	issues: readonly Issue[],
	item?: number,
): StepProblem {
	const issue = innermost(issues[0]);
	const field = issue ? fieldLabel(form, issue.path) : 'Parameters';
	return new StepProblem(`'${field}' ${issue ? saying(issue) : 'cannot be read'}.`, {
		field,
		item,
		hint: issue ? adviceFor(issue, field) : undefined,
	});
}

/** Of a union's branches the one that got furthest tells most. */
function innermost(issue: Issue | undefined): Issue | undefined {
	if (issue?.code !== 'invalid_union') return issue;
	const inner = issue.errors
		.flatMap((branch) => branch.slice(0, 1))
		.sort((a, b) => b.path.length - a.path.length)[0];
	return inner ? innermost({ ...inner, path: [...issue.path, ...inner.path] }) : issue;
}

/**
 * The field at a path of the parameters, from the outside in: `Goal › Minimum Amount`; rows are counted from 1:
 * `Rules 2 › Value`.
 */
export function fieldLabel(form: readonly FormField[], path: readonly PropertyKey[]): string {
	const labels: string[] = [];
	let fields = form;
	for (const part of path) {
		if (typeof part === 'number') {
			const last = labels.pop();
			labels.push(last === undefined ? String(part + 1) : `${last} ${part + 1}`);
			continue;
		}
		const found = fields.find(({ name }) => name === part);
		if (!found) {
			if (labels.length === 0) labels.push(titleCase(String(part)));
			continue;
		}
		// A fixed collection of one group repeats its own name on the inside; naming it once reads better.
		if (labels.at(-1)?.replace(/s?$/, '') !== found.displayName.replace(/s?$/, ''))
			labels.push(found.displayName);
		fields = membersOf(found);
	}
	return labels.join(' › ') || 'Parameters';
}

/** Fields inside a collection, groups of a fixed collection, fields of a group. */
export function membersOf(field: FormField): FormField[] {
	const groups = 'values' in field && Array.isArray(field.values) ? (field.values as FormField[]) : [];
	const options = (field.options ?? []).filter((one): one is FormField => 'displayName' in one);
	return [...groups, ...options];
}

function titleCase(name: string): string {
	return name.replace(/([a-z0-9])([A-Z])/g, '$1 $2').replace(/^./, (first) => first.toUpperCase());
}

function saying(issue: Issue): string {
	if (issue.code === 'invalid_type' && isEmpty(issue.input)) return 'is empty';
	if (issue.code === 'invalid_type') return `must be ${article(issue.expected)}`;
	if (issue.code === 'too_small') {
		if (issue.origin === 'string' && Number(issue.minimum) <= 1) return 'is empty';
		if (issue.origin === 'array') return `needs at least ${issue.minimum}`;
		if (issue.origin === 'string') return `is shorter than ${issue.minimum} characters`;
		return `must be ${issue.inclusive ? 'at least' : 'more than'} ${issue.minimum}`;
	}
	if (issue.code === 'too_big') {
		if (issue.origin === 'array') return `takes at most ${issue.maximum}`;
		if (issue.origin === 'string') return `is longer than ${issue.maximum} characters`;
		return `must be ${issue.inclusive ? 'at most' : 'less than'} ${issue.maximum}`;
	}
	if (issue.code === 'invalid_value') return `must be one of: ${issue.values.map(String).join(', ')}`;
	// The schema's own words, written for people.
	if (issue.code === 'custom') return `is refused: ${issue.message.replace(/\.$/, '')}`;
	return `is not accepted: ${issue.message.replace(/\.$/, '')}`;
}

function isEmpty(input: unknown): boolean {
	return input === undefined || input === null || input === '';
}

function article(expected: string): string {
	if (expected === 'array') return 'a list';
	return /^[aeiou]/.test(expected) ? `an ${expected}` : `a ${expected}`;
}

function adviceFor(issue: Issue, field: string): string {
	const expression = 'If it is an expression, check what it gives for this item.';
	if (saying(issue) === 'is empty') return `Fill in '${field}'. ${expression}`;
	return `Change '${field}' in the step. ${expression}`;
}
