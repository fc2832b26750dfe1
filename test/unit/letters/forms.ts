/** PDFs with fields, as somebody would upload them. */
import { PDFDocument, StandardFonts } from '@cantoo/pdf-lib';
import * as fontkit from 'fontkit';
import { FONT_FILES, carriedFile } from '../../../core/letters/carried';

export interface Uploaded {
	/** In points; A4 by default. */
	size?: [number, number];
	pages?: number;
	/** Set in a font that every reader is thought to have. */
	standardFont?: boolean;
	/** Text where the window is. */
	inWindow?: boolean;
	inMargin?: boolean;
	fieldInWindow?: boolean;
	rotated?: boolean;
}

export async function uploaded(how: Uploaded = {}): Promise<Uint8Array> {
	const document = await PDFDocument.create();
	document.registerFontkit(fontkit as unknown as Parameters<PDFDocument['registerFontkit']>[0]);
	const font = how.standardFont
		? await document.embedFont(StandardFonts.Helvetica)
		: await document.embedFont(carriedFile(FONT_FILES[0] ?? ''), { subset: true });
	const form = document.getForm();
	for (let number = 1; number <= (how.pages ?? 2); number += 1) {
		const page = document.addPage(how.size ?? [595.28, 841.89]);
		page.drawText(`Trykt på forhånd, side ${number}`, { x: 100, y: 500, size: 12, font });
		if (how.inWindow && number === 1) page.drawText('I vinduet', { x: 100, y: 690, size: 12, font });
		if (how.inMargin && number === 2) page.drawText('I margen', { x: 20, y: 300, size: 12, font });
		if (how.rotated) page.setRotation({ type: 'degrees', angle: 90 } as never);
		const add = (name: string, x: number, y: number, width: number, height: number) => {
			const field = form.createTextField(name);
			field.addToPage(page, { x, y, width, height, font, borderWidth: 0 });
			field.setFontSize(12);
			return field;
		};
		if (number === 1) {
			add('navn', 100, 450, 200, 20);
			add('avsnitt', 100, 350, 300, 60).enableMultiline();
			add('smalt', 100, 300, 20, 14);
			form
				.createCheckBox('medlem')
				.addToPage(page, { x: 400, y: 450, width: 14, height: 14, borderWidth: 0 });
			if (how.fieldInWindow) add('adresse', 80, 660, 150, 20);
		} else if (number === 2) add('sluttord', 100, 200, 200, 20);
	}
	return await document.save({ useObjectStreams: true, updateFieldAppearances: false });
}
