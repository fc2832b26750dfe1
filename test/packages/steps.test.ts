/** What every step brings besides its code: pictures, help and Norwegian for both editors, a page, a place in a flow. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { INodeProperties } from 'n8n-workflow';
import { z } from 'zod/v4';
import { ruleIn } from '../../hosts/n8n/outputs';
import { declared } from './declared';
import { root } from './unpacked';

const read = (file: string) => readFileSync(join(root, file), 'utf8');
const isThere = (file: string) => existsSync(join(root, file));
const folders = globSync('nodes/*/*.node.ts', { cwd: root })
	.map((file) => file.split('/')[1] ?? '')
	.sort();

describe.each(folders)('step %s', (folder) => {
	const base = `nodes/${folder}`;

	it('has a light and a dark icon that differ', async () => {
		const { icon } = (await step(folder)).description;
		if (typeof icon !== 'object' || icon === null) throw new Error('icon names no light and dark file');
		const [light, dark] = [icon.light, icon.dark].map((name) => read(join(base, name.replace(/^file:/, ''))));
		expect(light).toMatch(/<svg[\s>]/);
		expect(dark).toMatch(/<svg[\s>]/);
		expect(light).not.toBe(dark);
	});

	it.each(['help.md', 'help.nb-NO.md'])('explains itself in %s', (file) => {
		const help = read(join(base, file));
		const [intro = ''] = help.split('\n###');
		expect(intro.trim().length).toBeGreaterThan(40);
		expect(help).toMatch(/^### (Details|Detaljer)/m);
		expect(help).toMatch(/^### (Outputs|Utganger|Utdata|Ut)/m);
	});

	it('has every text of its form in Norwegian, and none that the form no longer has', async () => {
		const norwegian = z
			.record(z.string(), z.string().min(1))
			.parse(JSON.parse(read(join(base, 'nb-NO.json'))));
		const texts = await formTexts(folder);
		// Texts that several steps share stand once.
		const shared = z.record(z.string(), z.string().min(1)).parse(JSON.parse(read('nodes/nb-NO.json')));
		expect([...texts].filter((text) => !(text in norwegian) && !(text in shared))).toEqual([]);
		expect(Object.keys(norwegian).filter((text) => !texts.has(text))).toEqual([]);
	});

	it('has a documentation page that links to it by its name', async () => {
		const { description } = await step(folder);
		const page = `docs/steps/${description.name}.md`;
		expect(isThere(page)).toBe(true);
		expect(read(page)).toContain(`# ${description.displayName}`);
		expect(read('docs/index.md')).toContain(`steps/${description.name}.md`);
		expect(read('README.md')).toContain(`docs/steps/${description.name}.md`);
	});

	it('stands in a journey template for both hosts', async () => {
		const { name } = (await step(folder)).description;
		const kebab = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
		const inN8n = globSync('flows/*/n8n*.json', { cwd: root }).map(read).join();
		const inNodeRed = globSync('flows/*/node-red*.json', { cwd: root }).map(read).join();
		expect(inN8n).toContain(`"n8n-nodes-member-journeys.${name}"`);
		expect(inNodeRed).toContain(`"mj-${kebab}"`);
	});
});

test('an English text means one thing in Norwegian: in Node-RED the steps share their texts', () => {
	const said = new Map<string, Set<string>>();
	for (const file of globSync(['credentials/nb-NO.json', 'nodes/nb-NO.json', 'nodes/*/nb-NO.json'], {
		cwd: root,
	})) {
		const texts = z.record(z.string(), z.string()).parse(JSON.parse(read(file)));
		for (const [text, norwegian] of Object.entries(texts))
			said.set(text, (said.get(text) ?? new Set()).add(norwegian));
	}
	expect([...said].filter(([, meanings]) => meanings.size > 1).map(([text]) => text)).toEqual([]);
});

async function step(folder: string) {
	const found = (await declared()).nodes.find((one) => one.folder === `nodes/${folder}`);
	if (!found) throw new Error(`nodes/${folder} declares no step`);
	return found;
}

/** Everything a person reads in the step's form and on its box. */
async function formTexts(folder: string): Promise<Set<string>> {
	const { description } = await step(folder);
	const texts = new Set<string>([description.displayName, description.description]);
	for (const label of description.outputNames ?? []) texts.add(label);
	const rule = ruleIn(description.outputs);
	for (const names of [rule?.always ?? [], ...Object.values(rule?.cases ?? {})])
		if (!('rows' in names)) for (const label of names) texts.add(label);
	const add = (text: unknown) => {
		// An expression or an empty text is nothing to translate.
		if (typeof text === 'string' && text !== '' && !text.startsWith('=')) texts.add(text);
	};
	const visit = (properties: readonly INodeProperties[]) => {
		for (const property of properties) {
			add(property.displayName);
			add(property.description);
			add(property.placeholder);
			add(property.hint);
			add(property.typeOptions?.multipleValueButtonText);
			for (const option of property.options ?? []) {
				if ('values' in option) {
					add(option.displayName);
					visit(option.values);
				} else if ('displayName' in option) visit([option]);
				else {
					add(option.name);
					add('description' in option ? option.description : undefined);
				}
			}
		}
	};
	visit(description.properties);
	return texts;
}
