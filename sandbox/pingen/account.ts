/**
 * Pingen's letters: looked over within a minute, sent on the next weekday, reported by signed webhooks. Paths, bodies and
 * the webhooks' shapes as Pingen's own n8n node and PHP client have them; the times are our assumption.
 */
import { createHmac, randomUUID } from 'node:crypto';
import { PDFDocument } from '@cantoo/pdf-lib';
import { DateTime } from 'luxon';
import type { Clock } from '../../core/ports';
import type { Carrier, Letter, Letterbox, NewAddress } from '../letters/letterbox';
import type { Outgoing } from '../outgoing';
import { windowAddress } from './windowAddress';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const ZONE = 'Europe/Oslo';
const JSON_API = 'application/vnd.api+json';
/** "Retries after 1, 5, 10 minutes, 1, 2, 4 hours." */
const RETRIES = [MINUTE, 5 * MINUTE, 10 * MINUTE, HOUR, 2 * HOUR, 4 * HOUR];
const A4 = { width: 595.28, height: 841.89, tolerance: 6 };

export type Category = 'issues' | 'sent' | 'delivered' | 'undeliverable';

export interface PingenEvent {
	id: string;
	category: Category;
	/** Pingen's own code. */
	code: string;
	name: string;
	at: number;
	letterId: string;
	correctedAddress?: NewAddress;
}

export interface Made {
	id: string;
	fileName: string;
	pages: number;
	status: string;
	/** Of what it was made. */
	attributes: Record<string, unknown>;
	createdAt: number;
	updatedAt: number;
	pdf: Uint8Array;
	/** As it stands in the window. */
	address?: Letter['address'] | undefined;
	letter?: Letter;
}

export interface Hook {
	id: string;
	category: string;
	url: string;
	signingKey: string;
}

export class PingenAccount implements Carrier {
	readonly letters = new Map<string, Made>();
	readonly events: PingenEvent[] = [];
	readonly hooks = new Map<string, Hook>();
	private readonly bells = new Set<() => void>();
	private readonly byLetter = new Map<number, Made>();

	constructor(
		private readonly clock: Clock,
		private readonly letterbox: Letterbox,
		private readonly outgoing: Outgoing,
		/** For the addresses that answers hold. */
		readonly organisationId: string,
		private readonly changed: () => void,
	) {}

	make(attributes: Record<string, unknown>, pdf: Uint8Array): Made {
		const now = this.clock.now();
		const made: Made = {
			id: randomUUID(),
			fileName: String(attributes.file_original_name),
			pages: 0,
			status: 'validating',
			attributes,
			createdAt: now,
			updatedAt: now,
			pdf,
		};
		this.letters.set(made.id, made);
		void this.lookOver(made);
		return made;
	}

	/** False: it is on its way. */
	cancel(made: Made): boolean {
		if (!['validating', 'valid', 'submitted'].includes(made.status)) return false;
		this.set(made, 'cancelled');
		return true;
	}

	/** False: it is not ready to be sent. */
	submit(made: Made, attributes: Record<string, unknown>): boolean {
		if (made.status !== 'valid') return false;
		Object.assign(made.attributes, attributes);
		this.submitNow(made);
		return true;
	}

	reject(letter: Letter, reason: string): boolean {
		const made = this.byLetter.get(letter.id);
		if (!made || made.status !== 'submitted') return false;
		this.issue(made, 'content_failed_inspection', reason);
		return true;
	}

	giveBack(letter: Letter, reason: string, newAddress?: NewAddress): boolean {
		const made = this.byLetter.get(letter.id);
		if (!made || made.status !== 'sent') return false;
		const at = this.clock.now();
		this.set(made, 'undeliverable');
		this.letterbox.tell(letter, { state: 'returned', at, reason, ...(newAddress ? { newAddress } : {}) });
		this.tell({
			category: 'undeliverable',
			code: 'undeliverable',
			name: reason,
			letterId: made.id,
			at,
			...(newAddress ? { correctedAddress: newAddress } : {}),
		});
		return true;
	}

	empty(): void {
		for (const callOff of this.bells) callOff();
		this.bells.clear();
		this.letters.clear();
		this.byLetter.clear();
		this.events.length = 0;
	}

	private async lookOver(made: Made): Promise<void> {
		let wrong: [string, string] | undefined;
		try {
			const pdf = await PDFDocument.load(made.pdf, { updateMetadata: false });
			made.pages = pdf.getPageCount();
			const { tolerance, ...a4 } = A4;
			const fits = pdf
				.getPages()
				.every(
					(page) =>
						Math.abs(page.getWidth() - a4.width) <= tolerance &&
						Math.abs(page.getHeight() - a4.height) <= tolerance,
				);
			if (!fits) wrong = ['file_not_a4_portrait', 'File is not in A4 portrait'];
			const side = made.attributes.address_position === 'right' ? 'right' : 'left';
			made.address = await windowAddress(made.pdf, side);
		} catch {
			wrong = ['invalid_pdf_binary_content', 'The file is no PDF'];
		}
		this.at(made.createdAt + MINUTE, () => {
			if (made.status !== 'validating') return;
			if (wrong) return this.issue(made, ...wrong);
			this.set(made, 'valid');
			if (made.attributes.auto_send === true) this.submitNow(made);
		});
	}

