/** Persons as others give them (cells of a file, fields of a form), read into the form that the register keeps. */
import { IANAZone } from 'luxon';
import { readDay } from './calendar';
import { readEmail, readPhone } from './contact';
import type { Organisation } from './organisation';

export interface GivenMembership {
	kind: string;
	unit: string;
	status?: string;
	startedOn?: string | null;
	endedOn?: string | null;
	paidOn?: string | null;
	paidUntil?: string | null;
}

export interface GivenConsent {
	channel: string;
	purpose: string;
	granted: boolean;
}

/** What is left out stays as it is in the register; null or an empty list clears it. */
export interface RegisterPerson {
	id?: number;
	memberNumber?: string;
	givenName?: string;
	familyName?: string;
	birthDate?: string | null;
	gender?: string | null;
	language?: string | null;
	zone?: string | null;
	street?: string | null;
	postalCode?: string | null;
	city?: string | null;
	country?: string | null;
	deceasedOn?: string | null;
	/** Lives under address protection. */
	protected?: boolean;
	/** Lower case. The first is the one that messages go to; others that the register knows are kept. */
	emails?: string[];
	/** E.164 */
	phones?: string[];
	memberships?: GivenMembership[];
	employments?: Array<{
		employer: string;
		title: string;
		startedOn?: string | null;
		endedOn?: string | null;
	}>;
	/** Added to those that the person has. */
	labels?: string[];
	labelsRemoved?: string[];
	consents?: GivenConsent[];
	reservations?: Array<{ channel: string; reserved: boolean }>;
	/** null removes. */
	attributes?: Record<string, string | null>;
}

/** The purpose of a consent that names none: anything the organisation sends. */
export const ANY_PURPOSE = '*';

/** Places a cell can go to. Dotted ones with a name after it: `label.<name>`, `consent.<channel>[.<purpose>]`, … */
export const plainTargets = [
	'memberNumber',
	'name',
	'givenName',
	'familyName',
	'birthDate',
	'gender',
	'language',
	'zone',
	'street',
	'postalCode',
	'city',
	'country',
	'deceasedOn',
	'protected',
	'email',
	'phone',
	'labels',
	'membership.kind',
	'membership.unit',
	'membership.status',
	'membership.startedOn',
	'membership.endedOn',
	'membership.paidOn',
	'membership.paidUntil',
	'employment.employer',
	'employment.title',
	'employment.startedOn',
	'employment.endedOn',
] as const;
export type PlainTarget = (typeof plainTargets)[number];
export type Target =
	PlainTarget | `label.${string}` | `consent.${string}` | `reservation.${string}` | `attribute.${string}`;

export function isTarget(text: string): text is Target {
	return (
		(plainTargets as readonly string[]).includes(text) ||
		/^(label|consent|reservation|attribute)\..+/.test(text)
	);
}

export interface Cell {
	target: Target;
	text: string;
	/** What the field is called where the text comes from. */
	field: string;
}

export interface ReadingRules {
	organisation: Organisation;
	/** `YYYY-MM-DD`: nobody is born after it. */
	today: string;
	/** Whether an empty cell empties the field in the register. */
	clearEmpty: boolean;
}

export type PersonRead = { person: RegisterPerson } | { refused: { field: string; reason: string } };

class Refused extends Error {
	constructor(
		readonly field: string,
		readonly reason: string,
	) {
		super(reason);
	}
}

/** Reads one person. Anything that does not read refuses the whole row, naming the field: half a person is worse. */
export function readPerson(cells: readonly Cell[], rules: ReadingRules): PersonRead {
	const person: RegisterPerson = {};
	const membership: Partial<GivenMembership> = {};
	const employment: {
		employer?: string;
		title?: string;
		startedOn?: string | null;
		endedOn?: string | null;
	} = {};
	try {
		for (const cell of cells) place(cell, rules, person, membership, employment);
	} catch (problem) {
		if (problem instanceof Refused) return { refused: { field: problem.field, reason: problem.reason } };
		throw problem;
	}
	// A membership is there when the row says anything about it but its branch.
	const { kind, unit, ...rest } = membership;
	if (kind || Object.values(rest).some((value) => value)) {
		person.memberships = [{ kind: kind || DEFAULT_MEMBERSHIP, unit: unit ?? '', ...rest }];
	}
	if (employment.employer) person.employments = [{ title: '', ...employment, employer: employment.employer }];
	return { person };
}

/** Registers with one kind of membership often have no column for it. */
const DEFAULT_MEMBERSHIP = 'Medlem';

