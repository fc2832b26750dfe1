/** A zip written to the disk as it is made; the same content makes the same bytes. */
import { createReadStream, createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import { Zip, ZipDeflate, ZipPassThrough } from 'fflate';
import { StepProblem } from '../../core/ports';
import { fileName } from '../sftp/names';

export interface Entry {
	name: string;
	/** A file on this machine, or the text itself. */
	from: { path: string } | { text: string };
}

/** What the format holds without its 64-bit extension, which some printing houses cannot read. */
const MOST_BYTES = 4_000_000_000;
const MOST_ENTRIES = 65_000;

/** @param at of all entries (epoch ms) @throws {StepProblem} when it would become too large */
export async function writeZip(path: string, entries: readonly Entry[], at: number): Promise<void> {
	if (entries.length > MOST_ENTRIES) throw tooLarge();
	const file = createWriteStream(path);
	const written = finished(file);
	// Told by whoever awaits it below.
	written.catch(() => undefined);
	let bytes = 0;
	let full = false;
	const zip = new Zip((cause, part) => {
		if (cause) file.destroy(cause);
		else {
			bytes += part.length;
			full = !file.write(part);
		}
	});
	try {
		for (const { name, from } of entries) {
			// PDFs are compressed inside already.
			const entry =
				'text' in from ? new ZipDeflate(fileName(name), { level: 6 }) : new ZipPassThrough(fileName(name));
			entry.mtime = at;
			zip.add(entry);
			if ('text' in from) entry.push(new TextEncoder().encode(from.text), true);
			else {
				for await (const part of createReadStream(from.path) as AsyncIterable<Buffer>) {
					entry.push(part, false);
					if (bytes > MOST_BYTES) throw tooLarge();
					if (full) await Promise.race([once(file, 'drain'), written]);
				}
				entry.push(new Uint8Array(), true);
			}
		}
		zip.end();
		file.end();
		await written;
	} catch (cause) {
		file.destroy();
		throw cause;
	}
}

function tooLarge(): StepProblem {
	return new StepProblem('The batch is too large for one zip.', {
		field: 'Packing',
		hint: "Choose 'Files' instead of 'One Zip', or let batches leave more often.",
	});
}
