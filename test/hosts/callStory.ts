/**
 * People who are called: one says yes, one no, one number is wrong, one is reserved, and one pays before their phone
 * rings and is taken back from the callers. Told once, played in both hosts and with each way to the callers.
 */
import { sql } from 'kysely';
import { registerGifts } from '../../core/register/gifts';
import { STUCK } from '../../core/store/schema';
import type { Said } from '../../sandbox/dialer/agency';
import { eveningAfter } from './quietStory';
import { type Told, whereabouts } from './whereabouts';

export interface CallHost extends Told {
	/** Publishes or deploys {@link callWires}. */
	goLive(): Promise<void>;
}

export type Way = 'adversus' | 'file' | 'vicidial';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** A series of its own: other stories are told in the same sandbox. */
const phoneOf = (way: Way, end: number) => `+4740008${['adversus', 'file', 'vicidial'].indexOf(way)}0${end}`;

export const callRegister = (way: Way) =>
	[
		'Medlemsnummer;Fornavn;Etternavn;Mobil;Fødselsdato',
		`1;Kari;Eksempel;${phoneOf(way, 1)};01.02.1980`,
		`2;Ola;Eksempel;${phoneOf(way, 2)};01.02.1980`,
		`3;Eva;Eksempel;${phoneOf(way, 3)};01.02.1980`,
		`4;Siv;Eksempel;${phoneOf(way, 4)};01.02.1980`,
		`5;Per;Eksempel;${phoneOf(way, 5)};01.02.1980`,
		`6;Mona;Eksempel;${phoneOf(way, 6)};${new Date().getFullYear() - 10}-05-04`,
	].join('\n');

/** What of the form is about this way to the callers. */
const ways: Record<Way, object> = {
	file: { folder: 'calls/in', resultFolder: 'calls/out', everyMinutes: 5, format: 'csvSemicolon' },
	adversus: {
		campaignId: 71,
		poolId: 72,
		masterFields: {
			field: [
				{ value: 'phone', name: '', id: 1 },
				{ value: 'name', name: '', id: 2 },
				{ value: 'script', name: '', id: 3 },
			],
		},
		resultFields: { field: [{ id: 9002, field: 'amount' }] },
		takenBack: 'delete',
		lookMinutes: 5,
	},
	vicidial: { listId: '7101', dialerCampaign: 'OPPGRAD', takenBack: 'delete' },
};

/** The steps by name: type, fields as the forms have them. `field`: the item's field at this path. */
export const callSteps = (
	way: Way,
	field: (path: string) => unknown,
): Record<string, [type: string, params: object]> => ({
	Start: [
		'journeyStart',
		{
			starts: 'now',
			reentry: 'once',
			restart: 'atOnce',
			journeyGoals: { goal: [{ kind: 'gift', minimum: 0, campaign: '' }] },
		},
	],
	Ring: [
		'callList',
		{
			profile: way,
			why: 'conversion',
			campaign: 'Faste givere',
			script: 'Hei, er det {{ person.givenName }}? Takk for at du er medlem!',
			wash: 'agency',
			giveUpDays: 14,
			...ways[way],
			options: { yesLabel: 'fastgiver' },
		},
	],
	Ja: ['journeyExit', { reason: field('call.amount') }],
	Nei: ['journeyExit', { reason: field('call.disposition') }],
	'Ikke nådd': ['journeyExit', { reason: field('call.disposition') }],
	Utelatt: ['journeyExit', { reason: field('call.code') }],
});

/** From a step to the step at each of its outputs. */
export const callWires: Record<string, string[]> = {
	Start: ['Ring'],
	Ring: ['Ja', 'Nei', 'Ikke nådd', 'Utelatt'],
};

