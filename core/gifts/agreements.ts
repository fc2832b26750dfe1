/** Agreements to give regularly, as the sources tell of them. */
import { type Selectable, sql } from 'kysely';
import type { NewChange } from '../register/changes';
import { recordChanges } from '../register/changes';
import type { AgreementTable } from '../store/schema';
import type { Db, Store, Writing } from '../store/store';
import type { Evidence } from './evidence';
import { joined } from './sameEvidence';

/** A row of `agreement`. */
export type Agreement = Selectable<AgreementTable>;

/** What is left out stays as it was known. */
export interface AgreementNews {
	source: string;
	sourceId: string;
	status: 'active' | 'stopped';
	/** Øre per payment. */
	amountOre?: number | null;
	/** ISO 4217. */
	currency: string;
	/** `month` …, as the source says. */
	interval?: string | null;
	campaign?: string | null;
	/** Epoch ms. */
	startedAt?: number | null;
	stoppedAt?: number | null;
	/** `user`, `merchant`, `admin`. */
	stoppedBy?: string | null;
	/** The source's id of the payer: who has it is known is the giver. */
	payerRef?: string | null;
	/** That its payments are made with, where it is one KID's (AvtaleGiro). */
	kid?: string | null;
	evidence: Evidence;
}

export type Became = 'started' | 'changed' | 'stopped';

export async function agreementsKnown(
	db: Db,
	store: Store,
	names: ReadonlyArray<{ source: string; sourceId: string }>,
): Promise<Agreement[]> {
	const found: Agreement[] = [];
	for (const source of [...new Set(names.map((one) => one.source))].sort()) {
		const ids = names.filter((one) => one.source === source).map(({ sourceId }) => sourceId);
		found.push(
			...(await db
				.selectFrom('agreement')
				.selectAll()
				.where('source', '=', source)
				.where(store.amongTexts('source_id', ids))
				.orderBy('id')
				.execute()),
		);
	}
	return found;
}

/**
 * Takes down what is told, in any order and any number of times: stopped stays stopped, unless it is said to have started
 * again after that. Call it inside a write that holds the ledger's lock, these rows and these persons.
 * @param personOf whose an agreement is, of those who are held
 * @returns what became of whom, and the changes to record for persons that are known
 */
export async function hearAgreements(
	{ db }: Writing,
	store: Store,
	now: number,
	news: readonly AgreementNews[],
	personOf: (news: AgreementNews) => number | undefined,
): Promise<{ news: Array<{ id: number; became: Became }>; changes: NewChange[] }> {
	const heard: Array<{ id: number; became: Became }> = [];
	const changes: NewChange[] = [];
	const known = new Map(
		(await agreementsKnown(db, store, news)).map((row) => [`${row.source} ${row.source_id}`, row]),
	);
	for (const one of news) {
		const key = `${one.source} ${one.sourceId}`;
		const before = known.get(key);
		const after = before ? told(before, one) : fresh(one);
		const person = before?.person_id ?? personOf(one) ?? null;
		const values = { ...after, person_id: person, updated_at: now };
		let row: Agreement;
		if (before) {
			if (isSame(before, { ...before, ...values, updated_at: before.updated_at })) continue;
			row = await db
				.updateTable('agreement')
				.set(values)
				.where('id', '=', before.id)
				.returningAll()
				.executeTakeFirstOrThrow();
		} else {
			row = await db
				.insertInto('agreement')
				.values({ ...values, source: one.source, source_id: one.sourceId })
				.returningAll()
				.executeTakeFirstOrThrow();
		}
		known.set(key, row);
		const became = whatBecame(before, row);
		if (!became) continue;
		heard.push({ id: row.id, became });
		if (person !== null) changes.push(changeOf(row, person, became));
	}
	return { news: heard, changes };
}

function fresh(news: AgreementNews) {
	return {
		amount_ore: news.amountOre ?? null,
		currency: news.currency,
		interval: news.interval ?? null,
		status: news.status,
		campaign: news.campaign ?? null,
		started_at: news.startedAt ?? null,
		stopped_at: news.stoppedAt ?? null,
		stopped_by: news.stoppedBy ?? null,
		evidence: JSON.stringify(news.evidence),
	};
}

