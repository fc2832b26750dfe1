/**
 * A call list of a hundred thousand: the register washed against a file of the reservation register, everybody looked at
 * and collected, and written to the files that callers get. The files end on this machine's disk instead of a server's.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { LEFT_OUT, type Lead, leadContent } from '../core/calls/lead';
import { washAgainstFile } from '../core/calls/reservationFile';
import { batchesToHandOver, makeBatch } from '../core/handoffs/batch';
import { handOver } from '../core/handoffs/handOver';
import type { BatchItem, Transfer } from '../core/handoffs/transfer';
import { systemClock } from '../core/journeys/clock';
import { dayIn } from '../core/register/calendar';
import type { Json } from '../core/step';
import type { Store } from '../core/store/store';
import { callList as step } from '../nodes/CallList/callList';
import { callFile } from '../providers/dialer/callFile';
import { bytesSource } from '../providers/sftp/source';
import { type Bench, rounded } from './figure';
import { contextOf } from './office';
import { addPeople, analyze } from './people';
import { kinds, withStore } from './stores';

const PEOPLE = 100_000;
/** As many people as a run of a journey carries. */
const CHUNK = 1_000;
const OSLO = 'Europe/Oslo';
/** Every one of so many has reserved. */
const RESERVED = 10;

export const callList: Bench = async (reporting) => {
	const people = reporting.size(PEOPLE);
	for (const kind of kinds) {
		await withStore(kind, async (store) => {
			await addPeople(store, people, systemClock.now() - 1_000);
			await analyze(store);
			const figure = (what: string, value: number, unit: string) =>
				reporting.figure({ figure: `${kind}: ${what}`, value: rounded(value, 1), unit, n: people });
			const memory = watchMemory();
			const timed = async (work: () => Promise<void>) => {
				const began = performance.now();
				await work();
				return people / ((performance.now() - began) / 1_000);
			};

			reporting.doing(`${kind}: the register of ${people} is washed`);
			figure(
				'entries of the reservation register washed per second',
				await timed(() => wash(store, people)),
				'1/s',
			);

			reporting.doing(`${kind}: ${people} people are looked at and collected`);
			let out = 0;
			const collected = await timed(async () => {
				out = await collect(store, people);
			});
			figure('people washed and collected per second', collected, '1/s');
			figure('heap held after they were collected', memory.held() / 1e6, 'MB');
			if (out !== Math.floor(people / RESERVED)) throw new Error(`${out} were left out.`);

			reporting.doing(`${kind}: the files are written`);
			let bytes = 0;
			const written = await timed(async () => {
				bytes = await write(store);
			});
			figure('people written to files and settled per second', written, '1/s');
			figure('files', bytes / 1e6, 'MB');
			figure('heap held after they were written', memory.held() / 1e6, 'MB');
			figure('memory gained at most (RSS)', memory.most() / 1e6, 'MB');
			memory.end();
		});
	}
};

async function wash(store: Store, people: number): Promise<void> {
	const file = Readable.from(
		(function* () {
			yield Buffer.from('Telefon;Navn\n');
			for (let from = 1; from <= people; from += CHUNK) {
				const lines = Array.from({ length: Math.min(CHUNK, people - from + 1) }, (_, index) => {
					const i = from + index;
					// Nine of ten are nobody of ours.
					return i % RESERVED === 0 ? `40${String(i).padStart(6, '0')};` : `41${String(i).padStart(6, '0')};`;
				});
				yield Buffer.from(`${lines.join('\n')}\n`);
			}
		})(),
	);
	await washAgainstFile(store, systemClock, file, {
		fileName: 'register.csv',
		washedOn: dayIn(systemClock.now(), OSLO),
		holds: 'all',
		channels: ['phone'],
		columns: [],
		coversWords: [],
		countryCode: '47',
	});
}

/** @returns how many were left out */
async function collect(store: Store, people: number): Promise<number> {
	const params = step.parameters.parse({
		profile: 'file',
		campaign: 'Oppgradering',
		script: 'Hei, er det {{ person.givenName }}? Jeg ringer fra Eksempelforeningen.',
		options: { adultFrom: 0 },
	});
	let out = 0;
	for (let from = 1; from <= people; from += CHUNK) {
		const items = Array.from({ length: Math.min(CHUNK, people - from + 1) }, (_, index) => ({
			json: itemOf(from + index),
			params,
			index,
		}));
		const outputs = (await step.run?.(contextOf(store, ''), params, items)) ?? [];
		out += outputs[3]?.length ?? 0;
	}
	return out;
}

const itemOf = (id: number): Json => ({
	person: {
		id,
		givenName: 'Kari',
		familyName: `Eksempel ${id}`,
		phone: `+4740${String(id).padStart(6, '0')}`,
		postalCode: '0161',
		city: 'Oslo',
	},
});

/** @returns bytes */
async function write(store: Store): Promise<number> {
	const folder = await mkdtemp(join(tmpdir(), 'member-journeys-calls-'));
	let bytes = 0;
	const toDisk: Transfer = async (batch, items, sending) => {
		const name = `${batch.name}.csv`;
		const file = await callFile(() => leads(items()), 'csvSemicolon', OSLO);
		const { size, sha256 } = bytesSource(file);
		await sending.begin([{ name, size, sha256 }]);
		await writeFile(join(folder, name), file);
		await sending.there([name]);
		bytes += size;
		return {};
	};
	try {
		const { id } = await store.db
			.selectFrom('step')
			.where('type', '=', 'callList')
			.select('id')
			.executeTakeFirstOrThrow();
		for (;;) {
			const making = { stepId: id, kind: 'call' as const, profile: 'callFile', settings: {}, zone: OSLO };
			const made = await makeBatch(store, systemClock, { ...making, leftOut: LEFT_OUT });
			if (made.handoffId === undefined) break;
			for (const batch of await batchesToHandOver(store, id))
				await handOver(store, systemClock, batch, toDisk, { leftOut: LEFT_OUT, zone: OSLO });
		}
	} finally {
		await rm(folder, { recursive: true, force: true });
	}
	return bytes;
}

async function* leads(items: AsyncIterable<BatchItem>): AsyncGenerator<Lead> {
	for await (const { ref, content } of items) yield { ref, ...leadContent.parse(content) };
}

/**
 * The most that this process took above what it had to begin with, looked at often: for the greater part garbage that was
 * not worth collecting yet, and pages of the database. `held`: what is still in use once the garbage is collected.
 */
function watchMemory(): { most(): number; held(): number; end(): void } {
	const heap = () => {
		collectGarbage();
		return process.memoryUsage().heapUsed;
	};
	const heapBefore = heap();
	const before = process.memoryUsage.rss();
	let most = 0;
	const look = () => (most = Math.max(most, process.memoryUsage.rss() - before));
	const timer = setInterval(look, 50);
	timer.unref();
	return {
		most: () => {
			look();
			return most;
		},
		held: () => heap() - heapBefore,
		end: () => clearInterval(timer),
	};
}

function collectGarbage(): void {
	setFlagsFromString('--expose-gc');
	(runInNewContext('gc') as () => void)();
}
