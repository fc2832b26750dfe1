/** Where a story's people are, and its clock, whichever host it is played in. */
import { setTimeout as pause } from 'node:timers/promises';
import { WAITING } from '../../core/store/schema';
import type { Store } from '../../core/store/store';
import type { Sandbox } from '../../sandbox/server';

export interface Told {
	sandbox: Sandbox;
	/** The store that the host's steps use, opened here beside it. */
	store: Store;
	log(): string;
}

const PATIENCE_MS = 100_000;
/** Longer than a step takes to hear that the clock was turned. */
const BREATH_MS = 250;

export interface Whereabouts {
	/** By given name: `at <step>`, or out and why. */
	places(): Promise<Record<string, string>>;
	until(what: string, reached: () => boolean | Promise<boolean>): Promise<void>;
	untilAt(wanted: Record<string, string>): Promise<void>;
	/** As the sandbox's page turns its clock: the host's steps hear of it at once. */
	forward(ms: number): Promise<void>;
	/** Turns the clock in parts until that is reached: what one thing brings about may take time as well. */
	forwardUntil(what: string, part: number, reached: () => boolean | Promise<boolean>): Promise<void>;
	/** @throws unless it answers with 2xx */
	post<T>(path: string, body?: object): Promise<T>;
}

export function whereabouts(told: () => Told): Whereabouts {
	const places = async () => {
		const rows = await told()
			.store.reader.selectFrom('enrolment as e')
			.innerJoin('person as p', 'p.id', 'e.person_id')
			.leftJoin('traveller as t', 't.enrolment_id', 'e.id')
			.leftJoin('step as s', 's.id', 't.step_id')
			.select(['p.given_name', 's.name', 't.state', 't.output', 't.reason', 'e.exit_reason'])
			.execute();
		return Object.fromEntries(
			rows.map(({ given_name, name, state, output, reason, exit_reason }) => [
				given_name,
				exit_reason ??
					`${state === WAITING && output === null ? 'at' : `under way (${state})`} ${name}${reason ? `: ${reason}` : ''}`,
			]),
		);
	};
	const lost = async (what: string) => {
		const { sandbox, log } = told();
		const calls = sandbox.world.calls
			.latest(15)
			.map(({ direction, method, where, status }) => `${direction} ${method} ${where} ${status}`);
		return new Error(
			`${what}: not in time. ${JSON.stringify([await places(), calls])}\n${log().slice(-3_000)}`,
		);
	};
	const until = async (what: string, reached: () => boolean | Promise<boolean>) => {
		const end = Date.now() + PATIENCE_MS;
		while (!(await reached())) {
			if (Date.now() > end) throw await lost(what);
			await pause(50);
		}
	};
	const post = async <T>(path: string, body: object = {}) => {
		const answer = await fetch(`${told().sandbox.url}${path}`, {
			method: 'POST',
			headers: { 'content-type': 'application/json' },
			body: JSON.stringify(body),
		});
		if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
		return (await answer.json()) as T;
	};
	const forward = async (forwardMs: number) => void (await post('/clock', { forwardMs }));
	return {
		places,
		until,
		untilAt: (wanted) =>
			until(JSON.stringify(wanted), async () => {
				const there = await places();
				return Object.entries(wanted).every(([name, place]) => there[name] === place);
			}),
		forward,
		async forwardUntil(what, part, reached) {
			const end = Date.now() + PATIENCE_MS;
			while (!(await reached())) {
				if (Date.now() > end) throw await lost(what);
				await forward(part);
				await pause(BREATH_MS);
			}
		},
		post,
	};
}
