/** The store's tables as they lie there, read without the core: what is checked must not do the checking. */
import { DatabaseSync } from 'node:sqlite';
import pg from 'pg';

export interface EnrolmentRow {
	id: number;
	person_id: number;
	member_number: string;
	phone: string | null;
	email: string | null;
	exited_at: number | null;
	exit_reason: string | null;
}
export interface TravellerRow {
	enrolment_id: number;
	person_id: number;
	state: number;
	hop: number;
	due_at: number;
	output: number | null;
	attempts: number;
	reason: string | null;
	step: string;
}
export interface DispatchRow {
	id: number;
	key: string;
	enrolment_id: number | null;
	person_id: number | null;
	channel: string;
	state: string;
	reason: string | null;
	address: string | null;
	step: string;
	list_ref: string | null;
}
export interface ResponseRow {
	kind: string;
	person_id: number | null;
	member_number: string | null;
}

export interface Tables {
	mark: string;
	enrolments: EnrolmentRow[];
	travellers: TravellerRow[];
	dispatches: DispatchRow[];
	responses: ResponseRow[];
	/** Member numbers of those who have given. */
	givers: string[];
	mailings: Array<{ id: number; list_ref: string | null; state: string }>;
}

const questions = {
	mark: `select value from setting where key = 'store:mark'`,
	enrolments: `select e.id, e.person_id, p.member_number, e.exited_at, e.exit_reason,
			(select value from contact_point c where c.person_id = p.id and c.kind = 'phone') as phone,
			(select value from contact_point c where c.person_id = p.id and c.kind = 'email') as email
		from enrolment e join person p on p.id = e.person_id`,
	travellers: `select t.enrolment_id, t.person_id, t.state, t.hop, t.due_at, t.output, t.attempts, t.reason, s.name as step
		from traveller t join step s on s.id = t.step_id`,
	dispatches: `select d.id, d.key, d.enrolment_id, d.person_id, d.channel, d.state, d.reason, d.address, s.name as step, m.list_ref
		from dispatch d left join step s on s.id = d.step_id left join mailing m on m.id = d.mailing_id`,
	responses: `select r.kind, r.person_id, p.member_number from response r left join person p on p.id = r.person_id`,
	givers: `select p.member_number from gift g join person p on p.id = g.person_id`,
	mailings: `select id, list_ref, state from mailing`,
};

export async function readTables(storeUrl: string): Promise<Tables> {
	const { ask, close } = /^postgres/.test(storeUrl) ? await onPostgres(storeUrl) : onSqlite(storeUrl);
	try {
		const rows = async <T>(question: string) => (await ask(question)) as T[];
		return {
			mark: (await rows<{ value: string }>(questions.mark))[0]?.value ?? '',
			enrolments: await rows(questions.enrolments),
			travellers: await rows(questions.travellers),
			dispatches: await rows(questions.dispatches),
			responses: await rows(questions.responses),
			givers: (await rows<{ member_number: string }>(questions.givers)).map((row) => row.member_number),
			mailings: await rows(questions.mailings),
		};
	} finally {
		await close();
	}
}

/** How many wait, are under way, are stuck, and are out; and the earliest moment at which somebody is due. */
export interface Places {
	waiting: number;
	moving: number;
	stuck: number;
	out: number;
	due: number | null;
	/** Of those under way: when the last lease runs out. */
	leased: number | null;
}

export async function places(storeUrl: string): Promise<Places> {
	const { ask, close } = /^postgres/.test(storeUrl) ? await onPostgres(storeUrl) : onSqlite(storeUrl);
	try {
		const states = (await ask(
			`select state, count(*) as people, min(due_at) as first, max(due_at) as last from traveller group by state`,
		)) as Array<{ state: number; people: number; first: number; last: number }>;
		const [out] = (await ask(
			`select count(*) as people from enrolment where exited_at is not null`,
		)) as Array<{
			people: number;
		}>;
		const of = (state: number) => states.find((row) => row.state === state);
		return {
			waiting: of(0)?.people ?? 0,
			moving: of(1)?.people ?? 0,
			stuck: of(2)?.people ?? 0,
			out: out?.people ?? 0,
			due: of(0)?.first ?? null,
			leased: of(1)?.last ?? null,
		};
	} finally {
		await close();
	}
}

interface Asking {
	ask(question: string): Promise<unknown[]>;
	close(): Promise<void>;
}

function onSqlite(file: string): Asking {
	const database = new DatabaseSync(file, { readOnly: true });
	database.exec('pragma busy_timeout = 5000');
	return {
		ask: (question) => Promise.resolve(database.prepare(question).all()),
		close: () => Promise.resolve(database.close()),
	};
}

const INT8 = 20;
async function onPostgres(connectionString: string): Promise<Asking> {
	const parse = (oid: number, format?: 'text' | 'binary') =>
		oid === INT8
			? Number
			: (pg.types.getTypeParser as (oid: number, format?: string) => unknown)(oid, format);
	const client = new pg.Client({ connectionString, types: { getTypeParser: parse as never } });
	client.on('error', () => undefined);
	await client.connect();
	return {
		ask: async (question) => (await client.query(question)).rows as unknown[],
		close: () => client.end(),
	};
}
