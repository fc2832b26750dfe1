/** The operations that only look. */
import { DateTime } from 'luxon';
import { type PeopleFilter, type PersonHere, listPeople, streamPeople } from '../../core/journeys/people';
import { countPeople, listJourneys } from '../../core/journeys/peopleCounts';
import { peopleCsv } from '../../core/journeys/peopleCsv';
import { type UnknownFilter, listUnknown } from '../../core/journeys/unknown';
import type { Json, StepContext } from '../../core/step';
import type { Store } from '../../core/store/store';
import type { Parameters } from './form';

export interface Look {
	ctx: StepContext;
	store: Store;
	params: Parameters;
	/** IANA zone in which moments are shown. */
	zone: string;
}

const AT_A_TIME = 1_000;

export async function list({ ctx, store, params, zone }: Look, filter: PeopleFilter): Promise<Json[]> {
	const limit = params.returnAll ? Infinity : params.limit;
	const listed: Json[] = [];
	let after: string | undefined;
	do {
		const page = await listPeople(store, ctx.clock.now(), filter, {
			after,
			limit: Math.min(limit - listed.length, AT_A_TIME),
		});
		listed.push(...page.people.map((person) => shown(person, zone)));
		after = page.next;
		ctx.progress(listed.length, undefined, 'people listed');
	} while (after !== undefined && listed.length < limit);
	ctx.hint(
		listed.length === 0
			? NOBODY
			: `${listed.length} people${after === undefined ? '' : '; there are more: raise Limit, or switch on Return All'}.`,
	);
	return listed;
}

export async function count({ ctx, store, params, zone }: Look): Promise<Json[]> {
	const now = ctx.clock.now();
	const counts = await countPeople(store, now, params.journey === '' ? {} : { journey: params.journey });
	const journeys = new Map((await listJourneys(store, now)).map((journey) => [journey.key, journey]));
	const rows = counts.filter(({ stepKey }) => params.step === '' || stepKey === params.step);
	if (rows.length === 0) {
		ctx.hint(NOBODY);
		return [];
	}
	const sum = (what: 'waiting' | 'moving' | 'stuck' | 'stranded' | 'unknown') =>
		rows.reduce((total, row) => total + row[what], 0);
	ctx.hint(
		`${sum('waiting')} waiting, ${sum('moving')} moving, ${sum('stuck')} stuck, ${sum('stranded')} stranded; ${sum('unknown')} unknown messages.`,
	);
	return rows.map(({ oldest, ...row }) => {
		const journey = journeys.get(row.journeyKey);
		return {
			...row,
			oldest: moment(oldest, zone),
			journeyState: journey?.state ?? null,
			journeyStoppedAt: moment(journey?.stoppedAt ?? null, zone),
		};
	});
}

export async function unknown({ ctx, store, params, zone }: Look, filter: UnknownFilter): Promise<Json[]> {
	const limit = params.returnAll ? Infinity : params.limit;
	const listed: Json[] = [];
	let after: string | undefined;
	do {
		const page = await listUnknown(store, filter, {
			after,
			limit: Math.min(limit - listed.length, AT_A_TIME),
		});
		listed.push(...page.messages.map(({ at, ...message }) => ({ ...message, at: moment(at, zone) })));
		after = page.next;
	} while (after !== undefined && listed.length < limit);
	ctx.hint(
		listed.length === 0
			? 'No unknown messages: of each it is known whether it went out.'
			: `${listed.length} messages of which it is not known whether they went out.`,
	);
	return listed;
}

export async function exportCsv({ ctx, store, params, zone }: Look, filter: PeopleFilter): Promise<Json[]> {
	const parts: string[] = [];
	const count = await streamPeople(store, ctx.clock.now(), filter, (people) => {
		parts.push(peopleCsv(people, zone, { header: parts.length === 0 }));
	});
	if (count === 0) {
		ctx.hint(NOBODY);
		return [];
	}
	ctx.hint(`${count} people.`);
	return [{ csv: parts.join(''), fileName: params.fileName || 'journey-people.csv', count }];
}

export const NOBODY = 'Nobody matches: no one is there on a journey now.';

function shown({ since, until, ...person }: PersonHere, zone: string): Json {
	return { ...person, since: moment(since, zone), until: moment(until, zone) };
}

function moment(at: number | null, zone: string): string | null {
	return at === null ? null : DateTime.fromMillis(at, { zone }).toISO();
}
