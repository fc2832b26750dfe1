/** A register of a million members as a CSV file, into an empty store, and once more with nothing changed. */
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { startChild } from './child';
import { type Bench, rounded } from './figure';
import type { ImportTask, Imported } from './read';
import { kinds, withPlace } from './stores';

const ROWS = 1_000_000;
const TIMES = { first: 'into an empty register', again: 'again, nothing changed' };

export const importing: Bench = async (reporting) => {
	const rows = reporting.size(ROWS);
	const folder = await mkdtemp(join(tmpdir(), 'member-journeys-bench-'));
	try {
		const file = join(folder, 'members.csv');
		reporting.doing(`writing a file of ${rows} rows`);
		await pipeline(Readable.from(lines(rows)), createWriteStream(file));
		for (const kind of kinds) {
			await withPlace(kind, async (url) => {
				const task: ImportTask = { url, file, rows };
				const child = startChild<Imported>('read.ts', task);
				try {
					for (const what of [TIMES.first, TIMES.again]) {
						reporting.doing(`${kind}: ${what}`);
						child.send({ go: true });
						const done = await child.next((message) => 'seconds' in message);
						if (!('seconds' in done)) continue;
						const counted = what === TIMES.first ? done.added : done.unchanged;
						if (counted !== rows)
							throw new Error(`${counted} of ${rows} rows came in: ${JSON.stringify(done)}`);
						const figure = (name: string, value: number, unit: string, more: object = {}) =>
							reporting.figure({ figure: `${kind}: ${name}, ${what}`, value, unit, n: rows, ...more });
						figure('rows imported per second', rounded(rows / done.seconds, 0), '1/s');
						figure(
							'processor time per 1 000 rows, all threads',
							rounded((done.processor * 1e6) / rows, 1),
							'ms',
						);
						figure('memory at most (RSS)', rounded(done.most, 0), 'MB', {
							peer: 'the same after a tenth of the rows',
							ratio: rounded(done.most / done.early),
						});
						figure('of it its own at most, without pages of files', rounded(done.ownMost, 0), 'MB', {
							peer: 'the same after a tenth of the rows',
							ratio: rounded(done.ownMost / done.ownEarly),
						});
					}
				} finally {
					await child.end();
				}
			});
		}
	} finally {
		await rm(folder, { recursive: true, force: true });
	}
};

const FAMILY_NAMES = ['Eksempel', 'Prøve', 'Fiksjon', 'Påhitt', 'Oppdiktet', 'Tenkt', 'Mønster', 'Dikt'];
const GIVEN_NAMES = [
	'Kari',
	'Ola',
	'Åse',
	'Bjørn',
	'Ingrid',
	'Per',
	'Anne-Marie',
	'Jon Olav',
	'Siv',
	'Ærlend',
];

function* lines(rows: number): Generator<string> {
	yield 'Medlemsnummer;Fornavn;Etternavn;E-post;Mobil;Fødselsdato;Adresse;Postnr;Poststed;Lokallag;Status;Innmeldt;Samtykke e-post\n';
	let text = '';
	const two = (value: number) => String(value).padStart(2, '0');
	for (let i = 1; i <= rows; i += 1) {
		const name = `${GIVEN_NAMES[i % GIVEN_NAMES.length]};${FAMILY_NAMES[(i * 7) % FAMILY_NAMES.length]}`;
		const born = `${two(1 + (i % 28))}.${two(1 + (i % 12))}.${1930 + (i % 80)}`;
		const phone = `40 ${two(Math.floor(i / 10_000) % 100)} ${two(Math.floor(i / 100) % 100)} ${two(i % 100)}`;
		text += `${i};${name};person${i}@example.org;${phone};${born};Gata ${i % 99};${String(i % 9999).padStart(4, '0')};Sted ${i % 350};Lokallag ${i % 200};Aktiv;2020-01-01;ja\n`;
		if (i % 1_000 === 0) {
			yield text;
			text = '';
		}
	}
	if (text) yield text;
}
