/** The templates in `flows/`: what they hold fits the steps' forms, in both editors, and leads nowhere into nothing. */
import { globSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { INodeProperties, INodeType } from 'n8n-workflow';
import type { Step } from '../../core/step';
import { nodeRedType } from '../../hosts/node-red/form/form';

const root = join(__dirname, '../..');
const PACKAGE = 'n8n-nodes-member-journeys.';

interface N8nFlow {
	nodes: Array<{ name: string; type: string; parameters: Record<string, unknown> }>;
	connections: Record<string, { main: Array<Array<{ node: string }> | null> }>;
}
interface NodeRedNode {
	id: string;
	type: string;
	z?: string;
	name?: string;
	params?: Record<string, unknown>;
	wires?: string[][];
	[property: string]: unknown;
}

const steps = new Map<
	string,
	{ step: Step<unknown>; properties: INodeProperties[]; credentials: string[] }
>();
beforeAll(async () => {
	for (const file of globSync('nodes/*/*.node.ts', { cwd: root })) {
		const className = basename(file, '.node.ts');
		const name = className[0]!.toLowerCase() + className.slice(1);
		const { [className]: Node } = (await import(join(root, file))) as Record<string, new () => INodeType>;
		const { [name]: step } = (await import(join(root, dirname(file), `${name}.ts`))) as Record<
			string,
			Step<unknown>
		>;
		const { description } = new Node!();
		steps.set(name, {
			step: step!,
			properties: description.properties,
			credentials: (description.credentials ?? []).filter(({ required }) => required).map((one) => one.name),
		});
	}
});

const templates = globSync('flows/*', { cwd: root }).filter((folder) => !folder.includes('.'));
const read = <T>(folder: string, file: string) =>
	JSON.parse(readFileSync(join(root, folder, file), 'utf8')) as T;

/** A value that only the host knows is not looked at here. */
function isLookedUp(value: unknown): boolean {
	if (typeof value === 'string') return value.startsWith('=');
	return (
		typeof value === 'object' && value !== null && ('$from' in value || Object.values(value).some(isLookedUp))
	);
}

function misfits(name: string, type: string, parameters: Record<string, unknown>): string[] {
	const known = steps.get(type);
	if (!known) return [`${name}: there is no step ${type}`];
	const fields = new Set(known.properties.map((property) => property.name));
	const strange = Object.keys(parameters).filter((field) => !fields.has(field));
	const fixed = Object.fromEntries(Object.entries(parameters).filter(([, value]) => !isLookedUp(value)));
	const parsed = known.step.parameters.safeParse(fixed);
	// A field that is looked up is not there, and may be one that must be.
	const wrong = parsed.success
		? []
		: parsed.error.issues.filter(({ path }) => !(String(path[0]) in parameters) || String(path[0]) in fixed);
	return [
		...strange.map((field) => `${name}: '${field}' is no field of its form`),
		...wrong.map(({ path, message }) => `${name}: ${path.join('.')}: ${message}`),
	];
}

test.each(templates)('%s fits the forms of its steps in n8n', (folder) => {
	const flow = read<N8nFlow>(folder, 'n8n.json');
	const names = new Set(flow.nodes.map(({ name }) => name));
	const ours = flow.nodes.filter(({ type }) => type.startsWith(PACKAGE));
	expect(ours.length).toBeGreaterThan(0);
	expect(
		ours.flatMap(({ name, type, parameters }) => misfits(name, type.slice(PACKAGE.length), parameters)),
	).toEqual([]);
	const ends = Object.entries(flow.connections).flatMap(([from, { main }]) => [
		from,
		...main.flatMap((output) => (output ?? []).map(({ node }) => node)),
	]);
	expect(ends.filter((name) => !names.has(name))).toEqual([]);
});

test.each(templates)('%s fits the forms of its steps in Node-RED, and is the same journey', (folder) => {
	const flow = read<NodeRedNode[]>(folder, 'node-red.json');
	const ids = new Set(flow.map(({ id }) => id));
	expect(ids.size).toBe(flow.length);
	const typeOf = new Map([...steps.keys()].map((name) => [nodeRedType(name), name]));
	const ours = flow.filter(({ type, z }) => z && typeOf.has(type));
	expect(
		ours.flatMap(({ name = '', type, params = {} }) => misfits(name, typeOf.get(type) ?? '', params)),
	).toEqual([]);
	expect(flow.flatMap(({ wires = [] }) => wires.flat()).filter((id) => !ids.has(id))).toEqual([]);
	expect(ours.filter(({ store }) => !ids.has(String(store))).map(({ name }) => name)).toEqual([]);
	const inN8n = read<N8nFlow>(folder, 'n8n.json').nodes.filter(({ type }) => type.startsWith(PACKAGE));
	const shape = (name: string | undefined, type: string) => `${name} (${type})`;
	expect(ours.map(({ name, type }) => shape(name, typeOf.get(type) ?? '')).sort()).toEqual(
		inN8n.map(({ name, type }) => shape(name, type.slice(PACKAGE.length))).sort(),
	);
});
