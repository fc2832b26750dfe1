/** What a gate or a journey hopes for: any of some conditions, judged in SQL for many people at once. */
import { type RawBuilder, sql } from 'kysely';
import { z } from 'zod/v4';
import { type ResponseKind, kindBits } from '../responses/kinds';
import type { Db, Store } from '../store/store';

export const goalCondition = z.discriminatedUnion('kind', [
	/** Opens by machines (privacy proxies, scanners) count only when asked for. */
	z.object({ kind: z.literal('opened'), countMachines: z.boolean().default(false) }),
	/** `link`: part of the link's address; any link when empty. */
	z.object({
		kind: z.literal('clicked'),
		link: z.string().default(''),
		countMachines: z.boolean().default(false),
	}),
	/** `keyword`: first word of the answer, upper or lower case alike; any answer when empty. */
	z.object({ kind: z.literal('replied'), keyword: z.string().default('') }),
	z.object({ kind: z.literal('delivered') }),
	z.object({
		kind: z.literal('gift'),
		minimumOre: z.number().int().min(0).default(0),
		campaign: z.string().default(''),
		/** Only one that was paid by a link made for the person on this trip. */
		ownLink: z.boolean().optional(),
	}),
	/** Has a membership with this status now. */
	z.object({ kind: z.literal('status'), status: z.string().min(1) }),
	/** A membership's fee was paid on or after the day that counting starts. */
	z.object({ kind: z.literal('paid') }),
	z.object({ kind: z.literal('label'), label: z.string().min(1) }),
	z.object({ kind: z.literal('event'), name: z.string().min(1) }),
	/** The letter is in the post. */
	z.object({ kind: z.literal('posted') }),
	/** The letter came back. */
	z.object({ kind: z.literal('returned') }),
	/** Made, or stopped, an agreement to give regularly. */
	z.object({ kind: z.literal('agreementStarted') }),
	z.object({ kind: z.literal('agreementStopped') }),
	/** A call has this result; any when empty. */
	z.object({ kind: z.literal('called'), disposition: z.string().default('') }),
]);
export type GoalCondition = z.infer<typeof goalCondition>;

export const goalSchema = z.object({ any: z.array(goalCondition).min(1) });
export type Goal = z.infer<typeof goalSchema>;

/** The response kinds that can meet the goal. */
export function goalBits(goal: Goal | undefined): number {
	return kindBits((goal?.any ?? []).map(({ kind }) => WOKEN_BY[kind as keyof typeof WOKEN_BY] ?? kind));
}

/** Where the condition is not itself what happens. */
const WOKEN_BY = {
	paid: 'status',
	agreementStarted: 'agreement',
	agreementStopped: 'agreement',
} as const satisfies Partial<Record<GoalCondition['kind'], ResponseKind>>;

const stored = z.object({ goal: goalSchema.optional() });

/** The goal in a step's or journey's stored settings. */
export function goalOf(settings: string): Goal | undefined {
	return stored.parse(JSON.parse(settings)).goal;
}

export interface Candidate {
	enrolmentId: number;
	personId: number;
	/** Epoch ms from which responses count. */
	since: number;
	/** Opens, clicks and delivery reports must belong to this dispatch; null = any. */
	dispatchId: number | null;
}

/**
 * A provider's clock may run behind ours: what it stamped a little earlier than the moment we count from, but told us
 * after it, still counts.
 */
const CLOCK_SKEW = 120_000;

/** Who of the candidates meets the goal, by enrolment. One query, whatever their number. */
export async function whoMet(
	db: Db,
	store: Store,
	goal: Goal,
	candidates: readonly Candidate[],
): Promise<Set<number>> {
	if (candidates.length === 0) return new Set();
	const rows = store.rows('c', {
		e: candidates.map((candidate) => candidate.enrolmentId),
		p: candidates.map((candidate) => candidate.personId),
		s: candidates.map((candidate) => candidate.since),
		d: candidates.map((candidate) => candidate.dispatchId),
	});
	const met = await sql<{ e: number }>`select c.e from ${rows} where ${sql.join(
		goal.any.map((condition) => conditionSql(condition, store)),
		sql` or `,
	)}`.execute(db);
	return new Set(met.rows.map((row) => row.e));
}

