/** Learns from the organisation's own register and gifts: how common what is, and how much each agreement is worth. */
import { sql } from 'kysely';
import { z } from 'zod/v4';
import type { Clock, Progress } from '../../ports';
import type { Store } from '../../store/store';
import { evidenceIn } from '../evidence';
import type { GiftToMatch } from '../finding';
import { weighAll } from './findGivers';
import { countRegister } from './countRegister';
import { keepBlocks } from './keepBlocks';
import { type Case, type Option, Outcomes, learn } from './learn';
import { type Model, keepModel } from './model';
import { type Odds, unseenOdds, oddsNear } from './judge';
import { readPastGifts } from './people';
import { giversTold } from './told';
import { type Weighed, historyLevel } from './weigh';
import { type Weights, defaultWeights } from './weights';

/** The other comparisons are only ever made when they agree, or say too little to learn from. */
const LEARNED = [
	'given',
	'family',
	'middle',
	'phone',
	'phoneEnd',
	'email',
	'place',
	'birthDate',
	'message',
	'history',
	'life',
] as const;

const SAMPLE = 30_000;
const CHUNK = 500;
/** Less likely than the best of its gift by more than this (log2): never the giver, whatever is learned. */
const OUT_OF_REACH = 25;
const MOST_OPTIONS = 40;

export interface Training {
	progress?: Progress;
	/** The newest so many gifts are learned from. Default 30 000: more changes nothing that matters. */
	sample?: number;
}

/** Minutes for a million persons; memory goes by the sample, not by how many there are. */
export async function trainModel(
	store: Store,
	clock: Clock,
	{ progress, sample = SAMPLE }: Training = {},
): Promise<Model> {
	const counted = await countRegister(store, progress);
	// The keys of rare and common family names go by these counts.
	await store.write((writing) => keepModel(writing, { ...counted, trainedAt: clock.now() }));
	await keepBlocks(store, clock, { progress });
	const weights = await registerWeights(store, defaultWeights);
	const model: Model = { ...counted, weights };
	const outcomes = new Outcomes(weights, LEARNED);
	const { cases, known, gifts } = await casesOf(store, model, outcomes, sample, progress);
	const { together, rows } = await decisions(store, outcomes);
	const learned = learn(cases, outcomes, weights, {
		population: model.persons,
		outsiders: model.outsiders,
		startCountsAs: 200,
		together,
	});
	const trained: Model = {
		...model,
		trainedAt: clock.now() + 1,
		weights: learned.weights,
		outsiders: learned.outsiders,
		learnedFrom: { gifts, known: known + rows },
	};
	await store.write((writing) => keepModel(writing, trained));
	return trained;
}

interface GiftRow {
	id: number;
	evidence: string;
	amount_ore: number;
	received_at: number;
	campaign: string | null;
	person_id: number | null;
	decided_by: string | null;
}

async function casesOf(
	store: Store,
	model: Model,
	outcomes: Outcomes,
	sample: number,
	progress: Progress | undefined,
): Promise<{ cases: Case[]; known: number; gifts: number }> {
	const cases: Case[] = [];
	let known = 0;
	let gifts = 0;
	let before = Number.MAX_SAFE_INTEGER;
	while (gifts < sample) {
		const rows: GiftRow[] = await store.reader
			.selectFrom('incoming_gift')
			.select(['id', 'evidence', 'amount_ore', 'received_at', 'campaign', 'person_id', 'decided_by'])
			.where('id', '<', before)
			.orderBy('id', 'desc')
			.limit(Math.min(CHUNK, sample - gifts))
			.execute();
		if (rows.length === 0) break;
		before = rows[rows.length - 1]!.id;
		gifts += rows.length;
		const givers = new Map(rows.flatMap((row) => (isKnown(row) ? [[row.id, row.person_id ?? -1]] : [])));
		const told = giversTold(rows.map(giftOf)).filter(
			({ names, phone, email }) => names.length > 0 || phone || email,
		);
		const odds = await weighAll(store, model, told);
		told.forEach((one, place) => {
			const giver = one.gifts.map(({ id }) => givers.get(id)).find((id) => id !== undefined);
			const made = caseOf(odds[place]!, outcomes, giver);
			if (!made) return;
			if (giver !== undefined) known++;
			cases.push(made);
		});
		progress?.(gifts, sample, 'gifts learned from');
	}
	return { cases, known, gifts };
}

/** By an exact key it is known who gave; decisions of people are taken as they compared when they were made. */
function isKnown({ decided_by: by, person_id: person }: GiftRow): boolean {
	return by !== null && by.startsWith('key:') && person !== null;
}

function giftOf(row: GiftRow): GiftToMatch {
	return {
		id: row.id,
		evidence: evidenceIn(row.evidence),
		amountOre: row.amount_ore,
		receivedAt: row.received_at,
		campaign: row.campaign,
	};
}

