/** A real Node-RED in a process of its own, with the packed package installed as an admin would install it. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
const STARTS_WITHIN_MS = 120_000;
const STOPS_WITHIN_MS = 20_000;
/** Flows that are not started by then may be waiting for something: that is for the caller to see. */
const STARTED_WITHIN_MS = 5_000;

export interface NodeRedOptions {
	/** Node-RED's user folder; made when it is not there. */
	userDir: string;
	port: number;
	/** Where `node_modules/node-red` lies. */
	root: string;
	/** Further entries of settings.js, as JSON. */
	settings?: Record<string, unknown>;
	/** Each line that Node-RED logs. */
	onLine?(line: string): void;
}

export interface NodeRedProcess {
	/** Editor and admin API. */
	url: string;
	/** Asks the admin API; answers that are no success are thrown with their text. */
	admin<T>(method: 'GET' | 'POST', path: string, body?: unknown): Promise<T>;
	/** Replaces all flows, as the Deploy button does. Credentials may stand inside the nodes. */
	deploy(flows: readonly unknown[], type?: 'full' | 'nodes' | 'flows'): Promise<void>;
	/** Ends it: `SIGTERM` lets steps close, `SIGKILL` is a power cut. */
	stop(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>;
	log(): string;
	process: ChildProcess;
}

/** Installs a tarball of the package into a user folder, without asking any registry: it has no dependencies. */
export async function installPackage(userDir: string, tarball: string): Promise<void> {
	await mkdir(userDir, { recursive: true });
	const about = join(userDir, 'package.json');
	if (!existsSync(about)) {
		await writeFile(about, JSON.stringify({ name: 'node-red-project', version: '0.0.1', private: true }));
	}
	const args = [
		'install',
		'--offline',
		'--no-audit',
		'--no-fund',
		'--omit=dev',
		'--loglevel=error',
		resolve(tarball),
	];
	await run('npm', args, { cwd: userDir, shell: process.platform === 'win32' });
}

/** @throws when Node-RED does not come up, with what it logged. */
export async function startNodeRed(options: NodeRedOptions): Promise<NodeRedProcess> {
	const { userDir, port, root } = options;
	await mkdir(userDir, { recursive: true });
	const settings = {
		flowFile: 'flows.json',
		uiHost: '127.0.0.1',
		uiPort: port,
		credentialSecret: await secretOf(userDir),
		telemetry: { enabled: false, updateNotification: false },
		externalModules: { autoInstall: false, palette: { allowInstall: false, allowUpdate: false } },
		editorTheme: { tours: false, projects: { enabled: false } },
		logging: { console: { level: 'info', metrics: false, audit: false } },
		...options.settings,
	};
	await writeFile(
		join(userDir, 'settings.js'),
		`module.exports = ${JSON.stringify(settings, null, '\t')};\n`,
	);

	const red = join(root, 'node_modules/node-red/red.js');
	const child = spawn(
		process.execPath,
		[red, '--userDir', userDir, '--settings', join(userDir, 'settings.js')],
		{
			cwd: userDir,
			// What a developer's tools put there is not for Node-RED.
			env: { ...process.env, NODE_OPTIONS: '', NODE_RED_HOME: undefined },
			stdio: ['ignore', 'pipe', 'pipe'],
		},
	);
	const lines: string[] = [];
	for (const stream of [child.stdout, child.stderr]) {
		createInterface({ input: stream }).on('line', (line) => {
			lines.push(line);
			if (lines.length > 2_000) lines.shift();
			options.onLine?.(line);
		});
	}
	const url = `http://127.0.0.1:${port}`;
	const log = () => lines.join('\n');
	let ended = false;
	child.once('exit', () => (ended = true));
	const started = Date.now();
	while (!(await answers(`${url}/settings`))) {
		if (ended) throw new Error(`Node-RED ended while it was starting:\n${log()}`);
		if (Date.now() - started > STARTS_WITHIN_MS) {
			child.kill('SIGKILL');
			throw new Error(`Node-RED did not start within ${STARTS_WITHIN_MS / 1_000} s:\n${log()}`);
		}
		await pause(100);
	}
	const admin = async <T>(method: 'GET' | 'POST', path: string, body?: unknown): Promise<T> =>
		ask<T>(url, method, path, body);
	return {
		url,
		admin,
		deploy: async (flows, type = 'full') => {
			const starts = () => log().match(/Started (modified )?(flows|nodes)/g)?.length ?? 0;
			const before = starts();
			await ask(
				url,
				'POST',
				'/flows',
				{ flows },
				{ 'Node-RED-API-Version': 'v2', 'Node-RED-Deployment-Type': type },
			);
			// Node-RED answers before it has started them: who calls a web address of theirs at once may find none.
			for (const late = Date.now() + STARTED_WITHIN_MS; starts() === before && Date.now() < late;)
				await pause(20);
		},
		stop: (signal = 'SIGTERM') => end(child, signal),
		log,
		process: child,
	};
}

async function ask<T>(
	url: string,
	method: string,
	path: string,
	body?: unknown,
	headers: Record<string, string> = {},
): Promise<T> {
	const answer = await fetch(`${url}${path}`, {
		method,
		headers: {
			Accept: 'application/json',
			...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
			...headers,
		},
		body: body === undefined ? undefined : JSON.stringify(body),
	});
	const text = await answer.text();
	if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
	return (text && answer.headers.get('content-type')?.includes('json') ? JSON.parse(text) : text) as T;
}

async function answers(url: string): Promise<boolean> {
	try {
		return (await fetch(url)).ok;
	} catch {
		return false;
	}
}

async function end(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
	if (child.exitCode !== null || child.signalCode !== null) return;
	const gone = new Promise((resolve) => child.once('exit', resolve));
	child.kill(signal);
	const forced = setTimeout(() => child.kill('SIGKILL'), STOPS_WITHIN_MS);
	await gone;
	clearTimeout(forced);
}

/** The key of the flows' credentials: made once per user folder, so that a second start can read them. */
async function secretOf(userDir: string): Promise<string> {
	const file = join(userDir, '.credential-secret');
	if (existsSync(file)) return (await readFile(file, 'utf8')).trim();
	const secret = Array.from(crypto.getRandomValues(new Uint8Array(24)), (byte) =>
		byte.toString(16).padStart(2, '0'),
	).join('');
	await writeFile(file, secret, { mode: 0o600 });
	return secret;
}
