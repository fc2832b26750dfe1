/** Files and folders in memory, as whoever signs on to the SFTP server sees them. */
import { posix } from 'node:path';

/** Whoever writes at a far offset does not get that much memory. */
const LARGEST = 500_000_000;

export interface Entry {
	kind: 'file' | 'folder';
	size: number;
	/** Sandbox time. */
	changedAt: number;
}

interface Kept {
	bytes: Buffer;
	size: number;
	changedAt: number;
}

export class Files {
	private readonly files = new Map<string, Kept>();
	private readonly folders = new Set<string>();

	constructor(
		private readonly now: () => number,
		private readonly standing: readonly string[],
	) {
		this.empty();
	}

	/** Only the folders that always stand are left. */
	empty(): void {
		this.files.clear();
		this.folders.clear();
		for (const folder of ['/', ...this.standing]) this.folders.add(folder);
	}

	look(path: string): Entry | undefined {
		const file = this.files.get(path);
		if (file) return { kind: 'file', size: file.size, changedAt: file.changedAt };
		return this.folders.has(path) ? { kind: 'folder', size: 0, changedAt: this.now() } : undefined;
	}

	list(folder: string): string[] {
		return [...this.folders, ...this.files.keys()]
			.filter((path) => path !== '/' && posix.dirname(path) === folder)
			.map((path) => posix.basename(path))
			.sort();
	}

	/** Everything in a folder and below it. */
	below(folder: string): string[] {
		return [...this.files.keys()].filter((path) => path.startsWith(`${folder}/`)).sort();
	}

	read(path: string): Buffer | undefined {
		const file = this.files.get(path);
		return file?.bytes.subarray(0, file.size);
	}

	/** An empty file; false when its folder is not there. */
	create(path: string): boolean {
		if (!this.folders.has(posix.dirname(path)) || this.folders.has(path)) return false;
		this.files.set(path, { bytes: Buffer.alloc(0), size: 0, changedAt: this.now() });
		return true;
	}

	/** False when there is no such file (any more), or it would become too large. */
	write(path: string, offset: number, data: Buffer): boolean {
		const file = this.files.get(path);
		const end = offset + data.length;
		if (!file || end > LARGEST) return false;
		if (end > file.bytes.length) {
			const grown = Buffer.alloc(Math.max(end, file.bytes.length * 2, 4_096));
			file.bytes.copy(grown, 0, 0, file.size);
			file.bytes = grown;
		}
		data.copy(file.bytes, offset);
		file.size = Math.max(file.size, end);
		file.changedAt = this.now();
		return true;
	}

	truncate(path: string, size: number): boolean {
		const file = this.files.get(path);
		if (!file || size > file.size) return file?.size === size;
		file.size = size;
		return true;
	}

	/** A file with this content, as the other end of the sandbox puts it there. */
	put(path: string, bytes: Buffer | string): void {
		this.files.set(path, {
			bytes: Buffer.from(bytes),
			size: Buffer.byteLength(bytes),
			changedAt: this.now(),
		});
	}

	rename(from: string, to: string): boolean {
		const file = this.files.get(from);
		if (!file || !this.folders.has(posix.dirname(to))) return false;
		this.files.delete(from);
		this.files.set(to, file);
		return true;
	}

	remove(path: string): boolean {
		return this.files.delete(path);
	}

	makeFolder(path: string): boolean {
		if (this.look(path) || !this.folders.has(posix.dirname(path))) return false;
		this.folders.add(path);
		return true;
	}

	removeFolder(path: string): boolean {
		if (this.list(path).length > 0 || this.standing.includes(path)) return false;
		return this.folders.delete(path);
	}
}
