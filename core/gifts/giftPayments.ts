/** Payments that givers make by their links, as far as the store goes: each under a reference of ours that says whose it is. */
import { randomBytes } from 'node:crypto';
import { type Selectable, sql } from 'kysely';
import type { Clock } from '../ports';
import type { GiftPaymentState, GiftPaymentTable } from '../store/schema';
import type { Db, Store, Writing } from '../store/store';
import type { GiftLink } from './giftLinks';

export type GiftPayment = Selectable<GiftPaymentTable>;

/** So long Vipps lets a payment wait for its payer, when nothing else is agreed. */
export const PAYABLE_MS = 600_000;
/** Whoever comes this late is given a new one: they would not be done in time. */
const STILL_PAYABLE_MS = PAYABLE_MS - 90_000;
/** A link that is passed on does not become a way to fill somebody's account at Vipps with payments. */
const MOST_A_DAY = 20;
const DAY = 86_400_000;
/** Word of a payment comes by itself; it is asked for in case it does not. */
const FIRST_LOOK = 60_000;

const UNDER_WAY: readonly GiftPaymentState[] = ['ordering', 'open'];

export type Begun =
	| {
			kind: 'begun';
			payment: GiftPayment;
			/** Payments of the link that can still be paid, and no longer should be. */
			instead: GiftPayment[];
	  }
	/** Somebody has paid by this link. */
	| { kind: 'paid' }
	/** Too many times today. */
	| { kind: 'tooMany' };

/**
 * The payment that the giver is to be sent to: a new one, or the one that they are at already, when they click twice or
 * come back. Written down before Vipps is asked for it.
 */
export async function beginPayment(
	store: Store,
	clock: Clock,
	link: GiftLink,
	amountOre: number,
): Promise<Begun> {
	const now = clock.now();
	return store.write(async (writing): Promise<Begun> => {
		const { db } = writing;
		await lockLink(db, link.id);
		const known = await paymentsOf(db, link.id);
		if (known.some(({ state }) => isPaid(state))) return { kind: 'paid' };
		const open = known.filter(({ state }) => UNDER_WAY.includes(state));
		const same = open.find(
			(one) =>
				one.amount_ore === amountOre && now - one.created_at < STILL_PAYABLE_MS && now >= one.created_at,
		);
		const instead = open.filter((one) => one !== same);
		if (same) return { kind: 'begun', payment: same, instead };
		if (known.filter((one) => now - one.created_at < DAY).length >= MOST_A_DAY) return { kind: 'tooMany' };
		const reference = newReference();
		await db
			.insertInto('giver_key')
			.values({
				kind: 'reference',
				value: reference,
				person_id: link.personId,
				campaign: link.campaign,
				purpose: link.purpose,
				amount_ore: amountOre,
				detail: JSON.stringify({ link: link.id }),
				created_at: now,
				expires_at: null,
			})
			.execute();
		const payment = await db
			.insertInto('gift_payment')
			.values({
				reference,
				link_id: link.id,
				step_id: link.stepId,
				enrolment_id: link.enrolmentId,
				amount_ore: amountOre,
				state: 'ordering',
				redirect_url: null,
				created_at: now,
				look_at: now + FIRST_LOOK,
			})
			.returningAll()
			.executeTakeFirstOrThrow();
		writing.tell(`step:${link.stepId}`);
		return { kind: 'begun', payment, instead };
	});
}

/** Says nothing of whom or what it is for; 8 to 50 letters, digits and hyphens. */
const newReference = () => `gave-${randomBytes(12).toString('hex')}`;

export const isPaid = (state: GiftPaymentState): boolean =>
	state === 'approved' || state === 'captured' || state === 'received';

/** As the giver sees it. */
export function settledAs(state: GiftPaymentState): 'paid' | 'waiting' | 'ended' {
	if (isPaid(state)) return 'paid';
	return state === 'ended' ? 'ended' : 'waiting';
}

/**
 * Before a payment is captured: one gift by each link.
 * @returns false when another payment of the link has been approved
 */
export async function claimApproved(store: Store, payment: GiftPayment, lookAt: number): Promise<boolean> {
	return store.write(async ({ db }) => {
		await lockLink(db, payment.link_id);
		const others = (await paymentsOf(db, payment.link_id)).filter(({ id }) => id !== payment.id);
		if (others.some(({ state }) => isPaid(state))) return false;
		await db
			.updateTable('gift_payment')
			.set({ state: 'approved', look_at: lookAt })
			.where('id', '=', payment.id)
			.where('state', 'in', ['ordering', 'open', 'approved'])
			.execute();
		return true;
	});
}

/** Two clicks, and two processes, take turns. */
async function lockLink(db: Db, id: number): Promise<void> {
	await db
		.updateTable('giver_key')
		.set({ created_at: sql<number>`created_at` })
		.where('id', '=', id)
		.execute();
}

/** Newest first. */
export function paymentsOf(db: Db, linkId: number): Promise<GiftPayment[]> {
	return db
		.selectFrom('gift_payment')
		.selectAll()
		.where('link_id', '=', linkId)
		.orderBy('id', 'desc')
		.execute();
}

/** Payments of the step that Vipps should be asked about by now, and when the next one is (epoch ms). */
export async function paymentsToLookAt(
	store: Store,
	now: number,
	stepId: number,
): Promise<{ due: GiftPayment[]; next: number | undefined }> {
	const rows = await store.db
		.selectFrom('gift_payment')
		.selectAll()
		.where('step_id', '=', stepId)
		.where('look_at', 'is not', null)
		.orderBy('look_at')
		.limit(100)
		.execute();
	const due = rows.filter(({ look_at: at }) => at !== null && at <= now);
	return { due, next: rows.find(({ look_at: at }) => at !== null && at > now)?.look_at ?? undefined };
}

/** States go one way: whoever comes later with older news changes nothing. */
const rank: Record<GiftPaymentState, number> = {
	ordering: 0,
	open: 1,
	approved: 2,
	captured: 3,
	received: 4,
	// Money that is taken has the last word.
	ended: 2.5,
};

export interface Became {
	state: GiftPaymentState;
	redirectUrl?: string;
	/** When it is to be looked at again (epoch ms); null: never. */
	lookAt: number | null;
}

export async function became(
	store: Store,
	payment: GiftPayment,
	{ state, redirectUrl, lookAt }: Became,
): Promise<void> {
	const before = (Object.keys(rank) as GiftPaymentState[]).filter(
		(one) => rank[one] < rank[state] || one === state,
	);
	await store.db
		.updateTable('gift_payment')
		.set({ state, look_at: lookAt, ...(redirectUrl ? { redirect_url: redirectUrl } : {}) })
		.where('id', '=', payment.id)
		.where('state', 'in', before)
		.execute();
}

/**
 * Word has come that something happened to a payment, from wherever: the step that made its link looks at once. What it
 * was is not taken on trust.
 * @returns whether it is one of ours
 */
export async function hearOfPayment({ db, tell }: Writing, now: number, reference: string): Promise<boolean> {
	const row = await db
		.selectFrom('gift_payment')
		.select(['id', 'step_id', 'look_at'])
		.where('reference', '=', reference)
		.executeTakeFirst();
	if (!row) return false;
	if (row.look_at !== null) {
		await db
			.updateTable('gift_payment')
			.set({ look_at: now })
			.where('id', '=', row.id)
			.where('look_at', '>', now)
			.execute();
		tell(`step:${row.step_id}`);
	}
	return true;
}
