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
import { examine } from './gifts/examine';
import { readFebrl, writeFebrl } from './gifts/febrl';
import { writeGifts, writeKeys, writeRegister } from './gifts/fill';
import { type Giving, drawGifts } from './gifts/giving';
import {
	type EvidenceClass,
	type Judged,
	type Tally,
	calibration,
	calibrationError,
	classOf,
	f1,
	isRight,
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
}

export const gifts: Bench = async (reporting) => {
	const seeds = seedsOf(reporting.wish('seeds'));
	reporting.doing(`drawn with --seeds ${seeds.join(',')}`);
	const pictured: Record<string, ReturnType<typeof calibration>> = {};
	const inAll = async (size: number, learned: number, of: ReadonlyArray<readonly [Kind, number]>) => {
		const exams: Exam[] = [];
		for (const [kind, seed] of of) {
			const exam = await sit(kind, size, learned, seed, reporting);
			exams.push(exam);
			if (size > SMALL || of.length === 1) speed(kind, size, learned, exam, reporting);
		}
		// What PostgreSQL finds is the same: it counts once.
		const judged = exams.filter((_, i) => of[i]![0] === 'sqlite').flatMap((exam) => exam.judged);
		accuracy(`${size} persons`, judged, reporting);
		pictured[`${size.toLocaleString('en').replaceAll(',', ' ')} persons`] = calibration(byEvidence(judged));
		mistakes(exams[0]!, reporting);
	};
	const small = reporting.size(SMALL);
	const large = reporting.size(LARGE);
	await inAll(
		small,
		LEARNED.small,
		seeds.map((seed) => ['sqlite', seed] as const),
	);
	if (large > small) {
		await inAll(
			large,
			LEARNED.large,
			kinds.map((kind) => [kind, seeds[0]! + 1] as const),
		);
	}
	const picture = reporting.wish('picture');
	if (picture) await writeFile(picture, calibrationPicture(pictured));
	await febrl(reporting);
};

function seedsOf(wished: string | undefined): number[] {
	if (wished === undefined) return Array.from({ length: SEEDS }, () => randomInt(1_000, 1_000_000_000));
	const seeds = wished.split(',').map(Number);
	if (seeds.some((seed) => !Number.isSafeInteger(seed)))
		throw new Error('--seeds takes whole numbers: 7,8,9');
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
			const [judged, found] = await timed(() => examine(store, toExamine.gifts, from[1]));
			doing(`${counts[2]} gifts, and written`);
			const [, written] = await timed(() => examine(store, toWrite.gifts, from[2], { keep: true }));
			await saysWhatItLearned(store, doing);
			peers(register, toExamine, kind === 'sqlite' && size <= SMALL, size, seed, reporting);
			exam = {
				judged,
				rows: register.rows,
				trained,
				found: counts[1]! / found,
				written: counts[2]! / written,
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

async function timed<T>(work: () => Promise<T>): Promise<[T, seconds: number]> {
	const started = performance.now();
	const done = await work();
	return [done, (performance.now() - started) / 1000];
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
	{ trained, found, written }: Exam,
	reporting: Reporting,
): void {
	const figure = (name: string, value: number, unit: string, n: number) =>
		reporting.figure({ figure: `${kind}, ${size} persons: ${name}`, value: rounded(value, 0), unit, n });
	figure('gifts per second, giver found', found, '1/s', reporting.size(EXAMINED));
	figure('gifts per second, giver found and written', written, '1/s', reporting.size(WRITTEN));
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

function mistakes({ judged, rows }: Exam, reporting: Reporting): void {
	const of = (id: number | null) => {
		const row = id === null ? undefined : rows[id - 1];
		return row
			? `${row.given} ${row.family}, numbers ${row.phones.map((one) => `…${one.slice(-4)}`).join(' ')}`
			: '–';
	};
	for (const one of worst(judged, 10)) {
		const { evidence, source, right, story } = one.gift;
		const { phone, ...told } = evidence;
		reporting.doing(
			[
				`${one.automatic ? 'WRONG' : 'to be looked at'}, said ${one.probability.toFixed(5)}`,
				`${source} ${JSON.stringify({ ...told, ...(phone ? { phone: `…${phone.slice(-4)}` } : {}) })}`,
				`found ${of(one.personId)}`,
				`true ${right.map(of).join(' / ') || 'nobody in the register'}${story.length > 0 ? ` (${story.join('; ')})` : ''}`,
				one.reasons.join(', '),
			].join(' | '),
		);
	}
}

async function febrl(reporting: Reporting): Promise<void> {
	const folder = reporting.wish('febrl') ?? process.env.FEBRL;
	if (!folder) {
		reporting.doing('FEBRL 4 is left out: no folder given (--febrl)');
		return;
	}
	const drawn = await readFebrl(folder);
	await withPlace('sqlite', async (url) => {
		const store = await openStore({ url });
		try {
			reporting.doing('FEBRL 4');
			await writeFebrl(store, drawn);
			await train(url, drawn.gifts.length);
			const judged = await examine(store, drawn.gifts, 1);
			const likely = judged.filter((one) => one.personId !== null && one.probability >= 0.5);
			const right = likely.filter(isRight).length;
			const figure = (name: string, value: number, n: number) =>
				reporting.figure({ figure: `FEBRL 4: ${name}`, value: rounded(value, 4), unit: '', n });
			const [p, r] = [right / likely.length, right / drawn.gifts.length];
			figure('precision, likelier than not', p, likely.length);
			figure('recall', r, drawn.gifts.length);
			figure('F1', (2 * p * r) / (p + r), drawn.gifts.length);
			const sum = tally(judged);
			figure('precision of automatic decisions', precision(sum), sum.automatic);
			figure('share decided automatically', sum.automatic / sum.gifts, sum.gifts);
			mistakes(
				{
					judged,
					rows: drawn.rows,
					trained: { findable: 0, training: 0, most: 0, own: 0 },
					found: 0,
					written: 0,
				},
				reporting,
			);
		} finally {
			await store.close();
		}
	});
}
