/**
 * What the hot operations ask of the databases does not grow with the people who wait, nor with those who are through:
 * every statement of the real operations is explained with its own parameters, among 10 000 and among 1 000 000.
 */
import { CompiledQuery, type Kysely, sql } from 'kysely';
import { virtualClock } from '../../../core/journeys/clock';
import { type Channel } from '../../../core/dispatch/channel';
import { contactRules } from '../../../core/dispatch/contactRules';
import { deliver } from '../../../core/dispatch/deliver';
import { judge } from '../../../core/dispatch/rules';
import { enrol } from '../../../core/journeys/enrol';
import { enterGate } from '../../../core/journeys/gate';
import { listPeople } from '../../../core/journeys/people';
import { claim, releasePeople } from '../../../core/journeys/release';
import { listUnknown } from '../../../core/journeys/unknown';
import { ingest } from '../../../core/responses/ingest';
import { kindBits } from '../../../core/responses/kinds';
import { MOVING, type Tables, WAITING } from '../../../core/store/schema';
import { type Store, openStore } from '../../../core/store/store';
import { MONDAY, Story, until } from '../journeys/story';
import { type PostgresServer, postgresServer } from '../../../hosts/runtime/postgresServer';
import { type TestStore, newStore } from '../stores';

const FEW = 10_000;
const MANY = 1_000_000;
/** People in each operation. */
const SAMPLE = 500;
const DAY = 86_400_000;
const hot = ['traveller', 'enrolment', 'dispatch', 'response', 'person'];
/** Indexes that hold only the few whom it concerns: reading one whole is what it is for. */
const ofFew = ['traveller_stuck', 'dispatch_unknown', 'dispatch_open'];

const isScan = (way: string) => way.startsWith('SCAN');

/** All that the rules can ask about a person. */
const everyRule = contactRules.parse({
	channels: { sms: { caps: [{ messages: 2, days: 7 }], existingRelation: true } },
	caps: [{ messages: 5, days: 30 }],
	minutesBetween: 60,
	existingRelation: { memberships: ['active'], gaveWithinMonths: 12, label: 'told' },
});

interface Asked {
	statement: string;
	parameters: readonly unknown[];
}
/** What one operation cost: pages touched (PostgreSQL), or the ways it takes (SQLite); and where it read a whole table. */
interface Cost {
	pages: number;
	ways: string[];
	scans: string[];
}

