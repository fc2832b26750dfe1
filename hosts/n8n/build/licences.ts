/** The licences of the libraries that are part of a bundle: most ask to be carried along. */
import type { Metafile } from 'esbuild';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';

const PACKAGE = /^(?:.*\/)?node_modules\/((?:@[^/]+\/)?[^/]+)\//;

export async function licencesOf(root: string, metafiles: readonly Metafile[]): Promise<string> {
	const folders = new Set(
		metafiles
			.flatMap(({ inputs }) => Object.keys(inputs))
			.map((input) => PACKAGE.exec(input)?.[0])
			.filter((folder): folder is string => folder !== undefined),
	);
	const parts = await Promise.all([...folders].sort().map((folder) => licenceOf(join(root, folder))));
	return `The bundle beside this file contains the following libraries.\n\n${parts.join('\n')}`;
}

async function licenceOf(folder: string): Promise<string> {
	const about = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Record<string, unknown>;
	const file = (await readdir(folder)).find((name) => /^(licen[cs]e|copying)/i.test(name));
	const text = file ? (await readFile(join(folder, file), 'utf8')).trim() : '';
	const title = `${String(about.name)} ${String(about.version)} (${String(about.license ?? 'see below')})`;
	return `${title}\n${'-'.repeat(title.length)}\n${text}\n`;
}
