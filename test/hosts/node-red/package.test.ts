/** The packed Node-RED package against the rules of Node-RED's scorecard that need no network, and against its promises. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packNodeRed } from '../../../hosts/runtime/nodeRedPackage';

const root = join(__dirname, '../../..');
let folder: string;
let unpacked: string;
let files: string[];
let about: Record<string, unknown> & {
	name: string;
	keywords: string[];
	scripts?: object;
	engines: { node: string };
	'node-red': { version: string; nodes: Record<string, string> };
};

beforeAll(async () => {
	folder = mkdtempSync(join(tmpdir(), 'member-journeys-package-'));
	const tarball = await packNodeRed(root, folder);
	execFileSync('tar', ['-xzf', tarball, '-C', folder]);
	unpacked = join(folder, 'package');
	files = readdirSync(unpacked, { recursive: true, encoding: 'utf8' });
	about = JSON.parse(readFileSync(join(unpacked, 'package.json'), 'utf8')) as typeof about;
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const text = (file: string) => readFileSync(join(unpacked, file), 'utf8');
const types = (html: string) =>
	[...html.matchAll(/data-template-name="([^"]+)"/g)].map(([, type = '']) => type);

test('P01, P03–P07, D01: licence, repository, scoped name, keyword, versions, no dependencies', () => {
	expect(about).toMatchObject({ license: 'MIT', repository: { type: 'git' } });
	expect(about.name).toMatch(/^@[a-z0-9-]+\/[a-z0-9-]+$/);
	expect(about.keywords).toContain('node-red');
	expect(about['node-red'].version).toBe('>=5.0.0');
	expect(about.engines.node).toBe('>=22.9');
	for (const kind of ['dependencies', 'optionalDependencies', 'peerDependencies', 'scripts'])
		expect(about).not.toHaveProperty(kind);
});

test('N02: an example for every node that is no config node', () => {
	const html = text('dist/member-journeys.html');
	const steps = types(html).filter(
		(type) => !html.includes(`registerType("${type}", {\n\tcategory: "config"`),
	);
	const used = files
		.filter((file) => /^examples\/.*\.json$/.test(file))
		.flatMap((file) => (JSON.parse(text(file)) as Array<{ type: string }>).map(({ type }) => type));
	expect(steps.length).toBeGreaterThan(10);
	expect(steps.filter((type) => !used.includes(type))).toEqual([]);
});

test('registrations name type, category, colour, inputs and outputs as literals', () => {
	const html = text('dist/member-journeys.html');
	for (const type of types(html)) expect(html).toContain(`RED.nodes.registerType("${type}", {`);
	const category = /category: (?!"(config|member journeys)")/;
	expect(html).not.toMatch(category);
});

test('carries worker, icons, catalogues, licences; nothing native, nothing left to require', () => {
	for (const file of [
		'LICENSE',
		'README.md',
		'dist/sqlite-worker.js',
		'dist/THIRD-PARTY-LICENSES.txt',
		'dist/locales/en-US/member-journeys.json',
		'dist/locales/nb-NO/member-journeys.json',
		'dist/locales/nb-NO/member-journeys.html',
	])
		expect(files).toContain(file);
	for (const type of types(text('dist/locales/en-US/member-journeys.html')))
		expect(files).toContain(`dist/icons/${type}.svg`);
	expect(files.filter((file) => file.endsWith('.node'))).toEqual([]);
	const required = [...text('dist/member-journeys.js').matchAll(/\brequire\("([^"]+)"\)/g)].map(
		([, name = '']) => name,
	);
	const { builtinModules } = jest.requireActual<typeof import('node:module')>('node:module');
	expect(
		required.filter(
			(name) => !builtinModules.includes(name.replace(/^node:/, '')) && !name.startsWith('node:'),
		),
	).toEqual([]);
});

test('every text of the dialogs is there in Norwegian', () => {
	const catalogue = (language: string) =>
		(JSON.parse(text(`dist/locales/${language}/member-journeys.json`)) as { texts: Record<string, string> })
			.texts;
	const norwegian = catalogue('nb-NO');
	const missing = Object.entries(catalogue('en-US')).filter(([id]) => norwegian[id] === undefined);
	expect(missing.map(([, english]) => english)).toEqual([]);
});
