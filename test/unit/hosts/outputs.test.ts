/** Outputs that follow the form: n8n's own evaluation, Node-RED's form and the step agree on every one. */
import { type INodeType, NodeHelpers, Workflow } from 'n8n-workflow';
import { outputNames } from '../../../core/outputs';
import { formOf } from '../../../hosts/node-red/build/forms';
import { outputCount, ruleIn } from '../../../hosts/n8n/outputs';
import { LinkConversation } from '../../../nodes/LinkConversation/LinkConversation.node';
import { outputs } from '../../../nodes/LinkConversation/form';
import { linkConversation } from '../../../nodes/LinkConversation/linkConversation';

const type: INodeType = new LinkConversation();

/** As n8n's canvas and its runs see the step. */
function inN8n(parameters: Record<string, unknown>): string[] {
	const node = {
		id: 'a',
		name: 'Spør',
		type: 'n8n-nodes-member-journeys.linkConversation',
		typeVersion: 1,
		position: [0, 0] as [number, number],
		parameters: parameters as never,
	};
	const workflow = new Workflow({
		nodes: [node],
		connections: {},
		active: false,
		nodeTypes: { getByName: () => type, getByNameAndVersion: () => type, getKnownTypes: () => ({}) },
	});
	return NodeHelpers.getNodeOutputs(workflow, workflow.getNode('Spør')!, type.description).map((output) =>
		typeof output === 'string' ? output : (output.displayName ?? ''),
	);
}

const FIXED = ['Not Sent', 'No Answer', 'Not Understood'];
const choices = (...names: string[]) => ({ choice: names.map((name) => ({ name, words: '' })) });

test.each([
	[{}, ['Yes', 'No']],
	[{ answers: 'yesNo' }, ['Yes', 'No']],
	[{ answers: 'text' }, ['Understood']],
	[{ answers: 'choices', choices: choices('Student', ' I jobb ', '') }, ['Student', 'I jobb', '3']],
	[
		{ answers: 'choices', choices: choices('«}}»', "d'accord", '{{ $json.x }}') },
		['«}}»', "d'accord", '{{ $json.x }}'],
	],
	[{ answers: 'choices' }, []],
])('%j has those outputs in both hosts', (parameters, names) => {
	const wanted = [...FIXED, ...names];
	expect(inN8n(parameters)).toEqual(wanted);
	expect(outputNames(outputs, parameters)).toEqual(wanted);
	expect(outputCount(linkConversation, parameters)).toBe(wanted.length);
});

test('Node-RED’s form carries the same rule, and begins with as many outputs', () => {
	expect(ruleIn(type.description.outputs)).toEqual(outputs);
	const form = formOf(type.description, [], false);
	expect(form.outputs).toEqual([...FIXED, 'Yes', 'No']);
	expect(form.outputsBy).toEqual(outputs);
});

test('an answer that is added moves no wire', () => {
	const before = inN8n({ answers: 'choices', choices: choices('A', 'B') });
	const after = inN8n({ answers: 'choices', choices: choices('A', 'B', 'C') });
	expect(after.slice(0, before.length)).toEqual(before);
});
