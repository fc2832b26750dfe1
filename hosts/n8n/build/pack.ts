/** `npm pack` of the built packages, into one folder. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** `folders`: those with a package.json, relative to `root`; one that has not been built is left out. */
export async function packInto(root: string, into: string, folders: readonly string[]): Promise<void> {
	const target = join(root, into);
	await rm(target, { recursive: true, force: true });
	await mkdir(target, { recursive: true });
	for (const folder of folders) {
		const cwd = join(root, folder);
		if (!existsSync(join(cwd, 'package.json'))) continue;
		const args = ['pack', '--pack-destination', target, '--ignore-scripts', '--loglevel=error'];
		const { stdout } = await run('npm', args, { cwd, shell: process.platform === 'win32' });
		process.stdout.write(`packed/${stdout.trim()}\n`);
	}
}
