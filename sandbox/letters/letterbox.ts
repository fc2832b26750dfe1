/** The letters that test persons get, from the printing house and from Pingen. */
import { createHash } from 'node:crypto';
import { PDFDocument } from '@cantoo/pdf-lib';
import type { Envelope } from '../../core/letters/letter';
import { pagePicture } from '../../core/letters/picture';
import type { People } from '../people';

export type LetterState = 'accepted' | 'rejected' | 'printed' | 'posted' | 'returned';

export interface NewAddress {
	name: string;
	street: string;
	postalCode: string;
	city: string;
}

export interface LetterEvent {
	state: LetterState;
	/** Sandbox time. */
	at: number;
	reason?: string;
	newAddress?: NewAddress;
}

export interface Letter {
	/** The page's own number. */
	id: number;
	from: 'print' | 'pingen';
	batch: string;
	/** What we call it who sent it. */
	ref: string;
	address: { name: string; lines: string[]; postalCode: string; city: string; country: string };
	personId: number;
	kid: string | undefined;
	pages: number;
	window: { envelope: Envelope; side: 'left' | 'right' };
	state: LetterState;
	history: LetterEvent[];
}

/** What can still come to a letter, told by whoever carries it. */
export interface Carrier {
	/** False: it is too late for that. */
	reject(letter: Letter, reason: string): boolean;
	giveBack(letter: Letter, reason: string, newAddress?: NewAddress): boolean;
}

interface Paper {
	pdf: Uint8Array;
	first: number;
}

export class Letterbox {
	readonly letters = new Map<number, Letter>();
	private readonly papers = new Map<number, Paper>();
	private readonly carriers = new Map<number, Carrier>();
	private nextId = 1;

	constructor(private readonly people: People) {}

	/** @param paper where its pages stand in the PDF */
	add(
		letter: Omit<Letter, 'id' | 'personId' | 'state' | 'history'>,
		paper: Paper,
		carrier: Carrier,
		at: number,
	): Letter {
		const id = this.nextId;
		this.nextId += 1;
		const { name, lines, postalCode, city } = letter.address;
		const person = this.people.at({ name, place: [...lines, `${postalCode} ${city}`].join(', ') });
		const kept: Letter = {
			...letter,
			id,
			personId: person.id,
			state: 'accepted',
			history: [{ state: 'accepted', at }],
		};
		this.letters.set(id, kept);
		this.papers.set(id, paper);
		this.carriers.set(id, carrier);
		this.people.gotLetter(person.id, at, letter.batch);
		return kept;
	}

	tell(letter: Letter, event: LetterEvent): void {
		letter.state = event.state;
		letter.history.push(event);
		this.people.tell(letter.personId);
	}

	/** The newest first. */
	of(personId: number): Letter[] {
		return [...this.letters.values()].filter((letter) => letter.personId === personId).reverse();
	}

	carrierOf(letter: Letter): Carrier {
		return this.carriers.get(letter.id)!;
	}

	/** A PNG of one page (from 1), with the envelope's window drawn on the first. */
	async picture(letter: Letter, page: number): Promise<Uint8Array> {
		const { envelope, side } = letter.window;
		const { png } = await pagePicture(await this.pdf(letter), {
			page,
			dpi: 80,
			envelopes: [envelope],
			windowSide: side,
		});
		return png;
	}

	/** The letter alone, also out of a file that holds many. */
	async pdf(letter: Letter): Promise<Uint8Array> {
		const { pdf, first } = this.papers.get(letter.id)!;
		const whole = await PDFDocument.load(pdf, { updateMetadata: false });
		if (first === 1 && whole.getPageCount() === letter.pages) return pdf;
		const alone = await PDFDocument.create();
		const wanted = Array.from({ length: letter.pages }, (_, index) => first - 1 + index);
		for (const page of await alone.copyPages(whole, wanted)) alone.addPage(page);
		return alone.save();
	}

	empty(): void {
		this.letters.clear();
		this.papers.clear();
		this.carriers.clear();
	}
}

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** @throws when it is no PDF */
export async function pageCount(pdf: Uint8Array): Promise<number> {
	return (await PDFDocument.load(pdf, { updateMetadata: false })).getPageCount();
}

const envelopes: readonly Envelope[] = ['E65', 'C65', 'C5', 'C4'];
export const envelopeOf = (name: string | undefined): Envelope =>
	envelopes.find((one) => one === name?.toUpperCase()) ?? 'C5';
