/**
 * Brings in n8n's older lint rules when they are missing or not the version that the lock file names.
 * They cannot stand in the root's package.json: see lint/package.json.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('.', import.meta.url));
const json = (file) => JSON.parse(readFileSync(`${folder}${file}`, 'utf8'));
const lock = json('package-lock.json').packages;
const ready = Object.entries(lock).every(([path, wanted]) => {
	if (path === '') return true;
	const manifest = `${path}/package.json`;
	return existsSync(`${folder}${manifest}`) && json(manifest).version === wanted.version;
});
if (!ready) {
	process.stdout.write('Installing the lint rules of n8n into lint/node_modules …\n');
	execFileSync('npm', ['ci', '--no-progress', '--loglevel=error'], {
		cwd: folder,
		stdio: ['ignore', 'inherit', 'inherit'],
	});
}
