/** One person's story in order: journeys, messages, responses, gifts, consents, what changed, what admins did. */
import { type RawBuilder, sql } from 'kysely';
import { z } from 'zod/v4';
import { whyRefused } from '../journeys/refused';
import { goneSteps } from '../journeys/stranded';
import { type PersonState, stateOf } from '../journeys/whereabouts';
import type { Store } from '../store/store';

/** What happened. Names of journeys and steps are those of today. Never the text of a message. */
export type Happening =
	| { what: 'came into the register' }
	| { what: 'enrolled'; journey: string; enrolment: number; tripKey?: string }
	/** `reason`: null when it is no longer kept. `path`: the gates they came to, in order. */
	| { what: 'left the journey'; journey: string; enrolment: number; reason: string | null; path: string[] }
	/**
	 * A skipped message has state `skipped` and the reason why it was not sent; one that had to wait has `held`, and comes
	 * again as a message of its own. `code`: which contact rule the reason is about.
	 */
	| {
			what: 'message';
			dispatch: number;
			channel: string;
			provider: string;
			state: string;
			/** How far a letter or a call has come with those it was handed over to (`HandoffItemState`). */
			handOff?: string;
			reason?: string;
			code?: string;
			step?: string;
			journey?: string;
			enrolment?: number;
	  }
	| {
			what: 'response';
			kind: string;
			subject?: string;
			byMachine: boolean;
			dispatch?: number;
			/** Why a letter came back, or a message did not arrive. */
			reason?: string;
			source: string;
	  }
	| {
			what: 'gift';
			/** Øre. */
			amountOre: number;
			currency: string;
			campaign?: string;
			purpose?: string;
			channel?: string;
			source: string;
			/** Epoch ms. */
			reversedAt?: number;
	  }
	| { what: 'consent'; channel: string; purpose: string; granted: boolean; source: string }
	| { what: 'reservation'; channel: string; source: string }
	| { what: 'label'; label: string }
	/** A line of the change feed that no other happening tells of. */
	| { what: 'change'; kind: string; subject?: string; value?: string }
	| { what: 'operation'; kind: string; detail?: string; by: string; journey?: string; enrolment?: number };

/** `at`: epoch ms. */
export type TimelineEvent = { at: number } & Happening;

/** Where the person is in one journey at this moment. */
export interface Whereabouts {
	journey: string;
	enrolment: number;
	state: PersonState;
	step: string;
	/** Epoch ms of their arrival at the step. */
	since: number;
	/** Epoch ms at which time is up; waiting people only. */
	until?: number;
	/** Why they are stuck, or why a message to them is held back. */
	reason?: string;
	/** The gates they have come to, in order. */
	path: string[];
}

export interface Timeline {
	person: { id: number; memberNumber: string | null; name: string };
	now: Whereabouts[];
	/** Journeys that would not let them in at this moment, and why. Worked out, not recorded. */
	refused: Array<{ journey: string; reason: string }>;
	/** Oldest first. */
	events: TimelineEvent[];
	/** Pass it as `after` to go on; absent at the end. */
	next?: string;
}

export interface Asked {
	/** {@link Timeline.next} of the page before. */
	after?: string;
	/** Happenings per page; default 200. */
	limit?: number;
}

const PAGE = 200;

/** The person's timeline, page by page; undefined when nobody has this id. `now` in epoch ms. */
export async function timelineOf(
	store: Store,
	now: number,
	personId: number,
	{ after, limit = PAGE }: Asked = {},
): Promise<Timeline | undefined> {
	const person = await store.db
		.selectFrom('person')
		.select(['id', 'member_number', 'given_name', 'family_name'])
		.where('id', '=', personId)
		.executeTakeFirst();
	if (!person) return undefined;
	const cursor = after === undefined ? undefined : readCursor(after);
	const lists = await Promise.all(
		SOURCES.map((source, rank) => linesOf(store, personId, source, rank, cursor, limit + 1)),
	);
	const lines = lists.flat().sort((a, b) => a.at - b.at || a.rank - b.rank || a.place - b.place);
	const shown = lines.slice(0, limit);
	const steps = await stepNames(store, [
		...shown.flatMap((line) => pathIds(line.path)),
		...shown.flatMap((line) => (line.step_id === null ? [] : [line.step_id])),
	]);
	const last = shown.at(-1);
	return {
		person: {
			id: person.id,
			memberNumber: person.member_number,
			name: `${person.given_name} ${person.family_name}`.trim(),
		},
		now: await whereabouts(store, now, personId),
		refused: await whyRefused(store, now, personId),
		events: shown.map((line) => ({ at: line.at, ...happeningOf(line, steps) })),
		...(lines.length > limit && last
			? { next: JSON.stringify([last.at, last.rank, last.key] satisfies Cursor) }
			: {}),
	};
}

