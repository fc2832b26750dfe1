/** Finding out who gave: by an exact key, else by likelihood, and never against what a person has said. */
import { sql } from 'kysely';
import type { Clock } from '../ports';
import { holdPersons, lockRegister } from '../register/about';
import { matchPersons } from '../register/match';
import { upsertPersons } from '../register/upsert';
import { lockRows } from '../store/lock';
import type { IncomingGiftState } from '../store/schema';
import type { Db, Store, Writing } from '../store/store';
import { candidatesIn, keptCandidates } from './candidates';
import { type Evidence, evidenceIn } from './evidence';
import { type KeyFound, giversByKey } from './exactKeys';
import type { Candidate, Finding, GiftToMatch, IdentifyRule } from './finding';
import { findGivers } from './linkage/findGivers';
import { readModel } from './linkage/model';
import { readRejected } from './linkage/people';
import { newGiver } from './newGiver';
import { addLines } from './outbox';
import { type Ruling, ruled } from './rules';
import type { Known } from './known';

/** What is known of a gift's giver after this. */
export interface Identified {
	id: number;
	state: IncomingGiftState;
	personId: number | null;
	probability: number | null;
	/** `key:kid` …, `phone`, `linkage`, `person`, `rule`; null: nobody has been decided on. */
	decidedBy: string | null;
	candidates: Candidate[];
	/** Found out just now; false: it was known, or a person has it in hand. */
	news: boolean;
}

export interface Identifying {
	/** The step that lets the gift out once somebody has decided. */
	stepId?: number;
	/** A giver that the register does not have, and of whom the source says name and number in full, becomes a person. */
	createUnknown?: boolean;
	/** IANA zone of the moments that are written to a new person. */
	zone?: string;
	/** What a directory service says of a whole phone number; asked before a gift is unknown, once for each gift. */
	lookUp?: LookUp;
	/** What the directory service is called where its answers are kept. */
	directory?: string;
	/** Who is identified now leaves by this output of the step later; left out: the caller lets them out. */
	letOut?: { output: number };
	/** Only finds out; for trying a flow. */
	writeNothing?: boolean;
}

/** What a directory service says of a whole number (E.164); `notAsked`: it cannot be asked now. */
export type LookUp = (phone: string) => Promise<Evidence | 'notAsked' | undefined>;

/** Some hundreds of ids at a time. In the order of `ids`; gifts that the store does not have are left out. */
export async function identifyGifts(
	store: Store,
	clock: Clock,
	ids: readonly number[],
	rule: IdentifyRule,
	how: Identifying = {},
): Promise<Identified[]> {
	const rows = await giftRows(store.db, store, ids);
	const open = [...rows.values()].filter(isOpen);
	let found = await foundOut(store, open, rule);
	if (how.lookUp) found = await withLookUps(store, clock, found, rule, how);
	const written = how.writeNothing ? found.map((one) => asFound(one)) : await write(store, clock, found, how);
	const byId = new Map(written.map((one) => [one.id, one]));
	return [...new Set(ids)].flatMap((id) => {
		const row = rows.get(id);
		return row ? [byId.get(id) ?? asKnown(row)] : [];
	});
}

/** Whether the machine may say anything about it: nobody has decided on it, and nobody by hand. */
export function isOpen({ state, decided_by: by }: Pick<Known, 'state' | 'decided_by'>): boolean {
	return (state === 'new' || state === 'review' || state === 'unknown') && by !== 'person' && by !== 'erased';
}

/** As a statement asks it. */
export const openInSql = sql<boolean>`incoming_gift.state in ('new', 'review', 'unknown')
	and coalesce(incoming_gift.decided_by, '') not in ('person', 'erased')`;

async function giftRows(db: Db, store: Store, ids: readonly number[]): Promise<Map<number, Known>> {
	if (ids.length === 0) return new Map();
	const rows = await db.selectFrom('incoming_gift').selectAll().where(store.among('id', ids)).execute();
	return new Map(rows.map((row) => [row.id, row]));
}

export function giftToMatch(row: Known, evidence = evidenceIn(row.evidence)): GiftToMatch {
	return {
		id: row.id,
		evidence,
		amountOre: row.amount_ore,
		receivedAt: row.received_at,
		campaign: row.campaign,
	};
}

interface Found {
	row: Known;
	evidence: Evidence;
	ruling: Ruling;
	decidedBy: string | null;
	candidates: Candidate[];
	/** Only people may say anything about it. */
	heldBack: boolean;
}

