/**
 * People who are asked by SMS and answer, who give by SMS, who click in a mail and unsubscribe from it, and what Make is
 * told of them: told once, played in both hosts.
 */
import { STUCK } from '../../core/store/schema';
import { callbackAddress } from '../../providers/callback';
import { triggerAddress } from '../../providers/smtp/links';
import { type Told, whereabouts } from './whereabouts';

export interface TalkHost extends Told {
	/** Publishes or deploys {@link wires}. */
	goLive(): Promise<void>;
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

export const talkRegister = [
	'Medlemsnummer;Fornavn;Etternavn;E-post;Mobil;Samtykke SMS;Samtykke e-post',
	'1;Kari;Eksempel;kari@example.org;+4740000401;Ja;Ja',
	'2;Ola;Eksempel;ola@example.org;+4740000402;Ja;Ja',
	'3;Eva;Eksempel;eva@example.org;+4740000403;Ja;Ja',
	'4;Per;Eksempel;per@example.org;+4740000404;Ja;Ja',
	'5;Siv;Eksempel;siv@example.org;+4740000405;Ja;Ja',
	'6;Mona;Eksempel;mona@example.org;;Ja;Ja',
].join('\n');

/** What one host writes as an expression, and another as a lookup: the item's field at this path. */
export type Field = (path: string) => unknown;

/** The steps by name: type, fields as the forms have them. `list`: the id of a list in Make. */
export const talkSteps = (list: string, field: Field): Record<string, [type: string, params: object]> => ({
	Start: ['journeyStart', { starts: 'now', reentry: 'once', restart: 'atOnce' }],
	Spør: [
		'linkConversation',
		{
			via: 'myLink',
			sender: '2333',
			question: 'Hei {{ person.givenName }}! Er du fortsatt student?',
			answers: 'yesNo',
			amount: 3,
			unit: 'days',
			askAgain: 1,
			save: {
				row: [
					{ to: 'removeLabel', on: 'Nei', label: 'student' },
					{ to: 'attribute', on: '', key: 'studentstatus', value: '' },
				],
			},
		},
	],
	'Ikke sendt': ['journeyExit', { reason: 'Ikke sendt' }],
	'Intet svar': ['journeyExit', { reason: 'Intet svar' }],
	'Forsto ikke': ['journeyExit', { reason: 'Forsto ikke' }],
	Mail: [
		'email',
		{
			from: 'Eksempelforeningen <post@example.org>',
			subject: 'Hei {{ person.givenName }}',
			body: '<p>Takk! <a href="https://example.org/student">Tilbud til studenter</a></p>',
			track: true,
		},
	],
	Klikker: [
		'waitForGoal',
		{
			goals: { goal: [{ kind: 'clicked' }] },
			wait: 'duration',
			amount: 2,
			unit: 'days',
			since: 'previousDispatch',
		},
	],
	Klikket: ['journeyExit', { reason: 'Klikket' }],
	'Klikket ikke': ['journeyExit', { reason: 'Klikket ikke' }],
	'Til Make': [
		'makeSubscribers',
		{ resource: 'subscriber', operation: 'upsert', lists: [list], tags: 'ikke student' },
	],
	'Fra Make': ['makeSubscribers', { resource: 'subscriber', operation: 'get', by: 'email' }],
	Nei: ['journeyExit', { reason: field('make.subscriber.email') }],
	Lister: ['makeSubscribers', { resource: 'list', operation: 'getMany', returnAll: true }],
	LINK: [
		'linkTrigger',
		{
			events: ['inbound'],
			routes: { route: [{ keyword: 'GAVE', match: 'FIRST_WORD', number: '2333' }] },
			options: { keywords: 'GAVE' },
		},
	],
	Gave: [
		'linkPayment',
		{
			operation: 'answerDonation',
			keywords: 'GAVE',
			text: 'Takk for gaven på {{ charge.kroner }} kr!',
			productDescription: 'Gave',
			campaign: 'SMS',
		},
	],
	'Slik gjør du': [
		'linkSms',
		{ api: 'common', sender: '2333', to: field('sender'), text: 'Skriv GAVE 100.', purpose: '' },
	],
	'Mail inn': ['emailTrigger', { telling: { graceSeconds: 0, swiftSeconds: 0 }, pollMinutes: 0 }],
});

/** From a step to the step at each of its outputs. */
export const wires: Record<string, Array<string | undefined>> = {
	Start: ['Spør'],
	Spør: ['Ikke sendt', 'Intet svar', 'Forsto ikke', 'Mail', 'Til Make'],
	Mail: ['Klikker', undefined],
	Klikker: ['Klikket', 'Klikket ikke'],
	'Til Make': ['Fra Make', undefined],
	'Fra Make': ['Nei', undefined],
	Nei: ['Lister'],
	LINK: ['Gave'],
	Gave: [undefined, undefined, 'Slik gjør du'],
};

export function talkStory(host: () => TalkHost): void {
	const { places, until, untilAt, post } = whereabouts(host);
	const reply = (end: string, text: string) =>
		post<{ told: number | null }>(`/phones/+47400004${end}/reply`, { text });
	const got = (end: string) =>
		host()
			.sandbox.world.link.phones.of(`+47400004${end}`)
			.filter(({ from }) => from === 'organisation')
			.map(({ text }) => text);
	const db = () => host().store.reader;

	test('everybody with a phone is asked, and waits', async () => {
		const { store, sandbox } = host();
		sandbox.world.link.profile.reportAfterMs = 5;
		sandbox.world.linkCommon.profile.reportAfterMs = 5;
		await store.write(async ({ db: writing }) => {
			const people = await writing.selectFrom('person').select('id').execute();
			for (const { id } of people) {
				await writing.insertInto('label').values({ person_id: id, label: 'student', added_at: 1 }).execute();
				const tracking = { channel: 'email', purpose: 'tracking', granted: 1, source: 'test', at: 1 };
				await writing
					.insertInto('consent')
					.values({ person_id: id, ...tracking })
					.execute();
			}
		});
		const said = host().log().length;
		await host().goLive();
		await until('the triggers are there', async () => {
			const url = await callbackAddress(store, 'link');
			if (!url || !(await triggerAddress(store)) || sandbox.world.linkCommon.keywords.size === 0)
				return false;
			await post('/link/profile', { dlrUrl: url, moUrl: url });
			return true;
		});
		await untilAt({
			Kari: 'at Spør',
			Ola: 'at Spør',
			Eva: 'at Spør',
			Per: 'at Spør',
			Siv: 'at Spør',
			Mona: 'Ikke sendt',
		});
		expect(got('01')).toEqual(['Hei Kari! Er du fortsatt student?']);
		// Every step listens, also one whose form reads from the items.
		expect(host().log().slice(said)).not.toMatch(/failed to activate|cannot be read/);
	});

	test('each goes on by what they answer, and the register knows it; who is not understood is asked once more', async () => {
		expect(await reply('01', 'Ja takk! 😊')).toEqual({ told: 200 });
		await reply('02', 'nei, jeg jobber nå');
		await reply('03', 'kanskje');
		await reply('05', 'JA');
		await untilAt({ Kari: 'at Klikker', Siv: 'at Klikker', Ola: 'ola@example.org', Per: 'at Spør' });
		await until('Eva is asked again', () => got('03').length === 2);
		expect(got('03')[1]).toContain('Beklager, vi forsto ikke svaret.');
		await untilAt({ Eva: 'at Spør' });
		await reply('03', 'kanskje');
		await untilAt({ Eva: 'Forsto ikke' });
		expect(got('01')).toHaveLength(1);

		const labelled = await db()
			.selectFrom('label as l')
			.innerJoin('person as p', 'p.id', 'l.person_id')
			.select('p.given_name')
			.execute();
		expect(labelled.map(({ given_name }) => given_name).sort()).toEqual([
			'Eva',
			'Kari',
			'Mona',
			'Per',
			'Siv',
		]);
		const said = await db()
			.selectFrom('attribute as a')
			.innerJoin('person as p', 'p.id', 'a.person_id')
			.select(['p.given_name', 'a.value'])
			.where('a.key', '=', 'studentstatus')
			.execute();
		expect(Object.fromEntries(said.map((row) => [row.given_name, row.value]))).toEqual({
			Kari: 'Ja',
			Ola: 'Nei',
			Siv: 'Ja',
		});
	});

	test('who said no is told to Make, and read back from there', async () => {
		const { make, calls } = host().sandbox.world;
		const [subscriber] = [...make.subscribers.values()].filter(({ email }) => email === 'ola@example.org');
		expect([...subscriber!.tags]).toEqual(['ikke student']);
		expect(subscriber!.lists.size).toBe(1);
		await until('the lists were asked for', () =>
			calls
				.latest()
				.some(
					({ method, where, status }) =>
						method === 'GET' && /\/subscriberlists/.test(where) && status === 200,
				),
		);
	});

	test('a click in the mail lets its reader go on; one click on Unsubscribe is a no, looking at it is none', async () => {
		const { world } = host().sandbox;
		const [kari] = world.smtp.of('kari@example.org');
		const [siv] = world.smtp.of('siv@example.org');
		expect([kari!.subject, world.smtp.of('kari@example.org').length]).toEqual(['Hei Kari', 1]);
		const link = kari!.links.findIndex(({ text }) => text === 'Tilbud til studenter');
		expect(kari!.links[link]!.url).not.toContain('example.org');
		expect(
			await post<{ told: number }>(`/inboxes/kari@example.org/${kari!.id}/click`, { link }),
		).toMatchObject({ told: 302 });
		await untilAt({ Kari: 'Klikket', Siv: 'at Klikker' });

		const noes = async () => {
			const rows = await db()
				.selectFrom('consent as c')
				.innerJoin('person as p', 'p.id', 'c.person_id')
				.select(['p.given_name', 'c.purpose'])
				.where('c.granted', '=', 0)
				.where('c.channel', '=', 'email')
				.execute();
			return rows.map((row) => `${row.given_name}: ${row.purpose}`);
		};
		const address = /<(https?:[^>]+)>/.exec(siv!.headers['list-unsubscribe'] ?? '')?.[1] ?? '';
		const looked = await fetch(address);
		expect([looked.status, looked.headers.get('content-type')]).toEqual([
			200,
			expect.stringContaining('html') as string,
		]);
		expect(await noes()).toEqual([]);
		expect(await post<{ told: number }>(`/inboxes/siv@example.org/${siv!.id}/unsubscribe`)).toMatchObject({
			told: 200,
		});
		expect(await noes()).toEqual(['Siv: marketing']);
	});

	test('GAVE 100 is a gift once LINK reports it paid; what is no amount is answered with how to write it', async () => {
		expect(await reply('01', 'GAVE 100')).toEqual({ told: 200 });
		const gifts = () =>
			db()
				.selectFrom('gift as g')
				.innerJoin('person as p', 'p.id', 'g.person_id')
				.select(['p.given_name', 'g.amount_ore', 'g.campaign'])
				.execute();
		await until('the gift is there', async () => (await gifts()).length === 1);
		expect(await gifts()).toEqual([{ given_name: 'Kari', amount_ore: 10_000, campaign: 'SMS' }]);
		expect(got('01')).toEqual(['Hei Kari! Er du fortsatt student?', 'Takk for gaven på 100 kr!']);
		await reply('02', 'GAVE litt');
		await until('it is said how', () => got('02').at(-1) === 'Skriv GAVE 100.');
		expect(await gifts()).toHaveLength(1);
	});

	test('who never answers leaves as such, and nobody has been written to twice', async () => {
		await post('/clock', { forwardMs: 3 * DAY + HOUR });
		await untilAt({ Per: 'Intet svar', Siv: 'Klikket ikke' });
		expect(await places()).toEqual({
			Kari: 'Klikket',
			Ola: 'ola@example.org',
			Eva: 'Forsto ikke',
			Per: 'Intet svar',
			Siv: 'Klikket ikke',
			Mona: 'Ikke sendt',
		});
		expect(got('04')).toHaveLength(1);
		expect(await db().selectFrom('traveller').selectAll().where('state', '=', STUCK).execute()).toEqual([]);
	});
}
