import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, symlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod/v4';
import { holdsForEveryPackage } from './everyPackage';
import { declared } from './declared';
import { type Unpacked, root, unpack } from './unpacked';

const icon = z.union([z.string(), z.object({ light: z.string(), dark: z.string() })]);
const described = z.object({
	file: z.string(),
	name: z.string(),
	displayName: z.string(),
	icon,
	group: z.array(z.string()).optional(),
	credentials: z.array(z.object({ name: z.string() })).default([]),
});

describe('the package for n8n', () => {
	let unpacked: Unpacked;
	beforeAll(() => {
		unpacked = unpack('n8n-nodes-member-journeys');
	});
	afterAll(() => unpacked?.remove());
	holdsForEveryPackage(() => unpacked, ['n8n-workflow']);

	it('is named and declared as n8n asks of a community package', () => {
		expect(unpacked.about.name).toBe('n8n-nodes-member-journeys');
		expect(unpacked.about.keywords).toContain('n8n-community-node-package');
		expect(unpacked.about.peerDependencies).toEqual({ 'n8n-workflow': '*' });
	});

	it('lists every step and credential there is, and ships each file it lists', async () => {
		const { nodes, credentials } = unpacked.about.n8n ?? { nodes: [], credentials: [] };
		const all = await declared();
		expect(nodes.map((file) => basename(file))).toEqual(
			all.nodes.map(({ className }) => `${className}.node.js`),
		);
		expect(credentials.map((file) => basename(file))).toEqual(
			all.credentials.map(({ className }) => `${className}.credentials.js`),
		);
		expect(
			[...nodes, ...credentials].filter(
				(file) => !file.startsWith('dist/') || !unpacked.files.includes(file),
			),
		).toEqual([]);
	});

	it('has a codex with categories and a documentation page for every step', () => {
		const codex = z.object({
			node: z.string(),
			categories: z.array(z.string()).min(1),
			resources: z.object({ primaryDocumentation: z.array(z.object({ url: z.url() })).min(1) }),
		});
		for (const file of unpacked.about.n8n?.nodes ?? []) {
			const found = codex.parse(JSON.parse(unpacked.text(`${file}on`)));
			const name = loaded(unpacked).find((one) => one.file === file)?.name;
			expect(found.node).toBe(`n8n-nodes-member-journeys.${name}`);
		}
	});

	it('loads in a Node that has n8n-workflow and nothing else', async () => {
		const all = await declared();
		expect(loaded(unpacked).map(({ name }) => name)).toEqual(
			[...all.nodes, ...all.credentials].map(({ name }) => name),
		);
	});

	it('ships the light and the dark icon of everything it declares', () => {
		const missing = loaded(unpacked).flatMap(({ file, icon }) => {
			const names = typeof icon === 'string' ? [icon] : [icon.light, icon.dark];
			return names
				.map((name) => join(dirname(file), name.replace(/^file:/, '')))
				.filter((path) => !unpacked.files.includes(path));
		});
		expect(missing).toEqual([]);
	});

	it('asks only for credentials that it brings', () => {
		const all = loaded(unpacked);
		const known = all.filter(({ file }) => file.includes('/credentials/')).map(({ name }) => name);
		expect(
			all
				.flatMap(({ credentials }) => credentials.map(({ name }) => name))
				.filter((name) => !known.includes(name)),
		).toEqual([]);
	});
});

const seen = new WeakMap<Unpacked, Array<z.infer<typeof described>>>();

/** Loads every class in a process of its own, where only n8n-workflow stands beside the package, as in n8n. */
function loaded(unpacked: Unpacked): Array<z.infer<typeof described>> {
	const before = seen.get(unpacked);
	if (before) return before;
	const host = join(unpacked.folder, '../host/node_modules');
	const place = join(host, unpacked.about.name);
	mkdirSync(host, { recursive: true });
	cpSync(unpacked.folder, place, { recursive: true });
	symlinkSync(join(root, 'node_modules/n8n-workflow'), join(host, 'n8n-workflow'));
	const files = [...(unpacked.about.n8n?.nodes ?? []), ...(unpacked.about.n8n?.credentials ?? [])];
	const script = `
		const { basename, join } = require('node:path');
		const all = ${JSON.stringify(files)}.map((file) => {
			const name = basename(file).split('.')[0];
			const one = new (require(join(${JSON.stringify(place)}, file))[name])();
			const { displayName, icon, group, credentials } = one.description ?? one;
			return { file, name: (one.description ?? one).name, displayName, icon, group, credentials };
		});
		process.stdout.write(JSON.stringify(all), () => process.exit(0));`;
	const out = execFileSync('node', ['-e', script], { cwd: host, encoding: 'utf8', maxBuffer: 1e8 });
	const all = z.array(described).parse(JSON.parse(out));
	seen.set(unpacked, all);
	return all;
}
