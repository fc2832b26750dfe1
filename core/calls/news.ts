/**
 * What the register says differently about people whose leads the callers have, or are to get. Changes are noted beside the
 * lead as they are read from the change feed; each lead is then looked at until the callers know.
 */
import { sql } from 'kysely';
import { z } from 'zod/v4';
import { readContactRules } from '../dispatch/contactRules';
import { judge, personsNow } from '../dispatch/rules';
import { type LeftOut, leaveOutIn, standing } from '../handoffs/sift';
import { letGo } from '../handoffs/waiting';
import type { Clock } from '../ports';
import { type Change, lastChange, readChanges } from '../register/changes';
import { lockRows } from '../store/lock';
import { keepSetting, settingOf } from '../store/setting';
import type { Db, Store, Writing } from '../store/store';
import type { LeadThere } from './dialer';
import { LEFT_OUT, type Lead, type LeadContent, leadContent } from './lead';
import { type Against, type WashRules, washPeople } from './wash';

export interface Looking {
	store: Store;
	clock: Clock;
	stepId: number;
}

/** `may`: whether they may still be called is to be asked again. */
const aspects = ['phone', 'name', 'address', 'may'] as const;
type Aspect = (typeof aspects)[number];

/** `at`: when the first of them was noted (epoch ms). */
const newsShape = z.object({ what: z.array(z.enum(aspects)), at: z.number() });

const KINDS = ['person_changed', 'contact_changed', 'consent_changed', 'reservation_added'] as const;
const COLUMNS: Record<string, Aspect> = {
	given_name: 'name',
	family_name: 'name',
	postal_code: 'address',
	city: 'address',
	protected: 'address',
	deceased_on: 'may',
};

function aspectOf({ kind, subject, value }: Change): Aspect | undefined {
	const channel = subject?.split('/')[0];
	if (kind === 'contact_changed') return subject === 'phone' ? 'phone' : undefined;
	if (kind === 'person_changed') return COLUMNS[subject ?? ''];
	if (channel !== 'phone' && channel !== '*') return undefined;
	return kind === 'reservation_added' || value === 'no' ? 'may' : undefined;
}

/** Changes read at a time, and how often in one look: an import of everybody is gone through in some looks. */
const PAGE = 1_000;
const PAGES = 50;

/** Notes beside each lead what has become different since the last look; only changes are read, never everybody. */
export async function noteNews({ store, clock, stepId }: Looking): Promise<void> {
	const key = `calls:changes ${stepId}`;
	const kept = await settingOf(store.db, key);
	if (kept === undefined) {
		await keepSetting(store.db, key, String(await lastChange(store)));
		return;
	}
	let cursor = Number(kept);
	for (let page = 0; page < PAGES; page += 1) {
		const { changes, cursor: next } = await readChanges(store, cursor, KINDS, PAGE);
		if (next === cursor) return;
		const what = new Map<number, Set<Aspect>>();
		for (const change of changes) {
			const aspect = aspectOf(change);
			if (aspect) what.set(change.personId, (what.get(change.personId) ?? new Set()).add(aspect));
		}
		await store.write(async ({ db }) => {
			await note(db, store, stepId, clock.now(), what);
			await keepSetting(db, key, String(next));
		});
		cursor = next;
		if (changes.length < PAGE) return;
	}
}

async function note(
	db: Db,
	store: Store,
	stepId: number,
	now: number,
	what: ReadonlyMap<number, ReadonlySet<Aspect>>,
): Promise<void> {
	if (what.size === 0) return;
	const items = await db
		.selectFrom('handoff_item')
		.where(store.among('person_id', [...what.keys()]))
		.where('step_id', '=', stepId)
		.where('state', 'in', ['collected', 'batched', 'handedOver'])
		.orderBy('dispatch_id')
		.select(['dispatch_id', 'person_id', 'news'])
		.execute();
	if (items.length === 0) return;
	await sql`update handoff_item set news = c.news, news_at = ${now} from ${store.rows(
		'c',
		{ id: items.map((item) => item.dispatch_id) },
		{
			news: items.map(({ person_id: id, news }) => {
				const before = readNews(news);
				const all = new Set([...(before?.what ?? []), ...(what.get(id ?? 0) ?? [])]);
				return JSON.stringify({ what: [...all], at: before?.at ?? now });
			}),
		},
	)} where handoff_item.dispatch_id = c.id`.execute(db);
}

function readNews(text: string | null): z.infer<typeof newsShape> | undefined {
	return text === null ? undefined : newsShape.safeParse(JSON.parse(text)).data;
}

/** Something that the callers have to be told of a lead that they have. */
export interface LeadNews extends LeadThere {
	dispatchId: number;
	enrolmentId: number | null;
	/** When it was first noted (epoch ms). */
	at: number;
	/** The mark of whoever tells them. */
	claim: number;
	/** They may not be called any more. */
	against?: LeftOut;
	/** What the lead says now; together with `before`. */
	lead?: Lead;
	before?: LeadContent;
}

