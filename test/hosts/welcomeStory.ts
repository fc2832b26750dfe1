/** The welcome journey as both hosts must run it, told from the people's side: their inboxes, phones and gifts. */
import { setTimeout as pause } from 'node:timers/promises';
import { STUCK } from '../../core/store/schema';
import type { Store } from '../../core/store/store';
import { registerGifts } from '../../core/register/gifts';
import { introduce } from '../../sandbox/introduce';
import type { Sandbox } from '../../sandbox/server';

const DAY = 86_400_000;

/** Four who are meant (Kari, Ola, Åse, Per), and one each who is too young, joined long ago, has not consented. */
export const register = (today: Date): string => {
	const year = today.getUTCFullYear();
	const born = (age: number) => `01.01.${year - age}`;
	const row = (number: string, given: string, age: number, joined: number, consent: string) =>
		`${number};${given};Eksempel;${born(age)};${given.toLowerCase().replace('å', 'a')}@example.org;+47400001${number};Medlem;Aktiv;01.01.${joined};${consent};${consent}`;
	return [
		'Medlemsnummer;Fornavn;Etternavn;Fødselsdato;E-post;Mobil;Medlemskap;Status;Innmeldt;Samtykke e-post;Samtykke SMS',
		row('01', 'Kari', 40, year, 'Ja'),
		row('02', 'Ola', 50, year, 'Ja'),
		row('03', 'Åse', 60, year, 'Ja'),
		row('04', 'Per', 70, year, 'Ja'),
		row('05', 'Ung', 15, year, 'Ja'),
		row('06', 'Gammel', 40, year - 5, 'Ja'),
		row('07', 'Nei', 40, year, 'Nei'),
	].join('\n');
};

export interface WelcomeHost {
	sandbox: Sandbox;
	store: Store;
	/** What the host has to say when something does not happen. */
	log(): string;
}

interface Mail {
	id: number;
	links: unknown[];
}
interface Sms {
	text: string;
	from?: string;
}

