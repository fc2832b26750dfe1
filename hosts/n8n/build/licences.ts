/** The licences of the libraries that are part of a bundle: most ask to be carried along. */
import type { Metafile } from 'esbuild';
import { readFile, readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { carriedFiles } from '../../../core/letters/carried';

const PACKAGE = /^(?:.*\/)?node_modules\/((?:@[^/]+\/)?[^/]+)\//;

export async function licencesOf(root: string, metafiles: readonly Metafile[]): Promise<string> {
	const folders = new Set(
		[
			...metafiles.flatMap(({ inputs }) => Object.keys(inputs)),
			...carriedFiles().map(({ from }) => relative(root, from).replaceAll('\\', '/')),
		]
			.map((input) => PACKAGE.exec(input)?.[0])
			.filter((folder): folder is string => folder !== undefined),
	);
	const parts = await Promise.all([...folders].sort().map((folder) => licenceOf(join(root, folder))));
	return `The bundle beside this file contains the following libraries.\n\n${parts.join('\n')}`;
}

async function licenceOf(folder: string): Promise<string> {
	const about = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Record<string, unknown>;
	// A package of fonts has two: one for its scripts, one for the font.
	const files = (await readdir(folder)).filter((name) => /^(licen[cs]e|copying)/i.test(name)).sort();
	const texts = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')));
	const text = texts.map((one) => one.trim()).join('\n\n');
	const title = `${String(about.name)} ${String(about.version)} (${String(about.license ?? 'see below')})`;
	return `${title}\n${'-'.repeat(title.length)}\n${text}\n`;
}
