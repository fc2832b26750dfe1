/** A step's parameters as n8n evaluates them, parsed by the step's own schema. */
import type { INode } from 'n8n-workflow';
import type { Json, Step } from '../../core/step';
import { parameterProblem } from '../parameterProblem';
import { formOf } from './forms';

/** `getNodeParameter` of whichever context n8n has given, for one item. */
export type Evaluate = (name: string, item: number) => unknown;

/**
 * The parameters of each of `count` items. n8n keeps defaults in `node.parameters` for every field that is shown, so
 * its keys are the form. Expressions are evaluated per item; a form without any is parsed once and shared by all.
 * @throws {StepProblem} naming the first field (and item) that does not fit.
 */
export function parametersFor<P>(step: Step<P>, node: INode, evaluate: Evaluate, count: number): P[] {
	const names = Object.keys(node.parameters);
	const perItem = names.filter((name) => hasExpression(node.parameters[name]));
	const shared: Json = {};
	for (const name of names) if (!perItem.includes(name)) shared[name] = evaluate(name, 0);
	if (perItem.length === 0) return new Array<P>(count).fill(parse(step, shared));
	return Array.from({ length: count }, (_, item) => {
		const own: Json = { ...shared };
		for (const name of perItem) own[name] = evaluate(name, item);
		return parse(step, own, item);
	});
}

/**
 * The parameters without any item: for a step that listens. What only an item could tell is as if its field were empty.
 * @throws {StepProblem} naming the first field that does not fit.
 */
export function standingParameters<P>(step: Step<P>, node: INode, evaluate: (name: string) => unknown): P {
	const found = (name: string) => {
		try {
			return evaluate(name);
		} catch (cause) {
			if (hasExpression(node.parameters[name])) return undefined;
			throw cause;
		}
	};
	const [params] = parametersFor(step, node, found, 1);
	return params as P;
}

function parse<P>(step: Step<P>, raw: Json, item?: number): P {
	const read = step.parameters.safeParse(raw, { reportInput: true });
	if (read.success) return read.data;
	throw parameterProblem(formOf(step.name), read.error.issues, item);
}

/** n8n marks an expression by a leading `=`. */
function hasExpression(value: unknown): boolean {
	if (typeof value === 'string') return value.startsWith('=');
	if (typeof value !== 'object' || value === null) return false;
	return Object.values(value).some(hasExpression);
}
