/**
 * A click counts a moment later than it comes: whether it was a scanner's is told by what follows it. Until then it
 * stands in the store as undecided, where no goal sees it; whoever dies in between leaves it there for the next one.
 */
import { z } from 'zod/v4';
import { wakePeople } from '../journeys/wake';
import type { Clock } from '../ports';
import { holdPersons } from '../register/about';
import { lockTravellersOf } from '../store/lock';
import { UNDECIDED } from '../store/schema';
import type { Store } from '../store/store';
import { type Happening, type Judgement, type MachineSettings, judge } from './machine';

export interface Decided extends Judgement {
	source: string;
	eventId: string;
	kind: Happening['kind'];
}

const AT_A_TIME = 500;
const detailIn = z.looseObject({ honeypot: z.boolean().optional(), reason: z.string().optional() }).catch({});

/**
 * Judges what is undecided and came more than `graceMs` ago, by all that happened to the same message; whom it lets go is
 * let go in the same write. The grace has to be longer than `settings.burstMs`.
 * @param source only events of this source
 * @returns what this call has decided, each event once however many processes call
 */
export async function settleUndecided(
	store: Store,
	clock: Clock,
	source: string,
	graceMs: number,
	settings: MachineSettings,
): Promise<Decided[]> {
	const all: Decided[] = [];
	for (;;) {
		const part = await settleSome(store, clock.now(), source, graceMs, settings);
		all.push(...part.decided);
		if (part.found < AT_A_TIME) return all;
	}
}

/** When the oldest undecided event may be judged (epoch ms); undefined when there is none. */
export async function nextDecision(
	store: Store,
	source: string,
	graceMs: number,
): Promise<number | undefined> {
	const row = await store.db
		.selectFrom('response')
		.where('machine', '=', UNDECIDED)
		.where('source', '=', source)
		.select((select) => select.fn.min('received_at').as('at'))
		.executeTakeFirst();
	return row?.at == null ? undefined : Number(row.at) + graceMs;
}

async function settleSome(
	store: Store,
	now: number,
	source: string,
	graceMs: number,
	settings: MachineSettings,
): Promise<{ found: number; decided: Decided[] }> {
	return store.write(async (writing) => {
		const { db } = writing;
		const due = await db
			.selectFrom('response')
			.selectAll()
			.where('machine', '=', UNDECIDED)
			.where('source', '=', source)
			.where('received_at', '<=', now - graceMs)
			.orderBy('received_at')
			.orderBy('id')
			.limit(AT_A_TIME)
			.execute();
		if (due.length === 0) return { found: 0, decided: [] };
		const messages = [...new Set(due.flatMap((row) => row.dispatch_id ?? []))];
		const around = await db
			.selectFrom('response')
			.select(['dispatch_id', 'kind', 'at', 'subject', 'detail'])
			.where(store.among('dispatch_id', messages))
			.where('kind', 'in', ['opened', 'clicked'])
			.execute();
		const byMessage = new Map<number, Happening[]>();
		for (const row of around) {
			const list = byMessage.get(row.dispatch_id ?? 0) ?? [];
			list.push(happeningOf(row));
			byMessage.set(row.dispatch_id ?? 0, list);
		}
		const verdicts = due.map((row) => ({
			row,
			verdict: judge(happeningOf(row), byMessage.get(row.dispatch_id ?? 0), settings),
		}));
		const ours = new Set<number>();
		for (const machine of [true, false]) {
			const ids = verdicts.filter(({ verdict }) => verdict.machine === machine).map(({ row }) => row.id);
			if (ids.length === 0) continue;
			const set = await db
				.updateTable('response')
				.set({ machine: machine ? 1 : 0 })
				.where(store.among('id', ids))
				// Another process may have decided in the meantime.
				.where('machine', '=', UNDECIDED)
				.returning('id')
				.execute();
			for (const { id } of set) ours.add(id);
		}
		const mine = verdicts.filter(({ row }) => ours.has(row.id));
		for (const { row, verdict } of mine) {
			if (!verdict.reason) continue;
			const detail = JSON.stringify({
				...detailIn.parse(JSON.parse(row.detail ?? '{}')),
				sign: verdict.reason,
			});
			await db.updateTable('response').set({ detail }).where('id', '=', row.id).execute();
		}
		const counting = mine.filter(({ row, verdict }) => !verdict.machine && row.person_id !== null);
		const people = await holdPersons(db, store, [
			...new Set(counting.flatMap(({ row }) => row.person_id ?? [])),
		]);
		await lockTravellersOf(db, store, [...people]);
		for (const kind of ['opened', 'clicked'] as const) {
			const who = counting
				.filter(({ row }) => row.kind === kind)
				.flatMap(({ row }) => (row.person_id !== null && people.has(row.person_id) ? [row.person_id] : []));
			await wakePeople(writing, store, now, who, [kind]);
		}
		return {
			found: due.length,
			decided: mine.map(({ row, verdict }) => ({
				...verdict,
				source: row.source,
				eventId: row.source_event_id,
				kind: row.kind === 'opened' ? 'opened' : 'clicked',
			})),
		};
	});
}

function happeningOf(row: {
	kind: string;
	at: number;
	subject: string | null;
	detail: string | null;
}): Happening {
	return {
		kind: row.kind === 'opened' ? 'opened' : 'clicked',
		at: row.at,
		link: row.subject ?? undefined,
		honeypot: detailIn.parse(JSON.parse(row.detail ?? '{}')).honeypot,
	};
}
