/** The ledger of all money that comes in as gifts: each payment is one row, whoever tells of it and however often. */
import type { Clock } from '../ports';
import { holdPersons } from '../register/about';
import { recordChanges } from '../register/changes';
import { lockRows } from '../store/lock';
import { keepSetting } from '../store/setting';
import type { Store, Writing } from '../store/store';
import { type AgreementNews, agreementsKnown, hearAgreements, whoseAgreements } from './agreements';
import type { Evidence } from './evidence';
import { keysOfGifts } from './exactKeys';
import { type Known, knownGifts } from './known';
import { lockLedger } from './ledger';
import { type Line, addLines, linesUnderWay } from './outbox';
import { type Reversal, earlyReversals, restate, takeReversals } from './reversals';
import { fullerThan, joined } from './sameEvidence';
import { samePayments } from './samePayment';

export type { AgreementNews } from './agreements';
export type { Reversal } from './reversals';

/** A payment as a source tells of it. */
export interface PaidIn {
	/** `vipps`, `vippsPayment`, `vippsRecurring`, `ocr`, `camt054` …; one for all reports that share their ids. */
	source: string;
	/** The source's id of the payment. */
	sourceId: string;
	/** What another report of the source calls the same payment. */
	also?: string | null;
	/** Øre (hundredths of the currency), more than zero. */
	amountOre: number;
	/** ISO 4217. */
	currency: string;
	/** Epoch ms. */
	receivedAt: number;
	channel: 'vipps' | 'bank';
	campaign?: string | null;
	purpose?: string | null;
	kid?: string | null;
	/** Our own reference. */
	reference?: string | null;
	/** The source's id of the agreement that it is a payment of. */
	agreementRef?: string | null;
	/** The source's id of the payer. */
	payerRef?: string | null;
	evidence: Evidence;
}

/** The step that takes it in, and by which of its outputs it lets out what; left out: not at all. */
export interface LetsOut {
	id: number;
	outputs: {
		gift?: number | undefined;
		reversed?: number | undefined;
		agreementStarted?: number | undefined;
		agreementChanged?: number | undefined;
		agreementStopped?: number | undefined;
	};
}

export interface ToTakeIn {
	gifts?: readonly PaidIn[];
	reversals?: readonly Reversal[];
	agreements?: readonly AgreementNews[];
	step: LetsOut;
	/** Written with it (a row of `setting`): how far the feed has been read. */
	remember?: { key: string; value: string } | undefined;
}

export interface TakenIn {
	/** Gifts that had not been heard of. */
	gifts: number;
	/** Reports of known ones. */
	repeated: number;
	/** Of these, what told more than was known. */
	enriched: number;
	reversals: number;
	/** Of these, whose gift has not come yet. */
	early: number;
	agreements: number;
}

/**
 * Takes in a page of a feed, a file or a call: all of it and how far the feed has been read, or nothing. A kill at any
 * moment neither loses nor doubles, and neither do two processes with the same page.
 */
export async function takeIn(store: Store, clock: Clock, given: ToTakeIn): Promise<TakenIn> {
	return store.write((writing) => takeInWith(writing, store, clock.now(), given));
}

/** The same inside a write of the caller's own, which must not have locked anything yet. */
export async function takeInWith(
	writing: Writing,
	store: Store,
	now: number,
	{ gifts = [], reversals = [], agreements = [], step, remember }: ToTakeIn,
): Promise<TakenIn> {
	const { db } = writing;
	await lockLedger(db, store);
	for (const { amountOre } of gifts) {
		if (!Number.isSafeInteger(amountOre) || amountOre <= 0)
			throw new Error('A gift is a whole number of øre above zero.');
	}

	const names = [...gifts.flatMap(namesOf), ...reversals.map(({ source, of }) => ({ source, name: of }))];
	const known = await knownGifts(db, store, names);
	const deals = await agreementsKnown(db, store, agreements);
	const whose = await whoseAgreements(db, store, agreements);
	// Persons before gifts: the order in which all writers lock them.
	const held = await holdPersons(
		db,
		store,
		[...known.values(), ...deals]
			.map(({ person_id: id }) => id)
			.concat(agreements.map((one) => whose(one) ?? null))
			.filter((id) => id !== null),
	);
	await lockRows(db, store, 'incoming_gift', [...known.keys()]);
	await lockRows(
		db,
		store,
		'agreement',
		deals.map(({ id }) => id),
	);
	// As they stand now that nobody else can change them.
	const rows = await knownGifts(db, store, names);

	const { fresh, again } = samePayments([...rows.values()], gifts);
	const added = await insert(writing, store, now, fresh);
	const lines: Line[] = [];
	const { enriched, anew, named } = await enrich(writing, now, again);

	const taken = await takeReversals(writing, store, [...rows.values(), ...added], reversals);
	const early = await earlyReversals(writing, store, [...added, ...named]);
	const touched = new Set([...taken.joined.map(({ giftId }) => giftId), ...early]);
	const restated = await restate(writing, store, now, [...touched]);

	const heard = await hearAgreements(writing, store, now, agreements, (one) => {
		const id = whose(one);
		return id !== undefined && held.has(id) ? id : undefined;
	});
	await recordChanges(writing, store, now, [...restated.changes, ...heard.changes]);

	const whole = new Set(restated.gone);
	const brandNew = new Set(added.map(({ id }) => id));
	const out = step.outputs;
	const going = [...brandNew, ...anew, ...restated.newAgain].filter((id) => !whole.has(id));
	const underWay = await linesUnderWay(
		db,
		store,
		step.id,
		'gift',
		going.filter((id) => !brandNew.has(id)),
	);
	if (out.gift !== undefined)
		for (const id of new Set(going))
			if (!underWay.has(id)) lines.push({ kind: 'gift', subjectId: id, output: out.gift });
	if (out.reversed !== undefined)
		for (const { id, giftId } of taken.joined)
			// Whoever has not heard of the gift need not hear that it went back; what is left of it says so itself.
			if (!brandNew.has(giftId)) lines.push({ kind: 'reversal', subjectId: id, output: out.reversed });
	for (const { id, became } of heard.news) {
		const output =
			became === 'started'
				? out.agreementStarted
				: became === 'stopped'
					? out.agreementStopped
					: out.agreementChanged;
		if (output !== undefined) lines.push({ kind: 'agreement', subjectId: id, output });
	}
	await addLines(writing, store, now, step.id, lines);

	if (remember) await keepSetting(db, remember.key, remember.value);
	return {
		gifts: added.length,
		repeated: gifts.length - fresh.length,
		enriched,
		reversals: taken.fresh,
		early: taken.fresh - taken.joined.length,
		agreements: heard.news.length,
	};
}

