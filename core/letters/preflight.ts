/** Looks a letter over before it is printed. */
import type { Finding } from './findings';
import type { LetterOptions, LetterSpec } from './letter';

/** A letter of our own making: laid out, and every reason why it cannot be printed; none when it can. */
export async function preflight(letter: LetterSpec, options: LetterOptions = {}): Promise<Finding[]> {
	const { layOut, lookOver, unprintable } = await import('./makeLetters');
	return [...lookOver(layOut(letter, options), options), ...unprintable(letter)];
}
