/**
 * The settlement report (Oppgjørsrapport) that the Vipps portal gives as CSV. Its columns were last published in 2023:
 * they are found by their names, and what today's reports add is not looked at. Names and messages are only in it when
 * it was fetched with personal information, and only for Vippsnummer.
 */
import { parse } from 'csv-parse/sync';
import { broken, kroner } from './broken';
import { noonOf } from './days';
import { type BankFile, emptyFile } from './payment';

const columns = {
	day: 'Salgsdato',
	unit: 'Vippsnummer',
	id: 'Transaksjons-ID',
	order: 'Ordre-ID',
	gross: 'Brutto',
	fee: 'Gebyr',
	net: 'Netto',
	type: 'Transaksjonstype',
	settlement: 'Oppgjørs-ID',
	settled: 'Oppgjørssum',
	givenName: 'Fornavn',
	familyName: 'Etternavn',
	message: 'Melding',
} as const;
type Column = keyof typeof columns;
const NEEDED = ['day', 'id', 'gross', 'type'] as const satisfies readonly Column[];
const SALE = 'salg';
const REFUND = 'refundering';

export interface VippsCsvRules {
	zone: string;
	/**
	 * Whether each settlement must have its line with the sum, as reports of 2019 to 2023 have it: without those lines
	 * nothing shows that a file was cut off between two rows.
	 */
	sumsNeeded: boolean;
}

const key = (heading: string) =>
	heading
		.normalize('NFC')
		.toLowerCase()
		.replace(/[^\p{L}\p{N}]/gu, '');

interface Row {
	line: number;
	cell(column: Column): string;
}

/** Whether these bytes look like one: a line of headings with the columns that are needed. */
export function isVippsCsv(text: string): boolean {
	return headingIn(text) !== undefined;
}

/** @throws {StepProblem} naming line and column: then nothing of the file counts. */
export function readVippsCsv(text: string, { zone, sumsNeeded }: VippsCsvRules): BankFile {
	const file = emptyFile('vipps');
	/** By settlement: what its rows come to, before and after fees. */
	const settled = new Map<string, { gross: number; net: number; said?: number; line: number }>();
	const sales = new Set<string>();
	const ids = new Set<string>();
	const rows = rowsOf(text);
	for (const row of rows) {
		const type = key(row.cell('type'));
		const settlement = row.cell('settlement');
		if (type === '') {
			if (row.cell('settled') === '' || settlement === '') continue;
			const sum = settled.get(settlement) ?? { gross: 0, net: 0, line: row.line };
			if (sum.said !== undefined) throw wrong(row, 'settlement', 'the settlement has two lines with a sum');
			settled.set(settlement, { ...sum, said: oreOf(row, 'settled'), line: row.line });
			continue;
		}
		const gross = oreOf(row, 'gross');
		const fee = row.cell('fee') === '' ? 0 : oreOf(row, 'fee');
		const net = row.cell('net') === '' ? gross + fee : oreOf(row, 'net');
		if (gross + fee !== net)
			throw wrong(row, 'net', `it is ${kroner(net)} where Brutto and Gebyr come to ${kroner(gross + fee)}`);
		if (settlement !== '') {
			const sum = settled.get(settlement) ?? { gross: 0, net: 0, line: row.line };
			if (sum.said !== undefined)
				throw wrong(row, 'settlement', 'the line with the sum of the settlement stands before it');
			settled.set(settlement, { ...sum, gross: sum.gross + gross, net: sum.net + net });
		}
		if (type !== SALE && type !== REFUND) {
			file.leftOut.push({ reason: 'otherRow', amountOre: Math.abs(gross) });
			continue;
		}
		const id = row.cell('id');
		if (!/^[\w-]{1,100}$/.test(id)) throw wrong(row, 'id', 'it is no id');
		const named = `${type} ${id}`;
		if (ids.has(named)) throw wrong(row, 'id', 'it stands twice in the file');
		ids.add(named);
		const at = noonOf(dayOf(row), zone);
		const order = row.cell('order').slice(0, 100);
		if (gross === 0) file.leftOut.push({ reason: 'nothing', amountOre: 0 });
		else if (type === SALE) {
			if (gross < 0) throw wrong(row, 'gross', 'a sale is below zero');
			sales.add(id);
			const names = [row.cell('givenName'), row.cell('familyName')];
			const message = row.cell('message');
			file.payments.push({
				sourceId: id,
				...(order === '' ? {} : { also: order }),
				amountOre: gross,
				currency: 'NOK',
				receivedAt: at,
				account: row.cell('unit'),
				kid: '',
				texts: [],
				evidence: {
					...evident('name', names.filter(Boolean).join(' '), 200),
					...evident('givenName', names[0] ?? '', 100),
					...evident('familyName', names[1] ?? '', 100),
					...evident('message', message.slice(0, 2_000), 2_000),
				},
			});
		} else {
			file.back.push({
				// Whether a refund has an id of its own or that of its sale is not told.
				sourceId: `refund ${id}`,
				amountOre: Math.abs(gross),
				at,
				reason: 'refund',
				account: row.cell('unit'),
				kid: '',
				of: sales.has(id) || order === '' ? [id] : [order, id],
			});
		}
	}
	if (rows.length === 0 && sumsNeeded)
		throw broken('The file', 'there is no row below the headings: it is empty, or cut off');
	for (const [id, { gross, net, said, line }] of settled) {
		if (said === undefined) {
			if (!sumsNeeded) continue;
			throw broken(
				`Settlement ${id.slice(0, 20)}`,
				'its line with the sum is not there: the file is cut off',
				"Fetch the report once more. If your reports have no such lines, choose 'Where Told' as 'Vipps Settlement Sums'.",
			);
		}
		// After fees, or before where fees are billed apart.
		if (said !== net && said !== gross)
			throw broken(
				`Line ${line}, ${columns.settled}`,
				`it is ${kroner(said)} where the rows of the settlement come to ${kroner(net)} after fees`,
			);
	}
	return file;
}

