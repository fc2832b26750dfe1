/** What steps do with an SFTP server: give files, look for files, fetch them, put them aside. */
import { AnswerLost, StepProblem } from '../../core/ports';
import { NO_SUCH_FILE, SftpRefusal, connect, readParts, sha256There } from './connection';
import { fileName, folderIn, isFileName } from './names';
import type { SftpSettings } from './settings';
import type { Source } from './source';
import { DEFAULT_TEMP_SUFFIX, inWords, isTempOf, upload } from './upload';

export interface FileThere {
	name: string;
	/** Bytes. */
	size: number;
	/** Epoch ms, by the server's clock; whole seconds. */
	modifiedAt: number;
}

export interface UploadOptions {
	/** Default `.part`. */
	tempSuffix?: string;
	/** The whole file is read back and compared. */
	readBack?: boolean;
	/** Asked before it is put in its place; throws when this process must not do so any more. */
	still?(): Promise<void>;
}

/** Folders are below the credential's own. Each may throw `NotSent` and `StepProblem`. */
export interface SftpSession {
	/** @throws {AnswerLost} cut off in the moment of the rename; the same call later finds out. */
	upload(
		folder: string,
		name: string,
		source: Source,
		options?: UploadOptions,
	): Promise<'uploaded' | 'there'>;
	/** Removes what interrupted uploads of these names left behind. */
	removeTemps(folder: string, names: readonly string[], tempSuffix?: string): Promise<void>;
	/** Files (no folders) by name; not those whose names begin with a dot or are none. */
	list(folder: string): Promise<FileThere[]>;
	/** Undefined when it is not there. @throws {StepProblem} when it is larger than `most` bytes */
	read(folder: string, name: string, most?: number): Promise<Buffer | undefined>;
	/** Bytes of the file of that name; undefined when there is none. */
	size(folder: string, name: string): Promise<number | undefined>;
	sha256(folder: string, name: string): Promise<string>;
	/** Nothing is written over: when the name is taken there, a number is put behind it. */
	move(folder: string, name: string, to: string): Promise<void>;
	remove(folder: string, name: string): Promise<void>;
	end(): void;
}

/** Status files of printing houses are some MB; what is larger is something else. */
const MOST_READ = 100_000_000;

/** @throws {StepProblem} see `connect` @throws {NotSent} the server is not reached */
export async function openSftp(settings: SftpSettings): Promise<SftpSession> {
	const connection = await connect(settings);
	const at = (folder: string) => folderIn(settings.folder, folder);
	const inFolder = async <T>(folder: string, work: (path: string) => Promise<T>, needed = 0) => {
		const path = at(folder);
		return await inWords(connection, path, needed, () => work(path));
	};
	return {
		upload: async (folder, name, source, { tempSuffix = DEFAULT_TEMP_SUFFIX, ...options } = {}) =>
			await upload(connection, { folder: at(folder), name, source, tempSuffix, ...options }),
		removeTemps: (folder, names, tempSuffix = DEFAULT_TEMP_SUFFIX) =>
			inFolder(folder, async (path) => {
				for (const { filename } of await connection.readdir(path))
					if (filename.endsWith(tempSuffix) && names.some((name) => isTempOf(filename, name, tempSuffix)))
						await connection.unlink(`${path}/${fileName(filename)}`);
			}),
		list: (folder) =>
			inFolder(folder, async (path) =>
				(await connection.readdir(path))
					.filter(({ filename, attrs }) => attrs.isFile() && isFileName(filename))
					.map(({ filename, attrs }) => ({
						name: filename,
						size: attrs.size,
						modifiedAt: attrs.mtime * 1_000,
					}))
					.sort((a, b) => (a.name < b.name ? -1 : 1)),
			),
		read: (folder, name, most = MOST_READ) =>
			inFolder(folder, async (path) => {
				const whole = `${path}/${fileName(name)}`;
				const there = await connection.stat(whole);
				if (!there) return undefined;
				if (there.size > most)
					throw new StepProblem(`The file ${name} at the SFTP server has ${there.size} bytes.`, {
						hint: `Files of up to ${most} bytes are read. Move it away, or have it made in parts.`,
					});
				const parts: Buffer[] = [];
				for await (const part of readParts(connection, whole)) parts.push(part);
				return Buffer.concat(parts);
			}),
		size: (folder, name) =>
			inFolder(folder, async (path) => (await connection.stat(`${path}/${fileName(name)}`))?.size),
		sha256: (folder, name) =>
			inFolder(folder, (path) => sha256There(connection, `${path}/${fileName(name)}`)),
		move: (folder, name, to) =>
			inFolder(to, async (target) => {
				const from = `${at(folder)}/${fileName(name)}`;
				for (let number = 0; ; number += 1) {
					const path = `${target}/${fileName(number === 0 ? name : numbered(name, number))}`;
					if (await connection.stat(path)) continue;
					try {
						await connection.rename(from, path);
					} catch (cause) {
						if (!(cause instanceof SftpRefusal)) throw new AnswerLost('the connection was cut', { cause });
						// Whoever looked at the same time has moved it.
						if (!(await connection.stat(from))) return;
						throw cause;
					}
					return;
				}
			}),
		remove: (folder, name) =>
			inFolder(folder, async (path) => {
				try {
					await connection.unlink(`${path}/${fileName(name)}`);
				} catch (cause) {
					if (!(cause instanceof SftpRefusal && cause.status === NO_SUCH_FILE)) throw cause;
				}
			}),
		end: () => connection.end(),
	};
}

/** Opens, works and ends, whatever happens. */
export async function withSftp<T>(
	settings: SftpSettings,
	work: (session: SftpSession) => Promise<T>,
): Promise<T> {
	const session = await openSftp(settings);
	try {
		return await work(session);
	} finally {
		session.end();
	}
}

function numbered(name: string, number: number): string {
	const dot = name.lastIndexOf('.');
	return dot > 0 ? `${name.slice(0, dot)}-${number}${name.slice(dot)}` : `${name}-${number}`;
}
