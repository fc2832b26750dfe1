/**
 * Who gave: how many of the automatic decisions are right, how much is decided at all, and how fast. Registers and gifts are
 * drawn by `gifts/` from seeds that nobody has seen before (`--seeds 7,8,9` for these again), and the truth is known.
 * Trained on other gifts to the same register than those it is examined with. `--febrl <folder>` (or `FEBRL`) also links
 * FEBRL 4; `--picture <file>` draws the calibration.
 */
import { randomInt } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { readModel } from '../core/gifts/linkage/model';
import { type Store, openStore } from '../core/store/store';
import { startChild } from './child';
import { type Bench, type Reporting, rounded } from './figure';
import type { Answered, AskTask } from './gifts/asked';
import { measureFebrl } from './gifts/febrl';
import { writeGifts, writeKeys, writeRegister } from './gifts/fill';
import { type GivenGift, type Giving, drawGifts } from './gifts/giving';
import {
	type EvidenceClass,
	type Judged,
	type Tally,
	calibration,
	calibrationError,
	classOf,
	f1,
	precision,
	recall,
	tally,
	wilson,
	worst,
} from './gifts/judge';
import { alike, byPeer, exactJoin } from './gifts/peers';
import { calibrationPicture } from './gifts/picture';
import { type Register, type RegisterRow, drawRegister } from './gifts/register';
import type { TrainTask, Trained } from './gifts/train';
import { type Kind, kinds, withPlace } from './stores';

const SMALL = 100_000;
const LARGE = 1_000_000;
const LEARNED = { small: 30_000, large: 100_000 };
const EXAMINED = 20_000;
const WRITTEN = 10_000;
const SEEDS = 3;
/** Names that look alike are slow to look for. */
const BY_LIKENESS = 4_000;
const CUT_OFF = 0.92;

const classes: Record<EvidenceClass, string> = {
	key: 'an exact key (KID)',
	phone: 'a whole phone number',
	digits: 'name and last four digits',
	account: 'name and a known account',
	name: 'name alone (and message, amount, place)',
};

interface Exam {
	judged: Judged[];
	rows: RegisterRow[];
	trained: Trained;
	/** Per second. */
	found: number;
	written: number;
	/** MB of the process that found them. */
	own: number;
}

/** Several registers of the size that most organisations stay below, and FEBRL 4. */
export const gifts: Bench = async (reporting) => {
	const seeds = seedsOf(reporting);
	const size = reporting.size(SMALL);
	const exams: Exam[] = [];
	for (const [i, seed] of seeds.entries()) {
		const exam = await sit('sqlite', size, LEARNED.small, seed, reporting);
		exams.push(exam);
		if (i === 0) speed('sqlite', size, LEARNED.small, exam, reporting);
	}
	const judged = exams.flatMap((exam) => exam.judged);
	accuracy(`${size} persons`, judged, reporting);
	mistakes(exams, reporting);
	const picture = reporting.wish('picture');
	if (picture) {
		const of = `${size.toLocaleString('en').replaceAll(',', ' ')} persons, ${seeds.length} registers`;
		await writeFile(picture, calibrationPicture({ [of]: calibration(byEvidence(judged)) }));
	}
	await febrl(reporting);
};

/** One register of a million, on both stores: above all how fast. */
export const giftsMillion: Bench = async (reporting) => {
	const [seed = 0] = seedsOf(reporting);
	const size = reporting.size(LARGE);
	for (const kind of kinds) {
		const exam = await sit(kind, size, LEARNED.large, seed, reporting);
		speed(kind, size, LEARNED.large, exam, reporting);
		accuracy(`${kind}, ${size} persons`, exam.judged, reporting);
		if (kind === 'sqlite') mistakes([exam], reporting);
	}
};

/** Those asked for, or new ones; said, so that the same can be had again. */
function seedsOf(reporting: Reporting): number[] {
	const wished = reporting.wish('seeds');
	const seeds = wished
		? wished.split(',').map(Number)
		: Array.from({ length: SEEDS }, () => randomInt(1_000, 1_000_000_000));
	if (seeds.some((seed) => !Number.isSafeInteger(seed)))
		throw new Error('--seeds takes whole numbers: 7,8,9');
	reporting.doing(`drawn with --seeds ${seeds.join(',')}`);
	return seeds;
}

