/** Measured work in a process of its own: what it takes in memory and time is its own, not that of who measures it. */
import { type ChildProcess, fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

export interface Child<M> {
	pid: number;
	send(message: object): void;
	/** The next message that fits; fails when the process ends first. */
	next(fits: (message: M) => boolean, withinMs?: number): Promise<M>;
	/** Closes its ear, on which it ends by itself. */
	end(): Promise<void>;
}

/** Starts a TypeScript file of this folder; it gets `task` as JSON in its first argument and talks with `process.send`. */
export function startChild<M>(file: string, task: object): Child<M> {
	const child: ChildProcess = fork(join(__dirname, file), [JSON.stringify(task)], {
		execArgv: ['--import', 'tsx'],
		stdio: ['ignore', 2, 2, 'ipc'],
	});
	const heard: M[] = [];
	const waiting = new Set<() => void>();
	const tell = () => {
		for (const look of waiting) look();
	};
	child.on('message', (message) => {
		heard.push(message as M);
		tell();
	});
	let ended = false;
	const gone = new Promise<void>((resolve) =>
		child.once('exit', () => {
			ended = true;
			tell();
			resolve();
		}),
	);
	return {
		pid: child.pid ?? 0,
		send: (message) => void child.send(message),
		next: (fits, withinMs = 3_600_000) =>
			new Promise((resolve, reject) => {
				const done = (act: () => void) => {
					clearTimeout(late);
					waiting.delete(look);
					act();
				};
				const look = () => {
					const place = heard.findIndex(fits);
					if (place >= 0) done(() => resolve(heard.splice(place, 1)[0]!));
					else if (ended) done(() => reject(new Error(`${file} ended before it had answered.`)));
				};
				const late = setTimeout(
					() => done(() => reject(new Error(`${file} has not answered within ${withinMs} ms.`))),
					withinMs,
				);
				waiting.add(look);
				look();
			}),
		end: async () => {
			if (child.connected) child.disconnect();
			const forced = setTimeout(() => child.kill('SIGKILL'), 20_000);
			await gone;
			clearTimeout(forced);
		},
	};
}

/** Memory that a process holds, in MB. `own`: without the pages of files it looks at, which the system can take back. */
export function memoryOf(pid: number): { resident: number; own: number } {
	const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
	const kb = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1] ?? NaN);
	return { resident: kb('Rss') / 1024, own: kb('Anonymous') / 1024 };
}

const TICKS_PER_SECOND = 100;

/** Seconds of a processor that a process has used so far. */
export function processorSeconds(pid: number): number {
	const after = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').pop()?.split(' ') ?? [];
	return (Number(after[11]) + Number(after[12])) / TICKS_PER_SECOND;
}

/** Per cent of one processor that a process uses over `ms`, and its memory after that. */
export async function atRest(pid: number, ms = 20_000) {
	const before = processorSeconds(pid);
	await pause(ms);
	return { percent: ((processorSeconds(pid) - before) / ms) * 100_000, ...memoryOf(pid) };
}