describe.each(['sqlite', 'postgres'] as const)('the hot operations (%s)', (kind) => {
	let server: PostgresServer | undefined;
	let made: TestStore;
	let store: Store;
	let asked: Asked[] = [];
	let operations: Awaited<ReturnType<typeof operationsOn>>;
	const costs = { few: new Map<string, Cost>(), many: new Map<string, Cost>() };

	beforeAll(async () => {
		// A million rows in one transaction: on the server that all share, nobody could read the register's feed meanwhile.
		server = kind === 'postgres' ? await postgresServer(true) : undefined;
		made = await newStore(kind, undefined, server?.url);
		store = await openStore({
			url: made.url,
			log: (statement, parameters) => void asked.push({ statement, parameters }),
		});
		operations = await operationsOn(store);
		for (const [size, from, to] of [
			['few', 1, FEW],
			['many', FEW + 1, MANY],
		] as const) {
			const began = performance.now();
			await fill(store, operations.place, from, to);
			if (process.env.SHOW_PLANS)
				process.stdout.write(`${kind} ${size}: filled in ${Math.round(performance.now() - began)} ms\n`);
			for (const [name, operation] of operations.all) costs[size].set(name, await costOf(operation, size));
		}
	}, 900_000);
	afterAll(async () => {
		await store?.close();
		await made?.remove();
		await server?.stop();
	}, 60_000);

	async function costOf({ prepare, run }: Operation, size: 'few' | 'many'): Promise<Cost> {
		let statements: Asked[] = [];
		for (let round = 0; round < 3; round += 1) {
			await prepare();
			asked = [];
			await run();
			statements = asked.filter(({ statement }) =>
				/^\s*(select|insert|update|delete|with)\b/i.test(statement),
			);
		}
		await prepare();
		expect(statements.length).toBeGreaterThan(0);
		return kind === 'postgres' ? await explained(store, statements, size) : await planned(store, statements);
	}

	const names = [
		'claim, nobody due',
		'claim',
		'let go, next due, and out',
		'enrol',
		'arrive at the gate',
		'reserve, send and settle',
		'ask the contact rules',
		'take in responses and wake',
		'list a page of people',
		'list unknown messages',
	];
	test.each(names)('%s: no table is read whole', (name) => {
		expect(costs.many.get(name)?.scans).toEqual([]);
	});
	test.each(names)('%s: the same among a million as among ten thousand', (name) => {
		const few = costs.few.get(name)!;
		const many = costs.many.get(name)!;
		// The trees of pages grow by a level, from two to three, and hold the traces of earlier rounds: not by the hundred
		// times as many people.
		if (kind === 'postgres') expect(many.pages).toBeLessThanOrEqual(2.5 * few.pages + 50);
		// SQLite does not tell what it touched, only which way it goes.
		else expect(many.ways.filter(isScan)).toEqual(few.ways.filter(isScan));
	});
	test('all of them were measured', () => {
		expect([...costs.many.keys()]).toEqual(names);
		if (process.env.SHOW_PLANS) {
			for (const name of names) {
				const [few, many] = [costs.few.get(name)!, costs.many.get(name)!];
				process.stdout.write(`${kind} ${name}: ${few.pages} → ${many.pages} pages\n`);
			}
		}
	});
});

interface Operation {
	/** Puts the sample where the operation finds it. */
	prepare(): Promise<void>;
	run(): Promise<unknown>;
}
interface Place {
	journeyId: number;
	startId: number;
	gateId: number;
}

