/** The test persons who have got something: a phone, an inbox or both. */

export interface TestPerson {
	id: number;
	name: string | null;
	email: string | null;
	/** E.164 */
	phone: string | null;
	/** Street, postal code and city, where known. */
	place: string | null;
	sms: number;
	mails: number;
	letters: number;
	/** Not yet looked at on the page. */
	unread: number;
	/** Sandbox time of the latest that came in; null: nothing yet. */
	lastAt: number | null;
	lastText: string;
}

/** Who someone is: what the page shows as their name, and which phone and inbox are the same person's. */
export interface KnownPerson {
	name?: string | null;
	email?: string | null;
	phone?: string | null;
	/** Street, postal code and city. */
	place?: string | null;
}

export class People {
	private persons = new Map<number, TestPerson>();
	private byPhone = new Map<string, TestPerson>();
	private byEmail = new Map<string, TestPerson>();
	/** By name and place. */
	private byPlace = new Map<string, TestPerson>();
	private nextId = 1;

	constructor(private readonly changed: (id: number) => void) {}

	/** Tells who someone is. A phone and an inbox that were two persons so far become one. */
	know(known: KnownPerson): TestPerson | undefined {
		const email = known.email?.trim().toLowerCase() || null;
		const phone = known.phone?.trim() || null;
		const house = known.name && known.place ? placeKey(known.name, known.place) : null;
		if (!email && !phone && !house) return undefined;
		const mailbox = email ? this.byEmail.get(email) : undefined;
		const handset = phone ? this.byPhone.get(phone) : undefined;
		const person = mailbox ?? handset ?? (house ? this.byPlace.get(house) : undefined) ?? this.add();
		if (handset && handset !== person && handset.email === null && person.phone === null) {
			person.sms += handset.sms;
			person.unread += handset.unread;
			if ((handset.lastAt ?? 0) > (person.lastAt ?? 0)) {
				person.lastAt = handset.lastAt;
				person.lastText = handset.lastText;
			}
			this.persons.delete(handset.id);
			this.byPhone.delete(phone!);
		}
		person.name = known.name?.trim() || person.name;
		if (email && person.email === null) {
			person.email = email;
			this.byEmail.set(email, person);
		}
		if (phone && person.phone === null && !this.byPhone.has(phone)) {
			person.phone = phone;
			this.byPhone.set(phone, person);
		}
		if (house && person.place === null && !this.byPlace.has(house)) {
			person.place = known.place!;
			this.byPlace.set(house, person);
		}
		this.changed(person.id);
		return person;
	}

	/** Whose letterbox that is; somebody new when nobody of that name is known there. */
	at({ name, place }: { name: string; place: string }): TestPerson {
		const there = this.byPlace.get(placeKey(name, place));
		if (there) return there;
		const person = this.add();
		person.name = name;
		person.place = place;
		this.byPlace.set(placeKey(name, place), person);
		return person;
	}

	gotLetter(id: number, at: number, text: string): void {
		const person = this.persons.get(id);
		if (!person) return;
		Object.assign(person, { letters: person.letters + 1, unread: person.unread + 1, lastAt: at });
		person.lastText = `✉ ${text}`.slice(0, 80);
		this.changed(id);
	}

	/** Someone did something of their own accord. */
	did(id: number, at: number, text: string): void {
		const person = this.persons.get(id);
		if (!person) return;
		if (at >= (person.lastAt ?? 0)) Object.assign(person, { lastAt: at, lastText: text.slice(0, 80) });
		this.changed(id);
	}

	/** Something about them has changed. */
	tell(id: number): void {
		this.changed(id);
	}

	/** Someone got something, or did something (`unread: false`). */
	got(
		who: { phone: string } | { email: string },
		what: { kind: 'sms' | 'mail'; at: number; text: string; unread: boolean },
	): void {
		const person =
			('phone' in who ? this.byPhone.get(who.phone) : this.byEmail.get(who.email)) ?? this.know(who)!;
		if (what.kind === 'sms') person.sms += 1;
		else person.mails += 1;
		if (what.unread) person.unread += 1;
		person.lastAt = what.at;
		person.lastText = what.text.slice(0, 80);
		this.changed(person.id);
	}

	changedAt(who: { phone: string } | { email: string }): void {
		const person = 'phone' in who ? this.byPhone.get(who.phone) : this.byEmail.get(who.email);
		if (person) this.changed(person.id);
	}

	get(id: number): TestPerson | undefined {
		return this.persons.get(id);
	}

	seen(id: number): void {
		const person = this.persons.get(id);
		if (!person?.unread) return;
		person.unread = 0;
		this.changed(id);
	}

	/**
	 * Those who have got or done something, latest first; with a search everybody who is known, so that whoever has got nothing
	 * yet can be the first to give. It matches name, e-mail and phone (spaces in it do not count).
	 */
	list(search = '', limit = 200): { total: number; found: number; people: TestPerson[] } {
		const words = search.trim().toLowerCase();
		const all = [...this.persons.values()].filter((person) => words !== '' || person.lastAt !== null);
		const digits = words.replace(/[\s+]/g, '');
		const found = words
			? all.filter(
					(person) =>
						person.name?.toLowerCase().includes(words) ||
						person.email?.includes(words) ||
						(/^\d+$/.test(digits) && person.phone?.includes(digits)),
				)
			: all;
		found.sort((a, b) => (b.lastAt ?? 0) - (a.lastAt ?? 0) || b.id - a.id);
		return { total: all.length, found: found.length, people: found.slice(0, limit) };
	}

	withPhone(phone: string): TestPerson | undefined {
		return this.byPhone.get(phone);
	}

	/** Whoever has a phone, also those who have got nothing yet: the latest first. */
	known(search: string, limit: number): TestPerson[] {
		const words = search.trim().toLowerCase();
		const digits = words.replace(/[\s+]/g, '');
		const fits = ({ name, phone }: TestPerson) =>
			phone !== null &&
			(!words || !!name?.toLowerCase().includes(words) || (/^\d+$/.test(digits) && phone.includes(digits)));
		return [...this.persons.values()]
			.filter(fits)
			.sort((a, b) => (b.lastAt ?? 0) - (a.lastAt ?? 0) || a.id - b.id)
			.slice(0, limit);
	}

	/** Forgets what they have got; who they are stays known. */
	empty(): void {
		for (const person of this.persons.values())
			Object.assign(person, { sms: 0, mails: 0, letters: 0, unread: 0, lastAt: null, lastText: '' });
	}

	private add(): TestPerson {
		const person = {
			id: this.nextId,
			name: null,
			email: null,
			phone: null,
			place: null,
			sms: 0,
			mails: 0,
			letters: 0,
			unread: 0,
			lastAt: null,
			lastText: '',
		};
		this.nextId += 1;
		this.persons.set(person.id, person);
		return person;
	}
}

const placeKey = (name: string, place: string) =>
	`${name} ${place}`
		.toLowerCase()
		.replace(/\b(norge|norway)\b/g, '')
		.replace(/[^\p{L}\p{N}]+/gu, ' ')
		.trim();