async function foundOut(store: Store, rows: readonly Known[], rule: IdentifyRule): Promise<Found[]> {
	if (rows.length === 0) return [];
	const keys = await giversByKey(
		store.db,
		store,
		rows.map((row) => ({
			id: row.id,
			kid: row.kid,
			reference: row.reference,
			agreementRef: row.agreement_ref,
			payerRef: row.payer_ref,
			receivedAt: row.received_at,
		})),
	);
	const rejected = await readRejected(
		store,
		rows.map(({ id }) => id),
	);
	const exact: Found[] = [];
	const others: Known[] = [];
	for (const row of rows) {
		const not = rejected.get(row.id);
		const told = (keys.get(row.id)?.keys ?? []).filter(({ personId }) => !not?.has(personId));
		if (told.length === 0) others.push(row);
		else exact.push(byKeys(row, told));
	}
	return [
		...exact,
		...(await byLikelihood(
			store,
			others.map((row) => ({ row })),
			rule,
		)),
	];
}

/** Keys that name one person decide; those that name several are for somebody to look at. */
function byKeys(row: Known, keys: readonly KeyFound[]): Found {
	const ids = [...new Set(keys.map(({ personId }) => personId))];
	const probability = 1 / ids.length;
	const candidates = ids.map((personId) => ({
		personId,
		probability,
		reasons: keys
			.filter((key) => key.personId === personId)
			.map(({ by }) => ({ code: `key.${by}`, weight: KEY_WEIGHT })),
		compared: {},
	}));
	const one = ids.length === 1;
	return {
		row,
		evidence: evidenceIn(row.evidence),
		ruling: one
			? { state: 'identified', personId: ids[0]!, probability }
			: { state: 'review', personId: null, probability },
		decidedBy: one ? `key:${keys[0]!.by}` : null,
		candidates,
		heldBack: !one,
	};
}

/** As a bar shows it: no other evidence weighs so much. */
const KEY_WEIGHT = 40;

async function byLikelihood(
	store: Store,
	gifts: ReadonlyArray<{ row: Known; evidence?: Evidence }>,
	rule: IdentifyRule,
): Promise<Found[]> {
	if (gifts.length === 0) return [];
	const asked = gifts.map(({ row, evidence }) => giftToMatch(row, evidence));
	const findings = await findGivers(store, await readModel(store), asked);
	const byGift = new Map(findings.map((finding) => [finding.giftId, finding]));
	return gifts.map(({ row }, place) => {
		const empty: Finding = { giftId: row.id, candidates: [], outsider: 1, holdBack: [] };
		const finding = byGift.get(row.id) ?? empty;
		const ruling = ruled(finding, rule);
		return {
			row,
			evidence: asked[place]!.evidence,
			ruling,
			decidedBy: ruling.state === 'identified' ? wayOf(finding) : null,
			candidates: keptCandidates(finding),
			heldBack: finding.holdBack.length > 0,
		};
	});
}

/** A whole number with a name that agrees is nearly a key. */
function wayOf({ candidates }: Finding): string {
	return candidates[0]?.compared.phone === 'same' ? 'phone' : 'linkage';
}

/** Asks the directory of those who would be unknown, or not sure, and of whom a whole number is known. */
async function withLookUps(
	store: Store,
	clock: Clock,
	found: readonly Found[],
	rule: IdentifyRule,
	{ lookUp, directory = 'directory' }: Identifying,
): Promise<Found[]> {
	const asked: Array<{ row: Known; evidence: Evidence }> = [];
	for (const { row, evidence, ruling } of found) {
		if (ruling.state !== 'unknown' || !evidence.phone || evidence.lookedUp) continue;
		const told = (await lookUp!(evidence.phone)) ?? {};
		if (told === 'notAsked') continue;
		const fields = TOLD.filter((field) => told[field] !== undefined && evidence[field] === undefined);
		const more = Object.fromEntries(fields.map((field) => [field, told[field]]));
		const lookedUp = { source: directory, at: clock.now(), fields: [...fields] };
		asked.push({ row, evidence: { ...evidence, ...more, lookedUp } });
	}
	if (asked.length === 0) return [...found];
	const again = await byLikelihood(store, asked, rule);
	const byId = new Map(again.map((one) => [one.row.id, one]));
	return found.map((one) => byId.get(one.row.id) ?? one);
}

/** What a directory may add; never a message or an account. */
const TOLD = [
	'name',
	'givenName',
	'familyName',
	'email',
	'street',
	'postalCode',
	'city',
	'country',
	'birthDate',
] as const;

/**
 * What has been found out, unless somebody was quicker: a person at the review page, or the same gift in another run. The
 * gift is then as they left it.
 */
