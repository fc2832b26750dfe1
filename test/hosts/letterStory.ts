/**
 * Letters to three people: one has no whole address, one pays before the cut-off, the third's letter is released on the
 * page, printed, posted, and comes back with a new address. Told once, played in both hosts.
 */
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isKid } from '../../core/letters/kid';
import { registerGifts } from '../../core/register/gifts';
import { STUCK } from '../../core/store/schema';
import { login, openPeoplePage } from './peoplePageStory';
import { eveningAfter } from './quietStory';
import { type Told, whereabouts } from './whereabouts';

export interface LetterHost extends Told {
	/** Publishes or deploys {@link letterWires}; the page's login is that of {@link openPeoplePage}. */
	goLive(): Promise<void>;
	/** Where the step's page is. */
	page(): string;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

export const letterRegister = [
	'Medlemsnummer;Fornavn;Etternavn;Adresse;Postnr;Poststed',
	'1;Kari;Eksempel;Storgata 15 A;0161;Oslo',
	'2;Ola;Eksempel;Vikane;;Oslo',
	'3;Eva;Eksempel;Kirkeveien 3;0161;Oslo',
].join('\n');

/** The steps by name: type, fields as the forms have them. `reason`: the item's field `letter.reason`. */
export const letterSteps = (reason: unknown): Record<string, [type: string, params: object]> => ({
	Start: [
		'journeyStart',
		{
			starts: 'now',
			reentry: 'once',
			restart: 'atOnce',
			journeyGoals: { goal: [{ kind: 'gift', minimum: 0, campaign: '' }] },
		},
	],
	Brev: [
		'post',
		{
			text: '# Kjære {{ person.givenName }}!\n\nVi savner **kontingenten** din. Betal gjerne med giroen nederst.',
			senderName: 'Eksempelforeningen',
			returnAddress: 'Postboks 1, 0101 Oslo',
			signer: 'Mona Eksempel, leder',
			placeAndDate: 'Oslo, {{ today }}',
			giro: true,
			account: '1234 56 78903',
			amount: '250',
			kidFrom: 'series',
			kidPrefix: '77',
			release: 'byHand',
			cutOffTime: '15:00',
			lookEvery: 15,
		},
	],
	Postlagt: [
		'waitForGoal',
		{
			goals: { goal: [{ kind: 'posted' }] },
			wait: 'duration',
			amount: 30,
			unit: 'days',
			since: 'previousDispatch',
		},
	],
	Utelatt: ['journeyExit', { reason }],
	'I posten': ['journeyExit', { reason: 'I posten' }],
	'Aldri sendt': ['journeyExit', { reason: 'Aldri sendt' }],
});

/** From a step to the step at each of its outputs. */
export const letterWires: Record<string, string[]> = {
	Start: ['Brev'],
	Brev: ['Postlagt', 'Utelatt'],
	Postlagt: ['I posten', 'Aldri sendt'],
};

export function letterStory(host: () => LetterHost): void {
	const { until, untilAt, forward, forwardUntil, places, post } = whereabouts(host);
	const world = () => host().sandbox.world;
	const db = () => host().store.reader;
	const personOf = (name: string) =>
		db().selectFrom('person').selectAll().where('given_name', '=', name).executeTakeFirstOrThrow();
	const dispatches = async () => {
		const rows = await db()
			.selectFrom('dispatch as d')
			.innerJoin('person as p', 'p.id', 'd.person_id')
			.select(['p.given_name', 'd.state'])
			.execute();
		return Object.fromEntries(rows.map(({ given_name, state }) => [given_name, state]));
	};
	/** Ours: other stories may have been told in the same sandbox. */
	const batches = () => world().print.batches.filter(({ name }) => name.startsWith('brev-'));
	const letters = () =>
		[...world().letterbox.letters.values()].filter(({ batch }) => batch.startsWith('brev-'));

	test('who has no whole address leaves with the reason; the others wait for the batch', async () => {
		// A Tuesday, at ten in the morning.
		const { clock } = world();
		await forward(eveningAfter(clock.now()) - 12 * HOUR - clock.now());
		await host().goLive();
		await untilAt({ Kari: 'at Brev', Ola: 'The postal code is missing.', Eva: 'at Brev' });
		expect(await dispatches()).toEqual({ Kari: 'accepted', Ola: 'skipped', Eva: 'accepted' });
	});

	test('who pays before the cut-off is out of the journey', async () => {
		const { store } = host();
		const { id } = await personOf('Eva');
		const now = world().clock.now();
		const gift = { personId: id, source: 'test', sourceId: 'letter-gift', amountOre: 25_000, givenAt: now };
		await store.write((writing) => registerGifts(writing, store, now, [gift]));
		await forward(MINUTE);
		await untilAt({ Eva: 'goal' });
	});

	test('at the cut-off the batch waits on the page, with each letter as a picture, and leaves when it is released', async () => {
		await forward(6 * HOUR);
		await until(
			'the batch is made',
			async () => (await db().selectFrom('handoff').select('id').execute()).length > 0,
		);
		expect(await dispatches()).toMatchObject({ Kari: 'accepted', Eva: 'cancelled' });
		expect(batches()).toEqual([]);
		expect((await fetch(host().page())).status).toBe(401);

		const { page, complaints, close } = await openPeoplePage(host().page());
		const pictures = join(tmpdir(), 'member-journeys-pictures');
		await mkdir(pictures, { recursive: true });
		// To look at after the run; never kept.
		const picture = (name: string) =>
			page.screenshot({ path: join(pictures, `letters-page-${name}.png`), fullPage: true });
		try {
			await picture('overview');
			await page.getByRole('link', { name: /^brev-/ }).click();
			await picture('batch');
			const row = page.locator('tbody tr');
			expect(await row.count()).toBe(1);
			expect(await row.innerText()).toMatch(/Kari Eksempel, 0161 Oslo/i);
			const address = page.url();
			await row.getByRole('link').click();
			await page.getByRole('img').waitFor();
			await picture('letter');
			// No person's number or name stands in the address of their letter.
			expect(page.url()).toMatch(/which=[\w.~-]{20,}/);
			await page.goto(address);
			// A bad day: the first time they are not let in.
			await post('/faults', { provider: 'sftp', kind: 'login-refused', next: 1 });
			await page.getByRole('button', { name: 'Release' }).click();
			await page.getByRole('status').waitFor();
			await picture('released');
			expect(complaints).toEqual([]);
		} finally {
			await close();
		}
		await until('it is said why the batch is still here', () =>
			/lets? us in as this user.*'Password' of the SFTP credential/s.test(host().log()),
		);
		expect((await places()).Kari).toBe('at Brev');
		await forward(2 * MINUTE);
		await until('the printing house has it', () => batches().length === 1);
		expect(batches()).toMatchObject([{ letters: 1 }]);
		expect(batches()[0]?.reason).toBeUndefined();
		const files = world().files.list('/in');
		expect(files.filter((name) => name.startsWith('brev-'))).toEqual([`${batches()[0]!.name}.zip`]);
		await untilAt({ Kari: 'at Postlagt' });
	});

	test('accepted, printed and posted: the gate hears of it', async () => {
		await forwardUntil(
			'the letter is in the post',
			4 * HOUR,
			async () => (await places()).Kari === 'I posten',
		);
		expect(letters()).toMatchObject([
			{ state: 'posted', address: { name: 'Kari Eksempel', postalCode: '0161' } },
		]);
		expect(isKid(letters()[0]?.kid ?? '')).toBe(true);
	});

	test('it comes back with a new address: the register has it', async () => {
		await post(`/letters/${letters()[0]!.id}/move`);
		await forwardUntil(
			'the register has the new address',
			20 * MINUTE,
			async () => (await personOf('Kari')).street === 'Nyveien 1',
		);
		expect(await personOf('Kari')).toMatchObject({ postal_code: '0150' });
		const told = await db()
			.selectFrom('response as r')
			.innerJoin('person as p', 'p.id', 'r.person_id')
			.where('p.given_name', '=', 'Kari')
			.select('r.kind')
			.orderBy('r.at')
			.execute();
		expect(told.map(({ kind }) => kind)).toEqual(
			expect.arrayContaining(['handedOver', 'printed', 'posted', 'returned']),
		);
	});

	test('there was one batch, one letter, and nobody is stuck', async () => {
		expect([batches().length, letters().length]).toEqual([1, 1]);
		expect(await places()).toEqual({ Kari: 'I posten', Ola: 'The postal code is missing.', Eva: 'goal' });
		expect(await db().selectFrom('traveller').selectAll().where('state', '=', STUCK).execute()).toEqual([]);
		expect(host().log()).not.toContain(login.password);
	});
}
