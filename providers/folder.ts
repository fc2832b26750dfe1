/** A folder on the machine that the host runs on. Links are not followed: they are no files here. */
import type { Stats } from 'node:fs';
import { link, lstat, mkdir, readFile, readdir, rename, unlink } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { StepProblem } from '../core/ports';
import { fileName, folderIn, isFileName } from './sftp/names';

export interface FolderFile {
	name: string;
	/** Bytes. */
	size: number;
	/** Epoch ms. */
	modifiedAt: number;
}

/** Where files come in: a folder here, or at an SFTP server. */
export interface FilePlace {
	/** Files (no folders) whose names do not begin with a dot. */
	list(): Promise<FolderFile[]>;
	/** Undefined when it is not there any more. @throws {StepProblem} when it is larger than `most` bytes */
	read(name: string, most: number): Promise<Uint8Array | undefined>;
	/** Into a folder below this one. Nothing is written over: when the name is taken there, a number is put behind it. */
	move(name: string, to: string): Promise<void>;
	remove(name: string): Promise<void>;
}

/** @param path whole path @throws {StepProblem} naming the field */
export function folderHere(path: string): FilePlace {
	if (!isAbsolute(path))
		throw new StepProblem(
			path === '' ? "'Folder' is empty." : "'Folder' does not begin at the root of the disk.",
			{
				field: 'Folder',
				hint: 'Give the whole path, such as /data/bank.',
			},
		);
	const at = (name: string) => join(path, fileName(name));
	return {
		async list() {
			const names = await readdir(path).catch((cause: unknown) => {
				throw cannot(path, cause);
			});
			const files: FolderFile[] = [];
			for (const name of names.filter(isFileName)) {
				const there = await thereIs(at(name));
				if (there?.isFile()) files.push({ name, size: there.size, modifiedAt: Math.floor(there.mtimeMs) });
			}
			return files;
		},
		async read(name, most) {
			const there = await thereIs(at(name));
			if (!there?.isFile()) return undefined;
			if (there.size > most)
				throw new StepProblem(`The file ${name} has ${there.size} bytes.`, {
					hint: `Files of up to ${most} bytes are read.`,
				});
			return await readFile(at(name)).catch((cause: unknown) => {
				throw cannot(at(name), cause);
			});
		},
		async move(name, to) {
			const target = folderIn(path, to);
			await mkdir(target, { recursive: true }).catch((cause: unknown) => {
				throw cannot(target, cause);
			});
			for (let number = 0; ; number += 1) {
				const free = join(target, number === 0 ? fileName(name) : numbered(name, number));
				if (await thereIs(free)) continue;
				try {
					// A link never takes a name that is taken; some file systems have none.
					await link(at(name), free);
					await unlink(at(name));
				} catch (cause) {
					if (codeOf(cause) === 'EEXIST') continue;
					if (codeOf(cause) !== 'ENOENT')
						await rename(at(name), free).catch((other: unknown) => {
							if (codeOf(other) !== 'ENOENT') throw cannot(target, other);
						});
				}
				return;
			}
		},
		async remove(name) {
			await unlink(at(name)).catch((cause: unknown) => {
				if (codeOf(cause) !== 'ENOENT') throw cannot(path, cause);
			});
		},
	};
}

async function thereIs(path: string): Promise<Stats | undefined> {
	return await lstat(path).catch(() => undefined);
}

const codeOf = (cause: unknown) =>
	cause instanceof Error && 'code' in cause ? String(cause.code) : undefined;

function cannot(path: string, cause: unknown): StepProblem {
	return new StepProblem(`${path} cannot be read or written.`, {
		field: 'Folder',
		hint: 'Check the path, and that the user n8n or Node-RED runs as may read there, and write when files are moved or deleted.',
		cause,
	});
}

function numbered(name: string, number: number): string {
	const dot = name.lastIndexOf('.');
	return dot > 0 ? `${name.slice(0, dot)}-${number}${name.slice(dot)}` : `${name}-${number}`;
}
