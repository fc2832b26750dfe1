/** Asks the directory service of the credential; where it cannot be asked now, the gift goes on without. */
import type { LookUp } from '../../core/gifts/identify';
import { NotSent, StepProblem } from '../../core/ports';
import type { StepContext } from '../../core/step';
import type { Store } from '../../core/store/store';
import { directoryOf } from '../../providers/directory/directory';
import { readDirectorySettings } from '../../providers/directory/settings';

export async function directoryFor(
	ctx: StepContext,
	store: Store,
): Promise<{ name: string; lookUp: LookUp }> {
	const settings = readDirectorySettings(await ctx.credentials('directoryApi'));
	const directory = directoryOf(settings, ctx, store);
	let away = false;
	return {
		name: directory.name,
		async lookUp(phone) {
			if (away) return 'notAsked';
			const told = await directory
				.lookUp(phone)
				.catch((cause: unknown) =>
					cause instanceof NotSent || cause instanceof StepProblem ? cause : Promise.reject(cause),
				);
			if (!(told instanceof Error)) return told;
			// Once a run: whoever does not answer now is not asked for each of thousands.
			away = true;
			ctx.log('warn', `Numbers are not looked up in this run: ${told.message}`);
			return 'notAsked';
		},
	};
}
