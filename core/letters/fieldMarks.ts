/** What is written into the fields of an uploaded PDF. */
import { type Finding, finding } from './findings';
import { faceOf } from './fonts';
import type { LetterOptions } from './letter';
import { type Mark, textMark } from './marks';
import { linesOf } from './paragraph';
import type { FormField, LetterForm } from './uploadedForm';
import { printable } from './printable';

const SMALLEST = 6;
const PADDING = 2;

export function fieldMarks(
	form: LetterForm,
	values: Readonly<Record<string, string | boolean>>,
	options: LetterOptions,
): { marks: Array<{ page: number; mark: Mark }>; findings: Finding[] } {
	const marks: Array<{ page: number; mark: Mark }> = [];
	const findings: Finding[] = [];
	const known = new Set(form.fields.map(({ name }) => name));
	for (const name of Object.keys(values)) {
		if (!known.has(name)) findings.push(finding('fieldMissing', `The PDF has no field named '${name}'.`));
	}
	for (const field of form.fields) {
		const value = values[field.name];
		if (value === undefined || value === '' || value === false) continue;
		const drawn = field.kind === 'checkbox' ? cross(field) : written(field, String(value), options);
		if (drawn) marks.push(...drawn.map((mark) => ({ page: field.page, mark })));
		else
			findings.push(
				finding(
					'fieldTooSmall',
					`The text for the field '${field.name}' does not fit into it.`,
					field.page + 1,
				),
			);
	}
	return { marks, findings };
}

function cross({ box }: FormField): Mark[] {
	const face = faceOf('arial', { bold: true });
	const size = Math.min(box.width, box.height);
	const x = box.x + (box.width - face.width('X', size)) / 2;
	return [textMark('form', face, size, x, box.y + box.height / 2 + size * 0.36, 'X')];
}

function written(field: FormField, value: string, options: LetterOptions): Mark[] | undefined {
	const font = options.font ?? 'arial';
	const face = faceOf(font);
	const { box, align, multiline } = field;
	const width = box.width - 2 * PADDING;
	const text = multiline ? printable(value) : printable(value).replace(/\s*\n\s*/g, ' ');
	for (let size = field.sizePt; size >= Math.min(SMALLEST, field.sizePt); size -= 0.5) {
		const high = size * 1.15;
		const lines = multiline
			? linesOf([{ text }], { font, sizePt: size, colour: false }, width)
			: [
					[
						{
							words: textMark('form', face, size, 0, 0, text).words,
							width: face.width(text, size),
							blue: false,
						},
					],
				];
		const tall = lines.length * high;
		const fits = lines.every((line) => line.reduce((sum, piece) => sum + piece.width, 0) <= width);
		if (!fits || (multiline && tall > box.height)) continue;
		const first = multiline
			? box.y + PADDING + (size * face.ascent) / 1000
			: box.y + (box.height + ((face.ascent - face.descent) * size) / 1000) / 2;
		return lines.flatMap((line, row) => {
			const wide = line.reduce((sum, piece) => sum + piece.width, 0);
			const free = width - wide;
			let x = box.x + PADDING + (align === 'right' ? free : align === 'center' ? free / 2 : 0);
			return line.map((piece): Mark => {
				const words = [...piece.words];
				const mark: Mark = {
					kind: 'text',
					role: 'form',
					x,
					baseline: first + row * high,
					sizePt: size,
					words,
					width: piece.width,
				};
				x += piece.width;
				return mark;
			});
		});
	}
	return undefined;
}
