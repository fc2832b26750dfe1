/**
 * Writes `dist/` as n8n loads it: one bundle with the core, the steps and their libraries, the worker of the embedded
 * store beside it, and for each class that package.json names a file that points into the bundle.
 */
import { type BuildOptions, build } from 'esbuild';
import { copyFile, glob, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { carriedFiles } from '../../../core/letters/carried';
import { licencesOf } from './licences';

const BUNDLE = 'member-journeys.js';
/** The worker's name is what `core/store/sqlite/dialect.ts` looks for beside itself. */
const WORKER = 'sqlite-worker.js';

/** Both packages are bundled alike. */
export const bundling = {
	bundle: true,
	platform: 'node',
	format: 'cjs',
	target: 'node22',
	charset: 'utf8',
	legalComments: 'none',
	metafile: true,
	logLevel: 'warning',
	// Libraries written as ES modules look for their files beside themselves: that is beside the bundle now.
	define: { 'import.meta.url': 'bundleUrl' },
	banner: { js: `const bundleUrl = require('node:url').pathToFileURL(__filename).href;` },
	plugins: [
		{
			// pg looks for its native twin and for Cloudflare's sockets. Neither exists here, and nothing may be left to
			// require at run time.
			name: 'absent',
			setup({ onResolve, onLoad }) {
				onResolve({ filter: /^pg-(native|cloudflare)$/ }, ({ path }) => ({ path, namespace: 'absent' }));
				onLoad({ filter: /.*/, namespace: 'absent' }, () => ({ contents: 'module.exports = {};' }));
			},
		},
		{
			// ssh2 is as good without its native parts, which may have been compiled on this machine: it is told that
			// they cannot be loaded.
			name: 'not native',
			setup({ onResolve, onLoad }) {
				onResolve({ filter: /^cpu-features$|\/build\/Release\/\w+\.node$/ }, ({ path }) => ({
					path,
					namespace: 'native',
				}));
				onLoad({ filter: /.*/, namespace: 'native' }, () => ({
					contents: `throw new Error('Packages carry no native modules.');`,
				}));
			},
		},
	],
} as const satisfies BuildOptions;

export interface Declared {
	/** Path of the class without its ending, from the root: `nodes/WaitForGoal/WaitForGoal`. */
	path: string;
	className: string;
	kind: 'node' | 'credentials';
}

/** The classes that the folders hold, in the order of their names. */
export async function declaredClasses(root: string): Promise<Declared[]> {
	const found: Declared[] = [];
	for await (const file of glob(['nodes/*/*.node.ts', 'credentials/*.credentials.ts'], { cwd: root })) {
		const kind = file.endsWith('.node.ts') ? 'node' : 'credentials';
		const path = file.replace(/\.(node|credentials)\.ts$/, '').replaceAll('\\', '/');
		found.push({ path, className: basename(path), kind });
	}
	return found.sort((a, b) => a.path.localeCompare(b.path));
}

/** What package.json's `n8n` key has to list. */
export function listedIn(classes: readonly Declared[]): { nodes: string[]; credentials: string[] } {
	const of = (kind: Declared['kind']) =>
		classes.filter((one) => one.kind === kind).map(({ path }) => `dist/${path}.${kind}.js`);
	return { nodes: of('node'), credentials: of('credentials') };
}

export async function buildN8n(root: string): Promise<void> {
	const dist = join(root, 'dist');
	await rm(dist, { recursive: true, force: true });
	const classes = await declaredClasses(root);
	await list(root, classes);
	const [bundle, worker] = await Promise.all([
		build({
			...bundling,
			stdin: { contents: entry(classes), resolveDir: root, sourcefile: 'member-journeys.ts', loader: 'ts' },
			outfile: join(dist, BUNDLE),
			external: ['n8n-workflow'],
		}),
		build({
			...bundling,
			entryPoints: [join(root, 'core/store/sqlite/worker.mts')],
			outfile: join(dist, WORKER),
		}),
	]);
	await Promise.all(classes.map((one) => pointer(dist, one)));
	for await (const file of glob(['{nodes,credentials}/**/*.{svg,png}', 'nodes/**/*.node.json'], {
		cwd: root,
	})) {
		const target = join(dist, file);
		await mkdir(dirname(target), { recursive: true });
		await copyFile(join(root, file), target);
	}
	await carryFiles(dist);
	await writeFile(
		join(dist, 'THIRD-PARTY-LICENSES.txt'),
		await licencesOf(root, [bundle.metafile, worker.metafile]),
	);
}

/** Fonts and the like, beside the bundle that looks for them there. */
export async function carryFiles(dist: string): Promise<void> {
	for (const { from, to } of carriedFiles()) {
		const target = join(dist, to);
		await mkdir(dirname(target), { recursive: true });
		await copyFile(from, target);
	}
}

/** n8n loads what package.json lists; a new step is listed by building it. */
async function list(root: string, classes: readonly Declared[]): Promise<void> {
	const file = join(root, 'package.json');
	const before = await readFile(file, 'utf8');
	const about = JSON.parse(before) as { n8n: object };
	about.n8n = { ...about.n8n, ...listedIn(classes) };
	const after = `${JSON.stringify(about, null, '\t')}\n`;
	if (after !== before) await writeFile(file, after);
}

function entry(classes: readonly Declared[]): string {
	return [
		`import { declareForm } from './hosts/n8n';`,
		...classes.map(({ path, className, kind }) => `import { ${className} } from './${path}.${kind}';`),
		...classes
			.filter(({ kind }) => kind === 'node')
			.map(({ className }) => `declareForm(new ${className}().description);`),
		`export { ${classes.map(({ className }) => className).join(', ')} };`,
	].join('\n');
}

/** n8n takes the class's name from the file's, and looks for icons and codex beside it. */
async function pointer(dist: string, { path, className, kind }: Declared): Promise<void> {
	const file = join(dist, `${path}.${kind}.js`);
	const bundle = relative(dirname(file), join(dist, BUNDLE)).replaceAll('\\', '/');
	await mkdir(dirname(file), { recursive: true });
	await writeFile(file, `exports.${className} = require('${bundle}').${className};\n`);
}
