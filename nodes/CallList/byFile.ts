/** The call list as files at the agency: lists put into one folder, results looked for in another. */
import { createHash } from 'node:crypto';
import { z } from 'zod/v4';
import { LEFT_OUT, type Lead, leadContent } from '../../core/calls/lead';
import { type LeadNews, type Told, settleNews, takeNews } from '../../core/calls/news';
import { takeResults } from '../../core/calls/result';
import { leadsToWithdraw, markWithdrawn } from '../../core/calls/withdraw';
import { batchesToHandOver, collectedAt, fileSafe, makeBatch } from '../../core/handoffs/batch';
import { handOver } from '../../core/handoffs/handOver';
import type { BatchItem, Transfer } from '../../core/handoffs/transfer';
import { StepProblem } from '../../core/ports';
import { keepSetting, settingOf } from '../../core/store/setting';
import type { Store } from '../../core/store/store';
import { callFile, extensionOf, fileFormats, takenBackFile } from '../../providers/dialer/callFile';
import { readResultFile } from '../../providers/dialer/resultFile';
import { withSftp } from '../../providers/sftp/session';
import { type SftpSettings, readSftpSettings } from '../../providers/sftp/settings';
import { bytesSource } from '../../providers/sftp/source';
import type { Parameters } from './form';
import type { LookingAfter, Way } from './lookAfter';
import { CALL_FILES, resultRules } from './profile';
import { sayUnread } from './receive';

/** What a batch is made by, whatever the form says later. */
const batchSettings = z.object({ format: z.enum(fileFormats), folder: z.string(), zone: z.string() });

const MINUTE = 60_000;
/** Result files are some thousands of lines. */
const LARGEST = 50_000_000;

/** Leads in one file of changes. */
const NEWS_AT_A_TIME = 2_000;

const prefixOf = ({ options, campaign }: Parameters) => fileSafe(options.filePrefix || campaign || 'calls');

export async function filesAtTheAgency(after: LookingAfter): Promise<Way> {
	const { ctx, store, stepId, organisation, params, stopped } = after;
	const { zone } = organisation;
	const settings = readSftpSettings(await ctx.credentials('sftpApi'));

	return {
		async handOver() {
			for (const id of await batchesToHandOver(store, stepId)) await give(id);
			for (;;) {
				if (stopped()) return undefined;
				const { count, oldest } = await collectedAt(store, stepId);
				if (count === 0 || oldest === null) return undefined;
				const due = oldest + params.everyMinutes * MINUTE;
				if (due > ctx.clock.now()) return undefined;
				const made = await makeBatch(store, ctx.clock, {
					stepId,
					kind: 'call',
					profile: CALL_FILES,
					settings: { format: params.format, folder: params.folder, zone },
					prefix: prefixOf(params),
					zone,
					leftOut: LEFT_OUT,
				});
				if (made.handoffId !== undefined) await give(made.handoffId);
			}
		},

		async takeBack() {
			for (;;) {
				const leads = await leadsToWithdraw({ store, clock: ctx.clock, stepId });
				if (leads.length === 0 || stopped()) return;
				const name = `${prefixOf(params)}-withdraw-${stepId}-${ctx.clock.now()}.${extensionOf(params.format)}`;
				const bytes = await takenBackFile(leads, params.format);
				await withSftp(settings, (session) => session.upload(params.folder, name, bytesSource(bytes)));
				await markWithdrawn({ store, clock: ctx.clock, stepId }, leads);
				ctx.log('info', `${leads.length} leads were taken back from the callers.`);
			}
		},

		async tellNews(rules) {
			const looking = { store, clock: ctx.clock, stepId };
			for (;;) {
				if (stopped()) return;
				const all = await takeNews(looking, rules, NEWS_AT_A_TIME);
				if (!all) return;
				const settle = (told: Told) =>
					settleNews(
						looking,
						all.map((news) => ({ news, told })),
					);
				await tell(all).catch(async (cause: unknown) => {
					await settle('later');
					return Promise.reject(cause instanceof Error ? cause : new Error(String(cause)));
				});
				await settle('told');
			}
		},

		look: () => lookForResults(after, settings),
	};

	async function tell(all: readonly LeadNews[]): Promise<void> {
		const updates = all.flatMap(({ lead }) => lead ?? []);
		// Why is nothing that the callers are to know.
		const back = all.flatMap(({ ref, against }) =>
			against ? [{ ref, reason: 'no longer to be called' }] : [],
		);
		const { format } = params;
		if (updates.length > 0)
			await put('update', updates, all, () => callFile(() => walk(updates), format, zone, 'update'));
		if (back.length > 0) await put('withdraw', back, all, () => takenBackFile(back, format));
		if (updates.length > 0) ctx.log('info', `${updates.length} leads were changed at the callers.`);
		if (back.length > 0) ctx.log('info', `${back.length} leads were taken back from the callers.`);
	}

	/** The same news have the same name: whoever goes on after a crash finds the file there. */
	async function put(
		what: string,
		rows: readonly unknown[],
		all: readonly LeadNews[],
		make: () => Promise<Uint8Array>,
	): Promise<void> {
		const mark = createHash('sha256').update(JSON.stringify(rows)).digest('hex').slice(0, 8);
		const at = Math.max(...all.map((news) => news.at));
		const name = `${prefixOf(params)}-${what}-${stepId}-${at}-${mark}.${extensionOf(params.format)}`;
		await withSftp(settings, async (session) => {
			if ((await session.list(params.folder)).some((file) => file.name === name)) return;
			await session.upload(params.folder, name, bytesSource(await make()));
		});
	}

	async function give(id: number): Promise<void> {
		const done = await handOver(store, ctx.clock, id, fileTransfer(settings), {
			leftOut: LEFT_OUT,
			zone,
			// What becomes different is told the callers in a row that says the rest as well.
			keepContent: true,
			progress: ctx.progress,
		});
		if (done.kind === 'handedOver') ctx.log('info', `Call list: ${done.items} handed over in a file.`);
	}
}

