/** Who a letter is to, read out of the envelope's window as Pingen does: it is told nothing else about the receiver. */
import { init } from '@embedpdf/pdfium';
import { PDF_READER, carriedFile } from '../../core/letters/carried';
import { windowOf } from '../../core/letters/windows';
import type { Letter } from '../letters/letterbox';

type Reader = Awaited<ReturnType<typeof init>>;
let loading: Promise<Reader> | undefined;

async function reader(): Promise<Reader> {
	const file = carriedFile(PDF_READER);
	const wasmBinary = file.buffer.slice(file.byteOffset, file.byteOffset + file.byteLength) as ArrayBuffer;
	const library = await init({ wasmBinary });
	library.PDFiumExt_Init();
	return library;
}

const POINTS_PER_MM = 72 / 25.4;
const MOST_CHARACTERS = 1_000;

/** @returns undefined when nothing can be read there */
export async function windowAddress(
	pdf: Uint8Array,
	side: 'left' | 'right',
): Promise<Letter['address'] | undefined> {
	const library = await (loading ??= reader());
	return addressIn(windowText(library, pdf, side));
}

function windowText(library: Reader, pdf: Uint8Array, side: 'left' | 'right'): string {
	const { pdfium } = library;
	const { malloc, free } = pdfium.wasmExports;
	const [file, text] = [malloc(pdf.length), malloc(2 * MOST_CHARACTERS)];
	(pdfium as unknown as { HEAPU8: Uint8Array }).HEAPU8.set(pdf, file);
	const document = library.FPDF_LoadMemDocument(file, pdf.length, '');
	const page = document ? library.FPDF_LoadPage(document, 0) : 0;
	const words = page ? library.FPDFText_LoadPage(page) : 0;
	try {
		if (!words) return '';
		const { x, y, width, height } = windowOf('C5', side);
		const points = (mm: number) => mm * POINTS_PER_MM;
		const paper = library.FPDF_GetPageHeightF(page);
		const count = library.FPDFText_GetBoundedText(
			words,
			points(x),
			paper - points(y),
			points(x + width),
			paper - points(y + height),
			text,
			MOST_CHARACTERS - 1,
		);
		return pdfium.UTF16ToString(text, 2 * count);
	} finally {
		if (words) library.FPDFText_ClosePage(words);
		if (page) library.FPDF_ClosePage(page);
		if (document) library.FPDF_CloseDocument(document);
		for (const one of [file, text]) free(one);
	}
}

/** Marks of the sender are no part of it; the postal code begins the last line, or the one before the country. */
function addressIn(text: string): Letter['address'] | undefined {
	const lines = text
		.replaceAll('\u0000', '')
		.split(/\r?\n/)
		.map((line) => line.trim())
		.filter(
			(line) => line !== '' && !/^(avsender|retur|returadresse|fra|from|sender|return to)\b/i.test(line),
		);
	const last = lines.findLastIndex((line) => /^([A-Z]{1,2}-)?\d{3} ?\d{1,2}\s+\p{L}/u.test(line));
	if (last < 1) return undefined;
	const [, postalCode = '', city = ''] = /^(?:[A-Z]{1,2}-)?(\d{3} ?\d{1,2})\s+(.+)$/.exec(lines[last]!) ?? [];
	const [name = '', ...between] = lines.slice(0, last);
	return { name, lines: between, postalCode, city, country: lines[last + 1] ?? '' };
}
