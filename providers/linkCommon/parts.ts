/**
 * A message of several parts gets a delivery report for each part. What became of the message is known when its parts are:
 * delivered when all are, failed when one is. The parts stand in the store until then, since each report may come to
 * another process. Nothing in those rows says who the message was to; they go after some days.
 */
import { sql } from 'kysely';
import type { Clock } from '../../core/ports';
import type { LinkState } from '../link/results';
import { isUndelivered } from '../link/results';
import type { Db, Store } from '../../core/store/store';
import { COMMON } from './channel';
import type { CommonReport } from './reports';
import { commonResult, paidBy } from './results';

/** Longer than a message lives (48 hours) and LINK repeats a report (48 hours). */
const KEPT_MS = 7 * 86_400_000;

interface Part {
	message_ref: string;
	part: number;
	parts: number;
	code: number;
}

/**
 * The same reports, each saying what is known of its whole message by now. Those of one part go through as they are.
 * Safe to call again with the same reports.
 */
export async function joinParts(
	store: Store,
	clock: Clock,
	reports: readonly CommonReport[],
): Promise<CommonReport[]> {
	const split = reports.filter(isSplit);
	if (split.length === 0) return [...reports];
	const known = await store.write(async ({ db }) => {
		await oneAtATime(db, store, split);
		await keep(db, store, clock.now(), split);
		return db
			.selectFrom('sms_part')
			.select(['message_ref', 'part', 'parts', 'code'])
			.where('provider', '=', COMMON)
			.where(store.amongTexts('message_ref', [...new Set(split.map(({ messageId }) => messageId))]))
			.execute();
	});
	const byMessage = new Map<string, Part[]>();
	for (const row of known) {
		const rows = byMessage.get(row.message_ref);
		if (rows) rows.push(row);
		else byMessage.set(row.message_ref, [row]);
	}
	return reports.map((report) =>
		isSplit(report) ? wholeOf(report, byMessage.get(report.messageId) ?? []) : report,
	);
}

/** The first of a single part may be numbered too. */
function isSplit({ part, parts }: CommonReport): boolean {
	return part !== null && (part > 0 || (parts ?? 1) > 1);
}

const MESSAGE_LOCK = 71_460_005;

/** Of two parts that are told at the same moment the second finds the first: one of the two knows what became of it all. */
async function oneAtATime(db: Db, store: Store, reports: readonly CommonReport[]): Promise<void> {
	if (store.dialect === 'sqlite') return;
	const messages = [...new Set(reports.map(({ messageId }) => messageId))].sort();
	for (const message of messages)
		await sql`select pg_advisory_xact_lock(${sql.lit(MESSAGE_LOCK)}, hashtext(${message}))`.execute(db);
}

async function keep(db: Db, store: Store, now: number, reports: readonly CommonReport[]): Promise<void> {
	// One order for all who write them; of two reports on one part in this call the further one.
	const wanted = new Map<string, CommonReport>();
	for (const report of reports) {
		const key = `${report.messageId} ${report.part}`;
		const before = wanted.get(key);
		if (!before || weightOf(report.code) >= weightOf(before.code)) wanted.set(key, report);
	}
	const rows = [...wanted.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, report]) => report);
	await db
		.deleteFrom('sms_part')
		.where('at', '<', now - KEPT_MS)
		.execute();
	await db
		.insertInto('sms_part')
		.values(
			rows.map((report) => ({
				provider: COMMON,
				message_ref: report.messageId,
				part: report.part ?? 0,
				parts: Math.max(report.parts ?? 0, (report.part ?? 0) + 1),
				code: report.code ?? 0,
				weight: weightOf(report.code),
				at: now,
			})),
		)
		.onConflict((conflict) =>
			conflict
				.columns(['provider', 'message_ref', 'part'])
				.doUpdateSet({
					parts: sql<number>`case when excluded.parts > sms_part.parts then excluded.parts else sms_part.parts end`,
					code: sql<number>`excluded.code`,
					weight: sql<number>`excluded.weight`,
					at: sql<number>`excluded.at`,
				})
				// A late "sent" never undoes what became of the part.
				.whereRef(sql`excluded.weight`, '>=', sql`sms_part.weight`),
		)
		.execute();
}

/** How much a code says: steps on the way, then not known, then not arrived, then arrived. */
function weightOf(code: number | null): number {
	const { state, final } = commonResult(code);
	if (state === 'delivered') return final ? 5 : 4;
	if (!final) return state === 'sent' ? 1 : 0;
	return state === 'unknown' ? 2 : 3;
}

function wholeOf(report: CommonReport, known: readonly Part[]): CommonReport {
	const total = Math.max(...known.map(({ parts }) => parts), (report.part ?? 0) + 1);
	const results = known.map((row) => ({ ...commonResult(row.code), code: row.code }));
	const complete = known.length >= total && results.every(({ final }) => final);
	const paids = known.map(({ code }) => paidBy(code));
	// LINK splits the text and the price stands on one part: paid when any is, not paid once all say so.
	const paid = paids.includes(true) ? true : complete && paids.every((one) => one === false) ? false : null;
	const about = { part: null, parts: total, paid };
	const told = (
		{ code, words }: { code: number | null; words: string },
		status: LinkState,
		final: boolean,
	): CommonReport => ({
		...report,
		...about,
		eventId: `${report.messageId}:${code}`,
		status,
		final,
		billed: code === 1001 ? null : paid,
		code,
		words,
	});
	const bad = results.find((result) => result.final && isUndelivered(result));
	if (bad) return told({ ...bad, words: `One of ${total} parts: ${bad.words}` }, bad.state, true);
	if (known.length >= total && results.every(({ state }) => state === 'delivered')) {
		const delayed = results.find(({ final }) => !final);
		return told(delayed ?? results[0] ?? report, 'delivered', delayed === undefined);
	}
	const lost = complete ? results.find(({ state }) => state === 'unknown') : undefined;
	if (lost) return told(lost, 'unknown', true);
	const arrived = results.filter(({ state }) => state === 'delivered').length;
	return {
		...report,
		...about,
		status: 'sent',
		final: false,
		billed: null,
		words: `${arrived} of ${total} parts delivered so far`,
	};
}
