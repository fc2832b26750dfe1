/**
 * A journey is edited, stopped and started again with people inside: the table of what each edit does, told once and
 * played in both hosts. Six people stand in a row of three gates: past the one that is edited, waiting there, and before.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { moveTo } from '../../core/journeys/move';
import { countPeople } from '../../core/journeys/peopleCounts';
import { ingest } from '../../core/responses/ingest';
import type { Store } from '../../core/store/store';
import type { Sandbox } from '../../sandbox/server';

/** Fields of the steps, as the forms have them. `second` left out: the step is deleted. */
export interface EditedJourney {
	start: object;
	second?: object;
}

export interface EditHost {
	sandbox: Sandbox;
	/** The store that the host's steps use, opened here beside it. */
	store: Store;
	/** Publishes or deploys the journey as it is now: start → First → Second → Third. */
	goLive(journey: EditedJourney): Promise<void>;
	/** Unpublished, or disabled. */
	stop(): Promise<void>;
	log(): string;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export const editRegister = [
	'Medlemsnummer;Fornavn;Etternavn',
	...['Past', 'Waits', 'Answers', 'Longer', 'Before', 'Last'].map((name, i) => `${i + 1};${name};Eksempel`),
].join('\n');

const event = (name: string) => ({ goal: [{ kind: 'event', event: name }] });
/** Fields of the gates that no edit changes. */
export const first = { wait: 'duration', amount: 200, unit: 'days', since: 'gate', goals: event('en') };
export const third = { wait: 'duration', amount: 100, unit: 'days', since: 'gate' };
const start = { starts: 'now', reentry: 'once', restart: 'spread', restartMinutes: 60 };
const second = { wait: 'duration', amount: 5, unit: 'days', since: 'gate', goals: event('to') };

export function editStory(host: () => EditHost): void {
	const now = () => host().sandbox.world.clock.now();
	const turn = async (forwardMs: number) => {
		const answer = await fetch(`${host().sandbox.url}/clock`, {
			method: 'POST',
			headers: { 'content-type': 'application/json' },
			body: JSON.stringify({ forwardMs }),
		});
		expect(answer.status).toBe(200);
	};
	interface Place {
		at: string;
		/** Days from the first day until their time is up, rounded; null when they are out. */
		due: number | null;
		dueAt: number;
	}
	let firstDay = 0;
	const places = async (): Promise<Record<string, Place>> => {
		const rows = await host()
			.store.reader.selectFrom('enrolment as e')
			.innerJoin('person as p', 'p.id', 'e.person_id')
			.leftJoin('traveller as t', 't.enrolment_id', 'e.id')
			.leftJoin('step as s', 's.id', 't.step_id')
			.select(['p.given_name', 's.name', 't.due_at', 't.state', 'e.exit_reason'])
			.execute();
		return Object.fromEntries(
			rows.map((row) => [
				row.given_name,
				{
					at: row.exit_reason ?? (row.state === 0 ? (row.name ?? '') : `${row.name} (${row.state})`),
					due: row.due_at === null ? null : Math.round((row.due_at - firstDay) / DAY),
					dueAt: row.due_at ?? 0,
				},
			]),
		);
	};
	const until = async (what: string, holds: (now: Record<string, Place>) => boolean | Promise<boolean>) => {
		const end = Date.now() + 100_000;
		for (;;) {
			const there = await places();
			if (await holds(there)) return there;
			if (Date.now() > end)
				throw new Error(`${what}: not in time. ${JSON.stringify(there)}\n${host().log().slice(-3_000)}`);
			await pause(50);
		}
	};
	/** Something happened to these people, told by another system than the host: it hears of it at its next look. */
	const happens = async (name: string, ...people: string[]) => {
		const { store, sandbox } = host();
		const rows = await store.reader
			.selectFrom('person')
			.where('given_name', 'in', people)
			.select(['id', 'given_name'])
			.execute();
		await ingest(
			store,
			sandbox.world.clock,
			rows.map(({ id, given_name: who }) => ({
				source: 'test',
				eventId: `${name} ${who} ${Math.random()}`,
				kind: 'event' as const,
				at: now(),
				personId: id,
				subject: name,
			})),
		);
		await turn(MINUTE);
	};

	test('six people come to the three gates', async () => {
		await host().goLive({ start, second });
		await until(
			'everybody at First',
			(there) => Object.values(there).filter(({ at }) => at === 'First').length === 6,
		);
		firstDay = now();
		await happens('en', 'Past', 'Waits', 'Answers', 'Longer');
		await until(
			'four at Second',
			(there) => Object.values(there).filter(({ at }) => at === 'Second').length === 4,
		);
		await happens('to', 'Past');
		const there = await until('one at Third', ({ Past }) => Past?.at === 'Third');
		expect(there).toMatchObject({ Past: { due: 100 }, Waits: { due: 5 }, Before: { at: 'First' } });
	}, 120_000);

	test('a longer wait: those who wait get the new time, those before too, those past are left alone', async () => {
		await turn(2 * DAY);
		await host().goLive({ start, second: { ...second, amount: 10 } });
		await until('the new time', ({ Waits, Longer }) => Waits?.due === 10 && Longer?.due === 10);
		await happens('en', 'Before');
		const there = await until('Before at Second', ({ Before }) => Before?.at === 'Second');
		expect(there).toMatchObject({ Past: { at: 'Third', due: 100 }, Before: { due: 12 } });
	}, 120_000);

	test('a changed wait with “Keep the Old Time”: only for those who come', async () => {
		await host().goLive({ start, second: { ...second, amount: 30, edited: 'keep' } });
		await happens('en', 'Last');
		const there = await until('Last at Second', ({ Last }) => Last?.at === 'Second');
		expect(there).toMatchObject({ Waits: { due: 10 }, Before: { due: 12 }, Last: { due: 32 } });
	}, 120_000);

	test('a changed goal: what has happened since they came counts at once, the old goal no more', async () => {
		await happens('nei', 'Answers');
		const edited = { ...second, amount: 30, edited: 'keep', goals: event('nei') };
		await host().goLive({ start, second: edited });
		await until('Answers at Third', ({ Answers }) => Answers?.at === 'Third');
		await happens('to', 'Waits');
		await happens('nei', 'Longer');
		const there = await until('Longer at Third', ({ Longer }) => Longer?.at === 'Third');
		expect(there).toMatchObject({ Waits: { at: 'Second' } });
	}, 120_000);

	test('stopped: frozen in place; started again: who fell due goes spread out over the hour', async () => {
		await host().stop();
		await turn(20 * DAY);
		await pause(500);
		// Waits and Before fell due, Last did not.
		expect(await places()).toMatchObject({
			Waits: { at: 'Second' },
			Before: { at: 'Second' },
			Last: { at: 'Second' },
		});
		await host().goLive({ start, second: { ...second, amount: 30, edited: 'keep', goals: event('nei') } });
		const there = await until('a new time for who fell due', ({ Waits, Before }) =>
			[Waits, Before].every((place) => (place?.dueAt ?? 0) > now() && (place?.dueAt ?? 0) <= now() + HOUR),
		);
		expect(there.Waits?.dueAt).not.toBe(there.Before?.dueAt);
		await turn(HOUR);
		const after = await until(
			'they have gone on',
			({ Waits, Before }) => Waits?.at === 'Third' && Before?.at === 'Third',
		);
		expect(after).toMatchObject({ Last: { at: 'Second', due: 32 } });
	}, 120_000);

	test('a gate is deleted: its people are shown as stranded, with their number, and an admin moves them', async () => {
		await host().goLive({ start });
		const stranded = async () => {
			const counts = await countPeople(host().store, now());
			return counts.find(({ stepName }) => stepName === 'Second')?.stranded ?? 0;
		};
		// n8n tells no step that it is gone: it shows when the others have been heard of and this one has not.
		for (let minute = 0; minute < 60 && (await stranded()) === 0; minute += 1) {
			await turn(MINUTE);
			await pause(500);
		}
		expect(await stranded()).toBe(1);
		const { store, sandbox } = host();
		const gates = await store.reader.selectFrom('step').select(['key', 'name']).execute();
		const to = gates.find(({ name }) => name === 'Third')?.key ?? '';
		const moved = await moveTo(
			store,
			sandbox.world.clock,
			{ states: ['stranded'] },
			to,
			'Kari at the office',
		);
		expect(moved).toMatchObject({ done: 1 });
		const there = await places();
		expect(there.Last?.at).toBe('Third');
		const wanted = now() + 100 * DAY + driftOf(now(), 100);
		expect(Math.abs((there.Last?.dueAt ?? 0) - wanted)).toBeLessThan(10_000);
	}, 120_000);

	test('stopped, and started again with “Take Them Out”: who fell due leaves, with that reason', async () => {
		await host().goLive({ start: { ...start, restart: 'drop' } });
		await pause(500);
		await host().stop();
		await turn(150 * DAY);
		await host().goLive({ start: { ...start, restart: 'drop' } });
		await until('everybody is out', (there) =>
			Object.values(there).every(({ at }) => at === 'fell due while the journey was stopped'),
		);
	}, 120_000);
}

/** A wait of days keeps the time of day: an hour more or less over a change of clocks in Oslo. */
function driftOf(from: number, days: number): number {
	const offset = (at: number) =>
		Number(
			new Intl.DateTimeFormat('en', { timeZone: 'Europe/Oslo', timeZoneName: 'longOffset' })
				.format(at)
				.match(/GMT([+-]\d+)/)?.[1] ?? 0,
		);
	return (offset(from) - offset(from + days * DAY)) * HOUR;
}
