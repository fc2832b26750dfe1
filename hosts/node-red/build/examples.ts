/** What Node-RED offers under Import › Examples: the journeys of `flows/`, and a small flow for each step. */
import { existsSync } from 'node:fs';
import { glob, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { type ConfigForm, type Form, membersOf } from '../form/form';

export interface Example {
	/** Menu entry. */
	name: string;
	nodes: unknown[];
}

type FlowNode = Record<string, unknown> & { id: string; type: string };

export async function examplesOf(
	root: string,
	forms: readonly Form[],
	folders: ReadonlyMap<string, string>,
	configs: readonly ConfigForm[],
): Promise<Example[]> {
	const journeys: Example[] = [];
	for await (const file of glob('flows/*/node-red.json', { cwd: root })) {
		const nodes = JSON.parse(await readFile(join(root, file), 'utf8')) as unknown[];
		journeys.push({ name: `00 - ${titled(basename(dirname(file)))}`, nodes });
	}
	const single = await Promise.all(
		forms.map(async (form, index): Promise<Example> => {
			const own = join(root, 'nodes', folders.get(form.type) ?? '', 'example.node-red.json');
			const nodes = existsSync(own)
				? (JSON.parse(await readFile(own, 'utf8')) as unknown[])
				: small(form, configs);
			return { name: `${String(index + 1).padStart(2, '0')} - ${form.title}`, nodes };
		}),
	);
	return [...journeys, ...single];
}

const titled = (folder: string) => folder.replaceAll('-', ' ').replace(/^./, (first) => first.toUpperCase());

/** Comment, something to set it off, the step, and a Debug node on each output. */
function small(form: Form, configs: readonly ConfigForm[]): FlowNode[] {
	const id = (part: string) => `${form.type}-${part}`;
	const used = configs.filter(({ type }) => form.configs.some((config) => config.type === type));
	const step: FlowNode = {
		id: id('step'),
		type: form.type,
		name: '',
		...Object.fromEntries(form.configs.map(({ property, type }) => [property, id(type)])),
		params: {},
		x: 360,
		y: 120,
		wires: form.outputs.map((_, index) => [id(`debug${index}`)]),
	};
	const person = [{ person: { memberNumber: '10001', givenName: 'Kari', familyName: 'Eksempel' } }];
	const inject: FlowNode = {
		id: id('inject'),
		type: 'inject',
		name: 'Somebody',
		props: [{ p: 'payload' }],
		payload: JSON.stringify(person),
		payloadType: 'json',
		x: 130,
		y: 120,
		wires: [[id('step')]],
	};
	return [
		{
			id: id('comment'),
			type: 'comment',
			name: form.description,
			info: 'Open the step, choose a Journey Store and fill in the form; its help stands in the sidebar.',
			x: 320,
			y: 60,
			wires: [],
		},
		...(form.inputs > 0 ? [inject] : []),
		step,
		...form.outputs.map((label, index): FlowNode => ({
			id: id(`debug${index}`),
			type: 'debug',
			name: label,
			active: true,
			tosidebar: true,
			complete: 'payload',
			targetType: 'msg',
			x: 600,
			y: 120 + index * 60,
			wires: [],
		})),
		...used.map((config): FlowNode => configNode(config, id(config.type))),
	];
}

function configNode(form: ConfigForm, id: string): FlowNode {
	const open = form.fields.filter(
		(field) => field.type !== 'notice' && !field.typeOptions?.password && membersOf(field).length === 0,
	);
	return {
		id,
		type: form.type,
		name: '',
		...Object.fromEntries(open.map(({ name, default: value }) => [name, value])),
	};
}
