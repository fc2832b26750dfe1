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

/**
 * Imports so many of the example register as an admin would, and shows how far it is; `odd`: also the few with whom
 * something is the matter.
 */
export async function fillExampleStore(
	url: string,
	clock: Clock,
	{ persons = 5_000, odd = true }: { persons?: number; odd?: boolean } = {},
): Promise<void> {
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
		let refused = result.refusedCount;
		if (odd) {
			const few = await importPersons(store, clock, oddPersons(), {
				organisation: defaultOrganisation,
				mapping: exampleMapping,
				source: 'example register',
			});
			refused += few.refusedCount;
		}
		if (refused > 0) throw new Error(`${refused} rows of the example register were refused`);
	} finally {
		bar.stop();
		await store.close();
	}
}
