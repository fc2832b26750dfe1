/** The sandbox as a process of its own; says where it is, and on demand what it has received. */
import { startSandbox } from '../sandbox/server';

async function main(): Promise<void> {
	const sandbox = await startSandbox();
	process.send?.({ url: sandbox.url });
	process.on('message', () => {
		const { sms, mails } = sandbox.world.counters();
		process.send?.({ sms, mails });
	});
	process.on('disconnect', () => process.exit(0));
}

main().catch((cause: unknown) => {
	process.stderr.write(`${String(cause)}\n`);
	process.exit(1);
});
