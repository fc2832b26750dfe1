/** Dropdowns that know the register, a provider or the saved segments: `methods.loadOptions` of a step. */
import type { ILoadOptionsFunctions, INodePropertyOptions } from 'n8n-workflow';
import type { Step } from '../../core/step';
import { openContext } from './context';
import { nodeError } from './errors';

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
				// In a row of rules, what can be chosen depends on the row's own field.
				const field = this.getCurrentNodeParameter('&field');
				return await choose(opened.context, {
					...this.getCurrentNodeParameters(),
					...(typeof field === 'string' ? { field } : {}),
				});
			} catch (error) {
				throw nodeError(this.getNode(), error);
			} finally {
				close();
			}
		};
	}
	return methods;
}
