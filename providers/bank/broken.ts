/** A bank file that is not whole, or says two things at once: nothing in it is taken in. */
import { StepProblem } from '../../core/ports';

const HINT =
	'Nothing in the file was taken in. Fetch it once more from the bank, unchanged, or ask the bank about it.';

/**
 * @param where `Line 5, amount (positions 33–49)`, `Ntfctn/Ntry[2]/Amt (line 41)` …
 * @param what never what stands there: it may be somebody's name or number
 */
export function broken(where: string, what: string, hint = HINT): StepProblem {
	return new StepProblem(`${where}: ${what}.`, { hint });
}

/** As people write money: `84 350.00`. */
export function kroner(ore: number): string {
	const [whole = '', rest] = (Math.abs(ore) / 100).toFixed(2).split('.');
	return `${ore < 0 ? '-' : ''}${whole.replace(/\B(?=(\d{3})+$)/g, ' ')}.${rest}`;
}
