/** Puts a packed package where n8n looks for community nodes, the way n8n installs one from npm. */
import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod/v4';

const run = promisify(execFile);
const about = z.looseObject({ name: z.string() });

/**
 * As n8n 2.41 does (`community-packages.service`): unpack, forget what is only for development, `npm install` without
 * scripts.
 */
export async function installTarball(userFolder: string, tarball: string): Promise<string> {
	const { stdout } = await run('tar', ['-xzOf', tarball, 'package/package.json']);
	const kept = about.parse(JSON.parse(stdout));
	for (const left of ['devDependencies', 'peerDependencies', 'optionalDependencies']) delete kept[left];
	const folder = join(userFolder, '.n8n/nodes/node_modules', kept.name);
	await mkdir(folder, { recursive: true });
	await run('tar', ['-xzf', tarball, '-C', folder, '--strip-components=1']);
	await writeFile(join(folder, 'package.json'), JSON.stringify(kept, null, 2));
	const args = [
		'install',
		'--audit=false',
		'--fund=false',
		'--bin-links=false',
		'--install-strategy=shallow',
	];
	await run('npm', [...args, '--ignore-scripts=true', '--package-lock=false'], {
		cwd: folder,
		shell: process.platform === 'win32',
	});
	return folder;
}

/** The newest packed tarball of n8n's package. */
export async function packedTarball(root: string): Promise<string> {
	const { name, version } = z
		.object({ name: z.string(), version: z.string() })
		.parse(JSON.parse(await readFile(join(root, 'package.json'), 'utf8')));
	return join(root, 'packed', `${name}-${version}.tgz`);
}
