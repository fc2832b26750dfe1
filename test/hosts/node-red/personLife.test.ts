/** A person's whole story in a real Node-RED: told, exported, merged and erased while they wait on a journey. */
import { type FlowNode, ledToSandbox } from '../../../sandbox/nodeRedFlow';
import { placesWith } from '../../unit/register/wholeLife';
import { until } from '../../unit/journeys/story';
import { type RealNodeRed, realNodeRed } from './realNodeRed';

jest.setTimeout(120_000);

const register = [
	'Medlemsnummer;Fornavn;Etternavn;E-post;Mobil;Status;Samtykke e-post;Samtykke SMS',
	'101;Kari;Eksempel;kari@example.org;+4740000101;Aktiv;Ja;Ja',
	'102;Karianne;Eksempel;kari@example.org;+4740000102;Aktiv;Ja;Ja',
	'103;Ola;Prøve;ola@example.org;+4740000103;Aktiv;Ja;Ja',
].join('\n');

let real: RealNodeRed;

/** POST /<name> → Person with this operation → what left, by which output; what Catch got, by none. */
function operation(name: string, params: object): FlowNode[] {
	const id = (part: string) => `${name}-${part}`;
	const told = (part: string, output: string, words: string): FlowNode => ({
		id: id(part),
		type: 'change',
		z: 'tab',
		rules: [
			{ t: 'set', p: 'payload', pt: 'msg', to: words, tot: 'msg' },
			{ t: 'set', p: 'headers', pt: 'msg', to: `{"x-output":"${output}"}`, tot: 'json' },
		],
		wires: [[id('answer')]],
	});
	return [
		{ id: id('in'), type: 'http in', z: 'tab', url: `/${name}`, method: 'post', wires: [[id('step')]] },
		{
			id: id('step'),
			type: 'mj-person',
			z: 'tab',
			name,
			store: 'store',
			params: { operation: name, ...params },
			wires: [[id('done')], [id('refused')]],
		},
		told('done', 'done', 'payload'),
		told('refused', 'refused', 'payload'),
		{ id: id('catch'), type: 'catch', z: 'tab', scope: [id('step')], wires: [[id('caught')]] },
		told('caught', 'caught', 'error.message'),
		{ id: id('answer'), type: 'http response', z: 'tab', wires: [] },
	];
}

async function ask(name: string, items: object[]): Promise<{ output: string | null; body: string }> {
	const answer = await fetch(`${real.nodeRed.url}/${name}`, {
		method: 'POST',
		headers: { 'content-type': 'application/json' },
		body: JSON.stringify(items),
	});
	return { output: answer.headers.get('x-output'), body: await answer.text() };
}

beforeAll(async () => {
	real = await realNodeRed(register);
	await real.nodeRed.deploy([
		{ id: 'tab', type: 'tab', label: 'Velkommen' },
		...ledToSandbox(
			[{ id: 'store', type: 'mj-store', timeZone: 'Europe/Oslo', countryCode: '47' }],
			real.sandbox.url,
		),
		{
			id: 'enrol',
			type: 'mj-enrol',
			z: 'tab',
			name: 'Inn',
			store: 'store',
			params: { reentry: 'once' },
			wires: [['gate'], []],
		},
		{
			id: 'gate',
			type: 'mj-wait-for-goal',
			z: 'tab',
			name: 'Vent',
			store: 'store',
			params: { wait: 'duration', amount: 5, unit: 'days' },
			wires: [[], []],
		},
		{ id: 'in', type: 'http in', z: 'tab', url: '/enrol', method: 'post', wires: [['enrol', 'taken']] },
		{ id: 'taken', type: 'http response', z: 'tab', wires: [] },
		...operation('timeline', {}),
		...operation('export', {}),
		...operation('merge', { otherBy: 'memberNumber', otherRecord: '102' }),
		...operation('erase', { confirmation: '101', mostPeople: 1 }),
	]);
	await ask('enrol', [{ memberNumber: '102' }, { memberNumber: '103' }]);
	await until(
		async () =>
			(await real.store.db.selectFrom('traveller').select('hop').where('hop', '=', 1).execute()).length === 2,
	);
});
afterAll(() => real?.close());

test('told, merged while waiting, exported and erased; the other one waits on', async () => {
	const merged = await ask('merge', [{ memberNumber: '101' }]);
	expect(merged).toMatchObject({ output: 'done' });
	expect(JSON.parse(merged.body)).toEqual([
		expect.objectContaining({ merge: expect.objectContaining({ merged: true, enrolmentsMoved: 1 }) }),
	]);

	const [told] = JSON.parse((await ask('timeline', [{ memberNumber: '101' }])).body) as [
		{ timeline: { now: object[]; events: Array<{ what: string; by?: string }> } },
	];
	expect(told.timeline.now).toEqual([
		expect.objectContaining({ journey: 'Velkommen', step: 'Vent', state: 'waiting', path: ['Vent'] }),
	]);
	expect(told.timeline.events).toContainEqual(
		expect.objectContaining({ what: 'operation', kind: 'merged', by: 'Velkommen / merge' }),
	);

	const exported = await ask('export', [{ memberNumber: '101' }]);
	expect(exported.body).toContain('+4740000102');
	expect(exported.body).not.toContain('+4740000103');

	const tooMany = await ask('erase', [{ memberNumber: '101' }, { memberNumber: '103' }]);
	expect(tooMany).toMatchObject({ output: 'caught', body: expect.stringContaining('People at Most') });
	expect(await ask('erase', [{ memberNumber: '103' }])).toMatchObject({
		output: 'refused',
		body: expect.stringContaining('Member Number Again'),
	});
	const [{ id }] = (await real.store.db
		.selectFrom('person')
		.select('id')
		.where('member_number', '=', '101')
		.execute()) as [{ id: number }];
	const erased = await ask('erase', [{ memberNumber: '101' }]);
	expect(erased).toMatchObject({ output: 'done' });
	expect(JSON.parse(erased.body)).toEqual([
		{ memberNumber: '101', erased: expect.objectContaining({ journeysLeft: 1, enrolments: 1 }) },
	]);
	expect(
		await placesWith(real.store, id, ['kari@example.org', '+4740000101', '+4740000102', 'Karianne']),
	).toEqual([]);
	const left = await real.store.db
		.selectFrom('traveller as t')
		.innerJoin('person as p', 'p.id', 't.person_id')
		.select(['p.member_number', 't.state'])
		.execute();
	expect(left).toEqual([{ member_number: '103', state: 0 }]);
});
