/**
 * `npm run bench [name …] [-- --people N]`: one JSON line per figure on standard output; what it is doing, and how busy
 * the machine is, goes to standard error. `--people` keeps every size at N at most, for a quick look; `--seeds`, `--febrl`
 * and `--picture` are for `gifts`.
 */
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { callList } from './callList';
import type { Bench, Figure } from './figure';
import { gifts, giftsMillion } from './gifts';
import { importing } from './importing';
import { inbound } from './inbound';
import { letters } from './letters';
import { messages } from './messages';
import { peers } from './peers';
import { segments } from './segments';
import { throughput } from './throughput';
import { waiting } from './waiting';
import { wake } from './wake';

const benches: Record<string, Bench> = {
	throughput,
	wake,
	waiting,
	segments,
	import: importing,
	messages,
	inbound,
	letters,
	callList,
	gifts,
	giftsMillion,
	peers,
};

async function main(): Promise<void> {
	const { values, positionals: asked } = parseArgs({
		options: {
			people: { type: 'string' },
			seeds: { type: 'string' },
			febrl: { type: 'string' },
			picture: { type: 'string' },
		},
		allowPositionals: true,
	});
	const most = values.people === undefined ? Infinity : Number(values.people);
	const unknown = asked.filter((name) => !(name in benches));
	if (unknown.length > 0 || !(most >= 100)) {
		process.stderr.write(
			unknown.length > 0
				? `There is no benchmark "${unknown.join('", "')}". There are: ${Object.keys(benches).join(', ')}\n`
				: '--people takes a number from 100 on.\n',
		);
		process.exitCode = 2;
		return;
	}
	for (const [name, bench] of Object.entries(benches)) {
		if (asked.length > 0 && !asked.includes(name)) continue;
		const doing = (what: string) =>
			process.stderr.write(`  ${name}: ${what} (load ${loadavg()[0]?.toFixed(1)})\n`);
		await bench({
			figure: (figure) => {
				const whole: Figure = { bench: name, ...figure };
				process.stdout.write(`${JSON.stringify(whole)}\n`);
			},
			doing,
			size: (usual) => Math.min(usual, most),
			wish: (name) => values[name],
			sizes: (usual) => [...new Set(usual.map((size) => Math.min(size, most)))],
		});
	}
}

main().catch((cause: unknown) => {
	process.stderr.write(`${cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)}\n`);
	process.exitCode = 1;
});
