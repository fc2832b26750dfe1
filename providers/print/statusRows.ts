/** A status file as rows, from CSV or XML. What is broken is told by its line; what is whole is never lost over it. */
import { parse } from 'csv-parse/sync';
import { Parser } from 'htmlparser2';

export interface Row {
	/** Where it begins, from 1. */
	line: number;
	/** By column, as {@link columnKey} writes it. */
	cells: ReadonlyMap<string, string>;
}

export interface Rows {
	rows: Row[];
	problems: Array<{ line: number; reason: string }>;
	/** Its end is missing: it is still being written, or was cut off. */
	cut: boolean;
}

/** Names of columns are compared by their letters and digits alone. */
export const columnKey = (name: string): string =>
	name
		.toLowerCase()
		.normalize('NFC')
		.replace(/[^\p{L}\p{N}]+/gu, '');

/** UTF-8, or what older Windows programs write. */
export function textOf(bytes: Uint8Array): string {
	try {
		return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
	} catch {
		return new TextDecoder('windows-1252').decode(bytes);
	}
}

export function csvRows(text: string, isHeading: (keys: readonly string[]) => boolean): Rows {
	const result: Rows = { rows: [], problems: [], cut: false };
	const clean = text.replace(/^\uFEFF/, '');
	const first = clean.split(/\r?\n/, 1)[0] ?? '';
	const delimiter = [';', ',', '\t', '|'].reduce((best, one) =>
		first.split(one).length > first.split(best).length ? one : best,
	);
	const problem = (line: number, reason: string) => result.problems.push({ line, reason });
	let headings: string[] | undefined;
	const ended = /\n\s*$/.test(clean);
	const lines = clean.split(/\n/);
	const last = lines.length - (ended ? 1 : 0);
	// Line by line, joined where a cell runs over several: one that is broken spoils no other.
	for (let at = 0; at < lines.length; at += 1) {
		const line = at + 1;
		let record = (lines[at] ?? '').replace(/\r$/, '');
		if (record.trim() === '') continue;
		let cells = cellsOf(record, delimiter);
		for (let more = 1; cells === undefined && more <= MOST_LINES && at + more < lines.length; more += 1) {
			record = `${record}\n${(lines[at + more] ?? '').replace(/\r$/, '')}`;
			cells = cellsOf(record, delimiter);
			if (cells && headings && cells.length === headings.length) at += more;
			else if (cells) cells = undefined;
		}
		if (!headings) {
			const keys = (cells ?? []).map(columnKey);
			if (!isHeading(keys)) {
				problem(line, 'the first line does not have the columns that were agreed on');
				return result;
			}
			headings = keys;
			continue;
		}
		if (cells?.length === headings.length) {
			const named = headings.map((heading, place) => [heading, unguarded(cells[place] ?? '')] as const);
			result.rows.push({ line, cells: new Map(named) });
			continue;
		}
		if (line >= last && !ended) {
			result.cut = true;
			problem(line, 'the line is not whole: the file ends in the middle of it');
		} else {
			problem(
				line,
				cells
					? `the line has ${cells.length} columns where the first one has ${headings.length}`
					: 'the line has a quotation mark that does not end',
			);
		}
	}
	if (!headings && result.problems.length === 0) result.cut = true;
	return result;
}

/** A cell does not run over more lines than this. */
const MOST_LINES = 5;

function cellsOf(record: string, delimiter: string): string[] | undefined {
	try {
		const [cells] = parse(record, { delimiter, relax_column_count: true, trim: true });
		return cells;
	} catch {
		return undefined;
	}
}

/** The mark that keeps a spreadsheet from reading a cell as a formula is no part of it. */
const unguarded = (cell: string) => (/^'[=+\-@]/.test(cell) ? cell.slice(1) : cell);

/**
 * Every element that has, as attributes or as elements in it, what {@link isRow} asks for. Only what was ended by its own
 * tag counts. Entities beyond XML's own five stay as they are: nothing is looked up, nothing grows.
 */
export function xmlRows(given: string, isRow: (cells: ReadonlyMap<string, string>) => boolean): Rows {
	const result: Rows = { rows: [], problems: [], cut: false };
	const text = given.replace(/^\uFEFF/, '');
	const lineAt = lineCounter(text);
	interface Open {
		name: string;
		line: number;
		text: string;
		cells: Map<string, string>;
		/** `<letter …/>`: its end is its beginning's. */
		whole: boolean;
	}
	const stack: Open[] = [];
	let elements = 0;
	const parser = new Parser(
		{
			onopentag(name, attributes) {
				elements += 1;
				const cells = new Map<string, string>();
				for (const [key, value] of Object.entries(attributes)) cells.set(columnKey(local(key)), value.trim());
				const whole = text[parser.endIndex - 1] === '/';
				stack.push({ name, line: lineAt(parser.startIndex), text: '', cells, whole });
			},
			ontext(part) {
				const open = stack.at(-1);
				if (open) open.text += part;
			},
			onclosetag(_name, implied) {
				const open = stack.pop();
				if (!open) return;
				if (implied && !open.whole) {
					result.cut = true;
					if (isRow(open.cells))
						result.problems.push({
							line: open.line,
							reason: `the element '${open.name.slice(0, 40)}' has no end`,
						});
					return;
				}
				if (isRow(open.cells)) {
					result.rows.push({ line: open.line, cells: open.cells });
					return;
				}
				const parent = stack.at(-1);
				if (!parent) return;
				// What stands deeper belongs to the row around it; of two with one name the first counts.
				const words = open.text.trim();
				if (words !== '' && !parent.cells.has(columnKey(local(open.name))))
					parent.cells.set(columnKey(local(open.name)), words);
				if (stack.length > 1)
					for (const [key, value] of open.cells) if (!parent.cells.has(key)) parent.cells.set(key, value);
			},
		},
		{ xmlMode: true, decodeEntities: true },
	);
	parser.end(text);
	if (elements === 0) {
		result.cut = text.trim() === '';
		if (!result.cut) result.problems.push({ line: 1, reason: 'the file is no XML' });
	}
	if (/<[^>]*$/.test(text)) result.cut = true;
	if (result.cut && result.problems.length === 0)
		result.problems.push({ line: lineAt(text.length), reason: 'the file ends in the middle' });
	return result;
}

const local = (name: string) => name.replace(/^.*:/, '');

/** Asked for places in rising order. */
function lineCounter(text: string): (index: number) => number {
	let at = 0;
	let line = 1;
	return (index) => {
		for (; at < index && at < text.length; at += 1) if (text.charCodeAt(at) === 10) line += 1;
		return line;
	};
}
