/** Status files in a folder of the printing house's: each read when it is whole, and not again as long as it stays the same. */
import { z } from 'zod/v4';
import type { ItemEvent } from '../../core/handoffs/events';
import { StepProblem } from '../../core/ports';
import { organisationOf } from '../../core/register/organisation';
import type { StepContext } from '../../core/step';
import { keepSetting, settingOf } from '../../core/store/setting';
import type { Store } from '../../core/store/store';
import { type StatusSettings, readStatusFile, statusSettings } from '../../providers/print/statusFile';
import { withSftp } from '../../providers/sftp/session';
import { readSftpSettings } from '../../providers/sftp/settings';
import type { Parameters } from './form';
import type { Looked } from './profile';

/** Being written, by the usual names for that. */
const UNFINISHED = /(^\.)|(\.(part|tmp|temp|filepart|writing|lock)$)/i;
const MOST_NOTES = 20;

/** File names with size and time, as they were when they were read, or seen for the first time. */
const marks = z.object({ read: z.record(z.string(), z.string()), seen: z.record(z.string(), z.string()) });
type Marks = z.infer<typeof marks>;

export function statusSettingsOf(params: Parameters): StatusSettings {
	const read = statusSettings.safeParse({
		format: params.statusFormat,
		columns: Object.fromEntries(Object.entries(params.statusColumns).filter(([, name]) => name !== '')),
		words: params.statusWords.word.filter(({ word }) => word !== ''),
	});
	if (read.success) return read.data;
	throw new StepProblem("'Status Columns' or 'Status Words' cannot be read.", {
		field: 'Status Columns',
		hint: 'Give each column the name that it has in the file.',
	});
}

/**
 * A file is read when it was the same at the look before: then nobody writes to it any more. What cannot be used is told
 * by file and line; what is whole in it is used.
 */
export async function lookAtStatusFiles(
	ctx: StepContext,
	store: Store,
	stepId: number,
	params: Parameters,
): Promise<Looked> {
	const settings = statusSettingsOf(params);
	const { zone } = organisationOf(await ctx.credentials('memberJourneysStoreApi'));
	const before = await marksOf(store, stepId);
	const after: Marks = { read: {}, seen: {} };
	const events: ItemEvent[] = [];
	const notes: string[] = [];
	await withSftp(readSftpSettings(await ctx.credentials('sftpApi')), async (session) => {
		for (const { name, size, modifiedAt } of await session.list(params.statusFolder)) {
			if (UNFINISHED.test(name) || !name.toLowerCase().endsWith(`.${settings.format}`)) continue;
			const mark = `${size} ${modifiedAt}`;
			if (before.read[name] === mark) {
				after.read[name] = mark;
				continue;
			}
			after.seen[name] = mark;
			if (before.seen[name] !== mark) continue;
			const bytes = await session.read(params.statusFolder, name);
			if (!bytes) continue;
			const receivedAt = Math.min(modifiedAt, ctx.clock.now());
			const file = readStatusFile(bytes, settings, { zone, receivedAt });
			events.push(...file.events);
			notes.push(...file.problems.map(({ line, reason }) => `Status file ${name}, line ${line}: ${reason}.`));
			// Also one that ends in the middle: should the rest of it come, it is another file by size and time.
			after.read[name] = mark;
			delete after.seen[name];
		}
	});
	const more = notes.length - MOST_NOTES;
	return {
		events,
		notes: more > 0 ? [...notes.slice(0, MOST_NOTES), `… and ${more} lines more.`] : notes,
		soon: Object.keys(after.seen).length > 0,
		done: () => keepMarks(store, stepId, after),
	};
}

const keyOf = (stepId: number) => `letters status ${stepId}`;

async function marksOf(store: Store, stepId: number): Promise<Marks> {
	const kept = await settingOf(store.db, keyOf(stepId));
	const read = marks.safeParse(kept === undefined ? undefined : JSON.parse(kept));
	return read.success ? read.data : { read: {}, seen: {} };
}

async function keepMarks(store: Store, stepId: number, kept: Marks): Promise<void> {
	await keepSetting(store.db, keyOf(stepId), JSON.stringify(kept));
}