/** One file per batch; the same batch is never there twice. */
export function fileTransfer(settings: SftpSettings): Transfer {
	return async (batch, items, sending) => {
		const { format, folder, zone } = batchSettings.parse(batch.settings);
		const name = `${batch.name}.${extensionOf(format)}`;
		const known = sending.files.get(name);
		if (known?.state === 'there') return {};
		await withSftp(settings, async (session) => {
			if (known && (await session.list(folder)).some((file) => file.name === name)) {
				// An earlier try came that far: an Excel file made anew would differ in the time it holds.
				if ((await session.sha256(folder, name)) === known.sha256) return;
			}
			const source = bytesSource(await callFile(() => leadsOf(items()), format, zone));
			await sending.begin([{ name, sha256: source.sha256, size: source.size }]);
			await session.upload(folder, name, source, { still: () => sending.still() });
			await session.removeTemps(folder, [name]);
		});
		await sending.there([name]);
		return {};
	};
}

async function* walk(leads: readonly Lead[]): AsyncGenerator<Lead> {
	yield* leads;
}

async function* leadsOf(items: AsyncIterable<BatchItem>): AsyncGenerator<Lead> {
	for await (const { ref, content } of items) {
		const read = leadContent.safeParse(content);
		if (read.success) yield { ref, ...read.data };
	}
}

const seenShape = z.record(z.string(), z.string());

/**
 * Reads result files that have not changed between two looks (others may still be written), each once; what comes twice
 * counts once anyway.
 * @returns `soon`: a file is there that the next look may read
 */
async function lookForResults(
	{ ctx, store, stepId, organisation, params }: LookingAfter,
	settings: SftpSettings,
): Promise<'soon' | undefined> {
	if (params.resultFolder === '') return undefined;
	const key = `calls:files ${stepId}`;
	const seen = await readSeen(store, key);
	const now: Record<string, string> = {};
	let soon = false;
	await withSftp(settings, async (session) => {
		for (const { name, size, modifiedAt } of await session.list(params.resultFolder)) {
			if (!/\.(csv|txt|xlsx)$/i.test(name)) continue;
			const mark = `${size} ${modifiedAt}`;
			const before = seen[name];
			if (before === `read ${mark}`) now[name] = before;
			else if (before !== mark) {
				now[name] = mark;
				soon = true;
			} else {
				now[name] = mark;
				const bytes = await session.read(params.resultFolder, name, LARGEST);
				if (bytes && (await takeFile(bytes, name))) now[name] = `read ${mark}`;
			}
		}
	});
	await writeSeen(store, key, now);
	return soon ? 'soon' : undefined;

	/** @returns whether it need not be read again */
	async function takeFile(bytes: Buffer, name: string): Promise<boolean> {
		const how = { columns: params.options.columns.column, zone: organisation.zone };
		const file = await readResultFile(bytes, how).catch((cause: unknown) => unreadable(cause, name));
		if (!file) return true;
		const rules = resultRules(params, stepId, organisation);
		const taken = await takeResults(store, ctx.clock, rules, file.results);
		sayUnread(ctx, taken.unread);
		if (taken.unmatched > 0)
			ctx.log('warn', `${taken.unmatched} results of ${name} are about leads that are not known.`);
		for (const { line, field, reason } of file.refused.slice(0, 20))
			ctx.log('warn', `Line ${line} of ${name} was not read: '${field}' ${reason}.`);
		return taken.unread.length === 0;
	}

	/** As a whole it will never read; anything else goes on as it is. */
	function unreadable(cause: unknown, name: string): Promise<undefined> {
		if (!(cause instanceof StepProblem))
			return Promise.reject(cause instanceof Error ? cause : new Error(String(cause)));
		ctx.log('warn', `The result file ${name} was not read: ${cause.message} ${cause.hint ?? ''}`.trim());
		return Promise.resolve(undefined);
	}
}

async function readSeen(store: Store, key: string): Promise<Record<string, string>> {
	const kept = await settingOf(store.db, key);
	return kept === undefined ? {} : (seenShape.safeParse(JSON.parse(kept)).data ?? {});
}

function writeSeen(store: Store, key: string, seen: Record<string, string>): Promise<void> {
	return keepSetting(store.db, key, JSON.stringify(seen));
}
