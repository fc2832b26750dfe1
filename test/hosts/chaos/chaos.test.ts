/** The trials of `npm run chaos`, short: a few kills of each kind, and the books balance. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Line, breakOff, play } from '../../../chaos/play';
import { scenarios } from '../../../chaos/scenarios';

jest.setTimeout(240_000);

const root = join(__dirname, '../../..');
/** The same moments each time; `npm run chaos -- --only … --seed …` repeats one alone. */
const SEED = 20_261_122;
let evidence: string;
beforeAll(() => {
	evidence = mkdtempSync(join(tmpdir(), 'member-journeys-evidence-'));
});
afterAll(async () => {
	await breakOff();
	rmSync(evidence, { recursive: true, force: true });
});

async function trial(name: string, kills: number, people: number): Promise<Line> {
	const scenario = scenarios.find((one) => one.name === name);
	if (!scenario) throw new Error(`There is no scenario ${name}.`);
	const said: string[] = [];
	const { findings, exits, reasons, ...line } = await play(scenario, {
		root,
		run: 1,
		seed: SEED,
		kills,
		people,
		tell: (text) => void said.push(text),
		evidence,
	});
	process.stdout.write(`${JSON.stringify(line)}\n`);
	expect({ findings, said: findings.length > 0 ? [...said, JSON.stringify(reasons)] : [] }).toEqual({
		findings: [],
		said: [],
	});
	expect(Object.keys(exits).length).toBeGreaterThan(1);
	return line;
}

const balanced = { lost: 0, duplicated: 0, balanced: true };

test('Node-RED on the embedded store, killed three times', async () => {
	expect(await trial('nodered-embedded', 3, 60)).toMatchObject({ kills: 3, people: 60, ...balanced });
});

test('two Node-REDs on one PostgreSQL, one or the other killed three times', async () => {
	expect(await trial('nodered-two', 3, 60)).toMatchObject({ kills: 3, people: 60, ...balanced });
});

test('PostgreSQL under Node-RED, killed three times', async () => {
	expect(await trial('nodered-database', 3, 60)).toMatchObject({ kills: 3, people: 60, ...balanced });
});
