/**
 * A printing house: takes batches from `/in`, prints on the next weekday, posts, and tells of it in files in `/out`. How
 * a real one works in between is not public: this is our assumption.
 */
import { posix } from 'node:path';
import { DateTime } from 'luxon';
import type { Clock } from '../../core/ports';
import type { Faults } from '../faults';
import {
	type Carrier,
	type Letter,
	type LetterEvent,
	type Letterbox,
	type NewAddress,
	envelopeOf,
} from '../letters/letterbox';
import type { Files } from '../sftp/files';
import { type TakenBatch, openBatch } from './batch';
import type { LetterAddress } from './manifest';
import { type StatusLine, statusFile } from './statusFile';

const MINUTE = 60_000;
const DAY = 86_400_000;
const ACCEPTED_AFTER_MS = 5 * MINUTE;
/** Of letters that come back: this long after they were posted. */
const BACK_AFTER_MS = 7 * DAY;
const PRINTS_AT_HOUR = 8;
const POSTS_AFTER_MS = 8 * 60 * MINUTE;
const ZONE = 'Europe/Oslo';

export interface Batch {
	name: string;
	/** Sandbox time. */
	receivedAt: number;
	state: 'received' | 'accepted' | 'printed' | 'posted' | 'refused';
	/** Why it was not taken. */
	reason?: string;
	letters: number;
	pages: number;
	rejected: number;
}

interface Fate {
	reason: string;
	newAddress?: NewAddress;
}

export class PrintingHouse implements Carrier {
	/** In the order in which they came. */
	readonly batches: Batch[] = [];
	private readonly fates = new Map<number, Fate>();
	private readonly bells = new Set<() => void>();
	private readonly written = new Map<string, number>();
	private readonly seen = new Set<string>();
	private taking: Promise<void> = Promise.resolve();

	constructor(
		private readonly clock: Clock,
		private readonly files: Files,
		private readonly letterbox: Letterbox,
		private readonly faults: Faults,
		private readonly changed: () => void,
	) {}

	/** A file has come under its final name. */
	arrived(path: string): void {
		if (!path.startsWith('/in/')) return;
		// The mark that a batch is complete: only where the batch itself was not noticed.
		const marked = path.replace(/\.done$/i, '');
		const wanted =
			marked === path
				? path
				: ['', '.zip', '.xml', '.csv']
						.map((end) => `${marked}${end}`)
						.find((one) => this.files.look(one) && !this.seen.has(one));
		if (!wanted || !/\.(zip|xml|csv)$/i.test(wanted)) return;
		this.seen.add(wanted);
		// One after the other, as they came.
		this.taking = this.taking.then(() => this.take(wanted)).catch(() => undefined);
	}

	/** Resolves once everything that has come has been looked through. */
	async settled(): Promise<void> {
		await this.taking;
	}

	reject(letter: Letter, reason: string): boolean {
		if (letter.state !== 'accepted') return false;
		this.tell(letter, { state: 'rejected', at: this.clock.now(), reason });
		this.report(letter.batch, [letter]);
		return true;
	}

	giveBack(letter: Letter, reason: string, newAddress?: NewAddress): boolean {
		if (letter.state === 'rejected' || letter.state === 'returned') return false;
		const fate = { reason, ...(newAddress ? { newAddress } : {}) };
		if (letter.state === 'posted') this.comeBack(letter, fate, this.clock.now());
		else this.fates.set(letter.id, fate);
		return true;
	}

	empty(): void {
		for (const callOff of this.bells) callOff();
		this.bells.clear();
		this.batches.length = 0;
		this.fates.clear();
		this.written.clear();
		this.seen.clear();
	}

	private async take(path: string): Promise<void> {
		const now = this.clock.now();
		const batch: Batch = {
			name: posix.basename(path).replace(/\.(zip|xml|csv)$/i, ''),
			receivedAt: now,
			state: 'received',
			letters: 0,
			pages: 0,
			rejected: 0,
		};
		this.batches.push(batch);
		try {
			const taken = await openBatch(this.files, path);
			if (
				this.batches.some(
					(other) => other !== batch && other.name === taken.name && other.state !== 'refused',
				)
			)
				throw new Error('a batch of this name has come before');
			batch.name = taken.name;
			batch.letters = taken.letters.length;
			batch.pages = taken.letters.reduce((sum, { sheet }) => sum + (sheet?.pages ?? 0), 0);
			this.at(now + ACCEPTED_AFTER_MS, (at) => this.accept(batch, taken, at));
		} catch (error) {
			batch.state = 'refused';
			batch.reason = error instanceof Error ? error.message : String(error);
		}
		this.changed();
	}

