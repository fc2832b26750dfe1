/** The journeys in `flows/` on the example register: they find their people, and what they write and say can be filled in. */
import { globSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod/v4';
import { virtualClock } from '../../../core/journeys/clock';
import { importPersons } from '../../../core/register/import/csv';
import { defaultOrganisation } from '../../../core/register/organisation';
import { personViews } from '../../../core/register/person';
import { previewSegment } from '../../../core/segments/segment';
import { callList } from '../../../nodes/CallList/callList';
import { post } from '../../../nodes/Post/post';
import { segmentForm, segmentIn } from '../../../nodes/segmentForm';
import { exampleMapping } from '../../../sandbox/exampleStore';
import { exampleRegister } from '../../../sandbox/register';
import { type TestStore, newStore } from '../stores';
import { NOW, runStep } from './stepRun';

const OURS = 'n8n-nodes-member-journeys.';
const ZONE = 'Europe/Oslo';

const workflow = z.object({
	nodes: z.array(
		z.object({ name: z.string(), type: z.string(), parameters: z.record(z.string(), z.unknown()) }),
	),
});
const stepsOf = (type: string) =>
	globSync('flows/*/n8n.json', { cwd: join(__dirname, '../../..') }).flatMap((file) =>
		workflow
			.parse(JSON.parse(readFileSync(join(__dirname, '../../..', file), 'utf8')))
			.nodes.filter((node) => node.type === `${OURS}${type}`)
			.map(({ name, parameters }): [string, Record<string, unknown>] => [
				`${basename(dirname(file))}: ${name}`,
				parameters,
			]),
	);

let store: TestStore;
beforeAll(async () => {
	store = await newStore('sqlite');
	const today = new Date(NOW).toISOString().slice(0, 10);
	await importPersons(store.store, virtualClock(NOW), exampleRegister({ persons: 400, today }), {
		organisation: defaultOrganisation,
		source: 'example register',
		mapping: exampleMapping,
	});
});
afterAll(() => store?.remove());

const people = async (ids: readonly number[]) =>
	[...(await personViews(store.store, ids, NOW, ZONE)).values()].map((person) => ({ person }));
const some = () => people(Array.from({ length: 12 }, (_, place) => place + 1));

// The example register has no gifts, and other labels.
test.each(stepsOf('journeyStart').filter(([name]) => !/^(monthly-giver|still-student)/.test(name)))(
	'%s finds people',
	async (_, parameters) => {
		const form = z.object(segmentForm).parse(parameters);
		const found = await previewSegment(store.store, await segmentIn(store.store, form), NOW, 5, ZONE);
		expect(found.length).toBeGreaterThan(0);
	},
);

test.each(stepsOf('post'))('%s is a letter to everybody who has an address', async (_, parameters) => {
	const everybody = await some();
	const { outputs } = await runStep(post, store.store, parameters, everybody, { testRun: true });
	const [letters = [], leftOut = []] = outputs;
	const said = z.object({ letter: z.looseObject({ pages: z.number() }) });
	expect(letters.map((one) => said.parse(one).letter.pages).every((pages) => pages === 1)).toBe(true);
	const why = z.object({ letter: z.object({ code: z.string() }) });
	expect(new Set(leftOut.map((one) => why.parse(one).letter.code))).toEqual(
		new Set(leftOut.length > 0 ? ['addressIncomplete'] : []),
	);
	expect(letters.length).toBeGreaterThan(8);
});

test.each(stepsOf('callList').filter(([, { resource }]) => resource === 'call'))(
	'%s tells the callers what to say',
	async (_, parameters) => {
		const { outputs } = await runStep(callList, store.store, parameters, await some(), { testRun: true });
		const [yes = [], no = [], notReached = [], leftOut = []] = outputs;
		const lead = z.object({ call: z.object({ lead: z.object({ script: z.string() }) }) });
		const scripts = [...yes, ...no, ...notReached].map((one) => lead.parse(one).call.lead.script);
		expect(scripts.length).toBeGreaterThan(5);
		expect(scripts.filter((script) => script.length < 100 || /[{}%]{2}/.test(script))).toEqual([]);
		const why = z.object({ call: z.object({ code: z.string() }) });
		for (const one of leftOut) expect(['noNumber', 'underAge']).toContain(why.parse(one).call.code);
	},
);