async function sit(
	kind: Kind,
	size: number,
	learned: number,
	seed: number,
	reporting: Reporting,
): Promise<Exam> {
	const doing = (what: string) => reporting.doing(`${kind}, ${size} persons, seed ${seed}: ${what}`);
	doing('drawing');
	const register = drawRegister(size, seed);
	const counts = [learned, EXAMINED, WRITTEN].map((count) => reporting.size(count));
	const drawn = counts.map((count, i) => drawGifts(register, count, seed + 1 + i));
	const [toLearn, toExamine, toWrite] = drawn as [Giving, Giving, Giving];
	const from = [1, 1 + counts[0]!, 1 + counts[0]! + counts[1]!] as const;
	let exam: Exam | undefined;
	await withPlace(kind, async (url) => {
		const store = await openStore({ url });
		try {
			doing('writing');
			await writeRegister(store, register);
			await writeKeys(store, keysOf(drawn));
			await writeGifts(store, toLearn.gifts, from[0]);
			doing(`training on ${counts[0]} gifts`);
			const trained = await train(url, counts[0]!);
			// What it is examined with was not there when it learned.
			await writeGifts(store, toExamine.gifts, from[1]);
			await writeGifts(store, toWrite.gifts, from[2]);
			doing(`${counts[1]} gifts`);
			const found = await ask(url, toExamine.gifts, from[1], false);
			doing(`${counts[2]} gifts, and written`);
			const written = await ask(url, toWrite.gifts, from[2], true);
			await saysWhatItLearned(store, doing);
			peers(register, toExamine, kind === 'sqlite' && size <= SMALL, size, seed, reporting);
			exam = {
				judged: found.answers.map((answer, i) => ({ gift: toExamine.gifts[i]!, ...answer })),
				rows: register.rows,
				trained,
				found: counts[1]! / found.seconds,
				written: counts[2]! / written.seconds,
				own: found.own,
			};
		} finally {
			await store.close();
		}
	});
	return exam!;
}

async function train(url: string, gifts: number): Promise<Trained> {
	const task: TrainTask = { url, gifts };
	const child = startChild<Trained>('gifts/train.ts', task);
	try {
		return await child.next((message) => 'training' in message);
	} finally {
		await child.end();
	}
}

async function ask(url: string, gifts: GivenGift[], first: number, keep: boolean): Promise<Answered> {
	const task: AskTask = { url, first, keep };
	const child = startChild<Answered | { ready: true }>('gifts/asked.ts', task);
	try {
		await child.next((message) => 'ready' in message);
		child.send({ gifts });
		return (await child.next((message) => 'answers' in message)) as Answered;
	} finally {
		await child.end();
	}
}

async function saysWhatItLearned(store: Store, doing: (what: string) => void): Promise<void> {
	const { outsiders, learnedFrom } = await readModel(store);
	doing(`learned from ${JSON.stringify(learnedFrom)}; outside the register: ${outsiders.toFixed(3)}`);
}

function keysOf(drawn: readonly Giving[]): Giving['keys'] {
	const keys = drawn.flatMap((giving) => giving.keys);
	return [...new Map(keys.map((key) => [`${key.kind} ${key.value}`, key])).values()];
}

/** Those that no exact key decided: of these a probability is said. */
const byEvidence = (judged: readonly Judged[]) => judged.filter((one) => !one.decidedBy?.startsWith('key:'));

function accuracy(where: string, judged: readonly Judged[], reporting: Reporting): void {
	shares(`${where}: `, tally(judged), reporting);
	const open = judged.filter(({ gift }) => gift.kid === null);
	shares(`${where}, without a key, as the peers are asked: `, tally(open), reporting);
	for (const [evidence, name] of Object.entries(classes)) {
		const sum = tally(judged.filter((one) => classOf(one.gift) === evidence));
		if (sum.gifts > 0) shares(`${where}, ${name}: `, sum, reporting);
	}
	const bins = calibration(byEvidence(judged));
	for (const { from, to, n, said, was } of bins) {
		reporting.doing(
			`${where}: said ${from}–${to}: ${n} gifts, on average ${said.toFixed(4)}, was ${was.toFixed(4)}`,
		);
	}
	reporting.figure({
		figure: `${where}: how far the probability said lies from the share that was right, on average`,
		value: rounded(calibrationError(bins), 4),
		unit: '',
		n: judged.length,
	});
}

function shares(where: string, sum: Tally, reporting: Reporting): void {
	const figure = (name: string, value: number, n: number) =>
		reporting.figure({ figure: where + name, value: rounded(value * 100, 3), unit: '%', n });
	const [low, high] = wilson(sum.right, sum.automatic);
	figure('automatic decisions that are right', precision(sum), sum.automatic);
	figure('the same, lower end of the interval (Wilson, 95 %)', low, sum.automatic);
	figure('the same, upper end', high, sum.automatic);
	if (sum.held > 0)
		figure(
			'decided automatically, of givers whom the register holds with it',
			sum.heldDecided / sum.held,
			sum.held,
		);
	figure('decided rightly, of all givers in the register (recall)', recall(sum), sum.inside);
	figure('F1', f1(sum), sum.gifts);
	if (sum.outside > 0)
		figure('givers outside the register taken for somebody in it', sum.pinned / sum.outside, sum.outside);
}

