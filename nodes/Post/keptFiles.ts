/** Letterheads, signatures and PDFs of letters that wait: kept in the store once, by what is in them. */
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import { StepProblem } from '../../core/ports';
import { firstSetting, forgetSetting, keepSetting, settingOf, settingsUnder } from '../../core/store/setting';
import type { Store } from '../../core/store/store';

const KEY = 'letter file ';
const USED = 'letter file used ';
/** Longer than any letter waits. */
const KEEP_MS = 400 * 86_400_000;

export const LARGEST_PICTURE = 2_000_000;
export const LARGEST_PDF = 20_000_000;

/** @returns what it is found by: its SHA-256, hexadecimal. */
export async function keepFile(store: Store, now: number, bytes: Uint8Array): Promise<string> {
	const hash = createHash('sha256').update(bytes).digest('hex');
	const value = Buffer.from(bytes).toString('base64');
	await store.write(async ({ db }) => {
		await firstSetting(db, `${KEY}${hash}`, value);
		await keepSetting(db, `${USED}${hash}`, String(now));
	});
	return hash;
}

/** @throws {StepProblem} when it is no longer kept. */
export async function keptFile(store: Store, hash: string): Promise<Uint8Array> {
	const kept = await settingOf(store.db, `${KEY}${hash}`);
	if (kept === undefined)
		throw new StepProblem('A picture or PDF of these letters is no longer in the Journey Store.', {
			hint: 'Cancel the batch, publish the flow once more, and let the people come to the step again.',
		});
	return new Uint8Array(Buffer.from(kept, 'base64'));
}

/** Forgets those that no letter has used for longer than any letter waits. */
export async function forgetOldFiles(store: Store, now: number): Promise<void> {
	await store.write(async ({ db }) => {
		for (const { key, value: usedAt } of await settingsUnder(db, USED)) {
			if (Number(usedAt) >= now - KEEP_MS) continue;
			await forgetSetting(db, `${KEY}${key.slice(USED.length)}`);
			await forgetSetting(db, key);
		}
	});
}

/**
 * A file that the form names: its path on the machine, or its bytes as base64 (also as a `data:` address).
 * @throws {StepProblem} naming the field
 */
export async function fileGiven(
	given: { path: string; data: string },
	field: { path: string; data: string; largest: number },
): Promise<Uint8Array | undefined> {
	if (given.data !== '') return fromBase64(given.data, field);
	if (given.path === '') return undefined;
	if (!isAbsolute(given.path))
		throw new StepProblem(`'${field.path}' does not begin at the root of the disk.`, {
			field: field.path,
			hint: 'Give the whole path, such as /data/brevhode.png.',
		});
	const found = await stat(given.path).catch(() => undefined);
	if (found?.isFile() && found.size > field.largest)
		throw new StepProblem(`The file of '${field.path}' is larger than ${field.largest / 1_000_000} MB.`, {
			field: field.path,
			hint: 'Use a smaller one: a picture need not have more than 300 dots per inch.',
		});
	const bytes = found?.isFile() ? await readFile(given.path).catch(() => undefined) : undefined;
	if (!bytes)
		throw new StepProblem(`The file of '${field.path}' cannot be read.`, {
			field: field.path,
			hint: 'Check the path, and that the user n8n or Node-RED runs as may read the file.',
		});
	return new Uint8Array(bytes);
}

function fromBase64(text: string, field: { data: string; largest: number }): Uint8Array {
	const plain = text.replace(/^data:[^,]{0,100},/, '').replace(/\s/g, '');
	if (!/^[A-Za-z0-9+/_-]+={0,2}$/.test(plain))
		throw new StepProblem(`'${field.data}' is not base64.`, {
			field: field.data,
			hint: 'Give the bytes of the file as base64, e.g. from an Extract From File step, or use a path.',
		});
	const bytes = Buffer.from(plain, 'base64');
	if (bytes.length > field.largest)
		throw new StepProblem(`'${field.data}' is larger than ${field.largest / 1_000_000} MB.`, {
			field: field.data,
			hint: 'Use a smaller file.',
		});
	return new Uint8Array(bytes);
}
