/** Takes leads back from the callers whose people have left the journey, or whose time to be called is up. */
import { sql } from 'kysely';
import { AnswerLost, type Clock, NotSent } from '../ports';
import { MOVING } from '../store/schema';
import type { Store } from '../store/store';
import type { Dialer, LeadThere, Withdrawal } from './dialer';

export const LEFT_BEFORE_CALL = 'left the journey before the call';
export const NOT_CALLED_IN_TIME = 'was not reached in time';

export interface Withdrawing {
	store: Store;
	clock: Clock;
	stepId: number;
}

export interface ToWithdraw extends LeadThere {
	dispatchId: number;
	reason: string;
}

const AT_A_TIME = 200;

/** Leads with the callers that should no longer be there, oldest first. */
export async function leadsToWithdraw({ store, clock, stepId }: Withdrawing): Promise<ToWithdraw[]> {
	const rows = await sql<{ id: number; ref: string; theirs: string | null; away: number }>`
		select i.dispatch_id as id, i.ref, d.provider_ref as theirs,
			case when i.enrolment_id is not null and (t.enrolment_id is null or (t.state <> ${sql.lit(MOVING)}
				and (t.step_id <> i.step_id or coalesce(t.dispatch_id, 0) <> i.dispatch_id))) then 1 else 0 end as away
		from handoff_item i join dispatch d on d.id = i.dispatch_id
			left join traveller t on t.enrolment_id = i.enrolment_id
		where i.step_id = ${stepId} and i.state = 'handedOver' and (i.due_at <= ${clock.now()}
			or (i.enrolment_id is not null and (t.enrolment_id is null or (t.state <> ${sql.lit(MOVING)}
				and (t.step_id <> i.step_id or coalesce(t.dispatch_id, 0) <> i.dispatch_id)))))
		order by i.dispatch_id limit ${AT_A_TIME}`.execute(store.db);
	return rows.rows.map(({ id, ref, theirs, away }) => ({
		dispatchId: id,
		ref,
		providerRef: theirs === ref ? null : theirs,
		reason: Number(away) === 1 ? LEFT_BEFORE_CALL : NOT_CALLED_IN_TIME,
	}));
}

export interface Withdrawn {
	withdrawn: number;
	/** The callers could not be told by us. */
	untold: number;
	/** The dialer does not answer: tried again later. */
	reason?: string;
}

export async function withdrawLeads(withdrawing: Withdrawing, dialer: Dialer): Promise<Withdrawn> {
	const sum: Withdrawn = { withdrawn: 0, untold: 0 };
	for (const lead of await leadsToWithdraw(withdrawing)) {
		let answer: Withdrawal;
		try {
			answer = await dialer.withdraw(lead);
		} catch (cause) {
			if (!(cause instanceof NotSent) && !(cause instanceof AnswerLost)) throw cause;
			answer = { kind: 'busy', reason: cause.message };
		}
		if (answer.kind === 'busy') return { ...sum, reason: answer.reason };
		if (answer.kind === 'untold') sum.untold += 1;
		else sum.withdrawn += 1;
		await markWithdrawn(withdrawing, [lead]);
	}
	return sum;
}

/** The callers know (or have to be asked): the ledger says why. A result that was quicker stands. */
export async function markWithdrawn(
	{ store, clock }: Withdrawing,
	leads: readonly ToWithdraw[],
): Promise<void> {
	await store.write(async ({ db }) => {
		const now = clock.now();
		for (const reason of new Set(leads.map((lead) => lead.reason))) {
			const ids = leads.filter((lead) => lead.reason === reason).map(({ dispatchId }) => dispatchId);
			const taken = await db
				.updateTable('handoff_item')
				.set({ state: 'withdrawn', reason, content: null, changed_at: now })
				.where(store.among('dispatch_id', ids))
				.where('state', '=', 'handedOver')
				.returning('dispatch_id')
				.execute();
			await db
				.updateTable('dispatch')
				.set({ state: 'cancelled', reason, settled_at: now })
				.where(
					store.among(
						'id',
						taken.map((row) => row.dispatch_id),
					),
				)
				.where('state', 'in', ['accepted', 'unknown'])
				.execute();
		}
	});
}
