/**
 * What stands in a batch, read from its manifest: XML or CSV. No printing house publishes its own, so this one reads
 * leniently: names in any spelling (`postalCode`, `postnr`, `zip-code`), nested or as attributes, in any order.
 */
import { parse as parseCsv } from 'csv-parse/sync';
import { parseDocument } from 'htmlparser2';

export interface LetterAddress {
	name: string;
	lines: string[];
	postalCode: string;
	city: string;
	country: string;
}

export interface ManifestLetter {
	id: string;
	address: LetterAddress;
	file: string;
	/** From 1, both included; undefined: the whole file. */
	range: { first: number; last: number } | undefined;
	/** Undefined: not said. */
	pages: number | undefined;
	sha256: string | undefined;
	kid: string | undefined;
}

export interface Manifest {
	/** Undefined: not said; the file's name then. */
	batch: string | undefined;
	envelope: string | undefined;
	enclosures: string | undefined;
	windowSide: 'left' | 'right';
	/** Of the whole batch, where said. */
	expected: { letters: number | undefined; pages: number | undefined };
	/** Checksums said for files rather than letters. */
	checksums: Map<string, string>;
	letters: ManifestLetter[];
}

/** Simplified names (small letters and digits only) to their texts, in the order in which they stand. */
type Fields = Map<string, string[]>;

const LETTERS = new Set(['letter', 'item', 'brev', 'forsendelse', 'document', 'mailpiece']);
/** At which nesting ends: these say something of the batch, not of the letter or the sender. */
const SENDER = new Set(['sender', 'returnaddress', 'avsender', 'from']);

/** @throws when it cannot be read. */
export function readManifest(text: string, kind: 'xml' | 'csv'): Manifest {
	const clean = text.replace(/^\uFEFF/, '');
	return kind === 'xml' ? fromXml(clean) : fromCsv(clean);
}

function fromCsv(text: string): Manifest {
	const head = text.slice(0, text.indexOf('\n') >>> 0);
	const delimiter = [';', ',', '\t'].reduce((best, one) =>
		head.split(one).length > head.split(best).length ? one : best,
	);
	const rows = parseCsv(text, { columns: true, delimiter, skip_empty_lines: true, relax_column_count: true });
	const fields = (rows as Array<Record<string, string>>).map(
		(row): Fields =>
			new Map(Object.entries(row).map(([name, value]) => [simple(name), [withoutGuard(value)]])),
	);
	// Every row says the same of the batch; its id and name are the letter's own.
	const { id: _id, name: _name, ...batch } = Object.fromEntries(fields[0] ?? []);
	return manifestOf(new Map(Object.entries(batch)), fields, new Map());
}

function fromXml(text: string): Manifest {
	const root = (parseDocument(text, { xmlMode: true }).children as unknown[]).find(isElement);
	if (!root) throw new Error('it has no elements');
	const letters: Fields[] = [];
	const batch: Fields = new Map();
	const checksums = new Map<string, string>();
	const visit = (element: Element) => {
		const name = simple(element.name);
		if (SENDER.has(name)) return;
		const inside = element.children.filter(isElement);
		const fields = gathered(element);
		if (LETTERS.has(name) && inside.length + Object.keys(element.attribs).length > 0) {
			letters.push(fields);
			return;
		}
		if (name === 'file' || name === 'fil') {
			const file = pick(fields, 'name', 'filename', 'file', 'filnavn');
			const sum = pick(fields, 'sha256', 'checksum');
			if (file && sum) checksums.set(file, sum);
		}
		for (const [key, value] of Object.entries(element.attribs)) put(batch, key, value);
		if (inside.length === 0) put(batch, element.name, textOf(element));
		for (const child of inside) visit(child);
	};
	visit(root);
	return manifestOf(batch, letters, checksums);
}

