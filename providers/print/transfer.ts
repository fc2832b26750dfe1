/**
 * A batch of letters to a printing house: rendered, listed, packed, uploaded; the file that tells of all others last.
 * After a crash what lies there is found again, and what the printing house has taken meanwhile is not given twice.
 */
import { createWriteStream } from 'node:fs';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import type { LeftOut } from '../../core/handoffs/sift';
import type { Batch, BatchItem, Sending, Transfer } from '../../core/handoffs/transfer';
import { wordsOf } from '../../core/letters/findings';
import type { LetterOptions, LetterSpec } from '../../core/letters/letter';
import {
	type PdfSink,
	type RenderOptions,
	type RenderedLetters,
	renderLetters,
} from '../../core/letters/renderLetters';
import { type SftpSession, withSftp } from '../sftp/session';
import type { SftpSettings } from '../sftp/settings';
import { type Source, bytesSource, fileSource } from '../sftp/source';
import { fileName } from '../sftp/names';
import { tempName } from '../sftp/upload';
import { type ListedLetter, type Manifest, manifestText } from './manifest';
import type { PrintSettings } from './settings';
import { writeZip } from './zip';

export interface Printing {
	settings: PrintSettings;
	sftp: SftpSettings;
	/** How the letters are laid out. */
	options: LetterOptions;
	/** @throws {StepProblem} when it cannot be made any more */
	specOf(item: BatchItem): Promise<LetterSpec>;
	/** Default: {@link renderLetters}. */
	render?(letters: AsyncIterable<LetterSpec>, options: RenderOptions): Promise<RenderedLetters>;
}

/** Small files are uploaded so many at a time, and taken down in the store in parts of this size. */
const SIDE_BY_SIDE = 8;
const TAKEN_DOWN = 100;

export function printTransfer(printing: Printing): Transfer {
	return async (batch, items, sending) => {
		await removeLeftovers();
		const folder = await mkdtemp(join(tmpdir(), FOLDER));
		try {
			const made = await render(printing, batch, items, sending, folder);
			if (made.files.length === 0) return { pages: 0, leftOut: made.leftOut };
			const { beside, main } = await pack(printing.settings, batch, made, folder);
			await withSftp(printing.sftp, async (session) => {
				const again = sending.files.size > 0;
				const place: Place = { session, sending, settings: printing.settings };
				await uploadBeside(place, main.name, beside);
				await uploadMain(place, main);
				const { doneMarker } = printing.settings;
				if (doneMarker)
					await uploadMain(place, {
						name: `${main.name}${doneMarker}`,
						source: bytesSource(new Uint8Array()),
					});
				if (again) await clean(place, [...beside, main]);
			});
			return { pages: made.pages, leftOut: made.leftOut };
		} finally {
			await rm(folder, { recursive: true, force: true });
		}
	};
}

const FOLDER = 'member-journeys-letters-';
const A_DAY = 86_400_000;

/** Letters must not lie about for ever on the disk of a process that died. */
async function removeLeftovers(): Promise<void> {
	for (const name of await readdir(tmpdir())) {
		if (!name.startsWith(FOLDER)) continue;
		const folder = join(tmpdir(), name);
		const made = await stat(folder).catch(() => undefined);
		// The disk's own time, not that of the journeys' clock.
		if (made && Date.now() - made.mtimeMs > A_DAY)
			await rm(folder, { recursive: true, force: true }).catch(() => undefined);
	}
}

interface Made {
	manifest: Manifest;
	/** The PDFs on this machine's disk. */
	files: Array<{ name: string; path: string; sha256: string }>;
	pages: number;
	leftOut: LeftOut[];
}

async function render(
	{ settings, options, specOf, render: rendering = renderLetters }: Printing,
	batch: Batch,
	items: () => AsyncIterable<BatchItem>,
	sending: Sending,
	folder: string,
): Promise<Made> {
	const each = settings.pdfs === 'each';
	const dispatchOf = new Map<string, number>();
	const about = new Map<string, Pick<LetterSpec, 'recipient'> & { kid?: string | undefined }>();
	let sender: Manifest['sender'] | undefined;
	let ea: Manifest['ea'];
	async function* specs() {
		let done = 0;
		for await (const item of items()) {
			const spec = await specOf(item);
			dispatchOf.set(spec.id, item.dispatchId);
			about.set(spec.id, { recipient: spec.recipient, kid: spec.giro?.kid });
			sender ??= { name: spec.sender.name, returnAddress: spec.sender.returnAddress };
			ea ??= spec.ea && { agreement: spec.ea.agreement, grade: spec.ea.grade };
			yield spec;
			done += 1;
			if (done % 25 === 0 || done === batch.items) sending.progress(done, batch.items, 'letters made');
		}
	}
	const names: string[] = [];
	const rendered = await rendering(specs(), {
		...options,
		files: settings.pdfs,
		title: batch.name,
		now: batch.openedAt,
		into: ({ number, id }) => {
			const name = fileName(
				each ? `${batch.name}-${id}.pdf` : `${batch.name}${number > 1 ? `-${number}` : ''}.pdf`,
			);
			names[number - 1] = name;
			return toDisk(join(folder, name));
		},
	});
	const files = rendered.files.map((file) => ({ ...file, name: names[file.number - 1] ?? '' }));
	const letters = files.flatMap((file) =>
		file.letters.map(({ id, first, last, giroPages }): ListedLetter => {
			const { recipient, kid } = about.get(id) ?? { recipient: nobody };
			return { id, recipient, file: file.name, first, last, giroPages, ...(kid ? { kid } : {}) };
		}),
	);
	return {
		manifest: {
			batch: batch.name,
			madeAt: batch.openedAt,
			sender: sender ?? { name: '', returnAddress: '' },
			...(ea ? { ea } : {}),
			options,
			settings,
			files: files.map(({ name, sha256, bytes, pages }) => ({ name, sha256, bytes, pages })),
			letters,
		},
		files: files.map(({ name, sha256 }) => ({ name, sha256, path: join(folder, name) })),
		pages: rendered.pages,
		leftOut: rendered.refused.flatMap(({ id, findings }) => {
			const dispatchId = dispatchOf.get(id);
			const [first] = findings;
			return dispatchId === undefined || !first
				? []
				: [{ dispatchId, reason: findings.map((one) => wordsOf(one)).join(' '), code: first.code }];
		}),
	};
}

