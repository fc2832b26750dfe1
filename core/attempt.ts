/** Work that may meet something the person at the editor can put right, where others are to go on without it. */
import { StepProblem } from './ports';

/** What `work` gives, or the problem it met, naming the item. Anything else that is thrown goes on as it is. */
export function attempt<T>(work: () => T, item: number): { value: T } | { problem: StepProblem } {
	try {
		return { value: work() };
	} catch (cause) {
		if (!(cause instanceof StepProblem)) throw cause;
		return {
			problem:
				cause.details.item === undefined ? new StepProblem(cause.message, { ...cause.details, item }) : cause,
		};
	}
}

/** The same for work that takes a while. */
export async function attemptAsync<T>(
	work: () => Promise<T>,
	item: number,
): Promise<{ value: T } | { problem: StepProblem }> {
	try {
		return { value: await work() };
	} catch (cause) {
		return attempt<T>(() => {
			throw cause;
		}, item);
	}
}

/** What was thrown, in words. */
export const wordsOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));
