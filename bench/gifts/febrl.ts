/**
 * FEBRL 4: 5 000 made-up Australians (dataset4a) and a spoiled copy of each (dataset4b), which everybody who links records
 * measures with. The files are not ours to hand on: they are read from a folder, when there is one.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { z } from 'zod/v4';
import type { Store } from '../../core/store/store';
import { writeGifts, writeRegister } from './fill';
import type { GivenGift } from './giving';
import { NOW, Numbers, type RegisterRow } from './register';

const record = z.object({
	rec_id: z.string().regex(/^rec-\d+-(org|dup-0)$/),
	given_name: z.string(),
	surname: z.string(),
	street_number: z.string(),
	address_1: z.string(),
	suburb: z.string(),
	postcode: z.string(),
	date_of_birth: z.string(),
});
type Entry = z.infer<typeof record>;

/** Their number for social security, state and second line of the address are left out: no gift tells these. */
export async function readFebrl(folder: string): Promise<{ rows: RegisterRow[]; gifts: GivenGift[] }> {
	const read = async (name: string) => {
		const text = await readFile(join(folder, name), 'utf8');
		return z.array(record).parse(parse(text, { columns: true, trim: true, skip_empty_lines: true }));
	};
	const numbered = (entry: Entry) => Number(/\d+/.exec(entry.rec_id)?.[0]) + 1;
	const originals = (await read('dataset4a.csv')).sort((a, b) => numbered(a) - numbered(b));
	const ids = new Map(originals.map((entry, i) => [numbered(entry), i + 1]));
	const rows = originals.map((entry, i): RegisterRow => ({
		id: i + 1,
		memberNumber: entry.rec_id,
		given: entry.given_name,
		family: entry.surname,
		birthDate: dateOf(entry) || null,
		home: { street: streetOf(entry), postalCode: entry.postcode, city: entry.suburb },
		phones: [],
		email: null,
		deceasedOn: null,
		gifts: [],
	}));
	const gifts = (await read('dataset4b.csv')).map((entry): GivenGift => {
		const id = ids.get(numbered(entry));
		if (id === undefined) throw new Error(`dataset4a.csv has no ${entry.rec_id}.`);
		const told = {
			name: `${entry.given_name} ${entry.surname}`.trim(),
			givenName: entry.given_name,
			familyName: entry.surname,
			street: streetOf(entry),
			postalCode: entry.postcode,
			city: entry.suburb,
			birthDate: dateOf(entry),
		};
		return {
			source: 'donations',
			evidence: Object.fromEntries(Object.entries(told).filter(([, value]) => value !== '')),
			kid: null,
			amountOre: 10_000,
			receivedAt: NOW,
			campaign: null,
			right: [id],
			outside: false,
			held: true,
			story: [],
		};
	});
	return { rows, gifts };
}

export async function writeFebrl(
	store: Store,
	{ rows, gifts }: { rows: RegisterRow[]; gifts: GivenGift[] },
): Promise<void> {
	await writeRegister(store, { persons: [], rows, freed: [], numbers: new Numbers(1) });
	await writeGifts(store, gifts, 1);
}

const streetOf = ({ street_number: number, address_1: street }: Entry) => `${street} ${number}`.trim();

const dateOf = ({ date_of_birth: date }: Entry) =>
	/^\d{8}$/.test(date) ? `${date.slice(0, 4)}-${date.slice(4, 6)}-${date.slice(6)}` : '';
