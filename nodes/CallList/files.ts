/** Files that are read in by hand: a reservation register, or results. */
import type { Readable } from 'node:stream';
import { basename } from 'node:path';
import { takeResults } from '../../core/calls/result';
import { washAgainstFile } from '../../core/calls/reservationFile';
import { newestWash } from '../../core/calls/wash';
import { stepId } from '../../core/journeys/journey';
import { StepProblem } from '../../core/ports';
import { readDay } from '../../core/register/calendar';
import { csvFile } from '../../core/register/import/file';
import { organisationOf } from '../../core/register/organisation';
import type { Given, Out, Outputs, StepContext } from '../../core/step';
import { readResultFile } from '../../providers/dialer/resultFile';
import type { Parameters } from './form';
import { today } from './prepare';
import { resultRules } from './profile';
import { sayUnread } from './receive';

/** Results of a call list are some thousands of lines. */
const LARGEST_RESULTS = 50_000_000;

async function each(
	ctx: StepContext,
	items: ReadonlyArray<Given<Parameters>>,
	work: (params: Parameters) => Promise<Out['json']>,
): Promise<Outputs> {
	const done: Out[] = [];
	for (const { params, index } of items) {
		const outcome = await work(params).catch((cause: unknown) => ofItem(cause, index));
		if (!(outcome instanceof StepProblem)) done.push({ json: outcome, from: index });
		else if (ctx.continueOnFail) done.push({ json: {}, from: index, problem: outcome });
		else throw outcome;
	}
	return [done];
}

/** What the user can put right concerns this item; anything else goes on as it is. */
function ofItem(cause: unknown, item: number): Promise<StepProblem> {
	if (!(cause instanceof StepProblem))
		return Promise.reject(cause instanceof Error ? cause : new Error(String(cause)));
	return Promise.resolve(new StepProblem(cause.message, { ...cause.details, item }));
}

/** As the Person step takes a file: its text in the item, or its path on this machine. */
async function contentOf({ fileFrom, content, filePath }: Parameters): Promise<Readable | Buffer> {
	if (fileFrom === 'file') {
		if (filePath === '')
			throw new StepProblem("'File Path' is empty.", {
				field: 'File Path',
				hint: 'Give the whole path of the file.',
			});
		return csvFile(filePath);
	}
	if (content.length === 0)
		throw new StepProblem("'Content' is empty.", {
			field: 'Content',
			hint: 'Give the text of the file, or choose to read a file.',
		});
	return Buffer.from(content);
}

const nameOf = ({ fileFrom, filePath, fileName }: Parameters) =>
	fileName || (fileFrom === 'file' ? basename(filePath) : 'file in the item');

export function importWash(ctx: StepContext, items: ReadonlyArray<Given<Parameters>>): Promise<Outputs> {
	return each(ctx, items, async (params) => {
		const store = await ctx.store();
		const { zone, countryCode } = organisationOf(await ctx.credentials('memberJourneysStoreApi'));
		const day = params.washedOn === '' ? today(ctx, zone) : readDay(params.washedOn);
		if (!day || day > today(ctx, zone))
			throw new StepProblem("'File Is Of' is no day until today.", {
				field: 'File Is Of',
				hint: 'Write the day on which the register made the file, such as 2026-11-02.',
			});
		if (params.reservedAgainst.length === 0)
			throw new StepProblem("'Reservations Against' is empty.", {
				field: 'Reservations Against',
				hint: 'Choose what an entry in the file is a no to.',
			});
		const wash = await washAgainstFile(store, ctx.clock, await contentOf(params), {
			fileName: nameOf(params),
			washedOn: day,
			holds: params.fileHolds,
			channels: params.reservedAgainst,
			columns: params.washColumns.column.filter(({ heading }) => heading !== ''),
			coversWords: params.coversWords.split(/[,;]/).flatMap((word) => word.trim() || []),
			countryCode,
			progress: ctx.progress,
		});
		ctx.hint(
			`Washed against a register of ${wash.washedOn}: ${wash.entries} entries, ${wash.matched} of ours, ${wash.reserved} new, ${wash.released} no longer reserved${wash.repeated ? '; this file had been read in before' : ''}.`,
		);
		return { wash: { ...wash } };
	});
}

export function getWash(ctx: StepContext, items: ReadonlyArray<Given<Parameters>>): Promise<Outputs> {
	return each(ctx, items, async () => {
		const wash = await newestWash((await ctx.store()).db);
		return { wash: wash ? { ...wash, importedAt: new Date(wash.importedAt).toISOString() } : null };
	});
}

export function importResults(ctx: StepContext, items: ReadonlyArray<Given<Parameters>>): Promise<Outputs> {
	return each(ctx, items, async (params) => {
		const store = await ctx.store();
		const organisation = organisationOf(await ctx.credentials('memberJourneysStoreApi'));
		const id = params.callList === '' ? await stepId(store, ctx.place.step) : Number(params.callList);
		const bytes = await wholeOf(await contentOf(params));
		const file = await readResultFile(bytes, {
			columns: params.options.columns.column,
			zone: organisation.zone,
		});
		const rules = resultRules(params, id ?? 0, organisation);
		const taken = await takeResults(store, ctx.clock, rules, file.results);
		sayUnread(ctx, taken.unread);
		ctx.hint(
			`${taken.stored} results taken in, ${taken.repeated} known before, ${taken.unmatched} of unknown leads, ${taken.unread.length} with unknown words, ${file.refused.length} lines not read.`,
		);
		return {
			results: {
				stored: taken.stored,
				repeated: taken.repeated,
				unmatched: taken.unmatched,
				unknownWords: [...new Set(taken.unread)].slice(0, 50),
				refused: file.refused.slice(0, 1_000),
			},
		};
	});
}

async function wholeOf(content: Readable | Buffer): Promise<Uint8Array> {
	if (Buffer.isBuffer(content)) return content;
	const chunks: Buffer[] = [];
	let size = 0;
	for await (const chunk of content as AsyncIterable<Buffer>) {
		size += chunk.length;
		if (size > LARGEST_RESULTS)
			throw new StepProblem('The result file is larger than 50 MB.', {
				field: 'File Path',
				hint: 'Part it.',
			});
		chunks.push(chunk);
	}
	return Buffer.concat(chunks);
}