type Cursor = [at: number, rank: number, key: string | number];

function readCursor(text: string): Cursor {
	const read: unknown = JSON.parse(text);
	if (!Array.isArray(read) || read.length !== 3) throw new Error('This is no place in a timeline.');
	return [Number(read[0]), Number(read[1]), typeof read[2] === 'number' ? read[2] : String(read[2])];
}

/** One source's rows in the shape all share; what a source does not have is null. */
interface Line extends Columns {
	rank: number;
	place: number;
}
interface Columns {
	at: number;
	/** Tells rows of the same moment apart, and orders them. */
	key: string | number;
	what: Happening['what'];
	kind: string | null;
	subject: string | null;
	value: string | null;
	reason: string | null;
	code: string | null;
	by: string | null;
	journey: string | null;
	enrolment: number | null;
	step_id: number | null;
	dispatch: number | null;
	number: number | null;
	moment: number | null;
	path: string | null;
}

interface Source {
	what: Happening['what'];
	from: string;
	at: string;
	key: string;
	columns: Partial<Record<Exclude<keyof Columns, 'at' | 'key' | 'what'>, string>>;
	where?: string;
	/** The column with the person's id, when it is not `x.person_id`. */
	person?: string;
}

/** In the order in which what happened at the same moment is told. */
const SOURCES: readonly Source[] = [
	{
		what: 'came into the register',
		from: 'person x',
		person: 'x.id',
		at: 'x.created_at',
		key: 'x.id',
		columns: {},
	},
	{
		what: 'change',
		from: 'change x',
		at: 'x.at',
		key: 'x.id',
		columns: { kind: 'x.kind', subject: 'x.subject', value: 'x.value' },
		// What stands in its own table is told from there, with more to it.
		where: `x.kind not in ('person_added', 'gift_received')
			and not (x.kind = 'label_added' and exists (select 1 from label l
				where l.person_id = x.person_id and l.label = x.subject and l.added_at = x.at))
			and not (x.kind = 'consent_changed' and exists (select 1 from consent c
				where c.person_id = x.person_id and c.channel || '/' || c.purpose = x.subject and c.at = x.at))
			and not (x.kind = 'reservation_added' and exists (select 1 from reservation r
				where r.person_id = x.person_id and r.channel = x.subject and r.at = x.at))`,
	},
	{ what: 'label', from: 'label x', at: 'x.added_at', key: 'x.label', columns: { subject: 'x.label' } },
	{
		what: 'consent',
		from: 'consent x',
		at: 'x.at',
		key: `x.channel || '/' || x.purpose`,
		columns: { kind: 'x.channel', subject: 'x.purpose', number: 'x.granted', by: 'x.source' },
	},
	{
		what: 'reservation',
		from: 'reservation x',
		at: 'x.at',
		key: 'x.channel',
		columns: { kind: 'x.channel', by: 'x.source' },
	},
	{
		what: 'gift',
		from: 'gift x',
		at: 'x.given_at',
		key: 'x.id',
		columns: {
			number: 'x.amount_ore',
			value: 'x.currency',
			subject: 'x.campaign',
			reason: 'x.purpose',
			kind: 'x.channel',
			by: 'x.source',
			moment: 'x.reversed_at',
		},
	},
	{
		what: 'enrolled',
		from: 'enrolment x join journey j on j.id = x.journey_id',
		at: 'x.enrolled_at',
		key: 'x.id',
		columns: { journey: 'j.name', enrolment: 'x.id', subject: 'x.entry_key' },
	},
	{
		what: 'message',
		from: `dispatch x left join enrolment e on e.id = x.enrolment_id left join journey j on j.id = e.journey_id
			left join handoff_item h on h.dispatch_id = x.id`,
		at: 'x.reserved_at',
		key: 'x.id',
		columns: {
			dispatch: 'x.id',
			kind: 'x.channel',
			by: 'x.provider',
			value: 'x.state',
			subject: 'h.state',
			reason: 'x.reason',
			code: 'x.code',
			step_id: 'x.step_id',
			journey: 'j.name',
			enrolment: 'x.enrolment_id',
		},
	},
	{
		what: 'response',
		from: 'response x',
		at: 'x.at',
		key: 'x.id',
		columns: {
			kind: 'x.kind',
			subject: 'x.subject',
			number: 'x.machine',
			dispatch: 'x.dispatch_id',
			value: 'x.detail',
			by: 'x.source',
		},
	},
	{
		what: 'operation',
		from: 'operation x left join enrolment e on e.id = x.enrolment_id left join journey j on j.id = e.journey_id',
		at: 'x.at',
		key: 'x.id',
		columns: {
			kind: 'x.kind',
			value: 'x.detail',
			by: 'x.actor',
			journey: 'j.name',
			enrolment: 'x.enrolment_id',
		},
	},
	{
		what: 'left the journey',
		from: 'enrolment x join journey j on j.id = x.journey_id',
		at: 'x.exited_at',
		key: 'x.id',
		columns: { journey: 'j.name', enrolment: 'x.id', reason: 'x.exit_reason', path: 'x.path' },
		where: 'x.exited_at is not null',
	},
];

