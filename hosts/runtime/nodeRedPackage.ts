/** The packed tarball of the Node-RED package, as `npm run pack` or this call makes it. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod/v4';

const run = promisify(execFile);

/**
 * Packs what the build has written to `dist-node-red/` into `folder`.
 * @returns the tarball's path.
 * @throws when the package has not been built.
 */
export async function packNodeRed(root: string, folder: string): Promise<string> {
	const cwd = join(root, 'dist-node-red');
	const about = join(cwd, 'package.json');
	if (!existsSync(about))
		throw new Error('The Node-RED package has not been built: run "npm run build" first.');
	await mkdir(folder, { recursive: true });
	const { name, version } = z
		.object({ name: z.string(), version: z.string() })
		.parse(JSON.parse(await readFile(about, 'utf8')));
	const args = ['pack', '--pack-destination', folder, '--ignore-scripts', '--loglevel=error'];
	await run('npm', args, { cwd, shell: process.platform === 'win32' });
	return join(folder, `${name.replace('@', '').replace('/', '-')}-${version}.tgz`);
}