function conditionSql(condition: GoalCondition, store: Store): RawBuilder<boolean> {
	switch (condition.kind) {
		case 'opened':
			return ofMessage('opened', machines(condition.countMachines));
		case 'clicked':
			return ofMessage(
				'clicked',
				condition.link
					? sql`${machines(condition.countMachines)} and lower(r.subject) like ${`%${escapeLike(condition.link.toLowerCase())}%`} escape '\\'`
					: machines(condition.countMachines),
			);
		case 'delivered':
			return ofMessage('delivered', sql`1 = 1`);
		case 'replied':
			return ofPerson(
				'replied',
				condition.keyword ? sql`r.subject = ${condition.keyword.trim().toUpperCase()}` : sql`1 = 1`,
			);
		case 'event':
			return ofPerson('event', sql`r.subject = ${condition.name}`);
		case 'posted':
			return ofHandOff('posted', 'letter', sql`1 = 1`);
		case 'returned':
			return ofHandOff('returned', 'letter', sql`1 = 1`);
		case 'called':
			return ofHandOff(
				'called',
				'phone',
				condition.disposition ? sql`r.subject = ${condition.disposition}` : sql`1 = 1`,
			);
		case 'gift':
			return sql<boolean>`exists (select 1 from gift g where g.person_id = c.p and g.given_at >= c.s
				and g.reversed_at is null and g.amount_ore >= ${condition.minimumOre}
				${condition.campaign ? sql`and g.campaign = ${condition.campaign}` : sql``}
				${condition.ownLink ? byOwnLink : sql``})`;
		case 'agreementStarted':
			return ofAgreement('active', 'started_at');
		case 'agreementStopped':
			return ofAgreement('stopped', 'stopped_at');
		case 'status':
			return sql<boolean>`exists (select 1 from membership m where m.person_id = c.p and m.status = ${condition.status})`;
		case 'paid':
			return sql<boolean>`exists (select 1 from membership m where m.person_id = c.p and m.paid_on >= ${dayOf(store)})`;
		case 'label':
			return sql<boolean>`exists (select 1 from label l where l.person_id = c.p and l.label = ${condition.label})`;
	}
}

/** It may be told of without its day: then when it was heard of counts. */
function ofAgreement(status: 'active' | 'stopped', at: 'started_at' | 'stopped_at'): RawBuilder<boolean> {
	return sql<boolean>`exists (select 1 from agreement a where a.person_id = c.p and a.status = ${status}
		and coalesce(${sql.ref(`a.${at}`)}, a.updated_at) >= c.s - ${sql.lit(CLOCK_SKEW)})`;
}

/** The gift `g` was paid by a link of the trip `c.e`. */
const byOwnLink = sql`and exists (select 1 from incoming_gift i join gift_payment y on y.reference = i.reference
	where i.source = g.source and i.source_id = g.source_id and y.enrolment_id = c.e)`;

/** The calendar day of `c.s`, in UTC: fees are booked by day, hours do not matter. */
function dayOf(store: Store): RawBuilder<string> {
	return store.dialect === 'sqlite'
		? sql<string>`date(c.s / 1000, 'unixepoch')`
		: sql<string>`to_char(to_timestamp(c.s / 1000) at time zone 'UTC', 'YYYY-MM-DD') collate "C"`;
}

function machines(count: boolean): RawBuilder<boolean> {
	return count ? sql<boolean>`1 = 1` : sql<boolean>`r.machine = 0`;
}

/** Responses that belong to a message: to the one dispatch when there is one, else to anything the person got since. */
function ofMessage(kind: ResponseKind, filter: RawBuilder<unknown>): RawBuilder<boolean> {
	return sql<boolean>`exists (select 1 from response r where r.person_id = c.p and r.kind = ${kind} and ${filter}
		and ((c.d is not null and r.dispatch_id = c.d)
			or (c.d is null and r.received_at >= c.s and r.at >= c.s - ${sql.lit(CLOCK_SKEW)})))`;
}

/**
 * Word of a letter or a call comes days after it left, when other messages have followed: where one message is meant, it
 * is the trip's latest of its channel.
 */
function ofHandOff(
	kind: ResponseKind,
	channel: 'letter' | 'phone',
	filter: RawBuilder<unknown>,
): RawBuilder<boolean> {
	return sql<boolean>`exists (select 1 from response r where r.person_id = c.p and r.kind = ${kind} and ${filter}
		and ((c.d is not null and r.dispatch_id = ${latestOf(channel, 'c.e')})
			or (c.d is null and r.received_at >= c.s and r.at >= c.s - ${sql.lit(CLOCK_SKEW)})))`;
}

/** The trip's latest letter or call that left, or is to leave; part of a query. */
export function latestOf(channel: 'letter' | 'phone', enrolment: string): RawBuilder<number> {
	return sql<number>`(select max(l.id) from dispatch l where l.enrolment_id = ${sql.raw(enrolment)}
		and l.channel = ${sql.lit(channel)} and l.state not in ('skipped', 'held', 'failed', 'cancelled'))`;
}

/** Responses that name no message (an SMS from a person, an event): anything since. */
function ofPerson(kind: ResponseKind, filter: RawBuilder<unknown>): RawBuilder<boolean> {
	return sql<boolean>`exists (select 1 from response r where r.person_id = c.p and r.kind = ${kind} and ${filter}
		and r.received_at >= c.s and r.at >= c.s - ${sql.lit(CLOCK_SKEW)})`;
}

function escapeLike(text: string): string {
	return text.replace(/[\\%_]/g, (mark) => `\\${mark}`);
}
