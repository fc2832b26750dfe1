/** A person's yes per channel and purpose (consent), and a person's no (reservation). */
import { sql } from 'kysely';
import type { Store, Writing } from '../store/store';
import { recordChanges } from './changes';
import type { GivenConsent } from './given';

/** Sets the same consent for many persons. @returns the ids of those for whom it is new. */
export async function setConsent(
	writing: Writing,
	store: Store,
	now: number,
	personIds: readonly number[],
	consent: GivenConsent & { source: string },
): Promise<number[]> {
	const { channel, purpose, source } = consent;
	const granted = consent.granted ? 1 : 0;
	const set = await sql<{
		person_id: number;
	}>`insert into consent (person_id, channel, purpose, granted, source, at)
		select id, ${channel}, ${purpose}, ${sql.lit(granted)}, ${source}, ${now} from person where ${store.among('id', personIds)}
		on conflict (person_id, channel, purpose) do update
			set granted = excluded.granted, source = excluded.source, at = excluded.at
			where consent.granted <> excluded.granted
		returning person_id`.execute(writing.db);
	const ids = set.rows.map((row) => row.person_id);
	await recordChanges(
		writing,
		store,
		now,
		ids.map((personId) => ({
			personId,
			kind: 'consent_changed',
			subject: `${channel}/${purpose}`,
			value: consent.granted ? 'yes' : 'no',
		})),
	);
	return ids;
}

/** What the source of a reservation begins with when it comes from a national register. */
export const NATIONAL = 'national';
/** Noted on what an organisation has had checked against Norway's reservation register. */
export const NATIONAL_REGISTER = `${NATIONAL} reservation register`;

/** Whether a reservation with this source stands in a national register only: the person has said no to all, not to us. */
export const isNational = (source: string) => source.startsWith(NATIONAL);

/**
 * Notes a no for a channel (`*`: all). A reservation that is there already keeps its source and time, unless it came from
 * a national register and this is the person's own: that one outweighs it.
 * @returns the ids of those for whom it is new.
 */
export async function addReservations(
	writing: Writing,
	now: number,
	personIds: readonly number[],
	channel: string,
	source: string,
): Promise<number[]> {
	const ids: number[] = [];
	const wanted = [...new Set(personIds)];
	for (let start = 0; start < wanted.length; start += ROWS_AT_ONCE) {
		const part = wanted.slice(start, start + ROWS_AT_ONCE);
		const added = await writing.db
			.insertInto('reservation')
			.values(part.map((person_id) => ({ person_id, channel, source, at: now })))
			.onConflict((conflict) => {
				const there = conflict.columns(['person_id', 'channel']);
				return isNational(source)
					? there.doNothing()
					: there.doUpdateSet({ source, at: now }).where('reservation.source', 'like', `${NATIONAL}%`);
			})
			.returning('person_id')
			.execute();
		if (added.length === 0) continue;
		ids.push(...added.map((row) => row.person_id));
		await writing.db
			.insertInto('change')
			.values(
				added.map((row) => ({
					person_id: row.person_id,
					kind: 'reservation_added',
					subject: channel,
					value: source,
					at: now,
				})),
			)
			.execute();
	}
	if (ids.length > 0) writing.tell('change');
	return ids;
}

/** Reservations come from responses, a few at a time; bound values stay far below both databases' limits. */
const ROWS_AT_ONCE = 500;

/**
 * Takes back a no. A national register takes back only what it has said itself, never a person's own.
 * @returns the ids of those who had it.
 */
export async function removeReservations(
	writing: Writing,
	store: Store,
	now: number,
	personIds: readonly number[],
	channel: string,
	source: string,
): Promise<number[]> {
	const removed = await writing.db
		.deleteFrom('reservation')
		.where('channel', '=', channel)
		.where(store.among('person_id', personIds))
		.$if(isNational(source), (query) => query.where('source', 'like', `${NATIONAL}%`))
		.returning('person_id')
		.execute();
	const ids = removed.map((row) => row.person_id);
	await recordChanges(
		writing,
		store,
		now,
		ids.map((personId) => ({ personId, kind: 'reservation_removed', subject: channel, value: source })),
	);
	return ids;
}
