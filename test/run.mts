/**
 * `npm test`: everything that CI checks, stage by stage. `npm test -- unit lint` runs only the stages named.
 * Ends with `N passed, N failed, N skipped`: every jest test counts, and each other check as one.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';

interface Count {
	passed: number;
	failed: number;
	skipped: number;
}

interface Stage {
	name: string;
	what: string;
	/** Stages that must have gone well before this one can say anything. */
	needs?: string[];
	run(): Promise<Count>;
}

const root = join(import.meta.dirname, '..');
const scratch = mkdtempSync(join(tmpdir(), 'member-journeys-test-'));
const minute = 60_000;
const started = Date.now();
/** A worker that has grown large is replaced by a new one. */
const sideBySide = [`--maxWorkers=${Math.min(availableParallelism(), 4)}`, '--workerIdleMemoryLimit=1GB'];
const alone = 'test/hosts/(chaos|n8n/queue|node-red/welcome\\.test)';

const stages: Stage[] = [
	{
		name: 'tools',
		what: 'what the later stages need on this machine',
		run: async () =>
			total([await chromium(), await redis(), ...(await mail()), await ssh(), ...(await letters())]),
	},
	{ name: 'types', what: 'TypeScript, strict', run: () => check('types', ['tsc', '--noEmit'], 10 * minute) },
	{
		name: 'lint',
		what: "n8n's community rules, the arrows between folders, formatting",
		run: async () =>
			total([
				await check("n8n's lint rules are there", ['node', 'lint/ready.mjs'], 5 * minute),
				await check('eslint', ['eslint', '--max-warnings=0', '.'], 10 * minute),
				await check('prettier', ['prettier', '--check', '--log-level=warn', '.'], 5 * minute),
			]),
	},
	{
		name: 'unit',
		what: 'core, providers, steps and sandbox, on SQLite and on a real PostgreSQL',
		run: () => jest('unit', 35 * minute, sideBySide),
	},
	{
		name: 'pack',
		what: 'the two packages, built and packed',
		run: async () => {
			const listed = readFileSync(join(root, 'package.json'), 'utf8');
			const packed = await check('npm run pack', ['npm', 'run', '--silent', 'pack'], 10 * minute);
			// The build writes the list of nodes into package.json.
			const same = readFileSync(join(root, 'package.json'), 'utf8') === listed;
			return total([packed, said(same, 'package.json listed every step and credential before the build')]);
		},
	},
	{
		name: 'packages',
		what: 'what is in the packages and in the repository',
		needs: ['pack'],
		run: () => jest('packages', 10 * minute),
	},
	{
		name: 'hosts',
		what: 'the packages in a real Node-RED and a real n8n (the first time, installing n8n takes some minutes)',
		needs: ['tools', 'pack'],
		// What loads the machine by itself, or tells a second, runs alone; the others mostly wait for their hosts.
		run: async () =>
			total([
				await jest('hosts', 25 * minute, ['--runInBand', '--testPathPatterns', alone]),
				await jest('hosts', 35 * minute, [...sideBySide, '--testPathIgnorePatterns', alone]),
			]),
	},
];

/** Debian's Chromium draws the editors and the sandbox's page. */
async function chromium(): Promise<Count> {
	const file = process.env.CHROMIUM ?? '/usr/bin/chromium';
	return await tool('Chromium', 'chromium', file, () => existsSync(file));
}

/** Debian's Redis stands between n8n's main and its workers. */
async function redis(): Promise<Count> {
	const file = process.env.REDIS_SERVER ?? 'redis-server';
	return await tool('Redis', 'redis-server', file, () => spawnSync(file, ['--version']).status === 0);
}

/** Debian's exim4 and dovecot are the mail server that mail is sent through, returned by and read from. */
async function mail(): Promise<Count[]> {
	const exim = process.env.EXIM ?? '/usr/sbin/exim4';
	const dovecot = process.env.DOVECOT ?? '/usr/sbin/dovecot';
	return [
		await tool('exim', 'exim4-daemon-light', exim, () => existsSync(exim)),
		await tool('dovecot', 'dovecot-imapd', dovecot, () => existsSync(dovecot)),
	];
}

/** Debian's poppler, qpdf and zbar see for themselves what is in the PDFs of letters. */
async function letters(): Promise<Count[]> {
	const isThere = (file: string, option: string) => () => spawnSync(file, [option]).status === 0;
	return [
		await tool('poppler', 'poppler-utils', 'pdftotext', isThere('pdftotext', '-v')),
		await tool('qpdf', 'qpdf', 'qpdf', isThere('qpdf', '--version')),
		await tool('zbar', 'zbar-tools', 'zbarimg', isThere('zbarimg', '--version')),
	];
}

/** Debian's OpenSSH is the server that files are given to, as at a printing house. */
async function ssh(): Promise<Count> {
	const file = process.env.SSHD ?? '/usr/sbin/sshd';
	return await tool('OpenSSH', 'openssh-server', file, () => existsSync(file));
}