const evident = (name: string, value: string, most: number) =>
	value === '' || value.length > most ? {} : { [name]: value };

function wrong({ line }: Pick<Row, 'line'>, column: Column, what: string) {
	return broken(`Line ${line}, ${columns[column]}`, what);
}

function headingIn(
	text: string,
): { line: number; from: number; delimiter: string; cells: string[] } | undefined {
	let from = 0;
	let line = 1;
	// Name and number of the organisation, and the period, may stand above.
	for (const said of text.split('\n').slice(0, 50)) {
		for (const delimiter of [';', ',', '\t']) {
			const cells = said.split(delimiter).map((cell) => key(cell.replace(/^\uFEFF/, '')));
			if (NEEDED.every((column) => cells.includes(key(columns[column]))))
				return { line, from, delimiter, cells };
		}
		from += said.length + 1;
		line += 1;
	}
	return undefined;
}

function rowsOf(text: string): Row[] {
	const heading = headingIn(text);
	if (!heading)
		throw broken(
			'The first lines',
			`there are no headings with ${NEEDED.map((column) => columns[column]).join(', ')}`,
		);
	const places = new Map<string, number>();
	heading.cells.forEach((cell, place) => {
		if (cell !== '' && !places.has(cell)) places.set(cell, place);
	});
	let records: Array<{ record: string[]; info: { lines: number } }>;
	try {
		records = parse(text.slice(heading.from), {
			delimiter: heading.delimiter,
			info: true,
			relax_column_count: true,
			relax_quotes: true,
			skip_empty_lines: true,
			trim: true,
		}) as unknown as typeof records;
	} catch {
		throw broken('The file', 'a quotation mark in it does not end: it is cut off, or no CSV');
	}
	return records.slice(1).map(({ record, info }) => {
		const line = heading.line - 1 + info.lines;
		if (record.length !== heading.cells.length)
			throw broken(
				`Line ${line}`,
				`it has ${record.length} columns where the headings have ${heading.cells.length}`,
			);
		return { line, cell: (column) => record[places.get(key(columns[column])) ?? -1] ?? '' };
	});
}

/** `1 234,50`, `-6,13`, `350`. */
function oreOf(row: Row, column: Column): number {
	const parts = /^([-\u2212]?)(\d{1,12})(?:[.,](\d{1,2}))?$/.exec(
		row.cell(column).replace(/[\s\u00a0\u202f]/g, ''),
	);
	if (!parts) throw wrong(row, column, 'it is no amount of kroner and øre');
	const [sign = '', whole = '', rest = ''] = parts.slice(1);
	const ore = Number(whole) * 100 + Number((rest || '').padEnd(2, '0'));
	return sign === '' || ore === 0 ? ore : -ore;
}

/** `YYYY-MM-DD` */
function dayOf(row: Row): string {
	const [said = ''] = row.cell('day').split(/[ T]/);
	const [, day = '', month = '', year = ''] = /^(\d{1,2})\.(\d{1,2})\.(\d{4})$/.exec(said) ?? [];
	const read = /^\d{4}-\d\d-\d\d$/.test(said)
		? said
		: `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
	const back = new Date(`${read}T00:00:00Z`);
	if (Number.isNaN(back.getTime()) || back.toISOString().slice(0, 10) !== read)
		throw wrong(row, 'day', 'it is no day');
	return read;
}