async function operationsOn(store: Store): Promise<{ place: Place; all: Map<string, Operation> }> {
	const story = new Story(store);
	const clock = virtualClock(MONDAY);
	const journey = await story.journey();
	const gate = await story.gate({
		goal: { any: [{ kind: 'clicked', link: '', countMachines: false }] },
		since: 'gate',
	});
	const place: Place = { journeyId: journey.id, startId: journey.stepId, gateId: gate.stepId };
	const sample = Array.from({ length: SAMPLE }, (_, i) => i + 1);
	const among = (column: string) => store.among(column, sample);
	/** The sample's travellers as they were at first, and as `over` has them. */
	const at = async (over: { state: number; step: number; hop: number; due: number }) => {
		await store.write(async ({ db }) => {
			await db.deleteFrom('response').where('source', '=', 'plans').execute();
			await db.deleteFrom('dispatch').where('step_id', '=', 99).where(among('person_id')).execute();
			await db.deleteFrom('traveller').where(among('enrolment_id')).execute();
			await db
				.updateTable('enrolment')
				.set({ exited_at: null, exit_reason: null })
				.where(among('id'))
				.execute();
			await db
				.insertInto('traveller')
				.values(
					sample.map((id) => ({
						enrolment_id: id,
						journey_id: journey.id,
						person_id: id,
						step_id: over.step,
						hop: over.hop,
						state: over.state,
						since: MONDAY - DAY,
						arrived_at: MONDAY - DAY,
						due_at: over.due,
						goal_kinds: kindBits(['clicked']),
						output: null,
						dispatch_id: null,
						attempts: 0,
						reason: null,
					})),
				)
				.execute();
		});
	};
	const waiting = () => at({ state: WAITING, step: gate.stepId, hop: 1, due: MONDAY + 5 * DAY });
	const due = () => at({ state: WAITING, step: gate.stepId, hop: 1, due: MONDAY - 1 });
	const moving = () => at({ state: MOVING, step: journey.stepId, hop: 0, due: MONDAY + DAY });
	const channel: Channel<string> = {
		channel: 'sms',
		provider: 'plans',
		batchSize: 1_000,
		send: async (batch) => ({
			kind: 'answered',
			sent: batch.map(({ dispatchId }) => ({
				dispatchId,
				state: 'accepted' as const,
				providerRef: `new-${dispatchId}`,
			})),
		}),
	};
	const all = new Map<string, Operation>([
		['claim, nobody due', { prepare: waiting, run: () => claim(store, clock.now(), gate.stepId, SAMPLE) }],
		['claim', { prepare: due, run: () => claim(store, clock.now(), gate.stepId, SAMPLE) }],
		[
			'let go, next due, and out',
			{
				prepare: due,
				async run() {
					let gone = 0;
					const stop = await releasePeople(
						{
							store,
							clock,
							stepId: gate.stepId,
							outcomes: ['reached', 'timedOut'],
							log: () => undefined,
						},
						async (outputs) => {
							gone += outputs.flat().length;
							return { end: 'done' };
						},
					);
					await until(() => gone === SAMPLE);
					await stop();
				},
			},
		],
		[
			'enrol',
			{
				async prepare() {
					await store.write(async ({ db }) => {
						await db.deleteFrom('traveller').where(among('person_id')).execute();
						await db
							.deleteFrom('enrolment')
							.where(among('person_id'))
							.where('exited_at', 'is', null)
							.execute();
					});
				},
				run: () =>
					enrol(
						store,
						clock,
						{ ...journey, settings: { ...journey.settings, reentry: { kind: 'afterExit' } } },
						sample.map((personId) => ({ personId })),
					),
			},
		],
		[
			'arrive at the gate',
			{
				async prepare() {
					// The enrolments that the operation before has made go, the first ones come back.
					await store.write(async ({ db }) => {
						await db
							.deleteFrom('enrolment')
							.where(among('person_id'))
							.where('exited_at', 'is', null)
							.execute();
						await db
							.insertInto('enrolment')
							.values(
								sample.map((id) => ({
									id,
									journey_id: journey.id,
									person_id: id,
									entry_key: '',
									enrolled_at: MONDAY - DAY,
									exited_at: null,
									exit_reason: null,
								})),
							)
							.execute();
					});
					await moving();
				},
				run: () =>
					enterGate(
						store,
						clock,
						gate,
						sample.map((id) => ({
							enrolmentId: id,
							hop: 0,
							personId: id,
							journeyKey: 'flow-1',
							test: false,
						})),
					),
			},
		],
		[
			'reserve, send and settle',
			{
				prepare: moving,
				run: () =>
					deliver(
						{ store, clock, stepId: 99 },
						channel,
						sample.map((id, item) => ({
							item,
							key: `e${id}/99/0`,
							personId: id,
							enrolmentId: id,
							address: '+4740000000',
							message: 'x',
							purpose: '',
						})),
					),
			},
		],
		[
			'ask the contact rules',
			{
				prepare: moving,
				run: () =>
					judge(
						store.db,
						store,
						{ channel: 'sms', now: clock.now(), zone: 'Europe/Oslo', rules: everyRule },
						sample.map((id) => ({
							key: `e${id}/99/0`,
							personId: id,
							enrolmentId: id,
							address: '+4740000000',
							purpose: 'x',
						})),
					),
			},
		],
		[
			'take in responses and wake',
			{
				prepare: waiting,
				run: () =>
					ingest(
						store,
						clock,
						sample.map((id) => ({
							source: 'plans',
							eventId: `click-${id}`,
							kind: 'clicked' as const,
							at: clock.now(),
							providerRef: `ref-${String(id).padStart(9, '0')}`,
							subject: 'x',
						})),
					),
			},
		],
		[
			'list a page of people',
			{
				prepare: waiting,
				async run() {
					// Without any filter the page is the table's own order, cut off after its hundred.
					for (const filter of [{ journey: 'flow-1' }, { step: 'flow-1/gate' }]) {
						const first = await listPeople(store, clock.now(), filter, { limit: 100 });
						await listPeople(store, clock.now(), filter, { limit: 100, after: first.next });
					}
				},
			},
		],
		[
			'list unknown messages',
			{ prepare: waiting, run: () => listUnknown(store, { journey: 'flow-1' }, { limit: 100 }) },
		],
	]);
	return { place, all };
}

