/** The list that goes with a batch: which letters, to whom, where in the files, how to print and what to do with returns. */
import { stringify } from 'csv-stringify/sync';
import type { LetterOptions, LetterSpec } from '../../core/letters/letter';
import type { PrintSettings } from './settings';

export interface ListedLetter {
	id: string;
	recipient: LetterSpec['recipient'];
	file: string;
	/** From 1, both included; blank backs count. */
	first: number;
	last: number;
	giroPages: readonly number[];
	kid?: string;
}

export interface Manifest {
	batch: string;
	/** Epoch ms. */
	madeAt: number;
	sender: { name: string; returnAddress: string };
	ea?: { agreement: string; grade: number };
	options: LetterOptions;
	settings: PrintSettings;
	files: ReadonlyArray<{ name: string; sha256: string; bytes: number; pages: number }>;
	letters: readonly ListedLetter[];
}

export function manifestText(manifest: Manifest): string {
	return manifest.settings.manifest === 'xml' ? xml(manifest) : csv(manifest);
}

/** What holds for all letters of the batch. */
function defaults({ options, settings }: Manifest) {
	return {
		class: settings.postage,
		colour: options.colour === false ? 'mono' : 'colour',
		sides: options.duplex === false ? 'simplex' : 'duplex',
		envelope: (options.envelopes ?? ['E65', 'C65', 'C5', 'C4']).join(' '),
		windowSide: options.windowSide ?? 'left',
		onUndeliverable: settings.undeliverable,
		enclosures: settings.enclosures,
	};
}

const totalPages = ({ files }: Manifest) => files.reduce((sum, file) => sum + file.pages, 0);
const sidesOf = ({ first, last }: ListedLetter) => last - first + 1;

function xml(manifest: Manifest): string {
	const { batch, madeAt, sender, ea, files, letters } = manifest;
	const lines = ['<?xml version="1.0" encoding="UTF-8"?>'];
	lines.push(`<batch${attributes({ id: batch, created: new Date(madeAt).toISOString(), version: 1 })}>`);
	lines.push(
		`\t<sender>${element('name', sender.name)}${element('returnAddress', sender.returnAddress)}</sender>`,
	);
	const given = ea ? `<ea${attributes({ agreement: ea.agreement, grade: ea.grade })}/>` : '';
	lines.push(`\t<defaults${attributes(defaults(manifest))}>${given}</defaults>`);
	lines.push(`\t<expected${attributes({ letters: letters.length, totalPages: totalPages(manifest) })}/>`);
	lines.push('\t<files>');
	for (const { name, sha256, bytes, pages } of files)
		lines.push(`\t\t<file${attributes({ name, sha256, bytes, pages })}/>`);
	lines.push('\t</files>', '\t<letters>');
	for (const letter of letters) {
		const { id, recipient, file, first, last, giroPages, kid } = letter;
		lines.push(
			[
				`\t\t<letter${attributes({ id })}><recipient>`,
				element('name', recipient.name),
				recipient.careOf ? element('careOf', recipient.careOf) : '',
				...recipient.lines.map((line) => element('line', line)),
				element('postalCode', recipient.postalCode),
				element('city', recipient.city),
				element('country', recipient.country ?? 'NO'),
				'</recipient>',
				element('file', file, { firstPage: first, lastPage: last, pages: sidesOf(letter) }),
				giroPages.length > 0 ? element('giroPages', giroPages.join(' ')) : '',
				kid ? element('kid', kid) : '',
				'</letter>',
			].join(''),
		);
	}
	lines.push('\t</letters>', '</batch>', '');
	return lines.join('\n');
}

function element(name: string, text: string, given: Record<string, string | number> = {}): string {
	return `<${name}${attributes(given)}>${escaped(text)}</${name}>`;
}

function attributes(given: Record<string, string | number>): string {
	return Object.entries(given)
		.map(([name, value]) => ` ${name}="${escaped(String(value))}"`)
		.join('');
}

/** XML 1.0 has no place for control characters, nor for halves of characters, not even escaped. */
function escaped(text: string): string {
	return (
		text
			.replace(/\p{Surrogate}/gu, '')
			// eslint-disable-next-line no-control-regex
			.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\ufffe\uffff]/g, '')
			.replace(/&/g, '&amp;')
			.replace(/</g, '&lt;')
			.replace(/>/g, '&gt;')
			.replace(/"/g, '&quot;')
			.replace(/[\t\r\n]+/g, ' ')
	);
}

/** One line per letter; what holds for the batch stands in each. */
function csv(manifest: Manifest): string {
	const { batch, sender, ea, files, letters } = manifest;
	const sumOf = new Map(files.map(({ name, sha256 }) => [name, sha256]));
	const same = {
		batchId: batch,
		expectedLetters: letters.length,
		totalPages: totalPages(manifest),
		sender: sender.name,
		returnAddress: sender.returnAddress,
		...defaults(manifest),
		eaAgreement: ea?.agreement ?? '',
		eaGrade: ea?.grade ?? '',
	};
	const rows = letters.map((letter) => ({
		id: letter.id,
		name: letter.recipient.name,
		careOf: letter.recipient.careOf ?? '',
		line1: letter.recipient.lines[0] ?? '',
		line2: letter.recipient.lines[1] ?? '',
		line3: letter.recipient.lines[2] ?? '',
		line4: letter.recipient.lines[3] ?? '',
		postalCode: letter.recipient.postalCode,
		city: letter.recipient.city,
		country: letter.recipient.country ?? 'NO',
		file: letter.file,
		firstPage: letter.first,
		lastPage: letter.last,
		pages: sidesOf(letter),
		giroPages: letter.giroPages.join(' '),
		kid: letter.kid ?? '',
		sha256: sumOf.get(letter.file) ?? '',
		...same,
	}));
	// Whoever opens it in a spreadsheet runs nothing that stands in a name.
	return stringify(rows, { header: true, delimiter: ';', escape_formulas: true });
}