async function linesOf(
	store: Store,
	personId: number,
	source: Source,
	rank: number,
	cursor: Cursor | undefined,
	limit: number,
): Promise<Line[]> {
	const at = sql.raw(source.at);
	const key = sql.raw(source.key);
	const columns = Object.entries(source.columns).map(
		([name, column]) => sql`${sql.raw(column)} as ${sql.ref(name)}`,
	);
	const rows = await sql<Partial<Columns> & { at: number; key: string | number }>`
		select ${sql.join([sql`${at} as at`, sql`${key} as key`, ...columns])} from ${sql.raw(source.from)}
		where ${sql.raw(source.person ?? 'x.person_id')} = ${personId} and ${sql.raw(source.where ?? '1 = 1')}
			and ${behind(at, key, rank, cursor)}
		order by ${at}, ${key} limit ${limit}`.execute(store.db);
	return rows.rows.map((row, place) => ({ ...NOTHING, ...row, what: source.what, rank, place }));
}

function behind(
	at: RawBuilder<unknown>,
	key: RawBuilder<unknown>,
	rank: number,
	cursor: Cursor | undefined,
): RawBuilder<unknown> {
	if (!cursor) return sql`1 = 1`;
	const [lastAt, lastRank, lastKey] = cursor;
	if (rank > lastRank) return sql`${at} >= ${lastAt}`;
	if (rank < lastRank) return sql`${at} > ${lastAt}`;
	return sql`(${at} > ${lastAt} or (${at} = ${lastAt} and ${key} > ${lastKey}))`;
}

const NOTHING = {
	kind: null,
	subject: null,
	value: null,
	reason: null,
	code: null,
	by: null,
	journey: null,
	enrolment: null,
	step_id: null,
	dispatch: null,
	number: null,
	moment: null,
	path: null,
};

