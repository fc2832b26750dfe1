/** A batch as it came: its manifest, its files, and what is wrong with which letter. */
import { posix } from 'node:path';
import { setImmediate as breathe } from 'node:timers/promises';
import { unzipSync } from 'fflate';
import { pageCount, sha256 } from '../letters/letterbox';
import type { Files } from '../sftp/files';
import { type Manifest, type ManifestLetter, readManifest } from './manifest';

export interface Sheet {
	pdf: Uint8Array;
	/** From 1. */
	first: number;
	pages: number;
}

export interface TakenBatch {
	name: string;
	manifest: Manifest;
	letters: Array<{ said: ManifestLetter; sheet?: Sheet; refused?: string }>;
}

/** @throws with words when the batch as a whole cannot be taken */
export async function openBatch(files: Files, path: string): Promise<TakenBatch> {
	const own = posix.basename(path).replace(/\.(zip|xml|csv)$/i, '');
	const there = path.toLowerCase().endsWith('.zip') ? fromZip(files, path) : beside(files, path);
	const manifest = read(there.manifestName, there.manifest);
	const name = manifest.batch ?? own;
	if (manifest.letters.length === 0) throw new Error('the manifest has no letters');
	const { letters: count, pages } = manifest.expected;
	if (count !== undefined && count !== manifest.letters.length)
		throw new Error(`the manifest says ${count} letters and lists ${manifest.letters.length}`);
	const checked = new Map<string, Promise<number | string>>();
	const letters = [];
	const ids = new Set<string>();
	for (const said of manifest.letters) {
		// Thousands of files are looked through while the page and other calls go on.
		if (letters.length % 20 === 19) await breathe();
		const refused = wrongWith(said) ?? (ids.has(said.id) ? 'the same id twice' : undefined);
		ids.add(said.id);
		letters.push(refused ? { said, refused } : await checkedLetter(said, manifest, there.file, checked));
	}
	const counts = await Promise.all(checked.values());
	const found = counts.reduce<number>((sum, count) => sum + (typeof count === 'number' ? count : 0), 0);
	if (pages !== undefined && found !== pages && letters.every((letter) => !letter.refused))
		throw new Error(`the manifest says ${pages} pages, the files have ${found}`);
	return { name, manifest, letters };
}

interface There {
	manifestName: string;
	manifest: string;
	file(name: string): Uint8Array | undefined;
}

function fromZip(files: Files, path: string): There {
	let entries: Record<string, Uint8Array>;
	try {
		entries = unzipSync(files.read(path) ?? new Uint8Array());
	} catch {
		throw new Error('the zip cannot be read');
	}
	const names = Object.keys(entries);
	if (names.some((name) => posix.normalize(name).startsWith('..') || posix.isAbsolute(name)))
		throw new Error('a name in the zip leads out of it');
	const manifestName =
		names.find((name) => /manifest[^/]*\.(xml|csv)$/i.test(name)) ??
		names.find((name) => /\.(xml|csv)$/i.test(name));
	if (!manifestName) throw new Error('there is no manifest in the zip');
	const folder = posix.dirname(manifestName);
	return {
		manifestName,
		manifest: new TextDecoder().decode(entries[manifestName]),
		file: (name) => entries[posix.join(folder, name)] ?? entries[name],
	};
}

function beside(files: Files, path: string): There {
	const folder = posix.dirname(path);
	return {
		manifestName: path,
		manifest: files.read(path)?.toString('utf8') ?? '',
		file: (name) => {
			const full = posix.resolve(folder, name);
			return full.startsWith('/in/') ? files.read(full) : undefined;
		},
	};
}

function read(name: string, text: string): Manifest {
	try {
		return readManifest(text, name.toLowerCase().endsWith('.xml') ? 'xml' : 'csv');
	} catch (error) {
		throw new Error(`the manifest cannot be read: ${error instanceof Error ? error.message : ''}`, {
			cause: error,
		});
	}
}

function wrongWith({ id, address, file }: ManifestLetter): string | undefined {
	if (id === '') return 'without an id';
	if (file === '') return 'without a file';
	if (address.name === '' || address.city === '') return 'the address is incomplete';
	return undefined;
}

async function checkedLetter(
	said: ManifestLetter,
	manifest: Manifest,
	file: There['file'],
	checked: Map<string, Promise<number | string>>,
): Promise<{ said: ManifestLetter; sheet?: Sheet; refused?: string }> {
	const pdf = file(said.file);
	if (!pdf) return { said, refused: 'the file is missing' };
	const sum = said.sha256 ?? manifest.checksums.get(said.file);
	// Letters of a merged file share what was found out of it.
	const key = `${said.file} ${sum ?? ''}`;
	let about = checked.get(key);
	if (!about) checked.set(key, (about = aboutFile(pdf, sum)));
	const pages = await about;
	if (typeof pages === 'string') return { said, refused: pages };
	const first = said.range?.first ?? 1;
	const last = said.range?.last ?? pages;
	if (first < 1 || last < first || last > pages)
		return { said, refused: `pages ${first} to ${last} of ${pages}` };
	const own = last - first + 1;
	if (said.pages !== undefined && said.pages !== own)
		return { said, refused: `${own} pages where the manifest says ${said.pages}` };
	return { said, sheet: { pdf, first, pages: own } };
}

/** How many pages it has, or what is wrong with it. */
async function aboutFile(pdf: Uint8Array, sum: string | undefined): Promise<number | string> {
	if (sum !== undefined && sum.toLowerCase() !== sha256(pdf)) return 'the checksum does not match';
	try {
		return await pageCount(pdf);
	} catch {
		return 'the file is no PDF';
	}
}