	private accept(batch: Batch, taken: TakenBatch, at: number): void {
		batch.state = 'accepted';
		const rejected: StatusLine[] = [];
		const letters: Letter[] = [];
		for (const { said, sheet, refused } of taken.letters) {
			const reason = refused ?? (this.faults.take('print', ['letter-rejected']) ? 'not readable' : undefined);
			if (reason || !sheet) {
				batch.rejected += 1;
				rejected.push({ id: said.id, event: { state: 'rejected', at, reason: reason ?? 'no file' } });
				continue;
			}
			const letter = this.letterbox.add(
				{
					from: 'print',
					batch: taken.name,
					ref: said.id,
					address: said.address,
					kid: said.kid,
					pages: sheet.pages,
					window: { envelope: envelopeOf(taken.manifest.envelope), side: taken.manifest.windowSide },
				},
				sheet,
				this,
				at,
			);
			const fate = this.fateOf(said.address);
			if (fate) this.fates.set(letter.id, fate);
			letters.push(letter);
		}
		this.write(batch.name, [...rejected, ...letters.map(lineOf)]);
		const printedAt = nextWeekday(at);
		this.at(printedAt, () => this.all(batch, 'printed', letters, printedAt));
		this.at(printedAt + POSTS_AFTER_MS, (posted) => {
			this.all(batch, 'posted', letters, posted);
			this.at(posted + BACK_AFTER_MS, (back) => this.bringBack(batch, letters, back));
		});
		this.changed();
	}

	private all(batch: Batch, state: 'printed' | 'posted', letters: Letter[], at: number): void {
		batch.state = state;
		const still = letters.filter((letter) => letter.state === 'accepted' || letter.state === 'printed');
		for (const letter of still) this.tell(letter, { state, at });
		this.report(batch.name, still);
		this.changed();
	}

	private bringBack(batch: Batch, letters: Letter[], at: number): void {
		const back = letters.filter((letter) => letter.state === 'posted' && this.fates.has(letter.id));
		for (const letter of back) this.tell(letter, { state: 'returned', at, ...this.fates.get(letter.id) });
		this.report(batch.name, back);
	}

	private comeBack(letter: Letter, fate: Fate, at: number): void {
		this.tell(letter, { state: 'returned', at, ...fate });
		this.report(letter.batch, [letter]);
	}

	private tell(letter: Letter, event: LetterEvent): void {
		this.letterbox.tell(letter, event);
		this.changed();
	}

	/** What somebody's address or an ordered fault makes of their letter. */
	private fateOf({ name, lines }: LetterAddress): Fate | undefined {
		const street = lines[0] ?? '';
		if (/^flyttet/i.test(street) || this.faults.take('print', ['letter-moved']))
			return { reason: 'moved', newAddress: movedTo(name) };
		if (/^ukjent/i.test(street) || this.faults.take('print', ['letter-returned']))
			return { reason: 'unknown' };
		return undefined;
	}

	private report(batch: string, letters: Letter[]): void {
		this.write(batch, letters.map(lineOf));
	}

	private write(batch: string, lines: StatusLine[]): void {
		if (lines.length === 0) return;
		const number = (this.written.get(batch) ?? 0) + 1;
		this.written.set(batch, number);
		const path = `/out/${batch}-status-${String(number).padStart(3, '0')}.csv`;
		const garbage = this.faults.take('print', ['status-garbage']) !== undefined;
		const text = statusFile(lines, garbage);
		if (this.faults.take('print', ['status-half'])) {
			this.files.put(path, text.slice(0, Math.ceil(text.length / 2)));
			this.at(this.clock.now() + 10 * MINUTE, () => this.files.put(path, text));
			return;
		}
		this.files.put(path, text);
		if (this.faults.take('print', ['status-twice'])) this.files.put(path.replace(/\.csv$/, '-2.csv'), text);
	}

	/** Rings with the time that was meant, however far the clock was turned past it. */
	private at(when: number, ring: (at: number) => void): void {
		const callOff = this.clock.at(when, () => {
			this.bells.delete(callOff);
			ring(when);
		});
		this.bells.add(callOff);
	}
}

function lineOf(letter: Letter): StatusLine {
	return { id: letter.ref, event: letter.history.at(-1)! };
}

/** Where the sandbox's people move to. */
export const movedTo = (name: string): NewAddress => ({
	name,
	street: 'Nyveien 1',
	postalCode: '0150',
	city: 'OSLO',
});

function nextWeekday(after: number): number {
	let day = DateTime.fromMillis(after, { zone: ZONE }).plus({ days: 1 });
	while (day.weekday > 5) day = day.plus({ days: 1 });
	return day.set({ hour: PRINTS_AT_HOUR, minute: 0, second: 0, millisecond: 0 }).toMillis();
}
