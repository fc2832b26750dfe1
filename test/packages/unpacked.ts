/** The tarballs that `npm run pack` has left in `packed/`, unpacked the way npm does it. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { z } from 'zod/v4';

export const root = join(__dirname, '../..');

export const manifest = z.looseObject({
	name: z.string(),
	version: z.string(),
	license: z.string().optional(),
	keywords: z.array(z.string()).default([]),
	repository: z.unknown().optional(),
	bugs: z.unknown().optional(),
	engines: z.object({ node: z.string().optional() }).default({}),
	scripts: z.record(z.string(), z.string()).default({}),
	dependencies: z.record(z.string(), z.string()).default({}),
	optionalDependencies: z.record(z.string(), z.string()).default({}),
	peerDependencies: z.record(z.string(), z.string()).default({}),
	n8n: z.object({ nodes: z.array(z.string()), credentials: z.array(z.string()) }).optional(),
	'node-red': z.object({ version: z.string(), nodes: z.record(z.string(), z.string()) }).optional(),
});

export interface Unpacked {
	folder: string;
	/** Paths from the package's root, in order. */
	files: string[];
	about: z.infer<typeof manifest>;
	text(file: string): string;
	remove(): void;
}

export function unpack(name: string): Unpacked {
	const tarball = readdirSync(join(root, 'packed')).find(
		(file) => file.startsWith(name) && file.endsWith('.tgz'),
	);
	if (!tarball) throw new Error(`packed/ holds no tarball of ${name}: run npm run pack first`);
	const scratch = mkdtempSync(join(tmpdir(), 'member-journeys-package-'));
	execFileSync('tar', ['xzf', join(root, 'packed', tarball), '-C', scratch]);
	const folder = join(scratch, 'package');
	const text = (file: string) => readFileSync(join(folder, file), 'utf8');
	return {
		folder,
		files: filesIn(folder),
		about: manifest.parse(JSON.parse(text('package.json'))),
		text,
		remove: () => rmSync(scratch, { recursive: true, force: true }),
	};
}

function filesIn(folder: string): string[] {
	return readdirSync(folder, { recursive: true, encoding: 'utf8' })
		.map((file) => relative(folder, join(folder, file)))
		.filter((file) => statSync(join(folder, file)).isFile())
		.sort();
}