	private submitNow(made: Made): void {
		this.set(made, 'submitted');
		const { attributes } = made;
		const recipient = attributes.meta_data as { recipient?: { name?: string } } | undefined;
		const letter = this.letterbox.add(
			{
				from: 'pingen',
				batch: 'Pingen',
				ref: made.fileName,
				address: made.address ?? {
					name: recipient?.recipient?.name ?? made.fileName.replace(/\.pdf$/i, ''),
					lines: [],
					postalCode: '',
					city: '',
					country: '',
				},
				kid: undefined,
				pages: made.pages,
				window: { envelope: 'C5', side: attributes.address_position === 'right' ? 'right' : 'left' },
			},
			{ pdf: made.pdf, first: 1 },
			this,
			this.clock.now(),
		);
		made.letter = letter;
		this.byLetter.set(letter.id, made);
		const sentAt = nextWeekday(this.clock.now());
		this.at(sentAt, () => {
			if (made.status !== 'submitted') return;
			this.set(made, 'sent');
			this.letterbox.tell(letter, { state: 'posted', at: sentAt });
			this.tell({
				category: 'sent',
				code: 'transferred_to_distributor',
				name: 'Sent',
				letterId: made.id,
				at: sentAt,
			});
		});
	}

	private issue(made: Made, code: string, name: string): void {
		const at = this.clock.now();
		this.set(made, code === 'content_failed_inspection' ? 'rejected' : 'invalid');
		if (made.letter) this.letterbox.tell(made.letter, { state: 'rejected', at, reason: name });
		this.tell({ category: 'issues', code, name, letterId: made.id, at });
	}

	private set(made: Made, status: string): void {
		Object.assign(made, { status, updatedAt: this.clock.now() });
		this.changed();
	}

	private tell(event: Omit<PingenEvent, 'id'>): void {
		const kept = { ...event, id: randomUUID() };
		this.events.push(kept);
		for (const hook of this.hooks.values())
			if (hook.category === event.category) void this.call(hook, kept, 0);
	}

	private async call(hook: Hook, event: PingenEvent, tries: number): Promise<void> {
		const bytes = Buffer.from(JSON.stringify(this.message(hook, event)));
		const status = await this.outgoing.tell({
			provider: 'pingen',
			what: event.category,
			url: hook.url,
			body: { bytes },
			headers: {
				'content-type': JSON_API,
				Signature: createHmac('sha256', hook.signingKey).update(bytes).digest('hex'),
			},
		});
		const again = RETRIES[tries];
		if ((status !== null && status >= 200 && status < 300) || again === undefined) return;
		this.at(this.clock.now() + again, () => void this.call(hook, event, tries + 1));
	}

	private message(hook: Hook, event: PingenEvent) {
		const { correctedAddress } = event;
		const made = this.letters.get(event.letterId);
		const relation = (type: string, id: string) => ({ links: { related: '' }, data: { type, id } });
		return {
			data: {
				id: randomUUID(),
				type: `webhook_${event.category}`,
				attributes: {
					...(event.category === 'issues' || event.category === 'undeliverable'
						? { reason: event.name }
						: {}),
					...(correctedAddress ? { corrected_address: asPingen(correctedAddress) } : {}),
					url: hook.url,
					created_at: stamp(event.at),
				},
				relationships: {
					organisation: relation('organisations', this.organisationId),
					letter: relation('letters', event.letterId),
					event: relation('letters_events', event.id),
				},
			},
			included: [...(made ? [letterResource(made)] : []), eventResource(event)],
		};
	}

	private at(when: number, ring: () => void): void {
		const callOff = this.clock.at(when, () => {
			this.bells.delete(callOff);
			ring();
		});
		this.bells.add(callOff);
	}
}

/** `2020-11-19T09:42:48+0100` */
export const stamp = (at: number) =>
	DateTime.fromMillis(at, { zone: ZONE }).toFormat("yyyy-LL-dd'T'HH:mm:ssZZZ");

export function letterResource({ id, fileName, pages, status, attributes, createdAt, updatedAt }: Made) {
	const text = (name: string) => (typeof attributes[name] === 'string' ? attributes[name] : null);
	return {
		id,
		type: 'letters',
		attributes: {
			status,
			file_original_name: fileName,
			file_pages: pages || null,
			address: null,
			address_position: text('address_position'),
			country: null,
			delivery_product: text('delivery_product'),
			print_mode: text('print_mode'),
			print_spectrum: text('print_spectrum'),
			tracking_number: null,
			created_at: stamp(createdAt),
			updated_at: stamp(updatedAt),
		},
	};
}

export function eventResource({ id, code, name, at, letterId, correctedAddress }: PingenEvent) {
	return {
		id,
		type: 'letters_events',
		attributes: {
			code,
			name,
			producer: 'Pingen',
			location: '',
			has_image: false,
			data: correctedAddress ? { corrected_address: asPingen(correctedAddress) } : [],
			emitted_at: stamp(at),
			created_at: stamp(at),
			updated_at: stamp(at),
		},
		relationships: { letter: { data: { id: letterId, type: 'letters' } } },
	};
}

function asPingen({ name, street, postalCode, city }: NewAddress) {
	const [, road = street, number = ''] = /^(.*?)\s+(\d+\s?\w?)$/.exec(street) ?? [];
	return { name, street: road, number, zip: postalCode, city };
}

function nextWeekday(after: number): number {
	let day = DateTime.fromMillis(after, { zone: ZONE }).plus({ days: 1 });
	while (day.weekday > 5) day = day.plus({ days: 1 });
	return day.set({ hour: 10, minute: 0, second: 0, millisecond: 0 }).toMillis();
}