const nobody: LetterSpec['recipient'] = { name: '', lines: [], postalCode: '', city: '' };

function toDisk(path: string): PdfSink {
	const file = createWriteStream(path);
	const written = finished(file);
	written.catch(() => undefined);
	return {
		async write(bytes) {
			if (!file.write(bytes)) await Promise.race([once(file, 'drain'), written]);
		},
		async end() {
			file.end();
			await written;
		},
	};
}

interface Parcel {
	name: string;
	source: Source;
}

/** `main`: with it the batch is over there. */
async function pack(
	settings: PrintSettings,
	batch: Batch,
	{ manifest, files }: Made,
	folder: string,
): Promise<{ beside: Parcel[]; main: Parcel }> {
	const text = manifestText(manifest);
	if (settings.packing === 'zip') {
		const path = join(folder, `${batch.name}.zip`);
		const list = { name: `manifest.${settings.manifest}`, from: { text } };
		await writeZip(
			path,
			[list, ...files.map(({ name, path: from }) => ({ name, from: { path: from } }))],
			batch.openedAt,
		);
		return { beside: [], main: { name: fileName(`${batch.name}.zip`), source: await fileSource(path) } };
	}
	return {
		beside: await Promise.all(
			files.map(async ({ name, path, sha256 }) => ({ name, source: await fileSource(path, sha256) })),
		),
		main: {
			name: fileName(`${batch.name}-manifest.${settings.manifest}`),
			source: bytesSource(new TextEncoder().encode(text)),
		},
	};
}

interface Place {
	session: SftpSession;
	sending: Sending;
	settings: PrintSettings;
}

/** PDFs: until the manifest is there they mean nothing, and may be given anew. */
async function uploadBeside(place: Place, main: string, parcels: readonly Parcel[]): Promise<void> {
	const { session, sending, settings } = place;
	// The manifest lies there, or did: nothing of the batch is touched any more.
	if (await isOver(place, main)) return;
	const { folder, tempSuffix, readBack } = settings;
	for (let from = 0; from < parcels.length; from += TAKEN_DOWN) {
		const part: Parcel[] = [];
		for (const parcel of parcels.slice(from, from + TAKEN_DOWN)) {
			const known = sending.files.get(parcel.name);
			if (known?.state === 'there' && known.sha256 === parcel.source.sha256) continue;
			// Made anew it has become another one: ours goes.
			if (known && known.sha256 !== parcel.source.sha256) await removeOurs(place, parcel.name, known.sha256);
			part.push(parcel);
		}
		await sending.begin(part.map(recordOf));
		const queue = [...part];
		const work = async () => {
			for (let next = queue.shift(); next; next = queue.shift())
				await session.upload(folder, next.name, next.source, { tempSuffix, readBack });
		};
		const workers = await Promise.allSettled(Array.from({ length: SIDE_BY_SIDE }, work));
		for (const worker of workers) if (worker.status === 'rejected') throw worker.reason;
		await sending.there(part.map(({ name }) => name));
		sending.progress(Math.min(from + TAKEN_DOWN, parcels.length), parcels.length, 'files uploaded');
	}
}

async function removeOurs(
	{ session, settings: { folder } }: Place,
	name: string,
	sha256: string,
): Promise<void> {
	if ((await session.size(folder, name)) === undefined) return;
	if ((await session.sha256(folder, name)) === sha256) await session.remove(folder, name);
}

/** The file that makes the batch theirs: given once, also when they have taken it away before we could look. */
async function uploadMain(place: Place, { name, source }: Parcel): Promise<void> {
	const { session, sending, settings } = place;
	if (await isOver(place, name)) {
		await sending.there([name]);
		return;
	}
	const { folder, tempSuffix, readBack } = settings;
	await sending.begin([recordOf({ name, source })]);
	await session.upload(folder, name, source, { tempSuffix, readBack, still: () => sending.placing(name) });
	await sending.there([name]);
}

/** Whether an earlier try has brought it there, whatever it would be made into now. */
async function isOver(
	{ session, sending, settings: { folder, tempSuffix } }: Place,
	name: string,
): Promise<boolean> {
	const known = sending.files.get(name);
	if (!known) return false;
	if (known.state === 'there') return true;
	if ((await session.size(folder, name)) !== undefined)
		return (await session.sha256(folder, name)) === known.sha256;
	if (known.state !== 'placing') return false;
	// Whole, and neither under its temporary name nor its own: it had been put in its place, and was taken.
	return (await session.size(folder, tempName(name, known.sha256, tempSuffix))) === undefined;
}

const recordOf = ({ name, source: { sha256, size } }: Parcel) => ({ name, sha256, size });

/** What interrupted tries have left behind. */
async function clean({ session, settings }: Place, parcels: readonly Parcel[]): Promise<void> {
	await session.removeTemps(
		settings.folder,
		parcels.map(({ name }) => name),
		settings.tempSuffix,
	);
}