function happeningOf(line: Line, steps: ReadonlyMap<number, string>): Happening {
	const journey = line.journey ?? '';
	const enrolment = line.enrolment ?? 0;
	const by = line.by ?? '';
	const kind = line.kind ?? '';
	switch (line.what) {
		case 'came into the register':
			return { what: line.what };
		case 'enrolled':
			return { what: line.what, journey, enrolment, ...(line.subject ? { tripKey: line.subject } : {}) };
		case 'left the journey':
			return { what: line.what, journey, enrolment, reason: line.reason, path: namesIn(line.path, steps) };
		case 'message':
			return given({
				what: line.what,
				dispatch: line.dispatch ?? 0,
				channel: kind,
				provider: by,
				state: line.value ?? '',
				handOff: line.subject,
				reason: line.reason,
				code: line.code,
				step: line.step_id === null ? null : steps.get(line.step_id),
				journey: line.journey,
				enrolment: line.enrolment,
			});
		case 'response':
			return given({
				what: line.what,
				kind,
				subject: line.subject,
				byMachine: line.number === 1,
				dispatch: line.dispatch,
				reason: reasonIn(line.value),
				source: by,
			});
		case 'gift':
			return given({
				what: line.what,
				amountOre: line.number ?? 0,
				currency: line.value ?? '',
				campaign: line.subject,
				purpose: line.reason,
				channel: line.kind,
				source: by,
				reversedAt: line.moment,
			});
		case 'consent':
			return {
				what: line.what,
				channel: kind,
				purpose: line.subject ?? '',
				granted: line.number === 1,
				source: by,
			};
		case 'reservation':
			return { what: line.what, channel: kind, source: by };
		case 'label':
			return { what: line.what, label: line.subject ?? '' };
		case 'change':
			return given({ what: line.what, kind, subject: line.subject, value: line.value });
		case 'operation':
			return given({
				what: line.what,
				kind,
				detail: line.value,
				by,
				journey: line.journey,
				enrolment: line.enrolment,
			});
	}
}

const told = z.object({ reason: z.string() });

/** What else a response says stays in its row: it may be much. */
function reasonIn(detail: string | null): string | undefined {
	return detail === null ? undefined : told.safeParse(JSON.parse(detail)).data?.reason;
}

type Known<T> = { [K in keyof T as null extends T[K] ? never : K]: T[K] } & {
	[K in keyof T as null extends T[K] ? K : never]?: Exclude<T[K], null | undefined>;
};

/** Without what is not there. */
function given<T extends Record<string, unknown>>(row: T): Known<T> {
	return Object.fromEntries(
		Object.entries(row).filter(([, value]) => value !== null && value !== undefined),
	) as Known<T>;
}

async function whereabouts(store: Store, now: number, personId: number): Promise<Whereabouts[]> {
	const rows = await store.db
		.selectFrom('traveller as t')
		.innerJoin('journey as j', 'j.id', 't.journey_id')
		.innerJoin('step as s', 's.id', 't.step_id')
		.where('t.person_id', '=', personId)
		.select([
			'j.name as journey',
			't.enrolment_id',
			't.state',
			't.output',
			't.arrived_at',
			't.due_at',
			't.reason',
			't.path',
			't.step_id',
			's.name as step',
		])
		.orderBy('t.enrolment_id')
		.execute();
	const gone = await goneSteps(store.db);
	const steps = await stepNames(
		store,
		rows.flatMap((row) => pathIds(row.path)),
	);
	return rows.map((row): Whereabouts => {
		const state = stateOf(row, gone, now);
		return given({
			journey: row.journey,
			enrolment: row.enrolment_id,
			state,
			step: row.step,
			since: row.arrived_at,
			until: state === 'waiting' ? row.due_at : null,
			reason: row.reason,
			path: namesIn(row.path, steps),
		});
	});
}

const pathIds = (path: string | null) => (path ?? '').split(' ').filter(Boolean).map(Number);

function namesIn(path: string | null, steps: ReadonlyMap<number, string>): string[] {
	return pathIds(path).map((id) => steps.get(id) ?? `step ${id}, which is gone`);
}

async function stepNames(store: Store, ids: readonly number[]): Promise<Map<number, string>> {
	if (ids.length === 0) return new Map();
	const rows = await store.db
		.selectFrom('step')
		.select(['id', 'name'])
		.where(store.among('id', [...new Set(ids)]))
		.execute();
	return new Map(rows.map((row) => [row.id, row.name]));
}
