/**
 * `npm run chaos`: one JSON line per run on standard output; what is happening goes to standard error. Ends with 1 when
 * somebody was lost, something came twice, or the books do not balance.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { breakOff, play } from './play';
import { scenarios } from './scenarios';

const root = join(__dirname, '..');
const help = `npm run chaos [-- options]
  --only name[,name]  only these scenarios: ${scenarios.map(({ name }) => name).join(', ')}
  --runs n            runs of each scenario (default: as many as a full trial has)
  --kills n           kills in each run
  --people n          people in each run
  --seed n            of the first run; the following runs count on from it. Given again, it draws the same moments
  --keep folder       the host's log and the tables of runs whose books do not balance
`;

const tell = (line: string) => void process.stderr.write(`${line}\n`);

function number(text: string | undefined, name: string): number | undefined {
	if (text === undefined) return undefined;
	const value = Number(text);
	if (Number.isInteger(value) && value >= 0) return value;
	throw new Error(`--${name} takes a whole number.`);
}

async function main(): Promise<boolean> {
	const { values } = parseArgs({
		options: {
			only: { type: 'string' },
			runs: { type: 'string' },
			kills: { type: 'string' },
			people: { type: 'string' },
			seed: { type: 'string' },
			keep: { type: 'string' },
			help: { type: 'boolean' },
		},
	});
	if (values.help) {
		tell(help);
		return true;
	}
	const only = values.only?.split(',');
	const unknown = only?.filter((name) => !scenarios.some((scenario) => scenario.name === name)) ?? [];
	if (unknown.length > 0) throw new Error(`There is no scenario "${unknown.join('", "')}".\n${help}`);
	const chosen = scenarios.filter(({ name }) => !only || only.includes(name));
	let seed = number(values.seed, 'seed') ?? Math.floor(Math.random() * 1_000_000);
	let run = 0;
	let well = true;
	const sum = { runs: 0, kills: 0, people: 0, messages: 0, lost: 0, duplicated: 0, unknown: 0, stuck: 0 };
	for (const scenario of chosen) {
		for (let i = 0; i < (number(values.runs, 'runs') ?? scenario.runs); i += 1) {
			run += 1;
			tell(`${scenario.name}, run ${i + 1}: ${scenario.what}. Seed ${seed}`);
			const { findings, exits, reasons, ...line } = await play(scenario, {
				root,
				run,
				seed,
				kills: number(values.kills, 'kills'),
				people: number(values.people, 'people'),
				tell,
				evidence: values.keep,
			});
			process.stdout.write(`${JSON.stringify(line)}\n`);
			tell(
				`  ${Object.entries(exits)
					.map(([how, count]) => `${how}: ${count}`)
					.join(', ')}`,
			);
			for (const [reason, count] of Object.entries(reasons)) tell(`  ${count} stuck ${reason}`);
			for (const finding of findings.slice(0, 40)) tell(`  ${finding}`);
			well &&= line.balanced && line.lost === 0 && line.duplicated === 0;
			sum.runs += 1;
			for (const key of ['kills', 'people', 'messages', 'lost', 'duplicated', 'unknown', 'stuck'] as const)
				sum[key] += line[key];
			seed += 1;
		}
	}
	tell(
		`In all: ${Object.entries(sum)
			.map(([what, count]) => `${count} ${what}`)
			.join(', ')}`,
	);
	return well;
}

for (const signal of ['SIGINT', 'SIGTERM'] as const)
	process.once(signal, () => void breakOff().finally(() => process.exit(130)));

main().then(
	(well) => process.exit(well ? 0 : 1),
	(cause: unknown) => {
		tell(cause instanceof Error ? (cause.stack ?? cause.message) : String(cause));
		process.exit(1);
	},
);
