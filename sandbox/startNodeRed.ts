/**
 * `npm start`: a real Node-RED with the packed steps, the fictional register, the sandbox and a journey of `flows/`,
 * deployed and running. Everything lies under `.try/` and is fresh at each start.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { packNodeRed } from '../hosts/runtime/nodeRedPackage';
import { installPackage, startNodeRed } from '../hosts/runtime/nodeRedProcess';
import { freePort } from '../hosts/runtime/ports';
import { openStore } from '../core/store/store';
import { fillExampleStore } from './exampleStore';
import { introduce } from './introduce';
import { type FlowNode, ledToSandbox } from './nodeRedFlow';
import { type Sandbox, startSandbox } from './server';
import { templateFile } from './templateFile';

const root = join(__dirname, '..');
const NODE_RED_PORT = 1880;
const SANDBOX_PORT = 1890;
const TELL_EVERY_MS = 2_000;

function say(line: string): void {
	process.stdout.write(`${line}\n`);
}

async function start(): Promise<void> {
	const closing: Array<() => Promise<unknown>> = [];
	const ended = new AbortController();
	// Ctrl-C in a terminal reaches Node-RED as well; both wait for each other's end here.
	for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => ended.abort());
	const ending = new Promise<void>((resolve) => ended.signal.addEventListener('abort', () => resolve()));
	try {
		const flow = (await templateFile(root, 'node-red.json', process.argv[2])) as FlowNode[];
		const folder = join(root, '.try');
		const userDir = join(folder, 'node-red');
		await rm(folder, { recursive: true, force: true });

		say('Packing and installing the steps …');
		await installPackage(userDir, await packNodeRed(root, folder));

		const sandbox = await startSandbox({ port: await freePort(SANDBOX_PORT) });
		closing.push(() => sandbox.close());
		await fillExampleStore(join(userDir, 'member-journeys.db'), sandbox.world.clock);

		say('Starting Node-RED …');
		const port = await freePort(NODE_RED_PORT);
		const nodeRed = await startNodeRed({
			userDir,
			port,
			root,
			settings: { memberJourneysPublicUrl: `http://127.0.0.1:${port}` },
			onLine: (line) => /\[(warn|error)\] \[/.test(line) && say(line),
		});
		closing.push(() => nodeRed.stop());
		nodeRed.process.once('exit', (code) => {
			if (!ended.signal.aborted)
				say(`Node-RED has ended (exit code ${code}):\n${nodeRed.log().slice(-2_000)}`);
			ended.abort();
		});
		const sftp = { port: sandbox.sftpPort, hostKey: sandbox.world.sftp.fingerprint };
		await nodeRed.deploy(ledToSandbox(flow, sandbox.url, sandbox.smtpPort, sftp));
		const store = await openStore({ url: join(userDir, 'member-journeys.db') });
		await introduce(sandbox, store).finally(() => store.close());

		say('');
		say(`The journey           ${nodeRed.url}`);
		say(`The sandbox           ${sandbox.url}  (phones, inboxes, letterboxes, calls, and the clock)`);
		say('');
		say('Ctrl+C ends everything; the next start is a fresh one.');
		say('');
		const telling = tellWhatHappens(sandbox);
		closing.push(async () => clearInterval(telling));
		await ending;
		say('\nEnding …');
	} finally {
		for (const close of closing.reverse()) await close().catch((cause: unknown) => say(String(cause)));
	}
}

/** One line whenever something has happened in the sandbox. */
function tellWhatHappens({ world }: Sandbox): NodeJS.Timeout {
	let before = '';
	return setInterval(() => {
		const { sms, replies, mails, opens, clicks, unsubscribes, letters, leads, gifts } = world.counters();
		const figures = { mails, opens, clicks, unsubscribes, sms, replies, letters, leads, gifts };
		const said = Object.entries(figures)
			.filter(([, count]) => count > 0)
			.map(([what, count]) => `${count} ${what}`)
			.join(', ');
		if (said === before) return;
		before = said;
		say(`${new Date(world.clock.now()).toLocaleString('nb-NO')}   ${said}`);
	}, TELL_EVERY_MS);
}

start().then(
	() => process.exit(0),
	(cause: unknown) => {
		process.stderr.write(`${cause instanceof Error ? cause.message : String(cause)}\n`);
		process.exit(1);
	},
);