async function write(
	store: Store,
	clock: Clock,
	found: readonly Found[],
	how: Identifying,
): Promise<Identified[]> {
	if (found.length === 0) return [];
	const ids = found.map(({ row }) => row.id);
	return store.write(async (writing) => {
		const { db } = writing;
		const adding = how.createUnknown === true && found.some((one) => one.ruling.state === 'unknown');
		// The order that all keep: the register, its persons, then gifts.
		if (adding) await lockRegister(db, store);
		const there = await holdPersons(
			db,
			store,
			found.flatMap(({ ruling }) => ruling.personId ?? []),
		);
		await lockRows(db, store, 'incoming_gift', ids);
		const now = await giftRows(db, store, ids);
		const mine = found.flatMap((one) => {
			const row = now.get(one.row.id);
			// With more evidence than was looked at: whoever brought it lets the gift out again.
			if (!row || !isOpen(row) || row.evidence !== one.row.evidence) return [];
			// Erased from the register since it was looked into: nobody until the next look.
			return [one.ruling.personId !== null && !there.has(one.ruling.personId) ? nobody(one) : one];
		});
		const settled = adding ? await created(writing, store, clock.now(), mine, how) : mine;
		await settle(db, store, clock.now(), settled, how);
		const { stepId, letOut } = how;
		if (letOut && stepId !== undefined)
			await addLines(
				writing,
				store,
				clock.now(),
				stepId,
				settled
					.filter(({ ruling }) => ruling.state === 'identified')
					.map(({ row }) => ({ kind: 'gift', subjectId: row.id, output: letOut.output })),
			);
		const after = await giftRows(db, store, ids);
		const written = new Set(settled.map(({ row }) => row.id));
		return [...after.values()].map((row) => ({ ...asKnown(row), news: written.has(row.id) }));
	});
}

const nobody = (one: Found): Found => ({
	...one,
	ruling: { state: 'unknown', personId: null, probability: null },
	decidedBy: null,
	candidates: [],
});

/** Unknown givers of whom the source says who they are, as persons of the register. */
async function created(
	writing: Writing,
	store: Store,
	now: number,
	found: readonly Found[],
	{ zone = 'Europe/Oslo' }: Identifying,
): Promise<Found[]> {
	const wanted = found.flatMap((one) => {
		if (one.ruling.state !== 'unknown' || one.heldBack) return [];
		const person = newGiver(one.evidence, one.row.source, now, zone);
		return person ? [{ one, person }] : [];
	});
	const persons = wanted.map(({ person }) => person);
	const known = await matchPersons(writing.db, store, persons);
	const fresh = wanted.filter((_, place) => known[place] === 'new');
	const { ids } = await upsertPersons(
		writing,
		store,
		now,
		fresh.map(({ person }) => person),
		'gift',
	);
	const decided = new Map<number, Found>();
	fresh.forEach(({ one }, place) => {
		const id = ids[place];
		if (id != null) decided.set(one.row.id, byRule(one, id));
	});
	wanted.forEach(({ one }, place) => {
		const match = known[place]!;
		if (typeof match !== 'object' || !('personId' in match)) return;
		const { personId } = match;
		// Somebody with the same name and number came in a moment ago; whom the likelihood spoke against, people look at.
		decided.set(
			one.row.id,
			one.candidates.some((other) => other.personId === personId) ? doubted(one) : byRule(one, personId),
		);
	});
	return found.map((one) => decided.get(one.row.id) ?? one);
}

const byRule = (one: Found, personId: number): Found => ({
	...one,
	ruling: { state: 'identified', personId, probability: 1 },
	decidedBy: 'rule',
});
const doubted = (one: Found): Found => ({ ...one, ruling: { ...one.ruling, state: 'review' } });

async function settle(
	db: Db,
	store: Store,
	now: number,
	found: readonly Found[],
	{ stepId }: Identifying,
): Promise<void> {
	if (found.length === 0) return;
	const given = store.rows(
		'given',
		{
			id: found.map(({ row }) => row.id),
			person_id: found.map(({ ruling }) => ruling.personId),
			decided_at: found.map(({ decidedBy }) => (decidedBy === null ? null : now)),
		},
		{
			state: found.map(({ ruling }) => ruling.state),
			probability: found.map(({ ruling }) =>
				ruling.probability === null ? null : String(ruling.probability),
			),
			candidates: found.map(({ candidates }) => (candidates.length > 0 ? JSON.stringify(candidates) : null)),
			decided_by: found.map(({ decidedBy }) => decidedBy),
			evidence: found.map(({ row, evidence }) =>
				evidence.lookedUp ? JSON.stringify(evidence) : row.evidence,
			),
		},
	);
	await sql`update incoming_gift set state = given.state, person_id = given.person_id,
		probability = cast(given.probability as double precision), candidates = given.candidates,
		decided_by = given.decided_by, decided_at = given.decided_at, evidence = given.evidence,
		step_id = coalesce(${stepId ?? null}, step_id)
		from ${given} where incoming_gift.id = given.id`.execute(db);
}

function asFound({ row, ruling, decidedBy, candidates }: Found): Identified {
	return { id: row.id, ...ruling, decidedBy, candidates, news: true };
}

/** As its row says. */
export function asKnown(row: Known): Identified {
	return {
		id: row.id,
		state: row.state,
		personId: row.person_id,
		probability: row.probability,
		decidedBy: row.decided_by,
		candidates: candidatesIn(row.candidates),
		news: false,
	};
}
