/** What holds for both packages: nothing to install, nothing of the machine they were built on. */
import { builtinModules } from 'node:module';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { requiredBy } from './required';
import { type Unpacked, root } from './unpacked';

const builtin = new Set(builtinModules.flatMap((name) => [name, `node:${name}`]));
const lifecycle = [
	...['preinstall', 'install', 'postinstall', 'prepare', 'preprepare', 'postprepare', 'prepublish'],
	'dependencies',
];

export function holdsForEveryPackage(current: () => Unpacked, hostModules: readonly string[]): void {
	it('brings its libraries along instead of installing them', () => {
		expect(current().about.dependencies).toEqual({});
		expect(current().about.optionalDependencies).toEqual({});
		expect(Object.keys(current().about.scripts).filter((script) => lifecycle.includes(script))).toEqual([]);
	});

	it('requires nothing but Node, its host and its own files', () => {
		const { files, text } = current();
		const scripts = files.filter((file) => /\.(js|mjs|cjs)$/.test(file) && !file.startsWith('resources/'));
		expect(scripts.length).toBeGreaterThan(0);
		const foreign = scripts.flatMap((file) =>
			requiredBy(text(file))
				.filter((name) => !builtin.has(name) && !hostModules.includes(name))
				.filter((name) => !(name.startsWith('.') && isOwn(current(), file, name)))
				.map((name) => `${file} requires ${name}`),
		);
		expect(foreign).toEqual([]);
	});

	it('has a licence, and those of the libraries it brings along', () => {
		expect(current().about.license).toBe('MIT');
		expect(current().text('LICENSE')).toContain('MIT License');
		const notices = current().files.filter((file) => file.endsWith('THIRD-PARTY-LICENSES.txt'));
		expect(notices).toHaveLength(1);
		expect(current().text(notices[0] ?? '')).toContain('kysely');
	});

	it('carries no source maps, native modules or databases', () => {
		expect(current().files.filter((file) => /\.(map|node|ts|mts|db|tgz)$/.test(file))).toEqual([]);
	});

	it('carries what letters are made with beside its bundle: fonts in four styles, PDF reader, colour profile', () => {
		const { files, text } = current();
		const styles = ['400Regular', '400Regular_Italic', '700Bold', '700Bold_Italic'];
		const families = ['Arimo', 'Cousine', 'OpenSans', 'Tinos'];
		const fonts = families.flatMap((family) => styles.map((style) => `dist/letters/${family}_${style}.ttf`));
		const others = ['dist/letters/pdfium.wasm', 'dist/data/sRGB_IEC61966_2_1.icc'];
		expect([...fonts, ...others].filter((file) => !files.includes(file))).toEqual([]);
		const notices = text('dist/THIRD-PARTY-LICENSES.txt');
		expect(notices.match(/SIL OPEN FONT LICENSE/g)?.length).toBeGreaterThanOrEqual(families.length);
		expect(notices).toContain('@embedpdf/pdfium');
	});

	it('says nothing of the machine it was built on', () => {
		const { files, text } = current();
		const places = [root, homedir()].filter((place) => place.length > 1).map((place) => `${place}/`);
		const telling = files.filter((file) => {
			const content = text(file);
			return (
				/sourceMappingURL=data:|sourceMappingURL=.*\.map/.test(content) ||
				places.some((place) => content.includes(place))
			);
		});
		expect(telling).toEqual([]);
	});
}

function isOwn({ files }: Unpacked, from: string, name: string): boolean {
	const path = join(dirname(from), name);
	return [path, `${path}.js`, `${path}.json`, join(path, 'index.js')].some((candidate) =>
		files.includes(candidate),
	);
}
