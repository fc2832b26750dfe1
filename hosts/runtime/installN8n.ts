/**
 * A real n8n, installed once into a cache outside the repository: about 2 GB, some minutes. The lock file names every
 * version; a cache made from another lock file is another folder.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readFile, readdir, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod/v4';

const asked = join(__dirname, 'n8n');
/** npm itself says nothing for minutes. */
const TELL_EVERY_MS = 5_000;

export interface Told {
	(line: string): void;
}

/** `MEMBER_JOURNEYS_CACHE` names another place; else the user's cache folder. */
export function cacheFolder(): string {
	const { MEMBER_JOURNEYS_CACHE, XDG_CACHE_HOME } = process.env;
	return MEMBER_JOURNEYS_CACHE ?? join(XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'member-journeys');
}

/** Where the n8n of this lock file stands, or will. */
export async function n8nFolder(): Promise<string> {
	const lock = await readFile(join(asked, 'package-lock.json'));
	return join(cacheFolder(), `n8n-${createHash('sha256').update(lock).digest('hex').slice(0, 12)}`);
}

/**
 * Installs n8n unless it is there. Safe to run twice at once and to break off: the folder gets its name when it is whole.
 * @returns the folder that holds `node_modules/n8n`.
 */
export async function installN8n(tell: Told): Promise<string> {
	const folder = await n8nFolder();
	if (existsSync(join(folder, 'node_modules/n8n/bin/n8n'))) return folder;
	await mkdir(cacheFolder(), { recursive: true });
	await sweep();
	const workplace = join(cacheFolder(), `installing-${process.pid}-${Date.now()}`);
	await mkdir(workplace);
	try {
		for (const file of ['package.json', 'package-lock.json'])
			await copyFile(join(asked, file), join(workplace, file));
		tell(`Installing n8n into ${folder} (once; about 2 GB, some minutes)`);
		await npmCi(workplace, tell);
		await rename(workplace, folder).catch((error: unknown) => {
			// Somebody else was quicker: theirs is the same.
			if (!existsSync(join(folder, 'node_modules/n8n/bin/n8n'))) throw error;
		});
	} finally {
		await rm(workplace, { recursive: true, force: true });
	}
	return folder;
}

/** What broken-off installations have left behind. */
async function sweep(): Promise<void> {
	for (const name of await readdir(cacheFolder())) {
		const pid = /^installing-(\d+)-/.exec(name)?.[1];
		if (pid && !isRunning(Number(pid))) await rm(join(cacheFolder(), name), { recursive: true, force: true });
	}
}

function isRunning(pid: number): boolean {
	try {
		process.kill(pid, 0);
		return true;
	} catch {
		return false;
	}
}

async function npmCi(folder: string, tell: Told): Promise<void> {
	const total = await packagesIn(folder);
	const started = Date.now();
	// Scripts would build what n8n needs only for Kafka and SQLite; it runs on PostgreSQL here.
	const args = [
		'ci',
		'--legacy-peer-deps',
		'--ignore-scripts',
		'--no-audit',
		'--no-fund',
		'--loglevel=error',
	];
	const npm = spawn('npm', args, {
		cwd: folder,
		stdio: ['ignore', 'pipe', 'pipe'],
		shell: process.platform === 'win32',
	});
	let said = '';
	npm.stdout.on('data', (part) => (said += String(part)));
	npm.stderr.on('data', (part) => (said += String(part)));
	const telling = setInterval(() => {
		void unpacked(folder).then((count) => tell(`  ${seconds(started)} s: ${count} of ${total} packages`));
	}, TELL_EVERY_MS);
	try {
		const code = await new Promise<number | null>((resolve, reject) => {
			npm.once('error', reject);
			npm.once('exit', resolve);
		});
		if (code !== 0) throw new Error(`npm could not install n8n (exit code ${code}):\n${said.slice(-4_000)}`);
		tell(`  n8n is installed, after ${seconds(started)} s`);
	} finally {
		clearInterval(telling);
	}
}

function seconds(since: number): number {
	return Math.round((Date.now() - since) / 1_000);
}

/** npm makes all folders at once and fills them as it goes: one with a package.json is there. */
async function unpacked(folder: string): Promise<number> {
	const names = await readdir(join(folder, 'node_modules')).catch(() => []);
	return names.filter((name) => existsSync(join(folder, 'node_modules', name, 'package.json'))).length;
}

/** Those at the top and without a scope: enough to tell how far it is. */
async function packagesIn(folder: string): Promise<number> {
	const lock = z.object({ packages: z.record(z.string(), z.unknown()) });
	const { packages } = lock.parse(JSON.parse(await readFile(join(folder, 'package-lock.json'), 'utf8')));
	return Object.keys(packages).filter((path) => /^node_modules\/[^@/][^/]*$/.test(path)).length;
}
