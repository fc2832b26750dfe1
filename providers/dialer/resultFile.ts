/** A file of results, CSV or Excel: line by line, so that one that does not read loses none of the others. */
import readXlsxFile from 'read-excel-file/universal';
import type { CallResult } from '../../core/calls/result';
import { rowsOf } from '../../core/register/import/csv';
import { StepProblem } from '../../core/ports';
import { type ResultField, fieldBy, readResultRow } from './resultRow';

export interface ResultFile {
	results: CallResult[];
	refused: Array<{ line: number; field: string; reason: string }>;
}

export interface ResultColumns {
	columns: ReadonlyArray<{ heading: string; field: ResultField }>;
	zone: string;
}

/** @throws {StepProblem} when the file as a whole does not read, or its headings name no lead or no result. */
export async function readResultFile(bytes: Uint8Array, how: ResultColumns): Promise<ResultFile> {
	const file: ResultFile = { results: [], refused: [] };
	const fieldOf = fieldBy(how.columns);
	let fields: Array<ResultField | undefined> | undefined;
	for await (const { cells, line } of isExcel(bytes) ? excelRows(bytes) : rowsOf(Buffer.from(bytes))) {
		if (!fields) {
			fields = cells.map(fieldOf);
			checkHeadings(fields);
			continue;
		}
		if (cells.length !== fields.length) {
			const reason = `the line has ${cells.length} columns, the heading ${fields.length}`;
			file.refused.push({ line, field: 'line', reason });
			continue;
		}
		const row: Partial<Record<ResultField, string>> = {};
		fields.forEach((field, place) => {
			const cell = cells[place] ?? '';
			// As we give them: an apostrophe in front of what would be a formula.
			if (field && cell.trim() !== '') row[field] = cell.replace(/^'(?=[=+\-@])/, '');
		});
		const read = readResultRow(row, how.zone);
		if ('result' in read) file.results.push(read.result);
		else file.refused.push({ line, ...read.refused });
	}
	if (!fields)
		throw new StepProblem('The result file is empty.', { hint: 'Its first line must hold the headings.' });
	return file;
}

function checkHeadings(fields: ReadonlyArray<ResultField | undefined>): void {
	const has = new Set(fields);
	if (has.has('disposition') && (has.has('ref') || has.has('providerRef') || has.has('phone'))) return;
	throw new StepProblem(
		has.has('disposition')
			? 'The result file has no column that names the lead.'
			: 'The result file has no column that says how the calls ended.',
		{
			field: 'Result Columns',
			hint: "Ask the agency for 'ref' and 'disposition', or say in 'Result Columns' what its headings are.",
		},
	);
}

/** A zip, as all newer Excel files are. */
const isExcel = (bytes: Uint8Array) => bytes[0] === 0x50 && bytes[1] === 0x4b;

async function* excelRows(bytes: Uint8Array): AsyncGenerator<{ cells: string[]; line: number }> {
	const blob = new Blob([Uint8Array.from(bytes)]);
	const sheets = await readXlsxFile(blob).catch((cause: unknown) => {
		throw new StepProblem('The result file is no Excel file that can be read.', {
			hint: 'Ask for it once more, or as CSV.',
			cause,
		});
	});
	let line = 0;
	for (const row of sheets[0]?.data ?? []) {
		line += 1;
		const cells = row.map((cell) =>
			cell === null ? '' : cell instanceof Date ? cell.toISOString().slice(0, 19) : String(cell),
		);
		if (cells.every((cell) => cell === '')) continue;
		yield { cells, line };
	}
}
