/**
 * FEBRL 4: 5 000 made-up Australians (dataset4a) and a spoiled copy of each (dataset4b), which everybody who links records
 * measures with. The files are not ours to hand on: they are read from a folder, when there is one.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { z } from 'zod/v4';
import { type FebrlRecord, linkFebrl } from './linkFebrl';

const record = z.object({
	rec_id: z.string().regex(/^rec-\d+-(org|dup-0)$/),
	given_name: z.string(),
	surname: z.string(),
	street_number: z.string(),
	address_1: z.string(),
	address_2: z.string(),
	suburb: z.string(),
	postcode: z.string(),
	state: z.string(),
	date_of_birth: z.string(),
	soc_sec_id: z.string(),
});
type Entry = z.infer<typeof record>;

export interface FebrlResult {
	originals: number;
	links: number;
	right: number;
}

/** @param without fields that are taken away from both lists */
export async function measureFebrl(
	folder: string,
	without: ReadonlyArray<keyof FebrlRecord> = [],
): Promise<FebrlResult> {
	const blank = Object.fromEntries(without.map((field) => [field, '']));
	const [first, second] = await Promise.all(
		['dataset4a.csv', 'dataset4b.csv'].map(async (name) => {
			const text = await readFile(join(folder, name), 'utf8');
			const entries = parse(text, { columns: true, trim: true, skip_empty_lines: true });
			return z.array(record).parse(entries);
		}),
	);
	if (!first || !second) throw new Error('FEBRL 4 has two files.');
	const bare = (entries: readonly Entry[]) => entries.map((entry) => ({ ...entry, ...blank }));
	const { links } = linkFebrl(bare(first), bare(second));
	const right = links.filter(({ a, b }) => numberOf(first[a]!) === numberOf(second[b]!)).length;
	return { originals: first.length, links: links.length, right };
}

const numberOf = ({ rec_id }: Entry) => Number(/\d+/.exec(rec_id)?.[0]);