export interface NewsRules {
	/** The organisation's zone. */
	zone: string;
	/** For numbers that are new. */
	wash: WashRules;
}

/** Whoever tells the callers and is not heard of for so long has died: another does so. */
const LEASE = 180_000;

/**
 * Takes leads with something new in hand, at most `limit`. Those that have not been handed over are put right at once (or
 * left out); of those that the callers have, what to tell them comes back.
 * @returns undefined when there is nothing new about anybody
 */
export async function takeNews(
	{ store, clock, stepId }: Looking,
	{ zone, wash }: NewsRules,
	limit: number,
): Promise<LeadNews[] | undefined> {
	return store.write(async (writing) => {
		const { db } = writing;
		const now = clock.now();
		// As whoever hands over does: what is collected stays so until the end of the write.
		if (store.dialect === 'postgres')
			await sql`select 1 from step where id = ${stepId} for no key update`.execute(db);
		const rows = await db
			.selectFrom('handoff_item as i')
			.innerJoin('dispatch as d', 'd.id', 'i.dispatch_id')
			.where('i.step_id', '=', stepId)
			.where('i.news_at', '<=', now)
			.where('i.state', 'in', ['collected', 'handedOver'])
			.orderBy('i.dispatch_id')
			.limit(limit)
			.select(['i.dispatch_id', 'i.person_id', 'i.enrolment_id', 'i.ref', 'i.state', 'i.content', 'i.news'])
			.select(['d.purpose', 'd.provider_ref'])
			.execute();
		if (rows.length === 0) return undefined;
		const wanted = rows.map((row) => ({
			key: String(row.dispatch_id),
			personId: row.person_id,
			enrolmentId: row.enrolment_id,
		}));
		// Persons, then messages: the order in which all who send lock them.
		await personsNow(db, store, wanted);
		const ids = rows.map((row) => row.dispatch_id);
		await lockRows(db, store, 'dispatch', ids);
		const known = await registerOf(
			db,
			store,
			rows.flatMap(({ person_id: id }) => (id === null ? [] : [id])),
		);
		const looked = rows.map((row) => {
			const content = leadContent.safeParse(row.content === null ? null : JSON.parse(row.content)).data;
			const news = readNews(row.news);
			const person = known.get(row.person_id ?? 0);
			const fresh = content && person && news ? freshen(content, person, new Set(news.what)) : content;
			return { row, content, fresh, at: news?.at ?? now };
		});
		const against = await judge(
			db,
			store,
			{ channel: 'phone', now, zone, rules: standing(await readContactRules(db)) },
			looked.map(({ row, fresh }) => ({
				key: String(row.dispatch_id),
				personId: row.person_id,
				enrolmentId: row.enrolment_id,
				purpose: row.purpose,
				address: fresh?.phone || null,
				consentNotNeeded: true,
			})),
		);
		const unfit = await unfitNumbers(db, store, now, wash, looked);
		const told: LeadNews[] = [];
		const out: LeftOut[] = [];
		const done: number[] = [];
		for (const { row, content, fresh, at } of looked) {
			const id = row.dispatch_id;
			const no = against.get(String(id));
			const why = no?.verdict === 'skip' ? { reason: no.reason, code: no.code } : unfit.get(String(id));
			const changed = fresh !== undefined && content !== undefined && differ(content, fresh);
			if (row.state === 'collected') {
				if (why) out.push({ dispatchId: id, ...why });
				else if (changed) await rewrite(db, id, fresh);
				done.push(id);
			} else if (!why && !changed) done.push(id);
			else
				told.push({
					dispatchId: id,
					enrolmentId: row.enrolment_id,
					ref: row.ref,
					providerRef: row.provider_ref === row.ref ? null : row.provider_ref,
					at,
					claim: now + LEASE,
					...(why
						? { against: { dispatchId: id, ...why } }
						: { lead: { ref: row.ref, ...fresh! }, before: content! }),
				});
		}
		await leaveOutIn(writing, store, now, stepId, out, LEFT_OUT);
		await db
			.updateTable('handoff_item')
			.set({ news: null, news_at: null })
			.where(store.among('dispatch_id', done))
			.execute();
		await db
			.updateTable('handoff_item')
			.set({ news_at: now + LEASE })
			.where(
				store.among(
					'dispatch_id',
					told.map(({ dispatchId }) => dispatchId),
				),
			)
			.execute();
		return told;
	});
}

interface InRegister {
	firstName: string;
	lastName: string;
	postalCode: string;
	city: string;
	/** '' when there is none that works. */
	phone: string;
}

