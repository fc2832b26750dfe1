/** `npm run bench [name …]`: one JSON line per figure on standard output; what it is doing goes to standard error. */
import type { Bench, Figure } from './figure';
import { segments } from './segments';
import { throughput } from './throughput';
import { waiting } from './waiting';
import { wake } from './wake';

const benches: Record<string, Bench> = { throughput, wake, waiting, segments };

async function main(): Promise<void> {
	const asked = process.argv.slice(2);
	const unknown = asked.filter((name) => !(name in benches));
	if (unknown.length > 0) {
		process.stderr.write(
			`There is no benchmark "${unknown.join('", "')}". There are: ${Object.keys(benches).join(', ')}\n`,
		);
		process.exitCode = 2;
		return;
	}
	for (const [name, bench] of Object.entries(benches)) {
		if (asked.length > 0 && !asked.includes(name)) continue;
		await bench({
			figure: (figure) => {
				const whole: Figure = { bench: name, ...figure };
				process.stdout.write(`${JSON.stringify(whole)}\n`);
			},
			doing: (what) => process.stderr.write(`  ${name}: ${what}\n`),
		});
	}
}

main().catch((cause: unknown) => {
	process.stderr.write(`${cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)}\n`);
	process.exitCode = 1;
});
