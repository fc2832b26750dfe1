/**
 * The disk of the embedded store is full: everybody is told so, the process goes on, and when there is room again so do
 * the people. On a small file system of its own where one may be made; elsewhere SQLite is given no more pages.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { addLabels } from '../../../core/register/labels';
import { type Store, openStore } from '../../../core/store/store';
import { DAY, Story, sizeOf, until } from '../journeys/story';

interface Disk {
	file: string;
	/** Until nothing more goes in. */
	fill(store: Store): Promise<void>;
	makeRoom(store: Store): Promise<void>;
	remove(): void;
}

function smallDisk(): Disk | undefined {
	const folder = mkdtempSync(join(tmpdir(), 'member-journeys-full-'));
	const disk = join(folder, 'disk');
	mkdirSync(disk);
	try {
		execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16m', 'tmpfs', disk], { stdio: 'ignore' });
	} catch {
		rmSync(folder, { recursive: true });
		return undefined;
	}
	const ballast = join(disk, 'ballast');
	return {
		file: join(disk, 'store.db'),
		fill: async () => {
			const { bavail, bsize } = statfsSync(disk);
			writeFileSync(ballast, Buffer.alloc(bavail * bsize));
		},
		makeRoom: async () => rmSync(ballast),
		remove: () => {
			execFileSync('umount', [disk]);
			rmSync(folder, { recursive: true });
		},
	};
}

function fewPages(): Disk {
	const folder = mkdtempSync(join(tmpdir(), 'member-journeys-full-'));
	return {
		file: join(folder, 'store.db'),
		fill: async (store) => {
			const { rows } = await sql<{ page_count: number }>`pragma page_count`.execute(store.db);
			await sql.raw(`pragma max_page_count = ${rows[0]!.page_count}`).execute(store.db);
		},
		makeRoom: async (store) => void (await sql.raw('pragma max_page_count = 1073741823').execute(store.db)),
		remove: () => rmSync(folder, { recursive: true }),
	};
}

const small = smallDisk();
if (!small)
	process.stdout.write('No file system may be mounted here: SQLite is given no more pages instead.\n');
const disk = small ?? fewPages();
afterAll(() => disk.remove());

test('a full disk is told in words; nobody is lost, and all go on when there is room', async () => {
	const story = new Story(await openStore({ url: disk.file }));
	const { store } = story;
	const said: string[] = [];
	const people = await story.members(200);
	const gate = await story.gate();
	const next = await story.gate({}, 'flow-1/next');
	await story.bringToGate(people, gate);
	const runs: number[] = [];
	const out = await story.release(gate.stepId, async (travellers) => {
		runs.push(travellers.length);
		await story.arrive(next, travellers).catch((cause: Error) => {
			said.push(cause.message);
			throw cause;
		});
	});

	await disk.fill(store);
	/** Each label is a row of its own, in one write: it needs pages. */
	const write = () =>
		store.write((writing) =>
			addLabels(
				writing,
				store,
				story.clock.now(),
				people,
				`lang etikett ${Math.random()} ${'x'.repeat(2_000)}`,
			),
		);
	await expect(
		(async () => {
			for (let i = 0; i < 50; i += 1) await write();
		})(),
	).rejects.toMatchObject({
		message: `The disk that holds the Journey Store at ${disk.file} is full.`,
		hint: expect.stringContaining('Make room'),
	});
	// Reading goes on, and what was refused was refused whole.
	const labels = await store.reader
		.selectFrom('label')
		.groupBy('label')
		.select((where) => where.fn.countAll<number>().as('count'))
		.execute();
	expect(labels.filter(({ count }) => count !== people.length)).toEqual([]);

	await story.clock.advance(6 * DAY);
	await new Promise((resolve) => setTimeout(resolve, 300));
	await disk.makeRoom(store);
	await until(async () => {
		await story.clock.advance(30_000);
		return (await story.whereabouts()).travellers.every(
			(row) => row.step_id === next.stepId && row.state === 0,
		);
	}, 20_000);
	const { travellers, exits } = await story.whereabouts();
	expect(travellers).toHaveLength(people.length);
	expect(exits).toEqual([]);
	expect(new Set(travellers.map((row) => row.hop))).toEqual(new Set([2]));
	expect(sizeOf(out, 1)).toBeGreaterThanOrEqual(people.length);
	expect(said.filter((words) => !words.includes('is full'))).toEqual([]);
	await write();
	await story.end();
	await store.close();
});

test('a store that cannot be made on a full disk says so', async () => {
	if (!small) return;
	const store = await openStore({ url: disk.file });
	await disk.fill(store);
	await expect(openStore({ url: join(disk.file, '../other.db') })).rejects.toMatchObject({
		message: expect.stringMatching(/is full/),
	});
	await disk.makeRoom(store);
	await store.close();
});
