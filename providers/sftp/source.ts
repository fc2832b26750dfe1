/** What is uploaded: bytes whose size and checksum are known before they leave. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';

export interface Source {
	/** Bytes. */
	size: number;
	/** Hexadecimal. */
	sha256: string;
	/** From that byte on. */
	read(from: number): AsyncIterable<Uint8Array>;
}

const PART = 32_768;

export function bytesSource(bytes: Uint8Array): Source {
	return {
		size: bytes.length,
		sha256: createHash('sha256').update(bytes).digest('hex'),
		async *read(from) {
			for (let at = from; at < bytes.length; at += PART) yield bytes.subarray(at, at + PART);
		},
	};
}

/** @param sha256 where it is known already; otherwise the file is read for it */
export async function fileSource(path: string, sha256?: string): Promise<Source> {
	const { size } = await stat(path);
	return {
		size,
		sha256: sha256 ?? (await sha256Of(createReadStream(path))),
		read: (from) => createReadStream(path, { start: from, highWaterMark: PART }) as AsyncIterable<Uint8Array>,
	};
}

export async function sha256Of(bytes: AsyncIterable<Uint8Array>): Promise<string> {
	const hash = createHash('sha256');
	for await (const part of bytes) hash.update(part);
	return hash.digest('hex');
}
