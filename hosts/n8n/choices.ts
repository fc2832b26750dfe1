/** Dropdowns that know the register, a provider or the saved segments: `methods.loadOptions` of a step. */
import type { ILoadOptionsFunctions, INodePropertyOptions } from 'n8n-workflow';
import type { Json, Step } from '../../core/step';
import { type FormField, membersOf } from '../parameterProblem';
import { openContext } from './context';
import { nodeError } from './errors';
import { formOf } from './forms';

type LoadOptions = Record<string, (this: ILoadOptionsFunctions) => Promise<INodePropertyOptions[]>>;

/** One method per entry of `step.choices`, under the same name. */
export function choicesOf<P>(step: Step<P>): LoadOptions {
	const methods: LoadOptions = {};
	for (const [name, choose] of Object.entries(step.choices ?? {})) {
		methods[name] = async function () {
			let close: () => void = () => undefined;
			try {
				const opened = await openContext(this);
				close = opened.close;
				return await choose(opened.context, current(this, step.name));
			} catch (error) {
				throw nodeError(this.getNode(), error);
			} finally {
				close();
			}
		};
	}
	return methods;
}

/** The form as filled in so far; in a row of a list, the row's own fields stand on top. */
function current(n8n: ILoadOptionsFunctions, step: string): Json {
	const values: Json = { ...n8n.getCurrentNodeParameters() };
	for (const name of namesInRows(formOf(step))) {
		// `&`: beside the field whose choices are asked for.
		const beside = n8n.getCurrentNodeParameter(`&${name}`);
		if (beside !== undefined) values[name] = beside;
	}
	return values;
}

function namesInRows(fields: readonly FormField[]): Set<string> {
	const inner = fields.flatMap(membersOf);
	return new Set([...inner.map(({ name }) => name), ...(inner.length > 0 ? namesInRows(inner) : [])]);
}
