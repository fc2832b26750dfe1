/** The n8n classes' own descriptions, read by loading them: the one declaration of every form. */
import { build } from 'esbuild';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ICredentialType, INodeTypeDescription } from 'n8n-workflow';
import { declaredClasses } from '../../n8n/build/n8nPackage';

const run = promisify(execFile);

export interface DescribedNode {
	/** Folder under `nodes/`, which is also the class's name. */
	folder: string;
	description: INodeTypeDescription;
}

export interface Described {
	nodes: DescribedNode[];
	credentials: ICredentialType[];
}

export async function describe(root: string): Promise<Described> {
	const classes = await declaredClasses(root);
	const nodes = classes.filter(({ kind }) => kind === 'node');
	const credentials = classes.filter(({ kind }) => kind === 'credentials');
	const entry = [
		...classes.map(({ path, className, kind }) => `import { ${className} } from './${path}.${kind}';`),
		'const described = {',
		`nodes: [${nodes.map(({ className }) => `{ folder: '${className}', description: new ${className}().description }`).join(',')}],`,
		`credentials: [${credentials.map(({ className }) => `{ ...new ${className}() }`).join(',')}] };`,
		'process.stdout.write(JSON.stringify(described));',
	].join('\n');
	const folder = await mkdtemp(join(tmpdir(), 'member-journeys-forms-'));
	try {
		const file = join(folder, 'describe.cjs');
		await build({
			stdin: { contents: entry, resolveDir: root, sourcefile: 'describe.ts', loader: 'ts' },
			outfile: file,
			bundle: true,
			packages: 'external',
			platform: 'node',
			format: 'cjs',
			target: 'node22',
			logLevel: 'warning',
		});
		// A process of its own: n8n's modules stay out of the build's.
		const env = { ...process.env, NODE_PATH: join(root, 'node_modules'), NODE_OPTIONS: '' };
		const { stdout } = await run(process.execPath, [file], { env, maxBuffer: 64 * 1024 * 1024 });
		return JSON.parse(stdout) as Described;
	} finally {
		await rm(folder, { recursive: true, force: true });
	}
}