export function welcomeStory(host: () => WelcomeHost): void {
	const at = (path: string) => `${host().sandbox.url}${path}`;
	const get = async <T>(path: string) => (await (await fetch(at(path))).json()) as T;
	const post = async (path: string, body: object = {}) => {
		const answer = await fetch(at(path), {
			method: 'POST',
			headers: { 'content-type': 'application/json' },
			body: JSON.stringify(body),
		});
		if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
		return answer.json();
	};
	const until = async (what: string, reached: () => Promise<boolean>, patienceMs = 100_000) => {
		const end = Date.now() + patienceMs;
		while (!(await reached())) {
			if (Date.now() > end)
				throw new Error(
					`${what}: not within ${patienceMs} ms.\n${await state()}\n${host().log().slice(-4_000)}`,
				);
			await pause(50);
		}
	};
	const state = async () => {
		const { store } = host();
		const travellers = await store.reader
			.selectFrom('traveller as t')
			.innerJoin('step as s', 's.id', 't.step_id')
			.select(['t.person_id', 's.name', 't.state', 't.hop', 't.reason'])
			.execute();
		const dispatches = await store.reader
			.selectFrom('dispatch')
			.select(['person_id', 'channel', 'state', 'reason'])
			.execute();
		const responses = await store.reader
			.selectFrom('response')
			.select(['person_id', 'kind', 'subject', 'dispatch_id'])
			.execute();
		return JSON.stringify({ travellers, dispatches, responses });
	};
	const mails = async (name: string) => (await get<{ mails: Mail[] }>(`/inboxes/${name}@example.org`)).mails;
	const messages = async (number: string) =>
		(await get<{ messages: Sms[] }>(`/phones/+47400001${number}`)).messages;
	const reasons = async () => {
		const rows = await host()
			.store.reader.selectFrom('enrolment as e')
			.innerJoin('person as p', 'p.id', 'e.person_id')
			.select(['p.given_name', 'e.exit_reason'])
			.orderBy('p.id')
			.execute();
		return Object.fromEntries(rows.map((row) => [row.given_name, row.exit_reason]));
	};

	test('the four who are meant get the newsletter, nobody else does', async () => {
		await introduce(host().sandbox, host().store);
		await until('four mails', async () => {
			const counts = await Promise.all(
				['kari', 'ola', 'ase', 'per'].map(async (name) => (await mails(name)).length),
			);
			return counts.every((count) => count === 1);
		});
		for (const name of ['ung', 'gammel', 'nei']) expect(await mails(name)).toEqual([]);
	});

	test('Kari clicks, and is let go by Reached within a second: labelled, out', async () => {
		await until('all four wait', async () => {
			const rows = await host()
				.store.reader.selectFrom('traveller')
				.select('hop')
				.where('hop', '=', 1)
				.where('state', '=', 0)
				.execute();
			return rows.length === 4;
		});
		const [mail] = await mails('kari');
		const clicked = Date.now();
		await post(`/inboxes/kari@example.org/${mail!.id}/click`, { link: 0 });
		await until('Kari is out', async () => (await reasons()).Kari === 'Engasjert');
		const took = Date.now() - clicked;
		process.stdout.write(`Click to exit: ${took} ms\n`);
		const labels = await host().store.reader.selectFrom('label').select('label').execute();
		expect(labels).toEqual([{ label: 'engasjert' }]);
	});

	test('Per gives, and is out at once from the middle of the wait', async () => {
		const { store, sandbox } = host();
		const per = await store.reader
			.selectFrom('person')
			.select('id')
			.where('given_name', '=', 'Per')
			.executeTakeFirstOrThrow();
		const now = sandbox.world.clock.now();
		await store.write((writing) =>
			registerGifts(writing, store, now, [
				{ personId: per.id, source: 'test', sourceId: '1', amountOre: 20_000, givenAt: now },
			]),
		);
		await until('Per is out', async () => (await reasons()).Per === 'goal');
	});

	test('five days later the two others get a personal SMS', async () => {
		// Quiet from 20 to 9: what falls due in the evening may have to wait for 13 hours.
		await post('/clock', { forwardMs: 5 * DAY + 14 * 3_600_000 });
		await until(
			'two SMS',
			async () => (await messages('02')).length === 1 && (await messages('03')).length === 1,
		);
		expect((await messages('02'))[0]!.text).toContain('Hei Ola!');
		expect((await messages('03'))[0]!.text).toContain('Hei Åse!');
		expect(await messages('01')).toEqual([]);
		expect(await messages('04')).toEqual([]);
	});

	test('Ola answers and is out with thanks; three days later Åse is out without', async () => {
		await until('both wait', async () => {
			const rows = await host()
				.store.reader.selectFrom('traveller')
				.select('hop')
				.where('hop', '=', 2)
				.where('state', '=', 0)
				.execute();
			return rows.length === 2;
		});
		await post('/phones/+4740000102/reply', { text: 'Ja, gjerne' });
		await until('Ola is out', async () => (await reasons()).Ola === 'Svarte på SMS');
		await post('/clock', { forwardMs: 3 * DAY + 3_600_000 });
		await until('Åse is out', async () => (await reasons()).Åse === 'Intet svar');
		expect(await reasons()).toEqual({
			Kari: 'Engasjert',
			Ola: 'Svarte på SMS',
			Åse: 'Intet svar',
			Per: 'goal',
		});
	});

	test('the books balance: nobody stuck, one message of each kind per person, every report on its dispatch', async () => {
		const { store } = host();
		expect(
			await store.reader.selectFrom('traveller').selectAll().where('state', '=', STUCK).execute(),
		).toEqual([]);
		await until('reports on the SMS', async () => {
			const rows = await store.reader
				.selectFrom('dispatch')
				.select('state')
				.where('channel', '=', 'sms')
				.execute();
			return rows.length === 2 && rows.every((row) => row.state === 'delivered');
		});
		const dispatches = await store.reader.selectFrom('dispatch').select(['channel', 'state']).execute();
		expect(dispatches.filter((row) => row.channel === 'email')).toHaveLength(4);
		for (const name of ['kari', 'ola', 'ase', 'per']) expect(await mails(name)).toHaveLength(1);
	});
}
