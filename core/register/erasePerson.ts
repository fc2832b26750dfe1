/**
 * Erasing a person: out of the register, out of every wait, and out of all that was written down about them. Nothing
 * personal outlives it, their reservations neither: whoever brings the person in again brings their no along.
 */
import { sql } from 'kysely';
import { forgetGiver } from '../gifts/forget';
import { lockRows } from '../store/lock';
import type { Db, Store } from '../store/store';
import { ERASED } from './changes';
import { lockPerson, tracesOf, writeGivingWay } from './about';

export interface Erased {
	/** Journeys that they were on, and have left with this. */
	journeysLeft: number;
	/** Trips through journeys, open or finished. */
	enrolments: number;
	messages: number;
	/** Of these, what a run was handing to a provider at this moment: it may still go out. */
	beingSent: number;
	responses: number;
	/** Kept for the accounts, without the person. */
	giftsKept: number;
	/** What is known to lie at others, where this store cannot erase it. */
	elsewhere: Elsewhere[];
}

export interface Elsewhere {
	/** `link`, `make` … */
	provider: string;
	channel: string;
	/** Messages that the provider has been given. */
	messages: number;
	/** In words: what may lie there. */
	what: string;
	/** Lists made there for a mailing, with the person among others; epoch ms after which each is removed. */
	lists: Array<{ list: string; removedAfter: number | null }>;
}

/** Undefined when nobody has this id. */
export async function erasePerson(store: Store, personId: number): Promise<Erased | undefined> {
	return writeGivingWay(store, async ({ db, tell }) => {
		if (!(await lockPerson(db, store, personId))) return undefined;
		const { enrolments, dispatches, addresses } = await tracesOf(db, store, personId);
		await forgetGiver(db, store, personId, addresses);
		await lockRows(db, store, 'dispatch', dispatches);
		await lockRows(db, store, 'traveller', enrolments);

		const messages = await db
			.selectFrom('dispatch')
			.select(['provider', 'channel', 'state'])
			.where(store.among('id', dispatches))
			.execute();
		const places = await db
			.selectFrom('traveller')
			.select('step_id')
			.where(store.among('enrolment_id', enrolments))
			.execute();
		const elsewhere = await elsewhereOf(db, store, dispatches);

		const responses = await db
			.deleteFrom('response')
			.where((where) => where.or([where('person_id', '=', personId), store.among('dispatch_id', dispatches)]))
			.executeTakeFirst();
		await db
			.deleteFrom('operation')
			.where((where) =>
				where.or([where('person_id', '=', personId), store.among('enrolment_id', enrolments)]),
			)
			.execute();
		await db.deleteFrom('handoff_item').where(store.among('dispatch_id', dispatches)).execute();
		await db.deleteFrom('dispatch').where(store.among('id', dispatches)).execute();
		await db.deleteFrom('traveller').where(store.among('enrolment_id', enrolments)).execute();
		await db.deleteFrom('enrolment').where(store.among('id', enrolments)).execute();
		// Readers of the feed find their place by a row: the rows stay, with nothing in them.
		await db
			.updateTable('change')
			.set({ person_id: 0, kind: ERASED, subject: null, value: null })
			.where('person_id', '=', personId)
			.execute();
		const gifts = await db
			.updateTable('gift')
			.set({ person_id: null })
			.where('person_id', '=', personId)
			.executeTakeFirst();
		// Like gifts: what is ordered may still be paid.
		await db
			.updateTable('charge')
			.set({ person_id: null, address: null })
			.where((where) => where.or([where('person_id', '=', personId), store.among('dispatch_id', dispatches)]))
			.execute();
		await db.deleteFrom('person').where('id', '=', personId).execute();
		for (const { step_id } of places) tell(`step:${step_id}`);
		return {
			journeysLeft: places.length,
			enrolments: enrolments.length,
			messages: messages.length,
			beingSent: messages.filter(({ state }) => state === 'reserved').length,
			responses: Number(responses.numDeletedRows),
			giftsKept: Number(gifts.numUpdatedRows),
			elsewhere,
		};
	});
}

async function elsewhereOf(db: Db, store: Store, dispatchIds: readonly number[]): Promise<Elsewhere[]> {
	const given = await db
		.selectFrom('dispatch')
		.where(store.among('id', dispatchIds))
		.where('state', 'not in', ['skipped', 'held', 'cancelled'])
		.groupBy(['provider', 'channel'])
		.select(['provider', 'channel', sql<number>`count(*)`.as('messages')])
		.orderBy('provider')
		.execute();
	const lists = await db
		.selectFrom('mailing')
		.where('id', 'in', (of) =>
			of.selectFrom('dispatch').select('mailing_id').where(store.among('id', dispatchIds)),
		)
		.where('list_ref', 'is not', null)
		.where('state', '!=', 'removed')
		.select(['provider', 'list_ref', 'remove_after'])
		.orderBy('id')
		.execute();
	return given.map((row) => ({
		...row,
		what: whatLiesAt(row.channel),
		lists: lists
			.filter(({ provider }) => provider === row.provider)
			.map(({ list_ref, remove_after }) => ({ list: list_ref ?? '', removedAfter: remove_after })),
	}));
}

function whatLiesAt(channel: string): string {
	return channel === 'email'
		? 'The subscriber with this e-mail address, its lists, and what it opened and clicked'
		: channel === 'sms'
			? 'The number, the texts of the messages, and their delivery reports'
			: 'The address and the messages';
}
