/**
 * Reads PDFs with PDFium, Chromium's own reader, compiled to WebAssembly: what stands in them, and how they look.
 * Loaded at its first use and kept.
 */
import type { WrappedPdfiumModule } from '@embedpdf/pdfium';
import { PDF_READER, carriedFile } from './carried';

export interface ReadPdf {
	pages: number;
	/** `17` for 1.7. */
	version: number;
	encrypted: boolean;
	/** @param index from 0. */
	size(index: number): { widthPt: number; heightPt: number; rotated: boolean };
	/** Fonts that its text is set in, and whether each is in the file. */
	fonts(index: number): Array<{ name: string; embedded: boolean }>;
	/** Four bytes for each pixel: red, green, blue, and one that says nothing; on white paper. */
	render(index: number, dpi: number): { width: number; height: number; rgba: Uint8Array };
}

export type Unread = 'encrypted' | 'unreadable';

/** The file names more pages than it has, or one of them is broken. */
export class NoSuchPage extends Error {
	constructor(index: number) {
		super(`The PDF has no page ${index + 1} that can be read.`);
	}
}

/** fpdfview.h: FPDF_ERR_PASSWORD, FPDF_ERR_SECURITY. */
const LOCKED = new Set([4, 5]);
/** fpdf_edit.h: FPDF_PAGEOBJ_TEXT, FPDF_PAGEOBJ_FORM. */
const TEXT = 1;
const FORM = 5;
/** fpdfview.h: FPDFBitmap_BGRx, FPDF_REVERSE_BYTE_ORDER. */
const BGRX = 3;
const RED_FIRST = 0x10;
/** Forms within forms; a file can lead in circles. */
const DEEPEST = 12;

let loaded: Promise<WrappedPdfiumModule> | undefined;

async function reader(): Promise<WrappedPdfiumModule> {
	loaded ??= (async () => {
		const { init } = await import('@embedpdf/pdfium');
		const file = carriedFile(PDF_READER);
		const wasmBinary = file.buffer.slice(file.byteOffset, file.byteOffset + file.byteLength) as ArrayBuffer;
		const library = await init({ wasmBinary });
		library.PDFiumExt_Init();
		return library;
	})();
	try {
		return await loaded;
	} catch (cause) {
		loaded = undefined;
		throw cause;
	}
}

/** Calls `look` with the file while it is open, or tells why it does not open. */
export async function readPdf<T>(bytes: Uint8Array, look: (pdf: ReadPdf) => T): Promise<T | Unread> {
	const library = await reader();
	const { pdfium } = library;
	const held: number[] = [];
	const hold = (size: number) => {
		const at = pdfium.wasmExports.malloc(size);
		held.push(at);
		return at;
	};
	const at = hold(Math.max(1, bytes.length));
	heap(library).set(bytes, at);
	const document = library.FPDF_LoadMemDocument(at, bytes.length, '');
	try {
		if (!document) return LOCKED.has(library.FPDF_GetLastError()) ? 'encrypted' : 'unreadable';
		const number = hold(8);
		const page = <R>(index: number, use: (page: number) => R): R => {
			const opened = library.FPDF_LoadPage(document, index);
			if (!opened) throw new NoSuchPage(index);
			try {
				return use(opened);
			} finally {
				library.FPDF_ClosePage(opened);
			}
		};
		const version = library.FPDF_GetFileVersion(document, number) ? pdfium.getValue(number, 'i32') : 0;
		return look({
			pages: library.FPDF_GetPageCount(document),
			version,
			encrypted: library.FPDF_GetSecurityHandlerRevision(document) >= 0,
			size: (index) =>
				page(index, (opened) => ({
					widthPt: library.FPDF_GetPageWidthF(opened),
					heightPt: library.FPDF_GetPageHeightF(opened),
					rotated: library.FPDFPage_GetRotation(opened) !== 0,
				})),
			fonts: (index) => page(index, (opened) => fontsOf(library, opened, hold)),
			render: (index, dpi) => page(index, (opened) => rendered(library, opened, dpi)),
		});
	} finally {
		if (document) library.FPDF_CloseDocument(document);
		for (const one of held) pdfium.wasmExports.free(one);
	}
}

/** The reader's memory; another array after it has grown. */
function heap({ pdfium }: WrappedPdfiumModule): Uint8Array {
	return (pdfium as unknown as { HEAPU8: Uint8Array }).HEAPU8;
}

const NAME_BYTES = 256;

function fontsOf(
	library: WrappedPdfiumModule,
	page: number,
	hold: (size: number) => number,
): Array<{ name: string; embedded: boolean }> {
	const found = new Map<number, { name: string; embedded: boolean }>();
	const name = hold(NAME_BYTES);
	const look = (object: number, depth: number) => {
		const kind = library.FPDFPageObj_GetType(object);
		if (kind === TEXT) {
			const font = library.FPDFTextObj_GetFont(object);
			if (!font || found.has(font)) return;
			const long = library.FPDFFont_GetBaseFontName(font, name, NAME_BYTES);
			found.set(font, {
				name: long > 0 && long <= NAME_BYTES ? library.pdfium.UTF8ToString(name) : 'without a name',
				embedded: library.FPDFFont_GetIsEmbedded(font) === 1,
			});
		} else if (kind === FORM && depth < DEEPEST) {
			const inside = library.FPDFFormObj_CountObjects(object);
			for (let i = 0; i < inside; i += 1) look(library.FPDFFormObj_GetObject(object, i), depth + 1);
		}
	};
	const objects = library.FPDFPage_CountObjects(page);
	for (let i = 0; i < objects; i += 1) look(library.FPDFPage_GetObject(page, i), 0);
	return [...found.values()];
}

function rendered(
	library: WrappedPdfiumModule,
	page: number,
	dpi: number,
): { width: number; height: number; rgba: Uint8Array } {
	const width = Math.max(1, Math.round((library.FPDF_GetPageWidthF(page) * dpi) / 72));
	const height = Math.max(1, Math.round((library.FPDF_GetPageHeightF(page) * dpi) / 72));
	const bitmap = library.FPDFBitmap_CreateEx(width, height, BGRX, 0, 0);
	if (!bitmap) throw new Error('The page is too large for a picture.');
	try {
		library.FPDFBitmap_FillRect(bitmap, 0, 0, width, height, 0xff_ff_ff_ff);
		library.FPDF_RenderPageBitmap(bitmap, page, 0, 0, width, height, 0, RED_FIRST);
		const from = library.FPDFBitmap_GetBuffer(bitmap);
		const stride = library.FPDFBitmap_GetStride(bitmap);
		const rgba = new Uint8Array(width * height * 4);
		for (let y = 0; y < height; y += 1) {
			const row = from + y * stride;
			rgba.set(heap(library).subarray(row, row + width * 4), y * width * 4);
		}
		return { width, height, rgba };
	} finally {
		library.FPDFBitmap_Destroy(bitmap);
	}
}
