/** A file of persons into the register: a stream of rows in bounded memory, each batch one write. */
import { type Info, type Parser, parse } from 'csv-parse';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Clock, type Progress, StepProblem } from '../../ports';
import type { Store } from '../../store/store';
import { dayIn } from '../calendar';
import { type Cell, type ReadingRules, type RegisterPerson, readPerson } from '../given';
import type { Organisation } from '../organisation';
import { refreshStatistics } from '../statistics';
import { upsertPersons } from '../upsert';
import { decode, separatorOf } from './decode';
import { type Column, type ImportMapping, columnsOf } from './headings';

export interface RefusedRow {
	/** Line of the file, the heading being line 1. */
	line: number;
	/** Heading of the column. */
	field: string;
	reason: string;
}

export interface ImportResult {
	rows: number;
	added: number;
	changed: number;
	unchanged: number;
	/** How many rows were refused; the first {@link ImportOptions.keepRefused} of them are in `refused`. */
	refusedCount: number;
	refused: RefusedRow[];
	/** Headings that were left out because they lead nowhere. */
	ignored: string[];
}

export interface ImportOptions {
	organisation: Organisation;
	mapping?: ImportMapping;
	/** Whether an empty cell empties the field in the register; else it leaves it alone. */
	clearEmpty?: boolean;
	/** Noted on consents and reservations; default `import`. */
	source?: string;
	progress?: Progress;
	keepRefused?: number;
}

/** Every write is some twenty statements, whatever its size. */
const ROWS_PER_WRITE = 1_000;

interface Taken {
	person: RegisterPerson;
	line: number;
}

/**
 * Imports a CSV file. Rows that cannot be read are refused one by one, with line, field and reason; the rest goes in.
 * The same file again changes nothing.
 * @throws {StepProblem} when the file as a whole does not read: no heading that names persons, broken quotes. What was
 * read before the broken place is in.
 */
export async function importPersons(
	store: Store,
	clock: Clock,
	content: Buffer | string | Readable,
	options: ImportOptions,
): Promise<ImportResult> {
	const result: ImportResult = {
		rows: 0,
		added: 0,
		changed: 0,
		unchanged: 0,
		refusedCount: 0,
		refused: [],
		ignored: [],
	};
	const refuse = (row: RefusedRow) => {
		result.refusedCount += 1;
		if (result.refused.length < (options.keepRefused ?? 1000)) result.refused.push(row);
	};
	const rules: ReadingRules = {
		organisation: options.organisation,
		today: dayIn(clock.now(), options.organisation.zone),
		clearEmpty: options.clearEmpty ?? false,
	};
	const write = async (taken: Taken[]) => {
		const persons = taken.map((row) => row.person);
		const upserted = await store.write((writing) =>
			upsertPersons(writing, store, clock.now(), persons, options.source ?? 'import'),
		);
		result.added += upserted.added;
		result.changed += upserted.changed;
		result.unchanged += upserted.unchanged;
		for (const { index, field, reason } of upserted.refused) {
			refuse({ line: taken[index]!.line, field: headingOf(columns, field), reason });
		}
		options.progress?.(result.rows, undefined, 'rows imported');
	};

	let columns: Column[] = [];
	let batch: Taken[] = [];
	let writing: Promise<void> = Promise.resolve();
	for await (const { cells, line } of rowsOf(content)) {
		if (columns.length === 0) {
			columns = columnsOf(cells, options.mapping);
			result.ignored = columns.filter((column) => !column.target).map((column) => column.heading);
			continue;
		}
		result.rows += 1;
		if (cells.length !== columns.length) {
			refuse({
				line,
				field: columns[Math.min(cells.length, columns.length) - 1]!.heading,
				reason: `The row has ${cells.length} columns, the heading ${columns.length}.`,
			});
			continue;
		}
		const read = readPerson(cellsOf(cells, columns), rules);
		if ('refused' in read) {
			refuse({ line, ...read.refused });
			continue;
		}
		batch.push({ person: read.person, line });
		if (batch.length < ROWS_PER_WRITE) continue;
		// The next batch is read while this one is written; never more than the two are in memory.
		await writing;
		writing = write(batch);
		writing.catch(() => undefined);
		batch = [];
	}
	await writing;
	if (columns.length === 0) {
		throw new StepProblem('The file is empty.', {
			field: 'CSV',
			hint: 'Its first line must hold the headings.',
		});
	}
	if (batch.length > 0) await write(batch);
	result.refused.sort((a, b) => a.line - b.line);
	if (result.added + result.changed > 1000) await refreshStatistics(store);
	return result;
}

function cellsOf(cells: string[], columns: Column[]): Cell[] {
	const taken: Cell[] = [];
	for (let place = 0; place < columns.length; place += 1) {
		const { target, heading } = columns[place]!;
		if (target) taken.push({ target, text: cells[place]!, field: heading });
	}
	return taken;
}

const FIELDS: Record<string, string> = { 'Member Number': 'memberNumber', 'E-Mail': 'email', Phone: 'phone' };

/** Refusals by the register name the form's field; a file has its own headings. */
function headingOf(columns: Column[], field: string): string {
	return columns.find((column) => column.target === FIELDS[field])?.heading ?? field;
}

/** The rows with their line in the file. Stops reading when nobody takes the rows. */
export async function* rowsOf(
	content: Buffer | string | Readable,
): AsyncGenerator<{ cells: string[]; line: number }> {
	const text = decode(content instanceof Readable ? (content as AsyncIterable<Buffer>) : pieces(content));
	const begun = await text.next();
	if (begun.done) return;
	const separator = separatorOf(begun.value.slice(0, begun.value.search(/[\r\n]|$/)));
	const parser = parse({
		delimiter: separator,
		info: true,
		relax_column_count: true,
		skip_empty_lines: true,
		max_record_size: 1_000_000,
	});
	const feeding = pipeline(
		Readable.from(
			(async function* () {
				yield begun.value;
				yield* text;
			})(),
		),
		parser,
	);
	feeding.catch(() => undefined);
	try {
		for await (const { record, info } of parser as Parser & AsyncIterable<{ record: string[]; info: Info }>) {
			if (record.every((cell: string) => cell === '')) continue;
			yield { cells: record, line: info.lines };
		}
		await feeding;
	} catch (cause) {
		if (cause instanceof StepProblem) throw cause;
		const line =
			typeof cause === 'object' && cause !== null && 'lines' in cause ? Number(cause.lines) : undefined;
		throw new StepProblem(
			`The file does not read as CSV${line ? ` at line ${line}` : ''}: a quotation mark is out of place or left open.`,
			{
				field: 'CSV',
				hint: 'Put the text in quotes, and double the quotation marks inside it. Rows above are in.',
				cause,
			},
		);
	}
}

/** A large text in pieces, so that reading it leaves room for others in between. */
function* pieces(content: Buffer | string): Generator<Buffer> {
	const bytes = typeof content === 'string' ? Buffer.from(content) : content;
	const size = 64 * 1024;
	for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
}
