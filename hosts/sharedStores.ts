/**
 * Stores and clocks that the steps of one process share: opening the embedded store takes two threads and its file,
 * so a hundred steps on it use one.
 */
import { existsSync, realpathSync } from 'node:fs';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { z } from 'zod/v4';
import { systemClock } from '../core/journeys/clock';
import { takeOverLeases } from '../core/journeys/release';
import { type Clock, StepProblem } from '../core/ports';
import { type Store, openStore } from '../core/store/store';
import { sandboxClock } from './sandboxClock';

/** The Journey Store credential, as far as hosts need it. */
const settings = z.object({
	kind: z.enum(['embedded', 'postgres']).default('embedded'),
	file: z.string().trim().default(''),
	url: z.string().trim().default(''),
	clockUrl: z.string().trim().default(''),
});
export type StoreSettings = z.infer<typeof settings>;

const DEFAULT_FILE = 'member-journeys.db';
/** Runs follow each other closely; closing the store between them would cost more than the runs. */
const KEPT_OPEN_MS = 60_000;

export function readStoreSettings(credential: unknown): StoreSettings {
	const read = settings.safeParse(credential);
	if (read.success) return read.data;
	throw new StepProblem('The Journey Store credential is not complete.', {
		field: 'Journey Store',
		hint: 'Open the credential, choose where the journeys are kept, and save it.',
	});
}

/** Where the store is. A relative file lies in `folder`, the host's user folder. */
export function storeUrl({ kind, file, url }: StoreSettings, folder: string): string {
	if (kind === 'embedded') {
		const name = file || DEFAULT_FILE;
		return isAbsolute(name) ? name : join(folder, name);
	}
	if (/^postgres(ql)?:\/\//.test(url)) return url;
	throw new StepProblem("The 'PostgreSQL URL' of the Journey Store does not start with postgres://.", {
		field: 'PostgreSQL URL',
		hint: 'Write it as postgres://user:password@host:5432/database.',
	});
}

interface Shared {
	store: Promise<Store>;
	users: number;
	idle?: NodeJS.Timeout;
}
const open = new Map<string, Shared>();
/** A file is opened again only when what had it open here is done with it. */
const closing = new Map<string, Promise<void>>();

const takenOver = new Set<string>();

/**
 * The embedded store belongs to one process at a time: what was under way in it when this process first opens it was
 * under way when another one died.
 */
async function openHere(url: string): Promise<Store> {
	await closing.get(url);
	const store = await openStore({ url, alone: true });
	if (store.dialect === 'sqlite' && !takenOver.has(url)) {
		takenOver.add(url);
		await takeOverLeases(store);
	}
	return store;
}

export interface Borrowed {
	store: Store;
	/** Gives the store back; a second call does nothing. */
	release(): void;
}

/** One file is one store, by whichever links and folders credentials name it. */
function real(url: string): string {
	if (/^postgres(ql)?:/.test(url)) return url;
	try {
		return existsSync(url) ? realpathSync(url) : join(realpathSync(dirname(url)), basename(url));
	} catch {
		// The folder is not there: opening says so.
		return url;
	}
}

function closeSoon(url: string, store: Promise<Store>): Promise<void> {
	const done = store
		.then((opened) => opened.close())
		.catch(() => undefined)
		.finally(() => {
			if (closing.get(url) === done) closing.delete(url);
		});
	closing.set(url, done);
	return done;
}

/** @throws {StepProblem} when the store cannot be opened; the next call tries again. */
export async function borrowStore(address: string): Promise<Borrowed> {
	const url = real(address);
	let shared = open.get(url);
	if (!shared) {
		shared = { store: openHere(url), users: 0 };
		open.set(url, shared);
	}
	const mine = shared;
	clearTimeout(mine.idle);
	mine.users += 1;
	let store: Store;
	try {
		store = await mine.store;
	} catch (cause) {
		if (open.get(url) === mine) open.delete(url);
		throw cause;
	}
	let released = false;
	return {
		store,
		release() {
			if (released) return;
			released = true;
			mine.users -= 1;
			if (mine.users > 0) return;
			mine.idle = setTimeout(() => {
				if (open.get(url) !== mine) return;
				open.delete(url);
				void closeSoon(url, mine.store);
			}, KEPT_OPEN_MS).unref();
		},
	};
}

/** Closes the stores that nobody uses at this moment, without keeping them open for the next run. */
export async function closeUnused(): Promise<void> {
	const unused = [...open].filter(([, { users }]) => users === 0);
	for (const [url, { idle }] of unused) {
		clearTimeout(idle);
		open.delete(url);
	}
	await Promise.all(unused.map(([url, { store }]) => closeSoon(url, store)));
}

/** Closes every store and clock of this process, whoever uses them: the host is going down. */
export async function closeShared(): Promise<void> {
	const stores = [...open];
	open.clear();
	for (const [, { idle }] of stores) clearTimeout(idle);
	for (const clock of clocks.values()) clock.close();
	clocks.clear();
	await Promise.all(stores.map(([url, { store }]) => closeSoon(url, store)));
}

const clocks = new Map<string, ReturnType<typeof sandboxClock>>();

/** Real time, or the sandbox's clock when its address is given. */
export async function clockAt(url: string): Promise<Clock> {
	if (!url) return systemClock;
	let clock = clocks.get(url);
	if (!clock) {
		try {
			clock = sandboxClock(url);
		} catch (cause) {
			throw new StepProblem("The 'Clock URL' of the Journey Store is no web address.", {
				field: 'Clock URL',
				hint: 'Leave it empty for real time, or give the address of the sandbox.',
				cause,
			});
		}
		clocks.set(url, clock);
	}
	await clock.ready;
	return clock;
}
