/**
 * The templates Vipps-takk and Fastgiver stoppet as people meet them: a gift is thanked, consent is asked for, a second gift
 * comes by a link of their own; who stops an agreement is called or gets a letter. Told once, played in both hosts.
 */
import { washAgainstFile } from '../../core/calls/reservationFile';
import { dayIn } from '../../core/register/calendar';
import { callbackAddress } from '../../providers/callback';
import type { Payer } from '../../sandbox/vipps/payers';
import { eveningAfter } from './quietStory';
import { type Told, whereabouts } from './whereabouts';

export interface GiverHost extends Told {
	/** Publishes or deploys the template. */
	goLive(): Promise<void>;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const phone = (end: number) => `+474000930${end}`;

export const thanksRegister = [
	'Medlemsnummer;Fornavn;Etternavn;Mobil',
	`1;Kari;Eksempel;${phone(1)}`,
	`2;Ola;Eksempelsen;${phone(2)}`,
].join('\n');

const letterTo = 'Storgata 1;0155;Oslo';
export const stoppedRegister = [
	'Medlemsnummer;Fornavn;Etternavn;Mobil;Adresse;Postnummer;Poststed;Fødselsdato',
	`1;Eva;Prøvesen;${phone(3)};${letterTo};01.02.1980`,
	`2;Per;Testmann;${phone(4)};${letterTo};01.02.1980`,
	`3;Siv;Testdatter;${phone(5)};${letterTo};01.02.1980`,
].join('\n');

function seen(host: () => GiverHost) {
	const world = () => host().sandbox.world;
	const db = () => host().store.reader;
	return {
		world,
		db,
		payer: (name: string, number: string): Payer => {
			const { vipps, people } = world();
			return vipps.payer(people.know({ name, phone: number })!.id)!;
		},
		texts: (number: string) =>
			world()
				.link.phones.of(number)
				.filter(({ from }) => from === 'organisation')
				.map(({ text }) => text),
		/** How their trips ended, oldest first; null: still on it. */
		ends: async (name: string) => {
			const rows = await db()
				.selectFrom('enrolment as e')
				.innerJoin('person as p', 'p.id', 'e.person_id')
				.select('e.exit_reason')
				.where('p.given_name', '=', name)
				.orderBy('e.id')
				.execute();
			return rows.map(({ exit_reason }) => exit_reason);
		},
		booked: () =>
			db()
				.selectFrom('gift as g')
				.leftJoin('person as p', 'p.id', 'g.person_id')
				.select(['p.given_name', 'g.amount_ore', 'g.campaign'])
				.orderBy('g.id')
				.execute(),
	};
}

export function thanksStory(host: () => GiverHost): void {
	const { until, untilAt, forward, forwardUntil, post } = whereabouts(host);
	const { world, db, payer, texts, ends, booked } = seen(host);

	test('who gives is thanked within minutes, and asked whether we may keep in touch', async () => {
		// A Tuesday, at ten in the morning.
		await forward(eveningAfter(world().clock.now()) - 12 * HOUR - world().clock.now());
		await host().goLive();
		let address: string | undefined;
		await until('LINK can reach the template', async () => {
			address = await callbackAddress(host().store, 'link');
			return address !== undefined;
		});
		await post('/link/profile', { dlrUrl: address, moUrl: address });
		for (const [name, end] of [
			['Kari Eksempel', 1],
			['Ola Eksempelsen', 2],
		] as const) {
			const { personId } = payer(name, phone(end));
			await post(`/vippsApp/people/${personId}/give`, { to: 'donations', amountOre: 30_000 });
		}
		await forwardUntil('both are thanked and asked', MINUTE, () =>
			[1, 2].every((end) => texts(phone(end)).length === 2),
		);
		expect(texts(phone(1))).toEqual([
			'Tusen takk for gaven, Kari! Den kommer godt med. Hilsen Eksempelforeningen',
			expect.stringContaining('Svar JA eller NEI'),
		]);
		const gift = { amount_ore: 30_000, campaign: 'Vipps' };
		const gifts = await booked();
		expect(gifts).toHaveLength(2);
		expect(gifts).toEqual(
			expect.arrayContaining(['Kari', 'Ola'].map((given_name) => ({ given_name, ...gift }))),
		);
		await untilAt({ Kari: 'at Holde kontakten?', Ola: 'at Holde kontakten?' });
	});

	test('the answers are written down with their source; who says no is left in peace', async () => {
		await post(`/phones/${phone(1)}/reply`, { text: 'Ja, gjerne' });
		await post(`/phones/${phone(2)}/reply`, { text: 'NEI' });
		await untilAt({ Kari: 'at Gir igjen innen 60 dager?', Ola: 'Takket nei til SMS' });
		const consents = await db()
			.selectFrom('consent as c')
			.innerJoin('person as p', 'p.id', 'c.person_id')
			.select(['p.given_name', 'c.channel', 'c.granted', 'c.source'])
			.orderBy('p.id')
			.execute();
		const source = expect.stringMatching(/\S/);
		expect(consents).toEqual([
			{ given_name: 'Kari', channel: 'sms', granted: 1, source },
			{ given_name: 'Ola', channel: 'sms', granted: 0, source },
		]);
	});

	test('after sixty days Kari gets a link of her own, gives by it, and is out with the goal and thanked again', async () => {
		await forward(59 * DAY);
		await forwardUntil('she has the link', 6 * HOUR, () => texts(phone(1)).length === 3);
		expect(texts(phone(2))).toHaveLength(2);
		const link = /https?:\S+/.exec(texts(phone(1))[2] ?? '')?.[0] ?? '';
		// On a day and at an hour when people are written to, whenever sixty days are over.
		await untilAt({ Kari: 'at Gir innen to uker?' });
		const page = await fetch(link);
		expect(page.status).toBe(200);
		expect(await page.text()).toContain('200');
		const chosen = await fetch(link, {
			method: 'POST',
			redirect: 'manual',
			body: new URLSearchParams({ suggested: '200' }),
		});
		const app = chosen.headers.get('location') ?? /url=([^"]+)"/.exec(await chosen.text())?.[1] ?? '';
		const { personId } = payer('Kari Eksempel', phone(1));
		const paid = await fetch(app, {
			method: 'POST',
			redirect: 'manual',
			body: new URLSearchParams({ answer: 'pay', person: String(personId), share: 'yes' }),
		});
		expect(paid.status).toBe(303);
		await forwardUntil('the gift is booked', MINUTE, async () => (await booked()).length === 3);
		expect((await booked())[2]).toEqual({ given_name: 'Kari', amount_ore: 20_000, campaign: 'Vipps-takk' });
		await forwardUntil('she is thanked again', HOUR, () => texts(phone(1)).length === 4);
		expect(texts(phone(1))[3]).toContain('Tusen takk for gaven, Kari!');
		// She has said yes: nobody asks her again.
		await untilAt({ Kari: 'at Gir igjen innen 60 dager?' });
		expect(await ends('Kari')).toEqual(['goal', null]);
	});
}

export function stoppedStory(host: () => GiverHost): void {
	const { until, untilAt, forward, forwardUntil, post } = whereabouts(host);
	const { world, db, payer, ends, booked } = seen(host);
	const agreements = new Map<string, string>();
	const start = (name: string, end: number): string => {
		const { recurring } = world().vipps;
		const agreement = recurring.draft({
			pricing: { type: 'LEGACY', amount: 30_000 },
			interval: { unit: 'MONTH', count: 1 },
			productName: 'Fast giver',
			productDescription: '',
			merchantRedirectUrl: 'https://example.org/takk',
			merchantAgreementUrl: 'https://example.org/min-side',
			externalId: null,
			msisdn: null,
			scopes: ['name', 'phoneNumber'],
			initialCharge: {
				amountOre: 30_000,
				transactionType: 'DIRECT_CAPTURE',
				description: 'Første gave',
				due: world().clock.now(),
				retryDays: 0,
				orderId: null,
				externalId: null,
				type: 'INITIAL',
			},
		});
		recurring.accept(agreement, payer(name, phone(end)));
		return agreement.id;
	};
	/** The month's file of the national register: Eva does not want to be called. */
	const washed = () => {
		const { store } = host();
		const { clock } = world();
		return washAgainstFile(store, clock, `telefon;navn\n${phone(3)};Eva Prøvesen`, {
			fileName: 'reservasjoner.csv',
			washedOn: dayIn(clock.now(), 'Europe/Oslo'),
			holds: 'all',
			channels: ['phone'],
			columns: [],
			coversWords: [],
			countryCode: '47',
		});
	};
	const leadOf = (end: number) => world().agency.find(({ phone: number }) => number === phone(end))[0];
	const letters = () =>
		[...world().letterbox.letters.values()].filter(({ batch }) => batch.startsWith('fastgiver-'));

	test('who becomes a monthly giver in Vipps is known by the first gift', async () => {
		// A Tuesday, at ten in the morning.
		await forward(eveningAfter(world().clock.now()) - 12 * HOUR - world().clock.now());
		// What the callers wrote in another story is about leads of another store, whose numbers are the same.
		const { files } = world();
		for (const path of files.below('/calls/out')) files.remove(path);
		await host().goLive();
		await until('Vipps can reach the template', () =>
			[...world().vipps.hooks.hooks.values()].some(({ events }) =>
				events.some((event) => event.startsWith('recurring.')),
			),
		);
		for (const [name, end] of [
			['Eva Prøvesen', 3],
			['Per Testmann', 4],
			['Siv Testdatter', 5],
		] as const)
			agreements.set(name, start(name, end));
		await forwardUntil('three first gifts are booked', MINUTE, async () => (await booked()).length === 3);
		expect((await booked()).map(({ given_name }) => given_name).sort()).toEqual(['Eva', 'Per', 'Siv']);
	});

	test('who stops is called; who may not be called gets a letter', async () => {
		// A Tuesday again, and no holiday near: nobody is called on one.
		await forward(7 * DAY);
		await washed();
		for (const id of agreements.values()) await post(`/vippsApp/recurring/${id}/stop`);
		await untilAt({ Eva: 'at Brev', Per: 'at Ring og takk', Siv: 'at Ring og takk' });
		await forwardUntil('the callers have them', 5 * MINUTE, () => [4, 5].every((end) => leadOf(end)));
		expect(leadOf(3)).toBeUndefined();
		expect(JSON.stringify(leadOf(4)?.fields)).toContain('Hei Per!');
		await forwardUntil('the letter is at the printing house', 6 * HOUR, () => letters().length === 1);
	});

	test('who says no is out; who begins again is out with the goal, and taken back from the callers', async () => {
		// From 16 to 20:30 on weekdays, as the template says.
		await forwardUntil('Per’s phone has rung', HOUR, async () => {
			const said = { outcome: 'no', reason: 'Har ikke råd' };
			return (await post<{ rung: boolean }>(`/leads/${leadOf(4)!.id}/ring`, said)).rung;
		});
		start('Siv Testdatter', 5);
		await forwardUntil('both are out', 5 * MINUTE, async () => {
			const [per] = await ends('Per');
			const [siv] = await ends('Siv');
			return per !== null && siv !== null;
		});
		expect(await ends('Per')).toEqual(['Takket nei']);
		expect(await ends('Siv')).toEqual(['goal']);
		await forwardUntil('the lead is withdrawn', 5 * MINUTE, () => leadOf(5)!.state === 'withdrawn');
		expect(await db().selectFrom('agreement').select('status').orderBy('id').execute()).toEqual(
			['stopped', 'stopped', 'stopped', 'active'].map((status) => ({ status })),
		);
	});
}
