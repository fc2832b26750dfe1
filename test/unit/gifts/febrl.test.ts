/** Public test data for linking records, as far as it lies beside the project: it is not ours to ship. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { measureFebrl } from '../../../bench/gifts/febrl';

const folder = process.env.FEBRL ?? join(__dirname, '../../../../shared/data/febrl');
const there = existsSync(join(folder, 'dataset4a.csv'));
if (!there) console.warn(`FEBRL 4 is not at ${folder}: not measured`);

describe.each([
	['whole', []],
	['without the number for social security', ['soc_sec_id']],
] as const)('FEBRL 4, %s', (_, without) => {
	(there ? it : it.skip)('is linked with an F1 of 0.99 at least, learning from the lists alone', async () => {
		const { originals, links, right } = await measureFebrl(folder, without);
		expect(originals).toBe(5_000);
		expect((2 * right) / (links + originals)).toBeGreaterThanOrEqual(0.99);
	});
});
