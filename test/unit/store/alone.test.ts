/** The embedded store is for one process: a second one is told so, and comes in once the first is gone, however it went. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { openStore } from '../../../core/store/store';
import { borrowStore, closeShared } from '../../../hosts/sharedStores';

const root = join(__dirname, '../../..');
let folder: string;
let file: string;
const children: ChildProcess[] = [];

beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), 'member-journeys-alone-'));
	file = join(folder, 'member-journeys.db');
});
afterEach(async () => {
	for (const child of children.splice(0)) await ended(child, 'SIGKILL');
	await closeShared();
	rmSync(folder, { recursive: true, force: true });
});

interface Told {
	open?: number;
	message?: string;
	hint?: string;
}

/** Another process that opens the store as a host does. */
async function another(address: string): Promise<{ told: Told; child: ChildProcess }> {
	const child = spawn(process.execPath, ['--import', 'tsx', join(__dirname, 'holdStore.mts'), address], {
		cwd: root,
		env: { ...process.env, NODE_OPTIONS: '' },
		stdio: ['pipe', 'pipe', 'inherit'],
	});
	children.push(child);
	const line = await new Promise<string>((resolve, reject) => {
		createInterface({ input: child.stdout }).once('line', resolve);
		child.once('exit', (code) => reject(new Error(`It ended without a word (${code}).`)));
	});
	return { told: JSON.parse(line) as Told, child };
}

async function ended(child: ChildProcess, signal?: NodeJS.Signals): Promise<void> {
	if (child.exitCode !== null || child.signalCode !== null) return;
	const gone = new Promise((resolve) => child.once('exit', resolve));
	if (signal) child.kill(signal);
	else child.stdin?.end();
	await gone;
}

test('a second process is told that the file is in use, and what to do', async () => {
	const first = await another(file);
	expect(first.told).toEqual({ open: 0 });
	const second = await another(file);
	expect(second.told.message).toBe(`The Journey Store at ${file} is in use by another n8n or Node-RED.`);
	expect(second.told.hint).toMatch(/one process.*PostgreSQL.*close the other one/);
});

test('also when it names the file by a link, or by a folder that is a link', async () => {
	await another(file);
	symlinkSync(file, join(folder, 'other.db'));
	symlinkSync(folder, join(folder, 'elsewhere'));
	for (const name of ['other.db', 'elsewhere/member-journeys.db']) {
		expect((await another(join(folder, name))).told.message).toMatch(/is in use by another/);
	}
});

test('it is free at once when its process was killed, and when it closed', async () => {
	const killed = await another(file);
	await ended(killed.child, 'SIGKILL');
	const closed = await another(file);
	expect(closed.told).toEqual({ open: 0 });
	await ended(closed.child);
	expect((await another(file)).told).toEqual({ open: 0 });
});

test('a host that starts while the one before is closing gets in', async () => {
	const before = await another(file);
	const starting = another(file);
	await new Promise((resolve) => setTimeout(resolve, 1_500));
	await ended(before.child);
	expect((await starting).told).toEqual({ open: 0 });
});

test('one process has it once, whichever way its credentials name it, also right after it gave it back', async () => {
	mkdirSync(join(folder, 'data'));
	symlinkSync(join(folder, 'data'), join(folder, 'link'));
	const first = await borrowStore(join(folder, 'link', 'x.db'));
	const second = await borrowStore(join(folder, 'data', 'x.db'));
	expect(second.store).toBe(first.store);
	first.release();
	second.release();
	const closing = closeShared();
	const third = await borrowStore(join(folder, 'data', 'x.db'));
	expect(await third.store.db.selectFrom('setting').selectAll().execute()).toEqual([]);
	await closing;
});

test('who only looks into the file is let in beside the host', async () => {
	await another(file);
	const beside = await openStore({ url: file });
	expect(await beside.db.selectFrom('setting').selectAll().execute()).toEqual([]);
	await beside.close();
});