function manifestOf(batch: Fields, letters: Fields[], checksums: Map<string, string>): Manifest {
	return {
		batch: pick(batch, 'batchid', 'batch', 'batchname', 'jobid', 'jobbid', 'id', 'name'),
		envelope: pick(batch, 'envelope', 'konvolutt'),
		enclosures: pick(batch, 'enclosures', 'vedlegg'),
		windowSide: /right|høyre/i.test(pick(batch, 'windowside', 'window', 'addressposition') ?? '')
			? 'right'
			: 'left',
		expected: {
			letters: number(pick(batch, 'letters', 'lettercount', 'items', 'count', 'expectedletters')),
			pages: number(pick(batch, 'totalpages', 'pagecount', 'pagestotal', 'expectedpages')),
		},
		checksums,
		letters: letters.map(letterOf),
	};
}

function letterOf(fields: Fields): ManifestLetter {
	const first = number(pick(fields, 'firstpage', 'frompage', 'pagefrom', 'startpage', 'from'));
	const last = number(pick(fields, 'lastpage', 'topage', 'pageto', 'endpage', 'to'));
	const span = /^(\d+)\s*-\s*(\d+)$/.exec(pick(fields, 'pagerange', 'range', 'pagespan') ?? '');
	const range = span
		? { first: Number(span[1]), last: Number(span[2]) }
		: first !== undefined
			? { first, last: last ?? first + (number(pick(fields, 'pages')) ?? 1) - 1 }
			: undefined;
	return {
		id: pick(fields, 'id', 'letterid', 'ref', 'reference', 'referanse') ?? '',
		address: {
			name: pick(fields, 'name', 'navn', 'recipient', 'recipientname', 'fullname') ?? '',
			lines: [...fields]
				.filter(([key]) => /^(address|addressline|line|lines|adresse|adresselinje|street|gate)\d*$/.test(key))
				.flatMap(([, values]) => values)
				.filter((line) => line !== ''),
			postalCode: pick(fields, 'postalcode', 'postcode', 'zip', 'zipcode', 'postnr', 'postnummer') ?? '',
			city: pick(fields, 'city', 'place', 'town', 'poststed', 'postaltown') ?? '',
			country: pick(fields, 'country', 'countrycode', 'land') ?? '',
		},
		file: pick(fields, 'file', 'filename', 'fil', 'filnavn', 'pdf') ?? '',
		range,
		pages: number(pick(fields, 'pages', 'pagecount', 'sider')),
		sha256: pick(fields, 'sha256', 'checksum', 'filesha256'),
		kid: pick(fields, 'kid'),
	};
}

interface Element {
	name: string;
	attribs: Record<string, string>;
	children: unknown[];
}

function isElement(node: unknown): node is Element {
	return typeof node === 'object' && node !== null && 'type' in node && node.type === 'tag';
}

function textOf(element: Element): string {
	return element.children
		.map((child) => {
			if (isElement(child)) return textOf(child);
			return typeof child === 'object' && child !== null && 'data' in child ? String(child.data) : '';
		})
		.join('')
		.trim();
}

/** Everything in and below it; of two with one name the outer one stands first. */
function gathered(element: Element, into: Fields = new Map()): Fields {
	for (const [name, value] of Object.entries(element.attribs)) put(into, name, value);
	const inside = element.children.filter(isElement);
	for (const child of inside)
		if (child.children.some(isElement) || Object.keys(child.attribs).length > 0) gathered(child, into);
		else put(into, child.name, textOf(child));
	if (inside.length === 0) put(into, element.name, textOf(element));
	return into;
}

function put(fields: Fields, name: string, value: string): void {
	const key = simple(name);
	fields.set(key, [...(fields.get(key) ?? []), value.trim()]);
}

const simple = (name: string) =>
	name
		.replace(/^.*:/, '')
		.toLowerCase()
		.replace(/[^\p{L}\p{N}]/gu, '');

function pick(fields: Fields, ...names: string[]): string | undefined {
	for (const name of names) {
		const value = fields.get(name)?.[0]?.trim();
		if (value) return value;
	}
	return undefined;
}

function number(text: string | undefined): number | undefined {
	return text !== undefined && /^\d{1,7}$/.test(text) ? Number(text) : undefined;
}

/** The mark that keeps a spreadsheet from reading a cell as a formula is no part of it. */
const withoutGuard = (cell: string) => (/^'[=+\-@\t\r]/.test(cell) ? cell.slice(1) : cell);
