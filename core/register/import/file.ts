/** A file on the machine that the host runs on, as a stream. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import type { Readable } from 'node:stream';
import { StepProblem } from '../../ports';

/** @throws {StepProblem} naming the path when it is no file that can be read. */
export async function csvFile(path: string): Promise<Readable> {
	if (!isAbsolute(path)) {
		throw new StepProblem(`The path “${path}” does not begin at the root of the disk.`, {
			field: 'File Path',
			hint: 'Give the whole path, such as /data/medlemmer.csv.',
		});
	}
	try {
		if (!(await stat(path)).isFile()) throw new Error('it is no file');
	} catch (cause) {
		throw new StepProblem(`The file ${path} cannot be read.`, {
			field: 'File Path',
			hint: 'Check the path, and that the user n8n or Node-RED runs as may read the file.',
			cause,
		});
	}
	return createReadStream(path, { highWaterMark: 256 * 1024 });
}
