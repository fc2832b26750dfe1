/**
 * Gifts in Vipps, as the organisation sees them: who gave is found, booked, thanked; one gift is in doubt until somebody
 * has looked at it on the page; one giver nobody knows; one gift goes back. Told once, played in both hosts.
 */
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sums } from '../../core/gifts/sums';
import { openPeoplePage } from './peoplePageStory';
import { eveningAfter } from './quietStory';
import { type Told, whereabouts } from './whereabouts';

export interface GiftHost extends Told {
	/** Publishes or deploys {@link giftWires}; the page's login is that of {@link openPeoplePage}. */
	goLive(): Promise<void>;
	/** Where the page of the step Hvem is. */
	page(): string;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const phone = (end: number) => `+474000910${end}`;

export const giftRegister = [
	'Medlemsnummer;Fornavn;Etternavn;Mobil',
	`1;Kari;Eksempel;${phone(1)}`,
	`2;Ola;Eksempelsen;${phone(2)}`,
	`3;Eva;Prøvesen;${phone(3)}`,
].join('\n');

/** The steps by name: type, fields as the forms have them. `field`: the item's field at this path. */
export const giftSteps = (
	field: (path: string) => unknown,
): Record<string, [type: string, params: object]> => ({
	Gaver: ['vippsGiftTrigger', { source: 'donations', pollMinutes: 1, campaign: 'Vipps' }],
	Rapport: ['vippsGiftTrigger', { source: 'report', ledgers: ['300003'], pollMinutes: 1, campaign: 'Vipps' }],
	Hvem: ['identifyGiver', { operation: 'identify', onUnknown: 'leave', reviewPage: true }],
	Bokfør: ['registerGift', { operation: 'register', giver: 'person', receipt: true }],
	'Uten giver': ['registerGift', { operation: 'register', giver: 'anonymous' }],
	Inn: [
		'enrol',
		{
			reentry: 'keyed',
			tripKey: field('gift.id'),
			journeyGoals: { goal: [{ kind: 'gift', minimum: 0, campaign: '' }] },
		},
	],
	Takk: ['linkSms', { sender: '2333', text: 'Tusen takk for gaven, {{ person.givenName }}!', purpose: '' }],
	Igjen: ['waitForGoal', { wait: 'duration', amount: 60, unit: 'days', since: 'enrolment' }],
	'Ikke igjen': ['journeyExit', { reason: 'Ikke igjen' }],
});

/** From a step to the step at each of its outputs. */
export const giftWires: Record<string, Array<string | undefined>> = {
	Gaver: ['Hvem'],
	Rapport: ['Hvem'],
	Hvem: ['Bokfør', undefined, 'Uten giver'],
	Bokfør: ['Inn'],
	Inn: ['Takk'],
	Takk: ['Igjen'],
	Igjen: ['Ikke igjen', 'Ikke igjen'],
};

export function giftStory(host: () => GiftHost): void {
	const { until, untilAt, forward, forwardUntil, post } = whereabouts(host);
	const world = () => host().sandbox.world;
	const db = () => host().store.reader;
	const payer = (name: string, number: string) => world().people.know({ name, phone: number })!.id;
	const give = async (name: string, number: string, kroner: number, message = '') =>
		await post<{ payment: { id: number; pspReference: string } }>(
			`/vippsApp/people/${payer(name, number)}/give`,
			{ to: 'donations', amountOre: kroner * 100, ...(message ? { message } : {}) },
		);
	/** Kroner, by state. */
	const gifts = async () => {
		const rows = await db().selectFrom('incoming_gift').selectAll().orderBy('id').execute();
		return rows.map((row) => `${row.amount_ore / 100} ${row.state}`);
	};
	const booked = async () =>
		await db()
			.selectFrom('gift as g')
			.leftJoin('person as p', 'p.id', 'g.person_id')
			.select(['p.given_name', 'g.amount_ore', 'g.reversed_at', 'g.receipt_no', 'g.campaign'])
			.orderBy('g.id')
			.execute();
	const thanks = (number: string) =>
		world()
			.link.phones.of(number)
			.filter(({ from }) => from === 'organisation')
			.map(({ text }) => text);
	let first: number;

	test('a gift is found to be Kari’s, booked, and she is thanked within minutes; two reports tell of it, it is one gift', async () => {
		// A Tuesday, at ten in the morning.
		await forward(eveningAfter(world().clock.now()) - 12 * HOUR - world().clock.now());
		await host().goLive();
		await until('both reports have been asked', () =>
			['donations', 'report'].every((api) =>
				world()
					.calls.latest(200)
					.some(({ where, status }) => where.includes(`/${api}/v`) && status === 200),
			),
		);
		first = (await give('Kari Eksempel', phone(1), 300, 'Gave til barna')).payment.id;
		await forwardUntil('Kari is thanked', MINUTE, () => thanks(phone(1)).length === 1);
		expect(thanks(phone(1))).toEqual(['Tusen takk for gaven, Kari!']);
		expect(await booked()).toMatchObject([
			{ given_name: 'Kari', amount_ore: 30_000, receipt_no: 1, campaign: 'Vipps', reversed_at: null },
		]);
		await untilAt({ Kari: 'at Igjen' });
		await forward(30 * MINUTE);
		await until('both reports have told of it', async () => {
			const [row] = await db().selectFrom('incoming_gift').selectAll().execute();
			return row?.also !== null;
		});
		expect(await gifts()).toEqual(['300 booked']);
	});

	test('whom nobody knows: the gift is booked without a person', async () => {
		await give('Nora Ukjent', phone(9), 150);
		await forwardUntil('it is booked', MINUTE, async () => (await booked()).length === 2);
		expect((await booked())[1]).toMatchObject({ given_name: null, amount_ore: 15_000, receipt_no: null });
	});

	test('somebody of Ola’s name gives from his number, perhaps his wife: it waits on the page, and goes on when somebody has looked', async () => {
		await give('Siv Eksempelsen', phone(2), 500);
		await forwardUntil('it is in doubt', MINUTE, async () => (await gifts()).includes('500 review'));
		expect((await booked()).length).toBe(2);
		expect((await fetch(host().page())).status).toBe(401);
		const { page, complaints, close } = await openPeoplePage(host().page(), 'en-US', true);
		const pictures = join(tmpdir(), 'member-journeys-pictures');
		await mkdir(pictures, { recursive: true });
		// To look at after the run; never kept.
		const picture = (name: string) =>
			page.screenshot({ path: join(pictures, `gifts-page-${name}.png`), fullPage: true });
		try {
			await picture('list');
			// By the keyboard alone: to the first gift, into it, the first candidate it is.
			await page.keyboard.press('j');
			await page.keyboard.press('Enter');
			await page.getByText('Ola Eksempelsen').first().waitFor();
			await picture('gift');
			await page.keyboard.press('1');
			await page.waitForLoadState();
			await picture('decided');
			expect(complaints).toEqual([]);
		} finally {
			await close();
		}
		await forwardUntil('it is booked', MINUTE, async () => (await booked()).length === 3);
		expect((await booked())[2]).toMatchObject({ given_name: 'Ola', amount_ore: 50_000 });
		await forwardUntil('Ola is thanked', MINUTE, () => thanks(phone(2)).length === 1);
	});

	test('who gives again is out with the goal, and thanked for that one as well', async () => {
		await forward(3 * DAY);
		await give('Kari Eksempel', phone(1), 100);
		await forwardUntil('Kari is thanked again', MINUTE, () => thanks(phone(1)).length === 2);
		const trips = await db()
			.selectFrom('enrolment as e')
			.innerJoin('person as p', 'p.id', 'e.person_id')
			.select(['e.exit_reason'])
			.where('p.given_name', '=', 'Kari')
			.orderBy('e.id')
			.execute();
		expect(trips).toEqual([{ exit_reason: 'goal' }, { exit_reason: null }]);
	});

	test('money that goes back is no gift any more, and the sums balance to the øre', async () => {
		await post(`/vippsApp/payments/${first}/refund`);
		await forwardUntil('it is reversed', MINUTE, async () => (await booked())[0]?.reversed_at !== null);
		expect(await sums(host().store, { from: 0, to: world().clock.now() + DAY })).toEqual([
			{
				currency: 'NOK',
				count: 4,
				in: 105_000,
				booked: 75_000,
				reversed: 30_000,
				review: 0,
				unknown: 0,
				onTheirWay: 0,
				inBooks: 75_000,
			},
		]);
	});
}
