/** Dropdowns in n8n: what a step is told of the form while somebody fills it in. */
import type { ILoadOptionsFunctions } from 'n8n-workflow';
import { z } from 'zod/v4';
import type { Step } from '../../../core/step';
import { choicesOf, declareForm } from '../../../hosts/n8n';

const pick: Step<object> = {
	name: 'pick',
	parameters: z.object({}),
	outputs: ['Picked'],
	choices: {
		operators: async (_ctx, current) => [{ name: JSON.stringify(current), value: 'x' }],
	},
};

declareForm({
	name: 'pick',
	properties: [
		{ displayName: 'Operation', name: 'operation', type: 'string', default: '' },
		{
			displayName: 'Rules',
			name: 'rules',
			type: 'fixedCollection',
			default: {},
			options: [
				{
					displayName: 'Rule',
					name: 'rule',
					values: [
						{ displayName: 'Field', name: 'field', type: 'string', default: '' },
						{ displayName: 'Operator', name: 'operator', type: 'options', default: '', options: [] },
					],
				},
			],
		},
	],
});

/** `beside`: the row in which the dropdown stands. */
function asked(form: object, beside: Record<string, string>) {
	const quiet = () => undefined;
	const context = {
		getNode: () => ({ id: 'node', name: 'Pick', type: 'test.pick', parameters: {} }),
		getWorkflow: () => ({ id: 'flow', name: 'Flow' }),
		getCurrentNodeParameters: () => form,
		getCurrentNodeParameter: (name: string) => beside[name.replace(/^&/, '')],
		logger: { debug: quiet, info: quiet, warn: quiet, error: quiet },
		helpers: { httpRequest: quiet },
	};
	return choicesOf(pick).operators?.call(context as unknown as ILoadOptionsFunctions);
}

test("in a row the row's own fields stand on top of the form", async () => {
	const form = { operation: 'count', rules: { rule: [{ field: 'person.age' }, { field: 'label' }] } };
	const [choice] = (await asked(form, { field: 'label' })) ?? [];
	expect(JSON.parse(choice?.name ?? '')).toEqual({ ...form, field: 'label' });
});

test('at the top of the form there is only the form', async () => {
	const [choice] = (await asked({ operation: 'count' }, {})) ?? [];
	expect(JSON.parse(choice?.name ?? '')).toEqual({ operation: 'count' });
});
