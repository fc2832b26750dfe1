/**
 * The forms of the steps, as their n8n classes declare them, by the step's name: execution contexts of n8n do not give
 * a node its own description. `dist` fills them in when it is loaded.
 */
import type { INodeTypeDescription } from 'n8n-workflow';
import type { FormField } from '../parameterProblem';

type Form = Pick<INodeTypeDescription, 'name' | 'properties'>;
const forms = new Map<string, Form>();

export function declareForm(description: Form): void {
	forms.set(description.name, description);
}

/** The fields of a step's form; several fields may share a name when only one of them is shown at a time. */
export function formOf(step: string): FormField[] {
	return forms.get(step)?.properties ?? [];
}