async function registerOf(db: Db, store: Store, ids: number[]): Promise<Map<number, InRegister>> {
	const persons = await db
		.selectFrom('person')
		.where(store.among('id', ids))
		.select(['id', 'given_name', 'family_name', 'postal_code', 'city', 'protected'])
		.execute();
	// The number that items hold: the first one that works.
	const phones = await db
		.selectFrom('contact_point')
		.where(store.among('person_id', ids))
		.where('kind', '=', 'phone')
		.where('invalid_reason', 'is', null)
		.orderBy('is_primary')
		.orderBy('id', 'desc')
		.select(['person_id', 'value'])
		.execute();
	const phoneOf = new Map(phones.map((row) => [row.person_id, row.value]));
	return new Map(
		persons.map((row) => [
			row.id,
			{
				firstName: row.given_name,
				lastName: row.family_name,
				postalCode: row.protected === 1 ? '' : (row.postal_code ?? ''),
				city: row.protected === 1 ? '' : (row.city ?? ''),
				phone: phoneOf.get(row.id) ?? '',
			},
		]),
	);
}

/** Only what has become different in the register: the rest stays as the journey has given it. */
function freshen(content: LeadContent, person: InRegister, what: ReadonlySet<Aspect>): LeadContent {
	const { firstName, lastName, postalCode, city, phone } = person;
	return {
		...content,
		...(what.has('phone') ? { phone } : {}),
		...(what.has('name') ? { firstName, lastName } : {}),
		...(what.has('address') ? { postalCode, city } : {}),
	};
}

const COMPARED = ['phone', 'firstName', 'lastName', 'postalCode', 'city'] as const;
const differ = (a: LeadContent, b: LeadContent): boolean => COMPARED.some((name) => a[name] !== b[name]);

/** New numbers pass what the first one did. */
async function unfitNumbers(
	db: Db,
	store: Store,
	now: number,
	rules: WashRules,
	looked: ReadonlyArray<{
		row: { dispatch_id: number; person_id: number | null };
		content: LeadContent | undefined;
		fresh: LeadContent | undefined;
	}>,
): Promise<Map<string, Against>> {
	const fresh = looked.filter((one) => one.fresh && one.fresh.phone !== one.content?.phone);
	if (fresh.length === 0) return new Map();
	return washPeople(
		db,
		store,
		now,
		rules,
		fresh.map(({ row, fresh: lead }) => ({
			key: String(row.dispatch_id),
			personId: row.person_id,
			given: lead?.phone ?? '',
			phone: lead?.phone || undefined,
		})),
	);
}

/** The ledger knows the number as well: results are found by it. */
async function rewrite(db: Db, dispatchId: number, lead: LeadContent): Promise<void> {
	await db
		.updateTable('handoff_item')
		.set({ content: JSON.stringify(leadContent.parse(lead)) })
		.where('dispatch_id', '=', dispatchId)
		.execute();
	await db.updateTable('dispatch').set({ address: lead.phone }).where('id', '=', dispatchId).execute();
}

/** What was done about it: `later` is looked at again, `untold` is left to people. */
export type Told = 'told' | 'untold' | 'later';

/** Writes down what the callers know by now. A result that was quicker stands; what has changed since is told as well. */
export async function settleNews(
	{ store, clock, stepId }: Looking,
	outcomes: ReadonlyArray<{ news: LeadNews; told: Told }>,
): Promise<void> {
	if (outcomes.length === 0) return;
	await store.write(async (writing) => {
		const { db } = writing;
		const now = clock.now();
		await lockRows(
			db,
			store,
			'dispatch',
			outcomes.map(({ news }) => news.dispatchId),
		);
		for (const { news, told } of outcomes) {
			const mine = db.updateTable('handoff_item').where('dispatch_id', '=', news.dispatchId);
			const again = told === 'later' ? { news_at: now } : { news: null, news_at: null };
			await mine.set(again).where('news_at', '=', news.claim).execute();
			if (told === 'later') continue;
			if (news.against) await takenBack(writing, store, now, stepId, news, news.against);
			else if (told === 'told' && news.lead && (await isThere(db, news.dispatchId)))
				await rewrite(db, news.dispatchId, news.lead);
		}
	});
}

async function isThere(db: Db, dispatchId: number): Promise<boolean> {
	const row = await db
		.selectFrom('handoff_item')
		.where('dispatch_id', '=', dispatchId)
		.where('state', '=', 'handedOver')
		.select('dispatch_id')
		.executeTakeFirst();
	return row !== undefined;
}

async function takenBack(
	writing: Writing,
	store: Store,
	now: number,
	stepId: number,
	{ dispatchId, enrolmentId }: LeadNews,
	{ reason, code }: LeftOut,
): Promise<void> {
	const { db } = writing;
	const taken = await db
		.updateTable('handoff_item')
		.set({ state: 'withdrawn', reason, content: null, changed_at: now })
		.where('dispatch_id', '=', dispatchId)
		.where('state', '=', 'handedOver')
		.executeTakeFirst();
	if (Number(taken.numUpdatedRows) === 0) return;
	await db
		.updateTable('dispatch')
		.set({ state: 'cancelled', reason, code: code ?? null, settled_at: now })
		.where('id', '=', dispatchId)
		.where('state', 'in', ['accepted', 'unknown'])
		.execute();
	if (enrolmentId !== null)
		await letGo(writing, store, now, stepId, [{ enrolmentId, dispatchId, output: LEFT_OUT }]);
}