function speed(
	kind: Kind,
	size: number,
	learned: number,
	{ trained, found, written, own }: Exam,
	reporting: Reporting,
): void {
	const figure = (name: string, value: number, unit: string, n: number) =>
		reporting.figure({ figure: `${kind}, ${size} persons: ${name}`, value: rounded(value, 0), unit, n });
	figure('gifts per second, giver found', found, '1/s', reporting.size(EXAMINED));
	figure('gifts per second, giver found and written', written, '1/s', reporting.size(WRITTEN));
	figure('memory of the process that finds, its own', own, 'MB', reporting.size(EXAMINED));
	figure('making the register findable', trained.findable, 's', size);
	figure('training', trained.training, 's', reporting.size(learned));
	figure('memory of the training process at most (RSS)', trained.most, 'MB', size);
	figure('of it its own, without pages of files', trained.own, 'MB', size);
}

/** On the same gifts, those with a key left out: a key is found by anybody. */
function peers(
	register: Register,
	giving: Giving,
	likeness: boolean,
	size: number,
	seed: number,
	reporting: Reporting,
): void {
	const open = giving.gifts.filter((gift) => gift.kid === null);
	const said = (name: string, judged: Judged[]) => {
		const sum = tally(judged);
		const where = `${size} persons, seed ${seed}: ${name}: `;
		const figure = (what: string, value: number, n: number) =>
			reporting.figure({ figure: where + what, value: rounded(value * 100, 2), unit: '%', n });
		figure('decisions that are right', precision(sum), sum.automatic);
		figure('decided rightly, of all givers in the register (recall)', recall(sum), sum.inside);
		figure('F1', f1(sum), sum.gifts);
	};
	said('exact join on number and name', byPeer(exactJoin(register.rows), open));
	if (likeness)
		said(
			`Jaro-Winkler from ${CUT_OFF} on`,
			byPeer(alike(register.rows, CUT_OFF), open.slice(0, BY_LIKENESS)),
		);
}

/** The ten worst of all of them. */
function mistakes(exams: ReadonlyArray<Pick<Exam, 'judged' | 'rows'>>, reporting: Reporting): void {
	const rowsOf = new Map(exams.flatMap(({ judged, rows }) => judged.map((one) => [one, rows] as const)));
	const all = exams.flatMap(({ judged }) => judged);
	for (const one of worst(all, 10)) {
		const rows = rowsOf.get(one) ?? [];
		const { evidence, source, right, story } = one.gift;
		const { phone, ...told } = evidence;
		const who = right.map((id) => shown(rows[id - 1])).join(' / ') || 'nobody in the register';
		reporting.doing(
			[
				`${one.automatic ? 'WRONG' : 'to be looked at'}, said ${one.probability.toFixed(5)}`,
				`${source} ${JSON.stringify({ ...told, ...(phone ? { phone: `…${phone.slice(-4)}` } : {}) })}`,
				`found ${shown(one.personId === null ? undefined : rows[one.personId - 1])}`,
				`true ${who}${story.length > 0 ? ` (${story.join('; ')})` : ''}`,
				one.reasons.join(', '),
			].join(' | '),
		);
	}
}

function shown(row: RegisterRow | undefined): string {
	if (!row) return '–';
	return `${row.given} ${row.family}, numbers ${row.phones.map((phone) => `…${phone.slice(-4)}`).join(' ')}`;
}

async function febrl(reporting: Reporting): Promise<void> {
	const folder = reporting.wish('febrl') ?? process.env.FEBRL;
	if (!folder) {
		reporting.doing('FEBRL 4 is left out: no folder given (--febrl)');
		return;
	}
	for (const [name, without] of [
		['FEBRL 4', []],
		['FEBRL 4 without the number for social security', ['soc_sec_id']],
	] as const) {
		reporting.doing(name);
		const { originals, links, right } = await measureFebrl(folder, without);
		const [p, r] = [right / links, right / originals];
		const figure = (what: string, value: number, n: number) =>
			reporting.figure({ figure: `${name}: ${what}`, value: rounded(value, 4), unit: '', n });
		figure('precision', p, links);
		figure('recall', r, originals);
		figure('F1', (2 * p * r) / (p + r), originals);
	}
}
