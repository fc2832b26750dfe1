/** What has come of a call list: handed over, reached, yes, what was agreed to, why not, and what a yes has cost. */
import { sql } from 'kysely';
import { z } from 'zod/v4';
import type { Store } from '../store/store';
import { type Disposition, dispositionNames, meanings } from './dispositions';

export interface ReportOf {
	/** All call lists when left out. */
	stepId?: number;
	/** Epoch ms, `from` included and `to` not. */
	from: number;
	to: number;
	/** Kroner. */
	costPerCall: number;
	/** Kroner per hour on the phone. */
	costPerHour: number;
}

export interface CallReport {
	handedOver: number;
	leftOut: number;
	withdrawn: number;
	/** Calls and tries that were told of. */
	calls: number;
	/** People of whom a result came. */
	people: number;
	/** Of those, who was spoken to. */
	reached: number;
	yes: number;
	/** Of those who were spoken to; null while there are none. */
	yesPercent: number | null;
	/** Kroner, of those who said yes to an amount. */
	averageAmount: number | null;
	sumAmount: number;
	/** By how the call ended; each person once, by their latest. */
	results: Partial<Record<Disposition, number>>;
	reasonsForNo: Record<string, number>;
	/** Minutes on the phone. */
	talkMinutes: number;
	cost: number;
	costPerYes: number | null;
}

const detailShape = z.object({
	reached: z.boolean().default(false),
	amount: z.number().optional(),
	talkSeconds: z.number().optional(),
	reason: z.string().nullish(),
});

const AT_A_TIME = 5_000;
const KNOWN = new Set<string>(dispositionNames);

export async function callReport(store: Store, of: ReportOf): Promise<CallReport> {
	const { from, to, costPerCall, costPerHour } = of;
	const onStep = of.stepId === undefined ? sql`` : sql`and i.step_id = ${of.stepId}`;
	const count = async (state: string, column: 'handed_over_at' | 'changed_at'): Promise<number> => {
		const rows = await sql<{ n: number }>`select count(*) as n from handoff_item i
			join dispatch d on d.id = i.dispatch_id where d.channel = 'phone' ${onStep}
			and i.${sql.ref(column)} >= ${from} and i.${sql.ref(column)} < ${to} ${state ? sql`and i.state = ${state}` : sql``}`.execute(
			store.reader,
		);
		return Number(rows.rows[0]?.n ?? 0);
	};
	const leftOutAtOnce = await store.reader
		.selectFrom('dispatch as d')
		.innerJoin('step as s', 's.id', 'd.step_id')
		.where('s.type', '=', 'callList')
		.$if(of.stepId !== undefined, (query) => query.where('d.step_id', '=', of.stepId ?? 0))
		.where('d.state', '=', 'skipped')
		.where('d.reserved_at', '>=', from)
		.where('d.reserved_at', '<', to)
		.select((counting) => counting.fn.countAll<number>().as('n'))
		.executeTakeFirst();

	const latest = new Map<
		number,
		{ disposition: Disposition; reached: boolean; amount: number; reason: string }
	>();
	let calls = 0;
	let talkSeconds = 0;
	let last = 0;
	for (;;) {
		const rows = await sql<{
			id: number;
			dispatch_id: number;
			subject: string | null;
			detail: string | null;
		}>`
			select r.id, r.dispatch_id, r.subject, r.detail from response r
			join handoff_item i on i.dispatch_id = r.dispatch_id
			where r.kind = 'called' and r.at >= ${from} and r.at < ${to} and r.id > ${last} ${onStep}
			order by r.id limit ${AT_A_TIME}`.execute(store.reader);
		for (const row of rows.rows) {
			const id = Number(row.dispatch_id);
			if (row.subject === null || !KNOWN.has(row.subject)) continue;
			const disposition = row.subject as Disposition;
			const read = detailShape.safeParse(row.detail === null ? {} : JSON.parse(row.detail));
			const detail = read.success ? read.data : { reached: false };
			calls += 1;
			talkSeconds += detail.talkSeconds ?? 0;
			const before = latest.get(id);
			// What ended it counts, not a try that was told of after it.
			if (
				before &&
				meanings[before.disposition].outcome !== 'wait' &&
				meanings[disposition].outcome === 'wait'
			)
				continue;
			latest.set(id, {
				disposition,
				reached: detail.reached || (before?.reached ?? false),
				amount: detail.amount ?? 0,
				reason: detail.reason ?? '',
			});
		}
		if (rows.rows.length < AT_A_TIME) break;
		last = Number(rows.rows.at(-1)?.id ?? last);
	}
	const people = [...latest.values()];
	const yes = people.filter(({ disposition }) => disposition === 'yes');
	const amounts = yes.flatMap(({ amount }) => (amount > 0 ? [amount] : []));
	const sumAmount = amounts.reduce((sum, amount) => sum + amount, 0);
	const reached = people.filter((one) => one.reached).length;
	const cost = calls * costPerCall + (talkSeconds / 3_600) * costPerHour;
	const results: CallReport['results'] = {};
	const reasonsForNo: Record<string, number> = {};
	for (const { disposition, reason } of people) {
		results[disposition] = (results[disposition] ?? 0) + 1;
		if (meanings[disposition].outcome === 'no') {
			const why = reason || (disposition === 'no' ? 'no reason given' : disposition);
			reasonsForNo[why] = (reasonsForNo[why] ?? 0) + 1;
		}
	}
	return {
		handedOver: await count('', 'handed_over_at'),
		leftOut:
			(await count('leftOut', 'changed_at')) +
			(await count('rejected', 'changed_at')) +
			Number(leftOutAtOnce?.n ?? 0),
		withdrawn: await count('withdrawn', 'changed_at'),
		calls,
		people: people.length,
		reached,
		yes: yes.length,
		yesPercent: reached === 0 ? null : round((100 * yes.length) / reached, 1),
		averageAmount: amounts.length === 0 ? null : round(sumAmount / amounts.length, 2),
		sumAmount: round(sumAmount, 2),
		results,
		reasonsForNo,
		talkMinutes: Math.round(talkSeconds / 60),
		cost: round(cost, 2),
		costPerYes: yes.length === 0 || cost === 0 ? null : round(cost / yes.length, 2),
	};
}

const round = (value: number, digits: number) => Math.round(value * 10 ** digits) / 10 ** digits;
