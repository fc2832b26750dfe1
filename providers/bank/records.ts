/**
 * Records of 80 signs, each field at its place: one description of a record reads it and writes it. Numbers stand to the
 * right and are filled with zeros, text stands to the left and is filled with blanks, a KID stands to the right among
 * blanks. What no field describes is zeros, and is not looked at when reading (banks put things there).
 */
import { StepProblem } from '../../core/ports';
import { KID_LENGTH } from '../../core/letters/kid';
import { broken } from './broken';

export const RECORD_LENGTH = 80;

export type FieldKind = 'whole' | 'digits' | 'text' | 'kid' | 'day' | 'sign' | 'blank';

export interface Field<K extends FieldKind = FieldKind> {
	/** Positions from 1, both included, as the specifications count. */
	from: number;
	to: number;
	kind: K;
	/** As messages call it. */
	name: string;
}

export type Fields = Record<string, Field>;
type ValueOf<K extends FieldKind> = K extends 'whole' ? number : K extends 'blank' ? undefined : string;
export type Values<F extends Fields> = { [N in keyof F]: ValueOf<F[N]['kind']> };

const field =
	<K extends FieldKind>(kind: K) =>
	(from: number, to: number, name: string): Field<K> => ({ from, to, kind, name });

/** A number. */
export const whole = field('whole');
/** Digits that are a name rather than a number: accounts, agreements. */
export const digits = field('digits');
export const text = field('text');
/** Empty when there is none. The control digit is not looked at here. */
export const kid = field('kid');
/** `DDMMYY`; `000000` when there is none. */
export const day = field('day');
/** `-` or `0`. */
export const sign = field('sign');
/** Only written. */
export const blank = field('blank');

/** What every record begins with. */
export interface Head {
	/** `00` transmission, `09` OCR giro, `21` AvtaleGiro. */
	service: string;
	/** Of the transmission, assignment or transaction. */
	type: string;
	/** `10`, `20`, `30` … */
	record: string;
}

export interface Line {
	text: string;
	/** From 1. */
	number: number;
}

/** @throws {StepProblem} when it is no such record. */
export function headOf({ text: line, number }: Line): Head {
	if (line.length !== RECORD_LENGTH)
		throw broken(`Line ${number}`, `it has ${line.length} signs where ${RECORD_LENGTH} are due`);
	const head = /^NY(\d\d)(\d\d)(\d\d)/.exec(line);
	if (!head)
		throw broken(
			`Line ${number}, beginning (positions 1–8)`,
			"it is not 'NY' with service, type and kind of record",
		);
	const [service = '', type = '', record = ''] = head.slice(1);
	return { service, type, record };
}

const place = ({ from, to, name }: Field) =>
	`${name} (${from === to ? 'position' : 'positions'} ${from === to ? from : `${from}–${to}`})`;

/** Says that something about a field cannot be. */
export function wrong(line: Line, of: Field, what: string): StepProblem {
	return broken(`Line ${line.number}, ${place(of)}`, what);
}

/** @throws {StepProblem} naming line and field. */
export function readFields<F extends Fields>(line: Line, fields: F): Values<F> {
	const values: Record<string, unknown> = {};
	for (const [name, one] of Object.entries(fields)) values[name] = valueOf(line, one);
	return values as Values<F>;
}

function valueOf(line: Line, of: Field): string | number | undefined {
	const raw = line.text.slice(of.from - 1, of.to);
	switch (of.kind) {
		case 'whole': {
			if (!/^\d+$/.test(raw)) throw wrong(line, of, 'it is no number');
			const value = Number(raw);
			if (!Number.isSafeInteger(value)) throw wrong(line, of, 'it is larger than any amount can be');
			return value;
		}
		case 'digits':
			if (!/^\d+$/.test(raw)) throw wrong(line, of, 'it is not digits alone');
			return raw;
		case 'day':
			if (!/^\d{6}$/.test(raw)) throw wrong(line, of, 'it is no day written DDMMYY');
			return raw;
		case 'sign':
			if (raw !== '-' && raw !== '0') throw wrong(line, of, "it is neither '-' nor '0'");
			return raw;
		case 'kid': {
			const plain = raw.trimStart();
			if (plain !== '' && !/^\d*[\d-]$/.test(plain))
				throw wrong(line, of, 'it is not digits to the right of blanks');
			return plain;
		}
		case 'text':
			// eslint-disable-next-line no-control-regex
			return raw.replace(/[\u0000-\u001f\u007f-\u009f]/g, ' ').trimEnd();
		case 'blank':
			return undefined;
	}
}

/** @throws {StepProblem} when a value does not fit its field. */
export function writeRecord<F extends Fields>(head: Head, fields: F, values: Values<F>): string {
	let line = `NY${head.service}${head.type}${head.record}`.padEnd(RECORD_LENGTH, '0');
	for (const [name, one] of Object.entries(fields)) {
		const written = writtenAs(one, values[name as keyof F]);
		line = line.slice(0, one.from - 1) + written + line.slice(one.to);
	}
	return line;
}

function writtenAs(of: Field, value: unknown): string {
	const width = of.to - of.from + 1;
	const refuse = (what: string) =>
		new StepProblem(`The ${of.name} cannot be written into a bank file: ${what}.`, {
			hint: 'Correct it, and make the file again.',
		});
	const given = typeof value === 'number' ? String(value) : typeof value === 'string' ? value : '';
	switch (of.kind) {
		case 'whole':
		case 'digits':
			if (!/^\d+$/.test(given)) throw refuse('it is not a number from 0');
			if (given.length > width) throw refuse(`it has more than ${width} digits`);
			return given.padStart(width, '0');
		case 'day':
			if (!/^\d{6}$/.test(given)) throw refuse('it is no day');
			return given;
		case 'sign':
			return given === '-' ? '-' : '0';
		case 'kid':
			if (given !== '' && (!/^\d*[\d-]$/.test(given) || given.length > KID_LENGTH.most))
				throw refuse('it is not up to 25 digits');
			return given.padStart(width);
		case 'text':
			return latin1(given).slice(0, width).padEnd(width);
		case 'blank':
			return ' '.repeat(width);
	}
}

/** What ISO-8859-1 does not have becomes `?`, so that every sign is one byte. */
function latin1(given: string): string {
	return [
		...given
			.normalize('NFC')
			.replace(/[\u2018\u2019]/g, "'")
			.replace(/[\u2013\u2014]/g, '-'),
	]
		.map((sign) => (/^[\x20-\x7e\xa0-\xff]$/.test(sign) ? sign : '?'))
		.join('');
}
