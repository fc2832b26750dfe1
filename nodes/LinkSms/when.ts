/** When each message is to leave. */
import { DateTime } from 'luxon';
import { offsetIn } from '../../core/journeys/spread';
import { StepProblem } from '../../core/ports';
import type { Addressee } from '../addressees';
import type { Parameters } from './form';

/** Who comes to a window's end by way of the store is not late for what the host needed to let them go. */
const GRACE_MS = 3_600_000;

export type Moment =
	| { kind: 'now'; /** Its time was nearer than LINK schedules, or over. */ becauseOf?: 'near' | 'past' }
	/** Epoch ms. */
	| { kind: 'later'; at: number }
	/** The window ended before they came. */
	| { kind: 'tooLate'; ended: number };

/** How far ahead (ms) LINK takes a message that is to wait there. */
export interface Ahead {
	least: number;
	most: number;
}

export interface Whose {
	who: Addressee;
	/** Has waited at this step and comes back. */
	released: boolean;
	/** Where among the items, and of how many. */
	place: number;
	of: number;
}

/**
 * Travellers wait in the journey store, and so for any time; what is no traveller waits at LINK, within its bounds. Spread over a window, each person has a moment of their own which is the same whenever one looks.
 * @throws {StepProblem} naming the field
 */
export function momentOf(
	params: Parameters,
	{ zone, ahead }: { zone: string; ahead: Ahead },
	now: number,
	whose: Whose,
): Moment {
	const item = whose.who.index;
	switch (params.when) {
		case 'now':
			return { kind: 'now' };
		case 'at': {
			const at = readMoment(params.sendAt, 'Send At', zone, item);
			return waitsInStore(whose) ? later(at, now) : atLink(at, now, ahead, 'Send At', item);
		}
		case 'window': {
			const from = readMoment(params.windowFrom, 'From', zone, item);
			const to = readMoment(params.windowTo, 'Until', zone, item);
			if (to <= from) {
				throw new StepProblem("'Until' is not after 'From'.", {
					field: 'Until',
					item,
					hint: "The messages are spread evenly from 'From' until 'Until'.",
				});
			}
			if (now > to + (whose.released ? GRACE_MS : 0)) return { kind: 'tooLate', ended: to };
			if (waitsInStore(whose)) {
				// They have waited for their moment; what is left of the window is not spread anew.
				if (whose.released && now >= from) return { kind: 'now' };
				const begin = Math.max(from, now);
				return later(begin + offsetIn(to - begin, whose.who.enrolmentId ?? item), now);
			}
			// Nobody in the minutes that LINK cannot schedule, as long as there is room after them.
			const begin = Math.max(from, Math.min(now + ahead.least, to));
			return atLink(begin + ((to - begin) * whose.place) / whose.of, now, ahead, 'Until', item);
		}
	}
}

const waitsInStore = ({ who }: Whose) => who.enrolmentId !== null || who.test;

const later = (at: number, now: number): Moment =>
	at > now ? { kind: 'later', at } : { kind: 'now', becauseOf: 'past' };

function atLink(at: number, now: number, { least, most }: Ahead, field: string, item: number): Moment {
	if (at - now < least || at <= now) return { kind: 'now', becauseOf: at <= now ? 'past' : 'near' };
	if (at - now > most) {
		throw new StepProblem(`'${field}' is more than three months ahead.`, {
			field,
			item,
			hint: 'LINK keeps messages for three months at most. People on a journey wait in the journey store instead, for any time.',
		});
	}
	return { kind: 'later', at: Math.floor(at) };
}

/** @throws {StepProblem} naming the field as the form shows it */
export function readMoment(text: string, field: string, zone: string, item?: number): number {
	const moment = DateTime.fromISO(text.trim().replace(' ', 'T'), { zone });
	if (moment.isValid) return moment.toMillis();
	throw new StepProblem(text.trim() ? `'${field}' is no date and time.` : `'${field}' is empty.`, {
		field,
		...(item === undefined ? {} : { item }),
		hint: 'Write it as 2026-12-24T10:00; without an offset it is taken in the time zone of the Journey Store.',
	});
}