function told(row: Agreement, news: AgreementNews) {
	const { evidence } = row;
	const again =
		row.status === 'stopped' &&
		news.status === 'active' &&
		news.startedAt != null &&
		news.startedAt > (row.stopped_at ?? Infinity);
	const late = row.status === 'stopped' && news.status === 'active' && !again;
	const values = {
		...fresh(news),
		amount_ore: (late ? null : news.amountOre) ?? row.amount_ore ?? news.amountOre ?? null,
		interval: news.interval ?? row.interval,
		campaign: news.campaign ?? row.campaign,
		started_at: news.startedAt ?? row.started_at,
		evidence: joined(evidence, news.evidence),
	};
	if (again) return { ...values, stopped_at: null, stopped_by: null };
	return {
		...values,
		status: late ? row.status : news.status,
		stopped_at: row.stopped_at ?? news.stoppedAt ?? null,
		stopped_by: row.stopped_by ?? news.stoppedBy ?? null,
	};
}

function isSame(before: Agreement, after: Agreement): boolean {
	return (Object.keys(before) as Array<keyof Agreement>).every((name) => before[name] === after[name]);
}

function whatBecame(before: Agreement | undefined, after: Agreement): Became | undefined {
	if (after.status !== before?.status) return after.status === 'active' ? 'started' : 'stopped';
	const changed = before.amount_ore !== null && after.amount_ore !== before.amount_ore;
	return changed && after.status === 'active' ? 'changed' : undefined;
}

function changeOf(row: Agreement, personId: number, became: Became): NewChange {
	return {
		personId,
		kind: `agreement_${became}`,
		subject: row.campaign,
		value: row.amount_ore === null ? null : String(row.amount_ore),
	};
}

/** Whose key the agreement, or its payer, is. */
export async function whoseAgreements(
	db: Db,
	store: Store,
	news: readonly AgreementNews[],
): Promise<(news: AgreementNews) => number | undefined> {
	const values = news.flatMap(({ sourceId, payerRef, kid }) =>
		[sourceId, payerRef, kid].flatMap((one) => (one ? [one] : [])),
	);
	if (values.length === 0) return () => undefined;
	const rows = await db
		.selectFrom('giver_key')
		.select(['kind', 'value', 'person_id'])
		.where('kind', 'in', ['agreement', 'kid', 'payer'])
		.where(store.amongTexts('value', values))
		.where('person_id', 'is not', null)
		.execute();
	const of = new Map(rows.map((row) => [`${row.kind} ${row.value}`, row.person_id]));
	return ({ sourceId, payerRef, kid }) =>
		of.get(`agreement ${sourceId}`) ??
		(payerRef ? of.get(`payer ${payerRef}`) : undefined) ??
		(kid ? of.get(`kid ${kid}`) : undefined) ??
		undefined;
}

/**
 * It is known who gave a payment of these agreements, and with that whose they are. What they became before that is told
 * now, so that goals and journeys that wait for a regular giver go on.
 */
export async function agreementsAre(
	writing: Writing,
	store: Store,
	now: number,
	whose: ReadonlyArray<{ source: string; agreementRef: string; personId: number }>,
): Promise<number> {
	if (whose.length === 0) return 0;
	const personOf = new Map(whose.map((one) => [`${one.source} ${one.agreementRef}`, one.personId]));
	const rows = await agreementsKnown(
		writing.db,
		store,
		whose.map(({ source, agreementRef }) => ({ source, sourceId: agreementRef })),
	);
	const changes: NewChange[] = [];
	for (const row of rows) {
		const personId = personOf.get(`${row.source} ${row.source_id}`);
		if (row.person_id !== null || personId === undefined) continue;
		const set = await writing.db
			.updateTable('agreement')
			.set({ person_id: personId, updated_at: now })
			.where('id', '=', row.id)
			.where('person_id', 'is', null)
			.executeTakeFirst();
		if (set.numUpdatedRows === 1n)
			changes.push(changeOf(row, personId, row.status === 'active' ? 'started' : 'stopped'));
	}
	await recordChanges(writing, store, now, changes);
	return changes.length;
}

/** The agreements of a person, the youngest first. */
export async function agreementsOf(store: Store, personId: number): Promise<Agreement[]> {
	const rows = await sql<Agreement>`select * from agreement where person_id = ${personId}
		order by started_at desc, id desc`.execute(store.db);
	return rows.rows;
}