async function tool(name: string, debian: string, file: string, isThere: () => boolean): Promise<Count> {
	if (isThere()) return said(true, `${name} is there: ${file}`);
	say(`${name} (${file}) is not there: installing Debian's package`);
	const asRoot = process.getuid?.() === 0 ? [] : ['sudo', '-n'];
	const environment = { DEBIAN_FRONTEND: 'noninteractive' };
	const install = ['apt-get', 'install', '-q', '-y', '--no-install-recommends', debian];
	await run([...asRoot, 'apt-get', 'update', '-q'], 5 * minute, environment);
	await run([...asRoot, ...install], 10 * minute, environment);
	return said(isThere(), `${name} is there: ${file} (apt-get install ${debian})`);
}

async function check(name: string, command: string[], limit: number): Promise<Count> {
	return said((await run(command, limit)) === 0, name);
}

interface JestReport {
	numPassedTests: number;
	numFailedTests: number;
	numPendingTests: number;
	numTodoTests: number;
	numRuntimeErrorTestSuites: number;
	testResults: Array<{ assertionResults: Array<{ status: string; fullName: string }> }>;
}

async function jest(project: string, limit: number, options: string[] = []): Promise<Count> {
	const file = join(mkdtempSync(join(scratch, `${project}-`)), 'report.json');
	const code = await run(
		['jest', '--ci', '--selectProjects', project, '--json', `--outputFile=${file}`, ...options],
		limit,
		{ NODE_OPTIONS: '--experimental-vm-modules --no-warnings' },
	);
	if (!existsSync(file)) return said(false, `${project}: jest ended with ${code} and left no report`);
	const report = JSON.parse(readFileSync(file, 'utf8')) as JestReport;
	for (const { fullName, status } of report.testResults.flatMap((suite) => suite.assertionResults)) {
		if (status === 'pending' || status === 'todo') say(`skipped: ${fullName}`);
	}
	const failed = report.numFailedTests + report.numRuntimeErrorTestSuites;
	return {
		passed: report.numPassedTests,
		// A run that went wrong outside of any test, or found none, is no success.
		failed: failed === 0 && (code !== 0 || report.numPassedTests === 0) ? 1 : failed,
		skipped: report.numPendingTests + report.numTodoTests,
	};
}

/** Runs one command in a process group of its own; what takes too long is ended with all that it started. */
function run(command: string[], limit: number, environment: Record<string, string> = {}): Promise<number> {
	const [file = '', ...args] = command;
	return new Promise((resolve) => {
		const child = spawn(file, args, {
			cwd: root,
			env: { ...process.env, ...environment },
			stdio: ['ignore', 'inherit', 'inherit'],
			detached: true,
		});
		const end = (signal: NodeJS.Signals) => {
			try {
				if (child.pid) process.kill(-child.pid, signal);
			} catch {
				// It has ended by itself.
			}
		};
		const late = setTimeout(() => {
			say(`${command.join(' ')} has not ended after ${limit / minute} minutes: ending it`);
			end('SIGTERM');
			setTimeout(() => end('SIGKILL'), 10_000).unref();
		}, limit);
		const interrupted = () => end('SIGTERM');
		process.once('SIGINT', interrupted).once('SIGTERM', interrupted);
		const ended = (code: number) => {
			clearTimeout(late);
			process.off('SIGINT', interrupted).off('SIGTERM', interrupted);
			resolve(code);
		};
		child.once('error', (cause) => {
			say(cause.message);
			ended(127);
		});
		child.once('exit', (code) => ended(code ?? 1));
	});
}

function said(well: boolean, name: string): Count {
	say(`${well ? 'ok' : 'FAILED'}: ${name}`);
	return { passed: well ? 1 : 0, failed: well ? 0 : 1, skipped: 0 };
}

function say(text: string): void {
	process.stdout.write(`  ${text}\n`);
}

function total(counts: Count[]): Count {
	const sum = (part: keyof Count) => counts.reduce((all, count) => all + count[part], 0);
	return { passed: sum('passed'), failed: sum('failed'), skipped: sum('skipped') };
}

const line = (count: Count) => `${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`;
const seconds = (since: number) => `${Math.round((Date.now() - since) / 1000)} s`;

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !stages.some((stage) => stage.name === name));
if (unknown.length > 0) {
	process.stderr.write(
		`There is no stage "${unknown.join('", "')}". Stages: ${stages.map((s) => s.name).join(', ')}\n`,
	);
	process.exit(2);
}

const results = new Map<string, Count>();
const summary: string[] = [];
for (const stage of stages) {
	if (asked.length > 0 && !asked.includes(stage.name)) {
		summary.push(`${stage.name.padEnd(9)} left out: not among the stages asked for`);
		continue;
	}
	process.stdout.write(`\n── ${stage.name}: ${stage.what}\n`);
	const since = Date.now();
	const missing = (stage.needs ?? []).filter((name) => (results.get(name)?.failed ?? 0) > 0);
	const count =
		missing.length > 0
			? said(false, `not run, because of what failed in: ${missing.join(', ')}`)
			: await stage.run();
	results.set(stage.name, count);
	summary.push(`${stage.name.padEnd(9)} ${line(count)} (${seconds(since)})`);
}
rmSync(scratch, { recursive: true, force: true });

const all = total([...results.values()]);
process.stdout.write(
	`\n── all stages, ${seconds(started)} on Node ${process.versions.node}\n${summary.join('\n')}\n\n${line(all)}\n`,
);
process.exit(all.failed > 0 || all.passed === 0 ? 1 : 0);
