/** Messages of which nobody knows whether they went out: listed for a person to decide. */
import { sql } from 'kysely';
import type { Store } from '../store/store';
import type { Page } from './people';

/** All that is given must hold. */
export interface UnknownFilter {
	/** Key of a journey. */
	journey?: string;
	/** Key of the step that sent. */
	step?: string;
	personIds?: readonly number[];
}

export interface UnknownMessage {
	dispatchId: number;
	/** Null for messages sent outside a journey. */
	enrolmentId: number | null;
	personId: number | null;
	memberNumber: string | null;
	name: string;
	journeyKey: string;
	journeyName: string;
	stepKey: string;
	stepName: string;
	channel: string;
	provider: string;
	/** Epoch ms. */
	at: number;
	reason: string | null;
}

/** One page, the oldest first. */
export async function listUnknown(
	store: Store,
	filter: UnknownFilter,
	page: Page,
): Promise<{ messages: UnknownMessage[]; next?: string }> {
	const conditions = [sql`d.state = 'unknown'`, sql`d.id > ${Number(page.after ?? 0) || 0}`];
	if (filter.personIds) conditions.push(sql`${store.among('d.person_id', filter.personIds)}`);
	if (filter.journey !== undefined) conditions.push(sql`j.key = ${filter.journey}`);
	if (filter.step !== undefined) conditions.push(sql`s.key = ${filter.step}`);
	// Materialised: the unknown ones are few, in an index of their own; by order of id the whole ledger would be read.
	const { rows } = await sql<{
		id: number;
		enrolment_id: number | null;
		person_id: number | null;
		member_number: string | null;
		name: string | null;
		journey_key: string | null;
		journey_name: string | null;
		step_key: string | null;
		step_name: string | null;
		channel: string;
		provider: string;
		reserved_at: number;
		reason: string | null;
	}>`with found as materialized (
			select d.id, d.enrolment_id, d.person_id, d.channel, d.provider, d.reserved_at, d.reason,
				s.key as step_key, s.name as step_name, j.key as journey_key, j.name as journey_name
			from dispatch as d left join step as s on s.id = d.step_id left join enrolment as e on e.id = d.enrolment_id
				left join journey as j on j.id = e.journey_id
			where ${sql.join(conditions, sql` and `)})
		select found.*, p.member_number, p.given_name || ' ' || p.family_name as name
		from (select * from found order by id limit ${page.limit}) as found left join person as p on p.id = found.person_id
		order by found.id`.execute(store.reader);
	const messages = rows.map((row): UnknownMessage => ({
		dispatchId: row.id,
		enrolmentId: row.enrolment_id,
		personId: row.person_id,
		memberNumber: row.member_number,
		name: (row.name ?? '').trim(),
		journeyKey: row.journey_key ?? '',
		journeyName: row.journey_name ?? '',
		stepKey: row.step_key ?? '',
		stepName: row.step_name ?? '',
		channel: row.channel,
		provider: row.provider,
		at: row.reserved_at,
		reason: row.reason,
	}));
	const last = messages.at(-1);
	return last && messages.length === page.limit ? { messages, next: String(last.dispatchId) } : { messages };
}
