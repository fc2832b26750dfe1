/** A store with the fictional register in it, to try journeys on. */
import { SingleBar, Presets } from 'cli-progress';
import type { Clock } from '../core/ports';
import { importPersons } from '../core/register/import/csv';
import { defaultOrganisation } from '../core/register/organisation';
import { openStore } from '../core/store/store';
import { oddPersons } from './oddPersons';
import { exampleRegister } from './register';

/** Where the columns go that are not known by their headings. */
export const exampleMapping = { KID: 'attribute.kid', Kontingent: 'attribute.kontingent' };

/** Imports the example register, and those with whom something is the matter, as an admin would; shows how far it is. */
export async function fillExampleStore(url: string, clock: Clock, persons = 5_000): Promise<void> {
	const store = await openStore({ url });
	const bar = new SingleBar(
		{
			format: 'Importing the example register {bar} {value} of {total} persons',
			noTTYOutput: true,
			notTTYSchedule: 1_000,
		},
		Presets.shades_classic,
	);
	bar.start(persons, 0);
	try {
		const result = await importPersons(store, clock, exampleRegister({ persons }), {
			organisation: defaultOrganisation,
			mapping: exampleMapping,
			source: 'example register',
			progress: (done) => bar.update(done),
		});
		bar.update(persons);
		const odd = await importPersons(store, clock, oddPersons(), {
			organisation: defaultOrganisation,
			mapping: exampleMapping,
			source: 'example register',
		});
		const refused = result.refusedCount + odd.refusedCount;
		if (refused > 0) throw new Error(`${refused} rows of the example register were refused`);
	} finally {
		bar.stop();
		await store.close();
	}
}
