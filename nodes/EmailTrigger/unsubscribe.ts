/** A person's no, from a link in a mail. */
import type { Incoming } from '../../core/responses/ingest';
import type { Clock } from '../../core/ports';
import { NATIONAL } from '../../core/register/consents';
import type { Store } from '../../core/store/store';
import { PROVIDER } from '../../providers/smtp/channel';
import type { Meaning } from '../../providers/smtp/links';
import { takeIn } from '../../providers/intake';

export type Leaving = Extract<Meaning, { k: 'leave' }>;

/**
 * Notes the no, at once and for good. Twice is as good as once; after the person has said yes again, the same link works
 * again.
 * @param all whether it is about all e-mail, or about the purpose of the mail alone
 * @returns the event's id when it is new, and the person was not unsubscribed already
 */
export async function unsubscribe(
	store: Store,
	clock: Clock,
	{ d: dispatchId, p: personId, w: purpose }: Leaving,
	all: boolean,
): Promise<string | undefined> {
	const said = await whatTheySaid(store, dispatchId, personId, purpose);
	if (said.reserved || (!all && said.denied)) return undefined;
	const incoming: Incoming = {
		source: PROVIDER,
		// The state it found: two calls at once are one event, a later one after a new yes is another.
		eventId: `leave ${dispatchId} ${all ? 'all' : 'this'} ${said.mark}`,
		kind: 'unsubscribed',
		at: clock.now(),
		dispatchId,
		...(personId === undefined ? {} : { personId }),
		channel: 'email',
		subject: all ? '' : purpose,
		...(all ? {} : { purpose }),
	};
	const fresh = await takeIn(store, clock, [incoming]);
	return fresh.has(incoming.eventId) ? incoming.eventId : undefined;
}

async function whatTheySaid(
	store: Store,
	dispatchId: number,
	personId: number | undefined,
	purpose: string,
): Promise<{ reserved: boolean; denied: boolean; mark: string }> {
	const dispatch = await store.db
		.selectFrom('dispatch')
		.select('person_id')
		.where('id', '=', dispatchId)
		.executeTakeFirst();
	const id = dispatch?.person_id ?? personId;
	if (id === undefined) return { reserved: false, denied: false, mark: '' };
	const reservation = await store.db
		.selectFrom('reservation')
		.select('at')
		.where('person_id', '=', id)
		.where('channel', 'in', ['email', '*'])
		// Reserving against advertising is not the same as unsubscribing.
		.where('source', 'not like', `${NATIONAL}%`)
		.executeTakeFirst();
	const consent = await store.db
		.selectFrom('consent')
		.select(['granted', 'at'])
		.where('person_id', '=', id)
		.where('channel', '=', 'email')
		.where('purpose', '=', purpose)
		.executeTakeFirst();
	const removed = await store.db
		.selectFrom('change')
		.select((select) => select.fn.max('id').as('id'))
		.where('person_id', '=', id)
		.where('kind', '=', 'reservation_removed')
		.executeTakeFirst();
	return {
		reserved: reservation !== undefined,
		denied: consent?.granted === 0,
		mark: `${consent?.at ?? 0}.${removed?.id ?? 0}`,
	};
}
