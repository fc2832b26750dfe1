/** A recipient's address as it stands in the window. */
import { type Finding, finding } from './findings';
import type { Recipient } from './letter';

/** The lines of an address in their order, or why there are none. */
export function addressLines(
	recipient: Recipient,
	_countryLine = true,
): { lines: string[]; findings: Finding[] } {
	if (recipient.name.trim() === '')
		return { lines: [], findings: [finding('addressIncomplete', 'The name is missing.')] };
	return { lines: [recipient.name], findings: [] };
}