function namesOf({ source, sourceId, also }: PaidIn) {
	return [{ source, name: sourceId }, ...(also ? [{ source, name: also }] : [])];
}

const rowAs = (gift: PaidIn) => ({
	source: gift.source,
	source_id: gift.sourceId,
	also: gift.also ?? null,
	amount_ore: gift.amountOre,
	currency: gift.currency,
	received_at: gift.receivedAt,
	channel: gift.channel,
	campaign: gift.campaign ?? null,
	purpose: gift.purpose ?? null,
	kid: gift.kid ?? null,
	reference: gift.reference ?? null,
	agreement_ref: gift.agreementRef ?? null,
	payer_ref: gift.payerRef ?? null,
	evidence: JSON.stringify(gift.evidence),
});

/** Rows per statement: PostgreSQL takes 65 535 bound values, SQLite 32 766. */
const AT_A_TIME = 500;

async function insert(
	{ db }: Writing,
	store: Store,
	now: number,
	gifts: readonly PaidIn[],
): Promise<Known[]> {
	if (gifts.length === 0) return [];
	// What a KID or a reference of ours was made for, the gift is for.
	const keys = await keysOfGifts(db, store, gifts);
	const rows = gifts.map((gift) => {
		const row = rowAs(gift);
		const key = keys(gift);
		return {
			...row,
			campaign: row.campaign ?? key?.campaign ?? null,
			purpose: row.purpose ?? key?.purpose ?? null,
			reversed_ore: 0,
			state: 'new' as const,
			created_at: now,
		};
	});
	const added: Known[] = [];
	for (let from = 0; from < rows.length; from += AT_A_TIME) {
		added.push(
			...(await db
				.insertInto('incoming_gift')
				.values(rows.slice(from, from + AT_A_TIME))
				.returningAll()
				.execute()),
		);
	}
	return added;
}

/**
 * What a further report tells is added where it was not known. `anew`: nobody had been found or settled on, and there is
 * better evidence now. `named`: by another name than before.
 */
async function enrich(
	{ db }: Writing,
	now: number,
	again: ReadonlyArray<{ row: Known; gift: PaidIn }>,
): Promise<{ enriched: number; anew: number[]; named: Known[] }> {
	const anew: number[] = [];
	const named: Known[] = [];
	let enriched = 0;
	for (const { row, gift } of again) {
		// What is settled needs no more evidence, and what was forgotten must not come back by a page that repeats.
		if (isSettled(row)) continue;
		const given = rowAs(gift);
		const missing = Object.fromEntries(
			FILLED.flatMap((column) =>
				row[column] === null && given[column] !== null ? [[column, given[column]]] : [],
			),
		);
		const more = fullerThan(row.evidence, gift.evidence);
		const also = row.also === null && given.also !== null && given.also !== row.source_id ? given.also : null;
		if (Object.keys(missing).length === 0 && !more && also === null) continue;
		const tells = more !== undefined || KEYS.some((column) => column in missing);
		const again = tells && (row.state === 'review' || row.state === 'unknown');
		await db
			.updateTable('incoming_gift')
			.set({
				...missing,
				...(also === null ? {} : { also }),
				...(more ? { evidence: joined(row.evidence, gift.evidence) } : {}),
				...(again
					? { state: 'new', candidates: null, probability: null, decided_by: null, decided_at: null }
					: {}),
			})
			.where('id', '=', row.id)
			.execute();
		enriched += 1;
		if (again) anew.push(row.id);
		if (also !== null) named.push({ ...row, also });
	}
	return { enriched, anew, named };
}

const KEYS = ['kid', 'reference', 'agreement_ref', 'payer_ref'] as const;
const FILLED = [...KEYS, 'campaign', 'purpose'] as const;

/** Somebody has decided by hand or it is in the books; or its person was erased. */
function isSettled({ state, decided_by: by }: Known): boolean {
	return state === 'booked' || state === 'reversed' || by === 'person' || by === 'erased';
}
