import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod/v4';
import { root } from './unpacked';

const tracked = execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' })
	.split('\0')
	.filter((file) => file !== '' && existsSync(join(root, file)));
/** This file names what it looks for. */
const own = 'test/packages/repository.test.ts';
const texts = tracked.filter(
	(file) => file !== own && !/\.(png|jpe?g|gif|ico|woff2?|pdf|xlsx|db)$/.test(file),
);
const read = (file: string) => readFileSync(join(root, file), 'utf8');

/** `file:line` of every line that `pattern` finds. */
function linesWith(pattern: RegExp, files = texts): string[] {
	return files.flatMap((file) =>
		read(file)
			.split('\n')
			.flatMap((line, index) => (pattern.test(line) ? [`${file}:${index + 1}`] : [])),
	);
}

describe('every tracked file', () => {
	it('names no folder of the machine it was written on', () => {
		const here = root.length > 3 ? [root] : [];
		const places = [
			...here,
			String.raw`/root/`,
			String.raw`/Users/\w`,
			String.raw`/home/(?!node/)\w`,
			String.raw`[A-Z]:\\Users`,
		];
		expect(linesWith(new RegExp(`(?<![\\w.}])(${places.join('|')})`))).toEqual([]);
	});

	it('names no package registry', () => {
		expect(
			linesWith(/\bregistry\.[a-z]+\.[a-z]+|\bnpm\.pkg\.|\bnpmjs\.(com|org)|verdaccio|artifactory/i),
		).toEqual([]);
	});

	it('says what is inside by its name', () => {
		const nameless = /(^|[^a-z])(utils?|helpers?|common|misc|managers?)([^a-z]|$)/i;
		// LINK Common is what LINK itself calls that API.
		const words = (file: string) => file.replace(/([a-z])([A-Z])/g, '$1 $2').replaceAll(/link common/gi, '');
		expect(tracked.filter((file) => nameless.test(words(file)))).toEqual([]);
	});

	it('holds no conflict marks and no left-over switches of tests', () => {
		expect(linesWith(/^(<{7}|>{7}) /)).toEqual([]);
		const tests = texts.filter((file) => file.endsWith('.test.ts'));
		expect(linesWith(/^\s*(f(it|describe)|(it|test|describe)\.only)\(/, tests)).toEqual([]);
	});
});

describe('the promises', () => {
	const tests = texts.filter((file) => file.startsWith('test/') && file.endsWith('.ts')).map(read);
	const rows = read('docs/guarantees.md')
		.split('\n')
		.filter((line) => /^\| (?!Promise|-)/.test(line));
	const titles = rows.flatMap((row) => [...row.matchAll(/`([^`]+)`/g)].map((found) => found[1] ?? ''));

	it('each name a test', () => {
		expect(rows.filter((row) => !row.includes('`'))).toEqual([]);
	});

	it.each(titles)('there is a test: %s', (title) => {
		expect(tests.some((text) => text.includes(`'${title}'`))).toBe(true);
	});
});

describe('the documentation', () => {
	const pages = tracked.filter((file) => file.endsWith('.md') && !file.startsWith('nodes/'));

	it.each(pages)('%s links only to what is there', (page) => {
		const links = [...read(page).matchAll(/\]\((?![a-z]+:)([^)\s]+)\)/g)].map(([, link]) => link ?? '');
		expect(links.filter((link) => !leads(page, link))).toEqual([]);
	});

	it('is where credentials and codex files say', () => {
		const code = tracked.filter((file) =>
			/^(credentials|nodes)\/.*\.(credentials\.ts|node\.json)$/.test(file),
		);
		const ours = /blob\/main\/([^'"`\s]+)/g;
		const lost = code.flatMap((file) =>
			[...read(file).matchAll(ours)]
				.map(([, link]) => link ?? '')
				.filter((link) => !leads('README.md', link))
				.map((link) => `${file}: ${link}`),
		);
		expect(lost).toEqual([]);
	});
});

/** Whether the file, and the heading when one is named, exist. */
function leads(page: string, link: string): boolean {
	const [path = '', heading] = decodeURI(link).split('#');
	const file = path === '' ? page : join(dirname(page), path);
	if (!existsSync(join(root, file))) return false;
	if (!heading || !file.endsWith('.md')) return true;
	const headings = [...read(file).matchAll(/^#+ (.+)$/gm)].map(([, text]) =>
		(text ?? '')
			.toLowerCase()
			.replace(/[^\p{L}\p{N}\s_-]/gu, '')
			.replace(/\s/g, '-'),
	);
	return headings.includes(heading);
}

describe('the lock files', () => {
	const lock = z.object({
		packages: z.record(
			z.string(),
			z.looseObject({
				resolved: z.string().optional(),
				integrity: z.string().optional(),
				link: z.boolean().optional(),
				optionalDependencies: z.record(z.string(), z.string()).optional(),
			}),
		),
	});
	describe.each(tracked.filter((file) => file.endsWith('package-lock.json')))('%s', (file) => {
		const { packages } = lock.parse(JSON.parse(read(file)));
		const entries = Object.entries(packages).filter(([path, entry]) => path !== '' && !entry.link);

		it('says what each package is, not where it was fetched', () => {
			expect(entries.filter(([, entry]) => entry.resolved !== undefined).map(([path]) => path)).toEqual([]);
			// Parts for other platforms may be named without having been looked at.
			const known = entries.filter(([, entry]) => entry.inBundle !== true && entry.optional !== true);
			expect(known.filter(([, entry]) => !entry.integrity).map(([path]) => path)).toEqual([]);
		});

		it('names the parts for every platform, without which npm 11 refuses it', () => {
			const names = new Set(Object.keys(packages).map((path) => path.replace(/^.*node_modules\//, '')));
			const missing = entries.flatMap(([path, entry]) =>
				Object.keys(entry.optionalDependencies ?? {})
					.filter((name) => !names.has(name))
					.map((name) => `${path}: ${name}`),
			);
			expect(missing).toEqual([]);
		});
	});
});
