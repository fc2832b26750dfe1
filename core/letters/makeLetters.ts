/** The making behind `renderLetters` and `preflight`, with all its libraries. */
import { createHash } from 'node:crypto';
import { setImmediate as breathe } from 'node:timers/promises';
import { type Finding, finding } from './findings';
import { layOut } from './layout';
import type { LetterSpec, Picture } from './letter';
import { lookOver } from './lookOver';
import type { Page } from './marks';
import { PdfFile, canPrint } from './pdfFile';
import type { PageRange, PdfSink, RenderOptions, RenderedFile, RenderedLetters } from './renderLetters';

export { layOut, lookOver };

export async function makeLetters(
	letters: Iterable<LetterSpec> | AsyncIterable<LetterSpec>,
	options: RenderOptions,
): Promise<RenderedLetters> {
	const { files = 'merged', lettersPerFile = Infinity, duplex = true } = options;
	const result: RenderedLetters = { files: [], letters: 0, pages: 0, refused: [] };
	const pictures = new WeakMap<Picture, boolean>();
	let open: OpenFile | undefined;
	const close = async () => {
		if (!open) return;
		result.files.push(await open.end());
		open = undefined;
	};
	for await (const letter of letters) {
		const laidOut = layOut(letter, options);
		const findings = [...lookOver(laidOut, options), ...unprintable(letter, pictures)];
		if (findings.length > 0) {
			result.refused.push({ id: letter.id, findings });
		} else {
			const number = result.files.length + 1;
			open ??= await OpenFile.begin(number, options, files === 'each' ? letter.id : undefined);
			const pages = [...laidOut.pages];
			if (duplex && files === 'merged' && pages.length % 2 === 1) pages.push({ marks: [], blank: true });
			result.letters += 1;
			result.pages += pages.length;
			await open.add(letter.id, pages);
			if (files === 'each' || open.letters.length >= lettersPerFile) await close();
		}
		await breathe();
	}
	await close();
	return result;
}

/** @param known what was found of pictures before. */
export function unprintable({ sender, ea }: LetterSpec, known = new WeakMap<Picture, boolean>()): Finding[] {
	const all = [sender.letterhead, sender.signature, ea?.logo];
	for (const picture of all) {
		if (!picture) continue;
		if (!known.has(picture)) known.set(picture, canPrint(picture));
		if (!known.get(picture))
			return [finding('pictureUnreadable', 'A picture cannot be read as PNG or JPEG.')];
	}
	return [];
}

class OpenFile {
	readonly letters: PageRange[] = [];
	private readonly hash = createHash('sha256');
	private readonly kept: Uint8Array[] = [];
	private bytes = 0;

	private constructor(
		private readonly number: number,
		private readonly pdf: PdfFile,
		private readonly sink: PdfSink | undefined,
	) {}

	static async begin(number: number, options: RenderOptions, id: string | undefined): Promise<OpenFile> {
		const sink = await options.into?.(id === undefined ? { number } : { number, id });
		return new OpenFile(number, new PdfFile(options, options.title ?? 'Brev', options.now), sink);
	}

	async add(id: string, pages: readonly Page[]): Promise<void> {
		const first = this.pdf.pages + 1;
		const giroPages: number[] = [];
		for (const page of pages) {
			this.pdf.add(page);
			if (page.giro) giroPages.push(this.pdf.pages);
		}
		this.letters.push({
			id,
			first,
			last: this.pdf.pages,
			pages: pages.filter(({ blank }) => !blank).length,
			giroPages,
		});
		await this.write(this.pdf.take());
	}

	async end(): Promise<RenderedFile> {
		await this.write(this.pdf.end());
		await this.sink?.end();
		const { number, letters, bytes } = this;
		return {
			number,
			pages: this.pdf.pages,
			bytes,
			sha256: this.hash.digest('hex'),
			letters,
			...(this.sink ? {} : { pdf: Buffer.concat(this.kept) }),
		};
	}

	private async write(bytes: Uint8Array | undefined): Promise<void> {
		if (!bytes) return;
		this.bytes += bytes.length;
		this.hash.update(bytes);
		if (this.sink) await this.sink.write(bytes);
		else this.kept.push(bytes);
	}
}
