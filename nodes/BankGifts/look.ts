/** Looks into the folder: each file is read when it is whole, and not again as long as it stays the same. */
import { z } from 'zod/v4';
import type { LetsOut } from '../../core/gifts/incoming';
import { StepProblem } from '../../core/ports';
import type { StepContext } from '../../core/step';
import { keepSetting, settingOf } from '../../core/store/setting';
import type { Store } from '../../core/store/store';
import { LARGEST_FILE } from '../../providers/bank/bankFile';
import type { Parameters } from './form';
import { isMeant, withPlace } from './place';
import { rulesOf } from './rules';
import { summaryOf, together } from './summary';
import { type Taken, takeFile } from './takeFile';

/** File names with size and time, as they were when they were read, refused, or seen for the first time. */
const marks = z.object({
	read: z.record(z.string(), z.string()),
	refused: z.record(z.string(), z.string()).default({}),
	seen: z.record(z.string(), z.string()),
	/** By what they were refused: another form reads them anew. */
	mark: z.string().default(''),
});
type Marks = z.infer<typeof marks>;

export interface Looked {
	taken: Taken[];
	/** What was refused at this look: file, place in it, and why. */
	refused: string[];
	/** How many refused files lie there. */
	stillRefused: number;
	/** Some were seen for the first time: they are read when they are the same at the next look. */
	soon: boolean;
}

/** @throws {StepProblem} when the folder cannot be looked into; files that are broken are told of in what comes back */
export async function look(
	ctx: StepContext,
	store: Store,
	step: LetsOut,
	params: Parameters,
): Promise<Looked> {
	const rules = await rulesOf(ctx, store, params);
	const before = await marksOf(store, step.id);
	const after: Marks = { read: {}, refused: {}, seen: {}, mark: `${rules.mark} ${rules.sumsNeeded}` };
	// What the form says now may take what it did not then; what was taken in is known again.
	const sameForm = before.mark === after.mark;
	const looked: Looked = { taken: [], refused: [], stillRefused: 0, soon: false };
	await withPlace(ctx, params, async (place) => {
		const there = (await place.list()).filter(({ name }) => isMeant(name, params));
		// In the order in which they came: an agreement that begins and ends does so in this order.
		there.sort((a, b) => a.modifiedAt - b.modifiedAt || (a.name < b.name ? -1 : 1));
		for (const { name, size, modifiedAt } of there) {
			const mark = `${size} ${modifiedAt}`;
			const done = (['read', 'refused'] as const).find((what) => sameForm && before[what][name] === mark);
			if (done === 'refused' || (done === 'read' && params.afterReading === 'leave')) {
				after[done][name] = mark;
				continue;
			}
			const known = before.read[name] ?? before.refused[name] ?? before.seen[name];
			const isWhole = known === mark;
			if (!isWhole) {
				after.seen[name] = mark;
				continue;
			}
			const bytes = await place.read(name, LARGEST_FILE).catch(refusal);
			if (bytes === undefined) continue;
			const one =
				bytes instanceof StepProblem
					? bytes
					: await takeFile(ctx, store, step, rules, { bytes, at: modifiedAt }).catch(refusal);
			if (one instanceof StepProblem) {
				looked.refused.push(`${name}: ${one.message}${one.hint ? ` ${one.hint}` : ''}`);
				after.refused[name] = mark;
				continue;
			}
			looked.taken.push(one);
			// Also one that is moved away: should that not succeed, it is known.
			after.read[name] = mark;
			await keepMarks(store, step.id, { ...before, ...after, read: { ...before.read, ...after.read } });
			if (params.afterReading === 'move') await place.move(name, params.moveTo);
			if (params.afterReading === 'delete') await place.remove(name);
			if (params.afterReading !== 'leave') delete after.read[name];
		}
	});
	await keepMarks(store, step.id, after);
	looked.stillRefused = Object.keys(after.refused).length;
	looked.soon = Object.keys(after.seen).length > 0;
	return looked;
}

/** What is wrong with a file concerns that file; anything else, the whole look. */
function refusal(cause: unknown): Promise<StepProblem> {
	if (cause instanceof StepProblem) return Promise.resolve(cause);
	return Promise.reject(cause instanceof Error ? cause : new Error(String(cause)));
}

/** Says what was found; nothing when there was nothing new. */
export function say(ctx: StepContext, { taken, refused, stillRefused }: Looked): void {
	for (const words of refused) ctx.log('error', `A file was refused. ${words}`);
	const fresh = taken.filter(({ before }) => !before);
	if (fresh.length === 0 && refused.length === 0) return;
	const words = [
		`${fresh.length} ${fresh.length === 1 ? 'file' : 'files'}: ${summaryOf(together(fresh))}`,
		...(stillRefused > 0 ? [`${stillRefused} refused.`, ...refused.slice(0, 3)] : []),
	];
	ctx.hint(words.join(' '));
	if (fresh.length > 0) ctx.log('info', words[0] ?? '');
}

const keyOf = (stepId: number) => `bank files ${stepId}`;

async function marksOf(store: Store, stepId: number): Promise<Marks> {
	const kept = await settingOf(store.db, keyOf(stepId));
	const read = marks.safeParse(kept === undefined ? undefined : JSON.parse(kept));
	return read.success ? read.data : { read: {}, refused: {}, seen: {}, mark: '' };
}

async function keepMarks(store: Store, stepId: number, kept: Marks): Promise<void> {
	await keepSetting(store.db, keyOf(stepId), JSON.stringify(kept));
}
