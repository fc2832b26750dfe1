/**
 * A file comes to lie at the other end whole or not at all: written under a temporary name, gone on with after a cut,
 * compared, and renamed. Nothing that lies there is ever written over.
 */
import { AnswerLost, NotSent, StepProblem } from '../../core/ports';
import {
	type Connection,
	FAILURE,
	NO_SUCH_FILE,
	PERMISSION_DENIED,
	SftpRefusal,
	sha256There,
} from './connection';
import { fileName } from './names';
import type { Source } from './source';

export interface Uploading {
	/** As the server knows it, see `folderIn`. */
	folder: string;
	name: string;
	source: Source;
	/** Ends temporary names, so that the other end leaves them alone. */
	tempSuffix: string;
	/** The whole file is read back and compared, not only its size. What was gone on with always is. */
	readBack?: boolean;
	/** Asked before the rename: it throws when another process is at it by now. */
	still?(): Promise<void>;
}

export const DEFAULT_TEMP_SUFFIX = '.part';

/** Bytes per request, and how many are under way at a time. */
const PART = 32_768;
const UNDER_WAY = 32;

/** What the file is called until it is whole. Other content has another name: two tries never write into one file. */
export function tempName(name: string, sha256: string, suffix: string): string {
	return `${name}.${sha256.slice(0, 8)}${suffix}`;
}

/** Whether it is a temporary name of this file, of whatever content. */
export function isTempOf(temp: string, name: string, suffix: string): boolean {
	const inner = temp.slice(name.length, temp.length - suffix.length);
	return temp.startsWith(name) && temp.endsWith(suffix) && /^\.[0-9a-f]{8}$/.test(inner);
}

/**
 * @returns `there`: it lay there already, whole
 * @throws {NotSent} not there, worth trying again
 * @throws {AnswerLost} the connection was cut in the moment of the rename: look before trying again, as this does
 * @throws {StepProblem} the folder is not there or may not be written to, or another file has the name
 */
export async function upload(
	connection: Connection,
	{ folder, name, source, tempSuffix, readBack = false, still }: Uploading,
): Promise<'uploaded' | 'there'> {
	const path = `${folder}/${fileName(name)}`;
	const temp = `${folder}/${fileName(tempName(name, source.sha256, tempSuffix))}`;
	return inWords(connection, folder, source.size, async () => {
		if (await isThere(connection, path, source, name)) {
			await forget(connection, temp);
			return 'there';
		}
		const had = (await connection.stat(temp))?.size ?? 0;
		// What was under way when the connection was cut may have holes: that much is written again.
		const kept = had > source.size ? 0 : Math.max(0, Math.floor(had / PART) - UNDER_WAY) * PART;
		await write(connection, temp, source, kept, had > 0);
		if ((readBack || kept > 0) && (await sha256There(connection, temp)) !== source.sha256) {
			await write(connection, temp, source, 0, true);
			if ((await sha256There(connection, temp)) !== source.sha256)
				throw new NotSent('the file over there is not the one that was sent');
		}
		await still?.();
		await putInPlace(connection, temp, path, source, name);
		return 'uploaded';
	});
}

async function write(
	connection: Connection,
	temp: string,
	source: Source,
	from: number,
	exists: boolean,
): Promise<void> {
	const handle = await connection.open(temp, exists && from > 0 ? 'r+' : 'w');
	try {
		let at = from;
		const underWay = new Set<Promise<void>>();
		let failed: Error | undefined;
		for await (const bytes of source.read(from)) {
			const sent = connection.write(handle, bytes, at).then(
				() => void underWay.delete(sent),
				(cause: Error) => {
					failed ??= cause;
					underWay.delete(sent);
				},
			);
			underWay.add(sent);
			at += bytes.length;
			if (underWay.size >= UNDER_WAY) await Promise.race(underWay);
			if (failed) break;
		}
		await Promise.all(underWay);
		if (failed) throw failed;
		const { size } = await connection.fstat(handle);
		if (size !== source.size)
			throw new NotSent(`the file over there has ${size} bytes where ${source.size} were sent`);
	} finally {
		await connection.close(handle).catch(() => undefined);
	}
}

/** @throws {StepProblem} when what lies there is something else */
async function isThere(connection: Connection, path: string, source: Source, name: string): Promise<boolean> {
	const there = await connection.stat(path);
	if (!there) return false;
	if (there.size === source.size && (await sha256There(connection, path)) === source.sha256) return true;
	throw new StepProblem(`Another file named ${name} lies at the SFTP server already.`, {
		hint: 'It was left alone. Ask those who run the server what it is; move it away, and this one is uploaded.',
	});
}

/**
 * The plain rename first: it refuses to write over another file, where POSIX's does not. Servers that cannot do the plain
 * one get POSIX's, when there is nothing to write over.
 */
async function putInPlace(
	connection: Connection,
	temp: string,
	path: string,
	source: Source,
	name: string,
): Promise<void> {
	try {
		await connection.rename(temp, path);
	} catch (cause) {
		if (!(cause instanceof SftpRefusal))
			throw new AnswerLost('the connection was cut while the file was put in its place', { cause });
		if (await isThere(connection, path, source, name)) {
			await forget(connection, temp);
			return;
		}
		try {
			await connection.posixRename(temp, path);
		} catch (other) {
			if (other instanceof SftpRefusal) throw cause;
			throw new AnswerLost('the connection was cut while the file was put in its place', { cause: other });
		}
	}
}

async function forget(connection: Connection, path: string): Promise<void> {
	try {
		await connection.unlink(path);
	} catch (cause) {
		if (!(cause instanceof SftpRefusal)) throw cause;
	}
}

/** What the server answers, as what to do about it. */
export async function inWords<T>(
	connection: Connection,
	folder: string,
	needed: number,
	work: () => Promise<T>,
): Promise<T> {
	try {
		return await work();
	} catch (cause) {
		if (!(cause instanceof SftpRefusal)) throw cause;
		if (cause.status === NO_SUCH_FILE)
			throw new StepProblem(`There is no folder '${folder}' at the SFTP server.`, {
				field: 'Folder',
				hint: 'Check its name, also capital letters, or have it made there.',
				cause,
			});
		if (cause.status === PERMISSION_DENIED)
			throw new StepProblem(`The SFTP server does not let this user work in the folder '${folder}'.`, {
				field: 'Folder',
				hint: 'Ask those who run the server for the right to write, rename and read there.',
				cause,
			});
		const room = cause.status === FAILURE ? await connection.room(folder) : undefined;
		if (room !== undefined && room < Math.max(needed, PART))
			throw new NotSent('the disk at the SFTP server is full', { cause });
		throw new NotSent('the SFTP server could not do it: its disk or quota may be full', { cause });
	}
}