function caseOf(odds: Odds, outcomes: Outcomes, giver: number | undefined): Case | undefined {
	const best = odds.weighed.reduce((most, { bits }) => Math.max(most, bits), -Infinity);
	const near = odds.weighed
		.filter(({ bits, person }) => bits > best - OUT_OF_REACH || person.id === giver)
		.sort((a, b) => b.bits - a.bits)
		.slice(0, MOST_OPTIONS);
	const options = near.map((one) => optionOf(one, outcomes));
	const unseen = unseenOdds(odds);
	if (giver === undefined) return { options, unseen };
	const known = near.findIndex(({ person }) => person.id === giver);
	// The giver is known and was not found by any key: says nothing about how they compare.
	return known < 0 ? undefined : { options, unseen, known };
}

function optionOf(one: Weighed, outcomes: Outcomes): Option {
	const numbers: number[] = [];
	let rare = 0;
	for (const { comparison, level, bits, m } of one.pieces) {
		const outcome = outcomes.number(comparison, level);
		if (outcome === undefined) rare += bits;
		else {
			numbers.push(outcome);
			rare += bits - Math.log2(m);
		}
	}
	return { outcomes: outcomes.pattern(numbers), rare, near: oddsNear(one) };
}

const compared = z.record(z.string(), z.string());

/** What people have accepted, as it compared then. A gift opened again counts no more. */
async function decisions(
	store: Store,
	outcomes: Outcomes,
): Promise<{ together: Uint8Array[]; rows: number }> {
	const rows = await store.reader
		.selectFrom('gift_decision')
		.select(['incoming_gift_id', 'decision', 'compared'])
		.orderBy('id', 'desc')
		.limit(20_000)
		.execute();
	const seen = new Set<number>();
	const together: Uint8Array[] = [];
	for (const { incoming_gift_id: gift, decision, compared: json } of rows) {
		if (decision === 'rejected' || seen.has(gift)) continue;
		seen.add(gift);
		if (decision !== 'accepted' || json === null) continue;
		const read = compared.safeParse(JSON.parse(json));
		if (!read.success) continue;
		const numbers = Object.entries(read.data).flatMap(([name, level]) => outcomes.number(name, level) ?? []);
		together.push(outcomes.pattern(numbers));
	}
	return { together, rows: together.length };
}

/** How people of the register are who have nothing to do with a gift: of these two the register itself tells. */
async function registerWeights(store: Store, shipped: Weights): Promise<Weights> {
	const people = await randomPeople(store, 2_000);
	const gifts = await store.reader
		.selectFrom('incoming_gift')
		.select(['id', 'evidence', 'amount_ore', 'received_at', 'campaign', 'person_id', 'decided_by'])
		.orderBy('id', 'desc')
		.limit(500)
		.execute();
	if (people.length < 50 || gifts.length === 0) return shipped;
	const past = await readPastGifts(
		store,
		people.map(({ id }) => id),
	);
	const told = giversTold(gifts.map(giftOf));
	const history: Record<string, number> = {};
	let dead = 0;
	people.forEach(({ id, deceased_on: day }, i) => {
		const one = told[i % told.length]!;
		const level = historyLevel(one, past.get(id) ?? []);
		history[level] = (history[level] ?? 0) + 1;
		if (day !== null && Date.parse(day) < one.gifts[0]!.receivedAt) dead++;
	});
	return {
		...shipped,
		history: withShares(shipped.history!, history, people.length),
		life: withShares(shipped.life!, { dead, alive: people.length - dead }, people.length),
	};
}

/** What ships counts as twenty. */
function withShares(shipped: Weights[string], counted: Record<string, number>, of: number): Weights[string] {
	return Object.fromEntries(
		Object.entries(shipped).map(([level, { m, u }]) => [
			level,
			{ m, u: ((counted[level] ?? 0) + 20 * u) / (of + 20) },
		]),
	);
}

async function randomPeople(
	store: Store,
	most: number,
): Promise<Array<{ id: number; deceased_on: string | null }>> {
	const { rows: ends } = await sql<{ first: number | null; last: number | null }>`select min(id) as first,
		max(id) as last from person`.execute(store.reader);
	const { first, last } = ends[0] ?? {};
	if (first == null || last == null) return [];
	// Evenly over the ids: the same people each time, so that a training can be repeated.
	const step = Math.max(1, (last - first + 1) / most);
	const ids = Array.from({ length: Math.min(most, last - first + 1) }, (_, i) =>
		Math.floor(first + i * step),
	);
	return store.reader
		.selectFrom('person')
		.select(['id', 'deceased_on'])
		.where(store.among('id', ids))
		.orderBy('id')
		.execute();
}
