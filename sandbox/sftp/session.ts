/** One SFTP session (protocol version 3, as OpenSSH speaks it) on the files in memory. */
import { posix } from 'node:path';
import { type Attributes, type FileEntry, type SFTPWrapper, utils } from 'ssh2';
import type { Fault, Faults } from '../faults';
import type { CallLog } from '../requests';
import type { Files } from './files';

const { STATUS_CODE, OPEN_MODE } = utils.sftp;
/** Of `cut` and `disk-full` that say nothing else: this much gets through. */
const BYTES_THROUGH = 1_000;
/** Names under which uploads are still on their way. */
const UNFINISHED = /\.(part|tmp|temp|filepart|uploading)$|(^|\/)\./i;

export interface Surroundings {
	faults: Faults;
	log: CallLog;
	arrived(path: string): void;
	/** Breaks the connection off. */
	cut(): void;
}

interface Open {
	path: string;
	/** Undefined: a folder, with what of it has not been told yet. */
	written?: number;
	entries?: string[];
	since: number;
	fault?: Fault | undefined;
}

export const isUnfinished = (path: string): boolean => UNFINISHED.test(path);

export function serveFiles(sftp: SFTPWrapper, files: Files, around: Surroundings): void {
	const opened = new Map<number, Open>();
	let lastHandle = 0;
	const { faults, log } = around;
	const ok = (id: number) => sftp.status(id, STATUS_CODE.OK);
	const fail = (id: number, code = STATUS_CODE.FAILURE, text?: string) => sftp.status(id, code, text);
	const done = (id: number, held: boolean, code = STATUS_CODE.FAILURE) => (held ? ok(id) : fail(id, code));
	const pathOf = (name: string) => posix.resolve('/', name || '.');
	const open = (entry: Open) => {
		lastHandle += 1;
		opened.set(lastHandle, entry);
		const handle = Buffer.alloc(4);
		handle.writeUInt32BE(lastHandle);
		return handle;
	};
	const find = (handle: Buffer) => (handle.length === 4 ? opened.get(handle.readUInt32BE(0)) : undefined);
	const note = (where: string, status: number | null, since: number, fault?: string) =>
		log.add({
			direction: 'in',
			provider: 'sftp',
			method: 'SFTP',
			where,
			status,
			ms: Math.round(performance.now() - since),
			...(fault ? { fault } : {}),
		});
	const attributes = (path: string): Attributes | undefined => {
		const entry = files.look(path);
		if (!entry) return undefined;
		const at = Math.floor(entry.changedAt / 1_000);
		return {
			mode: entry.kind === 'file' ? 0o100644 : 0o040755,
			uid: 1_000,
			gid: 1_000,
			size: entry.size,
			atime: at,
			mtime: at,
		};
	};
	const tell = (id: number, path: string) => {
		const found = attributes(path);
		if (found) sftp.attrs(id, found);
		else fail(id, STATUS_CODE.NO_SUCH_FILE);
	};

	sftp.on('OPEN', (id, name, flags) => {
		const path = pathOf(name);
		const writing = (flags & OPEN_MODE.WRITE) !== 0;
		const there = files.look(path);
		if (there?.kind === 'folder') return fail(id, STATUS_CODE.PERMISSION_DENIED);
		if (!there && !writing) return fail(id, STATUS_CODE.NO_SUCH_FILE);
		if (there && flags & OPEN_MODE.EXCL) return fail(id);
		if (writing && (!there || flags & OPEN_MODE.TRUNC) && !files.create(path))
			return fail(id, STATUS_CODE.NO_SUCH_FILE);
		const fault = writing ? faults.take('sftp', ['cut', 'disk-full'], path) : undefined;
		sftp.handle(id, open({ path, written: 0, since: performance.now(), fault }));
	});
	sftp.on('WRITE', (id, handle, offset, data) => {
		const file = find(handle);
		if (file?.written === undefined) return fail(id);
		const through = file.fault
			? Math.max(0, (file.fault.bytes ?? BYTES_THROUGH) - file.written)
			: data.length;
		file.written += data.length;
		if (data.length > through) {
			files.write(file.path, offset, data.subarray(0, through));
			note(`upload ${file.path}`, file.fault?.kind === 'cut' ? null : 507, file.since, file.fault?.kind);
			if (file.fault?.kind === 'cut') return around.cut();
			return fail(id, STATUS_CODE.FAILURE, 'No space left on device');
		}
		done(id, files.write(file.path, offset, data));
	});
	sftp.on('READ', (id, handle, offset, length) => {
		const file = find(handle);
		const bytes = file && files.read(file.path);
		if (!bytes) return fail(id);
		if (offset >= bytes.length) return fail(id, STATUS_CODE.EOF);
		// A copy: the file may be written anew while this is on its way.
		sftp.data(id, Buffer.from(bytes.subarray(offset, offset + Math.min(length, 32_768))));
	});
	sftp.on('CLOSE', (id, handle) => {
		const file = find(handle);
		if (!file) return fail(id);
		opened.delete(handle.readUInt32BE(0));
		ok(id);
		if (!file.written) return;
		if (!file.fault) note(`upload ${file.path}`, 200, file.since);
		if (!isUnfinished(file.path) && !file.fault) around.arrived(file.path);
	});
	sftp.on('FSTAT', (id, handle) => tell(id, find(handle)?.path ?? ''));
	sftp.on('STAT', (id, name) => tell(id, pathOf(name)));
	sftp.on('LSTAT', (id, name) => tell(id, pathOf(name)));
	sftp.on('SETSTAT', (id, name, { size }) =>
		done(id, size === undefined || files.truncate(pathOf(name), size), STATUS_CODE.NO_SUCH_FILE),
	);
	sftp.on('FSETSTAT', (id, handle, { size }) =>
		done(id, size === undefined || files.truncate(find(handle)?.path ?? '', size)),
	);
	sftp.on('OPENDIR', (id, name) => {
		const path = pathOf(name);
		if (files.look(path)?.kind !== 'folder') return fail(id, STATUS_CODE.NO_SUCH_FILE);
		sftp.handle(id, open({ path, entries: ['.', '..', ...files.list(path)], since: performance.now() }));
	});
	sftp.on('READDIR', (id, handle) => {
		const folder = find(handle);
		const part = folder?.entries?.splice(0, 100) ?? [];
		if (part.length === 0) return fail(id, folder ? STATUS_CODE.EOF : STATUS_CODE.FAILURE);
		sftp.name(
			id,
			part.flatMap((filename): FileEntry[] => {
				const attrs = attributes(posix.resolve(folder?.path ?? '/', filename));
				return attrs ? [{ filename, longname: longName(filename, attrs), attrs }] : [];
			}),
		);
	});
	sftp.on('REALPATH', (id, name) => {
		const path = pathOf(name);
		const attrs = attributes(path) ?? { mode: 0, uid: 0, gid: 0, size: 0, atime: 0, mtime: 0 };
		sftp.name(id, [{ filename: path, longname: path, attrs }]);
	});
	sftp.on('REMOVE', (id, name) => done(id, files.remove(pathOf(name)), STATUS_CODE.NO_SUCH_FILE));
	sftp.on('MKDIR', (id, name) => done(id, files.makeFolder(pathOf(name))));
	sftp.on('RMDIR', (id, name) => done(id, files.removeFolder(pathOf(name))));
	sftp.on('RENAME', (id, from, to) => {
		const target = pathOf(to);
		// Version 3 of the protocol, as OpenSSH keeps to it: never over what is there.
		if (files.look(target)) return fail(id, STATUS_CODE.FAILURE, 'File exists');
		const held = files.rename(pathOf(from), target);
		note(`rename to ${target}`, held ? 200 : 404, performance.now());
		done(id, held, STATUS_CODE.NO_SUCH_FILE);
		if (held && !isUnfinished(target)) around.arrived(target);
	});
	for (const name of ['READLINK', 'SYMLINK', 'EXTENDED'] as const)
		sftp.on(name, (id: number) => fail(id, STATUS_CODE.OP_UNSUPPORTED));
}

function longName(name: string, { mode, size, mtime }: Attributes): string {
	const kind = (mode & 0o170000) === 0o040000 ? 'drwxr-xr-x' : '-rw-r--r--';
	const day = new Date(mtime * 1_000).toISOString().slice(0, 10);
	return `${kind}    1 sandbox  sandbox  ${String(size).padStart(10)} ${day} ${name}`;
}
