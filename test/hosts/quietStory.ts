/**
 * An SMS that falls into the quiet hours waits in front of its step, and goes when they are over: told once, played in
 * both hosts. Who reaches the goal of the journey meanwhile is not written to any more.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { DateTime } from 'luxon';
import { readContactRules } from '../../core/dispatch/contactRules';
import { registerGifts } from '../../core/register/gifts';
import type { Store } from '../../core/store/store';
import type { Sandbox } from '../../sandbox/server';
import { openPeoplePage } from './peoplePageStory';

export interface QuietHost {
	sandbox: Sandbox;
	/** The store that the host's steps use, opened here beside it. */
	store: Store;
	/** Puts up the page of people on journeys, with the login of {@link openPeoplePage}. @returns its address */
	page(): Promise<string>;
	/** Publishes or deploys: start (now) → an item's own code → SMS → gate. */
	goLive(): Promise<void>;
	/** Stopped and started again, or published anew. */
	again(): Promise<void>;
	log(): string;
}

const HOUR = 3_600_000;
const ZONE = 'Europe/Oslo';

export const quietRegister = [
	'Medlemsnummer;Fornavn;Etternavn;Mobil;Samtykke SMS',
	'1;Kari;Eksempel;+4740007701;Ja',
	'2;Ola;Eksempel;+4740007702;Ja',
	'3;Giver;Eksempel;+4740007703;Ja',
	'4;Nei;Eksempel;+4740007704;Nei',
].join('\n');

/** Fields of the steps, as the forms have them. */
export const start = {
	starts: 'now',
	reentry: 'once',
	restart: 'atOnce',
	journeyGoals: { goal: [{ kind: 'gift', minimum: 0, campaign: '' }] },
};
export const sms = {
	sender: 'Eksempel',
	text: 'Hei {{ person.givenName }}, koden er {{ code }}.',
	purpose: 'marketing',
};
export const gate = { wait: 'duration', amount: 30, unit: 'days', since: 'gate' };
/** What a step of the host's own puts on each item in between. */
export const code = 'A17';

/** The next Tuesday evening at ten in a month in which no holiday is near. */
export function eveningAfter(now: number): number {
	let day = DateTime.fromMillis(now, { zone: ZONE })
		.plus({ days: 1 })
		.set({ hour: 22, minute: 0, second: 0 });
	while (day.weekday !== 2 || ![2, 9, 10, 11].includes(day.month)) day = day.plus({ days: 1 });
	return day.toMillis();
}

export function quietStory(host: () => QuietHost): void {
	const phone = (number: string) =>
		host()
			.sandbox.world.link.phones.of(number)
			.map(({ text, at }) => ({ text, hour: DateTime.fromMillis(at, { zone: ZONE }).hour }));
	const turn = async (forwardMs: number) => {
		const answer = await fetch(`${host().sandbox.url}/clock`, {
			method: 'POST',
			headers: { 'content-type': 'application/json' },
			body: JSON.stringify({ forwardMs }),
		});
		expect(answer.status).toBe(200);
	};
	const people = async () => {
		const rows = await host()
			.store.reader.selectFrom('enrolment as e')
			.innerJoin('person as p', 'p.id', 'e.person_id')
			.leftJoin('traveller as t', 't.enrolment_id', 'e.id')
			.leftJoin('step as s', 's.id', 't.step_id')
			.select(['p.given_name', 's.name', 't.state', 't.reason', 'e.exit_reason'])
			.execute();
		return Object.fromEntries(
			rows.map((row) => [
				row.given_name,
				row.exit_reason ??
					`${row.name}${row.state === 0 ? '' : ` (${row.state})`}${row.reason ? `: ${row.reason}` : ''}`,
			]),
		);
	};
	const until = async (what: string, wanted: Record<string, string>) => {
		const end = Date.now() + 100_000;
		for (;;) {
			const there = await people();
			if (Object.entries(wanted).every(([name, place]) => there[name] === place)) return;
			if (Date.now() > end)
				throw new Error(`${what}: not in time. ${JSON.stringify(there)}\n${host().log().slice(-3_000)}`);
			await pause(50);
		}
	};

	test('the rules are set on the page', async () => {
		const { page, complaints, close } = await openPeoplePage(`${await host().page()}?show=rules`);
		try {
			await page.locator('[name="sms.from"]').fill('21:00');
			await page.locator('[name="sms.to"]').fill('09:00');
			await page.locator('[name="sms.weekends"]').check();
			await page.locator('[name="sms.holidays"]').check();
			await page.locator('button[value=saveRules]').click();
			await page.getByText('The rules have been saved').waitFor();
			expect(complaints).toEqual([]);
		} finally {
			await close();
		}
		expect((await readContactRules(host().store.reader)).channels.sms?.quiet).toEqual({
			from: '21:00',
			to: '09:00',
			weekends: true,
			holidays: true,
		});
	});

	test('at ten in the evening nobody gets an SMS: they wait in front of it', async () => {
		const { sandbox } = host();
		await turn(eveningAfter(sandbox.world.clock.now()) - sandbox.world.clock.now());
		await host().goLive();
		await until('everybody who may get one is held', {
			Kari: 'SMS: quiet hours for SMS',
			Ola: 'SMS: quiet hours for SMS',
			Giver: 'SMS: quiet hours for SMS',
		});
		expect(['07701', '07702', '07703', '07704'].flatMap((end) => phone(`+474000${end}`))).toEqual([]);
	});

	test('who reaches the goal meanwhile is out, and is not written to', async () => {
		const { store, sandbox } = host();
		const giver = await store.reader
			.selectFrom('person')
			.where('given_name', '=', 'Giver')
			.select('id')
			.executeTakeFirstOrThrow();
		const now = sandbox.world.clock.now();
		const gift = { personId: giver.id, source: 'test', sourceId: 'gift-1', amountOre: 10_000, givenAt: now };
		await store.write((writing) => registerGifts(writing, store, now, [gift]));
		await turn(60_000);
		await until('the giver has left', { Giver: 'goal' });
	});

	test('when the hours are over they get it once, with what the item held, also after a restart', async () => {
		await host().again();
		await turn(12 * HOUR);
		await until('the others wait for an answer', { Kari: 'Gate', Ola: 'Gate' });
		expect(phone('+4740007701')).toEqual([
			{ text: 'Hei Kari, koden er A17.', hour: expect.any(Number) as number },
		]);
		expect(phone('+4740007702')).toHaveLength(1);
		for (const { hour } of [...phone('+4740007701'), ...phone('+4740007702')]) {
			expect(hour).toBeGreaterThanOrEqual(9);
			expect(hour).toBeLessThan(21);
		}
		expect([...phone('+4740007703'), ...phone('+4740007704')]).toEqual([]);
		const rows = await host()
			.store.reader.selectFrom('dispatch as d')
			.innerJoin('person as p', 'p.id', 'd.person_id')
			.select(['p.given_name', 'd.state', 'd.code'])
			.orderBy('d.id')
			.execute();
		const of = (name: string) =>
			rows
				.filter((row) => row.given_name === name)
				.map(({ state, code: why }) => (why ? `${state}: ${why}` : state));
		expect(of('Kari')[0]).toBe('held: quiet');
		expect(of('Kari').at(-1)).toMatch(/accepted|delivered/);
		expect(of('Giver')).toEqual(['held: quiet']);
		expect(of('Nei')).toEqual(['skipped: noConsent']);
	});
}