/** Persons `from` … `to`, each of whom waits at the gate and has been through the journey before. */
async function fill(store: Store, place: Place, from: number, to: number): Promise<void> {
	const lit = sql.lit;
	const past = lit(MONDAY - 30 * DAY);
	const now = lit(MONDAY - DAY);
	const n = sql`with recursive n(i) as (select cast(${lit(from)} as bigint) union all select i + 1 from n where i < ${lit(to)})`;
	// In the order of the numbers as text, too: an index takes in a million that come in order in a moment.
	const text = (before: string) =>
		store.dialect === 'sqlite'
			? sql`${lit(before)} || printf('%09d', i)`
			: sql`${lit(before)} || lpad(i::text, 9, '0')`;
	const finished = sql`i + ${lit(10 * MANY)}`;
	const write = async (db: Kysely<Tables>) => {
		await sql`insert into person (id, member_number, given_name, family_name, name_key, created_at, updated_at)
			${n} select i, ${text('M')}, 'Kari', 'Eksempel', ${text('kari eksempel ')}, ${past}, ${past} from n`.execute(
			db,
		);
		// The open trips have the ids of their persons, the finished ones stand behind.
		await sql`insert into enrolment (id, journey_id, person_id, entry_key, enrolled_at)
			${n} select i, ${lit(place.journeyId)}, i, '', ${now} from n`.execute(db);
		await sql`insert into enrolment (id, journey_id, person_id, entry_key, enrolled_at, exited_at, exit_reason)
			${n} select ${finished}, ${lit(place.journeyId)}, i, '', ${past}, ${past} + i, 'goal' from n`.execute(db);
		await sql`insert into traveller (enrolment_id, journey_id, person_id, step_id, hop, state, since, arrived_at, due_at, goal_kinds, attempts)
			${n} select i, ${lit(place.journeyId)}, i, ${lit(place.gateId)}, 1, ${lit(WAITING)}, ${now}, ${now},
				${lit(MONDAY + 5 * DAY)} + i, ${lit(kindBits(['clicked']))}, 0 from n`.execute(db);
		await sql`insert into dispatch (id, key, enrolment_id, step_id, person_id, channel, provider, provider_ref, state, reserved_at, settled_at)
			${n} select i, ${text('e')}, ${finished}, ${lit(place.startId)}, i, 'sms', 'plans', ${text('ref-')}, 'delivered', ${past}, ${past} from n`.execute(
			db,
		);
		await sql`insert into response (id, source, source_event_id, kind, dispatch_id, person_id, subject, machine, at, received_at)
			${n} select i, 'before', ${text('e')}, 'clicked', i, i, 'x', 0, ${past}, ${past} from n`.execute(db);
	};
	if (store.dialect === 'sqlite') {
		await sql`pragma foreign_keys = off`.execute(store.db);
		await store.write(({ db }) => write(db));
		await sql`pragma foreign_keys = on`.execute(store.db);
		await sql`analyze`.execute(store.db);
		return;
	}
	await store.write(async ({ db }) => {
		// Nothing of it can be wrong, and looking up each reference would take longer than the writing.
		await sql`set local session_replication_role = replica`.execute(db);
		// An index that is made at the end is made in a third of the time that row by row takes.
		const indexes = await withoutConstraint(db);
		for (const { name } of indexes) await sql`drop index ${sql.id(name)}`.execute(db);
		await write(db);
		for (const { definition } of indexes) await sql.raw(definition).execute(db);
		for (const table of ['enrolment', 'dispatch', 'response']) {
			await sql`select setval(pg_get_serial_sequence(${lit(table)}, 'id'), ${lit(20 * MANY)})`.execute(db);
		}
	});
	await sql`vacuum analyze person, enrolment, traveller, dispatch, response`.execute(store.db);
}

