/** A step's parameters for each item: lookups evaluated with the item as `msg.payload`, then checked by the step. */
import type { Node, NodeAPI, NodeMessage } from 'node-red';
import { StepProblem } from '../../../core/ports';
import type { Given, Json, Step } from '../../../core/step';
import { parameterProblem } from '../../parameterProblem';
import { type Dynamic, anyDynamic, resolved } from '../form/dynamic';
import type { Form } from '../form/form';
import { type Values, complete } from '../form/values';

export type Evaluate = (lookup: Dynamic, message: NodeMessage) => Promise<unknown>;

export function evaluator(RED: NodeAPI, node: Node): Evaluate {
	return ({ $from, value }, message) =>
		new Promise((resolve, reject) => {
			const found = (refused: Error | null, result: unknown) => (refused ? reject(refused) : resolve(result));
			RED.util.evaluateNodeProperty(value, $from, node, message, found);
		});
}

/**
 * The parameters without any message: for `listen` and `receive`. Lookups in the environment still count; what only a
 * message could tell is as if its field were empty.
 */
export async function standing<P>(step: Step<P>, form: Form, stored: Values, evaluate: Evaluate): Promise<P> {
	const find: Evaluate = async (lookup, message) => {
		if (lookup.$from === 'msg') return undefined;
		return lookup.$from === 'jsonata'
			? await evaluate(lookup, message).catch(() => undefined)
			: await evaluate(lookup, message);
	};
	const values = await evaluated(form, stored, {}, find);
	// A field's own default may be a lookup as well.
	return parse(step, form, (await resolved(values, async () => undefined)) as Values);
}

/** @throws {StepProblem} naming the field as the form shows it, and the item. */
export async function perItem<P>(
	step: Step<P>,
	form: Form,
	stored: Values,
	message: NodeMessage,
	items: Json[],
	evaluate: Evaluate,
): Promise<Array<Given<P>>> {
	if (!anyDynamic(stored)) {
		const params = parse(step, form, complete(form.fields, stored));
		return items.map((json, index) => ({ json, params, index }));
	}
	const given: Array<Given<P>> = [];
	for (const [index, json] of items.entries()) {
		const values = await evaluated(form, stored, { ...message, payload: json }, evaluate, index);
		given.push({ json, params: parse(step, form, values, index), index });
	}
	return given;
}

async function evaluated(
	form: Form,
	stored: Values,
	message: NodeMessage,
	evaluate: Evaluate,
	item?: number,
): Promise<Values> {
	const find = async (lookup: Dynamic) => {
		try {
			return await evaluate(lookup, message);
		} catch (cause) {
			const what =
				lookup.$from === 'jsonata' ? `The expression ${lookup.value}` : `${lookup.$from}.${lookup.value}`;
			throw new StepProblem(
				`${what} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}.`,
				{
					item,
					hint: 'Open the step and check the value.',
					cause,
				},
			);
		}
	};
	// Completed twice: what a lookup finds may show other fields, and hidden ones must not reach the step.
	const found = (await resolved(complete(form.fields, stored), find)) as Values;
	return complete(form.fields, found);
}

function parse<P>(step: Step<P>, form: Form, values: Values, item?: number): P {
	const read = step.parameters.safeParse(values, { reportInput: true });
	if (read.success) return read.data;
	throw parameterProblem(form.fields, read.error.issues, item);
}
