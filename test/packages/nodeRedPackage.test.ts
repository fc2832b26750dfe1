import { globSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod/v4';
import { configNodeTypes } from '../../hosts/node-red/form/form';
import { declared } from './declared';
import { holdsForEveryPackage } from './everyPackage';
import { type Unpacked, manifest, root, unpack } from './unpacked';

const configTypes = Object.values(configNodeTypes).map(({ type }) => type);
const flow = z.array(z.looseObject({ id: z.string(), type: z.string() }));

describe('the package for Node-RED', () => {
	let unpacked: Unpacked;
	beforeAll(() => {
		unpacked = unpack('member-journeys-node-red');
	});
	afterAll(() => unpacked?.remove());
	holdsForEveryPackage(() => unpacked, []);

	const nodeSets = () => Object.entries(unpacked.about['node-red']?.nodes ?? {});
	const html = () => nodeSets().map(([, file]) => unpacked.text(file.replace(/\.js$/, '.html')));
	/** Node types by what their dialogs' scripts call them. */
	const types = () =>
		html().flatMap((page) =>
			[...page.matchAll(/data-template-name="([^"]+)"/g)].map(([, type]) => type ?? ''),
		);
	const examples = () =>
		unpacked.files.filter((file) => file.startsWith('examples/') && file.endsWith('.json'));

	// The rules of node-red-dev's scorecard that need nothing but the files.
	it('has a repository or an address for bugs (P03)', () => {
		expect(unpacked.about.repository ?? unpacked.about.bugs).toBeDefined();
	});
	it('has a scoped name (P04) and the keyword (P05)', () => {
		expect(unpacked.about.name).toBe('@member-journeys/node-red');
		expect(unpacked.about.keywords).toContain('node-red');
	});
	it('runs in the Node-RED of today (P06) and on every Node that runs it (P07)', () => {
		const nodeRed = manifest.parse(
			JSON.parse(readFileSync(join(root, 'node_modules/node-red/package.json'), 'utf8')),
		);
		const [wanted, current] = [unpacked.about['node-red']?.version, nodeRed.version];
		expect(atLeast(current, wanted)).toBe(true);
		expect(atLeast(nodeRed.engines.node?.replace('>=', '') ?? '', unpacked.about.engines.node)).toBe(true);
	});
	it('brings at most six dependencies (D01)', () => {
		expect(Object.keys(unpacked.about.dependencies).length).toBeLessThanOrEqual(6);
	});
	it('has an example flow for every step (N02)', () => {
		const used = new Set(
			examples().flatMap((file) => flow.parse(JSON.parse(unpacked.text(file))).map((node) => node.type)),
		);
		expect(stepTypes(types()).filter((type) => !used.has(type))).toEqual([]);
	});
	it('shares examples that begin with a comment and hold no secrets', () => {
		for (const file of examples()) {
			const nodes = flow.parse(JSON.parse(unpacked.text(file)));
			expect(nodes.some((node) => node.type === 'comment')).toBe(true);
			expect(nodes.filter((node) => 'credentials' in node)).toEqual([]);
		}
	});

	it('has every step and every credential as a node type of its own', async () => {
		const all = await declared();
		const kebab = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
		expect([...types()].sort()).toEqual(
			[...all.nodes.map(({ name }) => `mj-${kebab(name)}`), ...configTypes].sort(),
		);
	});

	it('has help for every step in its dialog file', () => {
		const helped = html().flatMap((page) =>
			[...page.matchAll(/data-help-name="([^"]+)"/g)].map(([, type]) => type ?? ''),
		);
		const localised = unpacked.files
			.filter((file) => /locales\/en-US\/.*\.html$/.test(file))
			.flatMap((file) =>
				[...unpacked.text(file).matchAll(/data-help-name="([^"]+)"/g)].map(([, type]) => type ?? ''),
			);
		expect(stepTypes(types()).filter((type) => ![...helped, ...localised].includes(type))).toEqual([]);
	});

	it('speaks English and Norwegian, text for text', () => {
		for (const [, file] of nodeSets()) {
			const [english, norwegian] = ['en-US', 'nb-NO'].map((language) => {
				const catalogue = join(dirname(file), 'locales', language, basename(file).replace(/\.js$/, '.json'));
				return leaves(JSON.parse(unpacked.text(catalogue)));
			});
			expect(english?.length).toBeGreaterThan(0);
			expect(norwegian).toEqual(english);
			expect(unpacked.files).toContain(
				join(dirname(file), 'locales/nb-NO', basename(file).replace(/\.js$/, '.html')),
			);
		}
	});

	it('ships an icon for every node that names a file', () => {
		const named = html().flatMap((page) =>
			[...page.matchAll(/\bicon:\s*['"]([^'"/]+\.(?:svg|png))['"]/g)].map(([, icon]) => icon ?? ''),
		);
		const shipped = new Set(
			unpacked.files.filter((file) => file.includes('/icons/')).map((file) => basename(file)),
		);
		expect(named.filter((icon) => !shipped.has(icon))).toEqual([]);
		expect(named.length).toBeGreaterThan(0);
	});
});

describe('the journey templates', () => {
	it('are the examples of the package for Node-RED', () => {
		const unpacked = unpack('member-journeys-node-red');
		try {
			expect(unpacked.files.filter((file) => file.startsWith('examples/')).length).toBeGreaterThanOrEqual(
				globSync('flows/*/node-red.json', { cwd: root }).length,
			);
		} finally {
			unpacked.remove();
		}
	});
});

/** Config nodes hold what admins store; they stand in no flow. */
function stepTypes(types: readonly string[]): string[] {
	return types.filter((type) => !configTypes.includes(type));
}

/** `version` fits a range of the one form used here, `>=x.y.z`. */
function atLeast(version: string, range: string | undefined): boolean {
	const lowest = /^>=\s*(\d+(?:\.\d+){0,2})$/.exec(range ?? '')?.[1];
	if (!lowest) return false;
	const parts = (text: string) => text.split('.').map(Number);
	const [have, want] = [parts(version), parts(lowest)];
	for (let place = 0; place < 3; place++) {
		const difference = (have[place] ?? 0) - (want[place] ?? 0);
		if (difference !== 0) return difference > 0;
	}
	return true;
}

/** Paths of all texts in a catalogue, in order. */
function leaves(value: unknown, path = ''): string[] {
	if (typeof value !== 'object' || value === null) return [path];
	return Object.entries(value)
		.flatMap(([key, inner]) => leaves(inner, `${path}/${key}`))
		.sort();
}