/** The indexes of the hot tables that no key or unique constraint stands on (PostgreSQL). */
async function withoutConstraint(db: Kysely<Tables>): Promise<Array<{ name: string; definition: string }>> {
	const { rows } = await sql<{ name: string; definition: string }>`
		select c.relname as name, pg_get_indexdef(i.indexrelid) as definition
		from pg_index i join pg_class c on c.oid = i.indexrelid join pg_class t on t.oid = i.indrelid
		where t.relname in (${sql.join(hot)}) and not exists (select 1 from pg_constraint k where k.conindid = i.indexrelid)`.execute(
		db,
	);
	expect(rows.length).toBeGreaterThan(hot.length);
	return rows;
}

interface PlanNode {
	'Node Type': string;
	'Relation Name'?: string;
	'Shared Hit Blocks'?: number;
	'Shared Read Blocks'?: number;
	Plans?: PlanNode[];
}

/** Runs each statement once more and takes it back, with the database counting the pages it touches. */
async function explained(store: Store, statements: readonly Asked[], size: 'few' | 'many'): Promise<Cost> {
	let pages = 0;
	const scans: string[] = [];
	const undo = new Error('taken back');
	const working = store.write(async ({ db }) => {
		await sql`set local session_replication_role = replica`.execute(db);
		// Among few, reading a whole small table is quicker; the comparison is one of the ways by index.
		if (size === 'few') await sql`set local enable_seqscan = off`.execute(db);
		for (const { statement, parameters } of statements) {
			const { rows } = await db.executeQuery<{ 'QUERY PLAN': Array<{ Plan: PlanNode }> }>(
				CompiledQuery.raw(`explain (analyze, buffers, format json) ${statement}`, [...parameters]),
			);
			const plan = rows[0]!['QUERY PLAN'][0]!.Plan;
			pages += (plan['Shared Hit Blocks'] ?? 0) + (plan['Shared Read Blocks'] ?? 0);
			for (const node of nodesOf(plan)) {
				if (node['Node Type'] === 'Seq Scan' && hot.includes(node['Relation Name'] ?? ''))
					scans.push(`${node['Relation Name']}: ${statement}`);
			}
		}
		throw undo;
	});
	await working.catch((cause: unknown) => {
		if (cause !== undo) throw cause;
	});
	return { pages, ways: [], scans };
}

function nodesOf(node: PlanNode): PlanNode[] {
	return [node, ...(node.Plans ?? []).flatMap(nodesOf)];
}

/** SQLite says beforehand how it is going to read; nothing is run. */
async function planned(store: Store, statements: readonly Asked[]): Promise<Cost> {
	const scans: string[] = [];
	const ways = new Set<string>();
	for (const { statement, parameters } of statements) {
		const { rows } = await store.db.executeQuery<{ detail: string }>(
			CompiledQuery.raw(`explain query plan ${statement}`, [...parameters]),
		);
		// What a part of the statement has picked out is read whole by the rest of it.
		const picked = rows.flatMap(({ detail }) => /^(?:CO-ROUTINE|MATERIALIZE) (\w+)/.exec(detail)?.[1] ?? []);
		for (const { detail } of rows) {
			ways.add(detail);
			const [, table = '', index = ''] = /^SCAN (\w+)(?: USING .*INDEX (\w+))?/.exec(detail) ?? [];
			if (index === '' && picked.includes(table)) {
				picked.splice(picked.indexOf(table), 1);
				continue;
			}
			// Tables go by their short names in the statements: what stands before `as`.
			const real = new RegExp(`"?(\\w+)"? as "?${table}"?\\b`).exec(statement)?.[1] ?? table;
			if (hot.includes(real) && !ofFew.includes(index)) scans.push(`${detail}: ${statement}`);
		}
	}
	return { pages: 0, ways: [...ways].sort(), scans };
}
