/** Everything that the store holds about one person, as one document to hand to them. */
import { sql } from 'kysely';
import type { Store } from '../store/store';
import { type PersonTable, type Traces, tracesOf } from './about';

type Row = Record<string, string | number | boolean | null>;

export type SectionName = (typeof sections)[PersonTable];

/** Where each table stands in the document. */
export const sections = {
	contact_point: 'contactPoints',
	membership: 'memberships',
	employment: 'employments',
	gift: 'gifts',
	label: 'labels',
	consent: 'consents',
	reservation: 'reservations',
	attribute: 'attributes',
	change: 'changesInTheRegister',
	enrolment: 'journeys',
	traveller: 'whereTheyAreNow',
	dispatch: 'messages',
	charge: 'charges',
	response: 'responses',
	question: 'questionsAsked',
	handoff_item: 'lettersAndCalls',
	operation: 'doneByAdmins',
	incoming_gift: 'giftsAsTheyCameIn',
	gift_decision: 'decisionsOnGifts',
	gift_payment: 'paymentsAskedFor',
	giver_key: 'knownAsGiverBy',
	agreement: 'agreementsToGive',
} as const satisfies Record<PersonTable, string>;

export type PersonDocument = {
	/** ISO 8601 */
	exportedAt: string;
	/** What this document is, and what it cannot hold. */
	about: string[];
	person: Row;
} & Record<SectionName, Row[]>;

const ABOUT = [
	'Everything the Journey Store holds about this person.',
	'Times are UTC. Amounts are in øre (hundredths of the currency).',
	'The texts of messages are not kept here, and of answers only the first word; the answer to a question of a journey until it has been read.',
	'Message providers, such as LINK and Make, and the executions that n8n saves may hold more: ask there as well.',
];

/** Kept for the machinery alone, or said in words beside it. */
const LEFT_OUT = new Set(['tx', 'person_id', 'goal_kinds']);
const MOMENTS = new Set(['at', 'since']);
const YES_NO = new Set(['is_primary', 'granted', 'machine', 'protected', 'gift', 'deductible']);
const PLACE = ['waiting', 'moving', 'stuck'];

/** Undefined when nobody has this id. `now` in epoch ms. */
export async function exportPerson(
	store: Store,
	now: number,
	personId: number,
): Promise<PersonDocument | undefined> {
	const { db } = store;
	const person = await db.selectFrom('person').selectAll().where('id', '=', personId).executeTakeFirst();
	if (!person) return undefined;
	const traces = await tracesOf(db, store, personId);
	const names = await namesOf(store);
	const document: Record<string, unknown> = {
		exportedAt: new Date(now).toISOString(),
		about: ABOUT,
		person: inWords({ ...person }, names),
	};
	for (const [table, section] of Object.entries(sections) as Array<[PersonTable, SectionName]>) {
		const rows = await rowsOf(store, table, personId, traces);
		document[section] = rows.map((row) => inWords(row, names));
	}
	return document as PersonDocument;
}

async function rowsOf(
	store: Store,
	table: PersonTable,
	personId: number,
	{ enrolments, dispatches }: Traces,
): Promise<Row[]> {
	const found = [
		table === 'gift_payment'
			? sql`link_id in (select id from giver_key where person_id = ${personId})`
			: sql`person_id = ${personId}`,
	];
	if (table === 'dispatch') found.push(sql`${store.among('id', dispatches)}`);
	if (table === 'charge' || table === 'response' || table === 'handoff_item')
		found.push(sql`${store.among('dispatch_id', dispatches)}`);
	if (table === 'operation' || table === 'gift_payment')
		found.push(sql`${store.among('enrolment_id', enrolments)}`);
	const order = ORDER[table] ?? 'id';
	const rows = await sql<Row>`select * from ${sql.table(table)} where ${sql.join(found, sql` or `)}
		order by ${sql.ref(order)}`.execute(store.db);
	return rows.rows;
}

const ORDER: Partial<Record<PersonTable, string>> = {
	label: 'added_at',
	consent: 'at',
	reservation: 'at',
	attribute: 'key',
	traveller: 'enrolment_id',
	charge: 'ordered_at',
	question: 'enrolment_id',
	handoff_item: 'dispatch_id',
};

interface Names {
	journeys: ReadonlyMap<number, string>;
	steps: ReadonlyMap<number, string>;
	newsletters: ReadonlyMap<number, string>;
}

async function namesOf({ db }: Store): Promise<Names> {
	const journeys = await db.selectFrom('journey').select(['id', 'name']).execute();
	const steps = await db.selectFrom('step').select(['id', 'name']).execute();
	const mailings = await db.selectFrom('mailing').select(['id', 'newsletter_ref']).execute();
	return {
		journeys: new Map(journeys.map((row) => [row.id, row.name])),
		steps: new Map(steps.map((row) => [row.id, row.name])),
		newsletters: new Map(mailings.map((row) => [row.id, row.newsletter_ref])),
	};
}

/** A row with moments as text, yes and no as such, and names instead of the store's own numbers. */
function inWords(row: Record<string, unknown>, { journeys, steps, newsletters }: Names): Row {
	const words: Row = {};
	for (const [column, value] of Object.entries(row)) {
		const name = column.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());
		if (LEFT_OUT.has(column)) continue;
		if (typeof value !== 'number') words[name] = typeof value === 'string' ? value : null;
		else if (column === 'journey_id') words.journey = journeys.get(value) ?? null;
		else if (column === 'step_id') words.step = steps.get(value) ?? null;
		else if (column === 'mailing_id') words.newsletter = newsletters.get(value) ?? null;
		else if (YES_NO.has(column)) words[name] = value === 1;
		else if (column === 'state') words[name] = PLACE[value] ?? value;
		else if (MOMENTS.has(column) || /_(at|until)$/.test(column)) words[name] = momentOf(value);
		else words[name] = value;
	}
	return words;
}

/** ISO 8601; null for what lies beyond the calendar, such as a wait without an end. */
function momentOf(ms: number): string | null {
	const moment = new Date(ms);
	return Number.isNaN(moment.getTime()) ? null : moment.toISOString();
}