export function callStory(way: Way, host: () => CallHost): void {
	const { until, untilAt, forward, forwardUntil, places, post } = whereabouts(host);
	const world = () => host().sandbox.world;
	const db = () => host().store.reader;
	const personOf = (name: string) =>
		db().selectFrom('person').selectAll().where('given_name', '=', name).executeTakeFirstOrThrow();
	/** Kari's phone ends with 1, Ola's with 2 … */
	const leadsOf = (end: number) => world().agency.find(({ phone }) => phone === phoneOf(way, end));
	const ring = async (end: number, said: Said) => {
		const [lead] = leadsOf(end);
		expect(await post(`/leads/${lead!.id}/ring`, said)).toMatchObject({ rung: true });
	};
	/** As somebody at the agency enters it: where the dialer tells of its calls. */
	const tellWhere = async () => {
		if (way !== 'vicidial') return;
		const find = () =>
			db().selectFrom('setting').select('value').where('key', 'like', 'calls:address %').executeTakeFirst();
		await until('the step has an address', async () => (await find()) !== undefined);
		const variables = ['ref', 'dispo', 'talk_time', 'called_count', 'amount'].map(
			(name) => `${name}=--A--${name === 'ref' ? 'vendor_lead_code' : name}--B--`,
		);
		const url = `${(await find())!.value}&${variables.join('&')}`;
		await post('/dialer/urls', { dispoCallUrl: url, noAgentCallUrl: url });
	};

	test('who may be called is with the callers, who is reserved or under age leaves with the reason', async () => {
		const { store } = host();
		const { id } = await personOf('Siv');
		const { clock } = world();
		await store.db
			.insertInto('reservation')
			.values({ person_id: id, channel: 'phone', source: 'test', at: clock.now() })
			.execute();
		// A Tuesday, at ten in the morning.
		await forward(eveningAfter(clock.now()) - 12 * HOUR - clock.now());
		await host().goLive();
		await tellWhere();
		await untilAt({ Kari: 'at Ring', Siv: 'reserved', Per: 'at Ring', Mona: 'underAge' });
		await forwardUntil('four leads are there', 5 * MINUTE, () =>
			[1, 2, 3, 5].every((end) => leadsOf(end).length === 1),
		);
		expect([4, 6].flatMap((end) => leadsOf(end))).toEqual([]);
		expect(JSON.stringify(leadsOf(1)[0]!.fields)).toContain('Hei, er det Kari?');
	});

	test('who pays before the phone rings is taken back from the callers', async () => {
		const { store } = host();
		const { id } = await personOf('Per');
		const now = world().clock.now();
		const gift = { personId: id, source: 'test', sourceId: 'call-gift', amountOre: 25_000, givenAt: now };
		await store.write((writing) => registerGifts(writing, store, now, [gift]));
		await forwardUntil('the lead is withdrawn', 5 * MINUTE, () => leadsOf(5)[0]!.state === 'withdrawn');
		await untilAt({ Per: 'goal' });
	});

	test('each goes on by how their call ended, and the register knows it', async () => {
		// Not in the same second as the hand-over: results are asked for from then on.
		await forward(MINUTE);
		await ring(1, { outcome: 'noAnswer' });
		await ring(1, { outcome: 'yes', amount: 150 });
		await ring(2, { outcome: 'doNotCall' });
		await ring(3, { outcome: 'wrongNumber' });
		// VICIdial has one code for numbers that are out of use and numbers that are somebody else's.
		const eva = way === 'vicidial' ? 'invalid' : 'wrongNumber';
		const all = { Kari: '150', Ola: 'askedNotToBeCalled', Eva: eva };
		await forwardUntil(JSON.stringify(all), 5 * MINUTE, async () => {
			const there = await places();
			return Object.entries(all).every(([name, place]) => there[name] === place);
		});
		const kari = await personOf('Kari');
		const ola = await personOf('Ola');
		expect(await db().selectFrom('label').select(['person_id', 'label']).execute()).toEqual([
			{ person_id: kari.id, label: 'fastgiver' },
		]);
		expect(
			await db().selectFrom('reservation').select('channel').where('person_id', '=', ola.id).execute(),
		).toEqual([{ channel: 'phone' }]);
	});

	test('nobody was handed over twice, nobody is stuck, and who is out is out', async () => {
		const four = [1, 2, 3, 5].map((end) => leadsOf(end).length);
		expect(four).toEqual([1, 1, 1, 1]);
		const rows = await db()
			.selectFrom('dispatch as d')
			.innerJoin('person as p', 'p.id', 'd.person_id')
			.select(['p.given_name', 'd.state'])
			.orderBy('p.given_name')
			.execute();
		expect(Object.fromEntries(rows.map((row) => [row.given_name, row.state]))).toMatchObject({
			Per: 'cancelled',
			Siv: 'skipped',
			Mona: 'skipped',
		});
		const { n } = await db()
			.selectFrom('traveller')
			.select(sql<number>`count(*)`.as('n'))
			.executeTakeFirstOrThrow();
		expect(Number(n)).toBe(0);
		expect(await db().selectFrom('traveller').selectAll().where('state', '=', STUCK).execute()).toEqual([]);
	});
}
