/** A process that imports a file into the register whenever it is told to, and says what that took. */
import { systemClock } from '../core/journeys/clock';
import { importPersons } from '../core/register/import/csv';
import { csvFile } from '../core/register/import/file';
import { defaultOrganisation } from '../core/register/organisation';
import { openStore } from '../core/store/store';
import { memoryOf } from './child';

export interface ImportTask {
	url: string;
	file: string;
	rows: number;
}

export type Imported = {
	added: number;
	unchanged: number;
	seconds: number;
	/** Of a processor, over all threads. */
	processor: number;
	/** MB: after a tenth of the rows, and at most. */
	early: number;
	ownEarly: number;
	most: number;
	ownMost: number;
};

const LOOK_EVERY_MS = 250;

async function main(): Promise<void> {
	const { url, file, rows: expected } = JSON.parse(process.argv[2] ?? '') as ImportTask;
	const store = await openStore({ url });
	const go = async (): Promise<Imported> => {
		const used = process.cpuUsage();
		const started = performance.now();
		let early: { resident: number; own: number } | undefined;
		let most = 0;
		let ownMost = 0;
		const looking = setInterval(() => {
			const { resident, own } = memoryOf(process.pid);
			most = Math.max(most, resident);
			ownMost = Math.max(ownMost, own);
		}, LOOK_EVERY_MS);
		const { added, unchanged } = await importPersons(store, systemClock, await csvFile(file), {
			organisation: defaultOrganisation,
			progress: (done) => {
				if (!early && done >= expected / 10) early = memoryOf(process.pid);
			},
		});
		clearInterval(looking);
		const { user, system } = process.cpuUsage(used);
		return {
			added,
			unchanged,
			seconds: (performance.now() - started) / 1000,
			processor: (user + system) / 1e6,
			early: early?.resident ?? NaN,
			ownEarly: early?.own ?? NaN,
			most,
			ownMost,
		};
	};
	process.on('message', () => void go().then((done) => process.send?.(done)));
	process.once('disconnect', () => void store.close().finally(() => process.exit()));
}

void main();