function place(
	cell: Cell,
	rules: ReadingRules,
	person: RegisterPerson,
	membership: Partial<GivenMembership>,
	employment: { employer?: string; title?: string; startedOn?: string | null; endedOn?: string | null },
): void {
	// PostgreSQL keeps no NUL characters.
	const text = cell.text.replaceAll('\u0000', '').trim();
	if (text === '' && !rules.clearEmpty) return;
	const [head, ...names] = cell.target.split('.') as [string, ...string[]];
	switch (cell.target) {
		case 'memberNumber':
			if (text) person.memberNumber = text;
			return;
		case 'name': {
			const { givenName, familyName } = splitName(text);
			if (text) Object.assign(person, { givenName, familyName });
			return;
		}
		case 'givenName':
		case 'familyName':
			person[cell.target] = text;
			return;
		case 'birthDate':
		case 'deceasedOn':
			person[cell.target] = day(cell, text);
			if (person[cell.target] && person[cell.target]! > rules.today) {
				throw new Refused(cell.field, 'The date is in the future.');
			}
			return;
		case 'language':
			person.language = text.toLowerCase() || null;
			return;
		case 'gender':
			person.gender = gender(text);
			return;
		case 'country':
			person.country = country(text);
			return;
		case 'zone':
			if (text && !IANAZone.isValidZone(text))
				throw new Refused(cell.field, `“${text}” is no time zone; use a name such as Europe/Oslo.`);
			person.zone = text || null;
			return;
		case 'protected':
			if (text) person.protected = addressProtection(cell, text);
			return;
		case 'street':
		case 'postalCode':
		case 'city':
			person[cell.target] = text || null;
			return;
		case 'email':
			person.emails = listed(cell, person.emails, text, readEmail, 'is not an e-mail address');
			return;
		case 'phone':
			person.phones = listed(
				cell,
				person.phones,
				text,
				(given) => readPhone(given, rules.organisation.countryCode),
				'is not a phone number',
			);
			return;
		case 'labels':
			person.labels = [...(person.labels ?? []), ...split(text)];
			return;
		case 'membership.kind':
		case 'membership.unit':
		case 'membership.status':
			membership[names[0] as 'kind' | 'unit' | 'status'] = text;
			return;
		case 'membership.startedOn':
		case 'membership.endedOn':
		case 'membership.paidOn':
		case 'membership.paidUntil':
			membership[names[0] as 'startedOn' | 'endedOn' | 'paidOn' | 'paidUntil'] = day(cell, text);
			return;
		case 'employment.employer':
		case 'employment.title':
			employment[names[0] as 'employer' | 'title'] = text;
			return;
		case 'employment.startedOn':
		case 'employment.endedOn':
			employment[names[0] as 'startedOn' | 'endedOn'] = day(cell, text);
			return;
	}
	const name = names.join('.');
	if (head === 'attribute') {
		person.attributes = { ...person.attributes, [name]: text || null };
		return;
	}
	if (text === '') return;
	const yes = yesNo(cell, text);
	if (head === 'label') {
		if (yes) person.labels = [...(person.labels ?? []), name];
		else person.labelsRemoved = [...(person.labelsRemoved ?? []), name];
	} else if (head === 'consent') {
		const [channel, ...purpose] = names as [string, ...string[]];
		const consent = { channel, purpose: purpose.join('.') || ANY_PURPOSE, granted: yes };
		person.consents = [...(person.consents ?? []), consent];
	} else {
		person.reservations = [...(person.reservations ?? []), { channel: name, reserved: yes }];
	}
}

function day(cell: Cell, text: string): string | null {
	if (text === '') return null;
	const read = readDay(text);
	if (!read) throw new Refused(cell.field, `“${text}” is not a date; use 31.12.2026 or 2026-12-31.`);
	return read;
}

function listed(
	cell: Cell,
	known: string[] | undefined,
	text: string,
	read: (text: string) => string | undefined,
	complaint: string,
): string[] {
	if (text === '') return known ?? [];
	const value = read(text);
	// Not the value itself: reports of refused rows are shown and logged.
	if (!value) throw new Refused(cell.field, `The value ${complaint}.`);
	return known?.includes(value) ? known : [...(known ?? []), value];
}

const YES = new Set(['ja', 'j', 'yes', 'y', 'true', 'sant', '1', 'x']);
const NO = new Set(['nei', 'n', 'no', 'false', 'usant', '0', '-']);

function yesNo(cell: Cell, text: string): boolean {
	const word = text.toLowerCase();
	if (YES.has(word)) return true;
	if (NO.has(word)) return false;
	throw new Refused(cell.field, `“${text}” is neither yes nor no; use ja or nei.`);
}

/**
 * Yes and no, and the levels of address protection as the National Population Register names them: a confidential
 * (fortrolig) or strictly confidential (strengt fortrolig) address, or a client address, is protected.
 */
function addressProtection(cell: Cell, text: string): boolean {
	const word = text.toLowerCase().replace(/[^\p{L}]/gu, '');
	if (['fortrolig', 'strengtfortrolig', 'klientadresse'].includes(word)) return true;
	if (['ugradert', 'ingen'].includes(word)) return false;
	return yesNo(cell, text);
}

function gender(text: string): string | null {
	const word = text.toLowerCase();
	if (['k', 'kvinne', 'f', 'female', 'woman', 'jente'].includes(word)) return 'female';
	if (['m', 'mann', 'male', 'man', 'gutt'].includes(word)) return 'male';
	return word || null;
}

const COUNTRIES: Record<string, string> = {
	norge: 'NO',
	noreg: 'NO',
	norway: 'NO',
	sverige: 'SE',
	danmark: 'DK',
	finland: 'FI',
	island: 'IS',
};

function country(text: string): string | null {
	return COUNTRIES[text.toLowerCase()] ?? (text.length === 2 ? text.toUpperCase() : text || null);
}

function split(text: string): string[] {
	return text
		.split(/[,;|]/)
		.map((part) => part.trim())
		.filter((part) => part !== '');
}

/** `Eksempel, Kari Anne` or `Kari Anne Eksempel`. */
function splitName(text: string): { givenName: string; familyName: string } {
	const comma = text.indexOf(',');
	if (comma >= 0) return { familyName: text.slice(0, comma).trim(), givenName: text.slice(comma + 1).trim() };
	const words = text.split(/\s+/);
	const familyName = words.length > 1 ? (words.pop() ?? '') : '';
	return { givenName: words.join(' '), familyName };
}
