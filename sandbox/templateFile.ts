/** Which journey of `flows/` is started: `npm start -- reminder`; without a name the welcome journey. */
import { globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** @throws with the names that there are. */
export async function templateFile(
	root: string,
	file: 'n8n.json' | 'node-red.json',
	name = 'welcome',
): Promise<unknown> {
	const found = globSync(`flows/*/${file}`, { cwd: root });
	const chosen = found.find((one) => basename(dirname(one)) === name);
	if (!chosen) {
		const names = found.map((one) => basename(dirname(one))).sort();
		throw new Error(`There is no journey '${name}' in flows/. There are: ${names.join(', ')}.`);
	}
	return JSON.parse(await readFile(join(root, chosen), 'utf8')) as unknown;
}
