/** Two reports of one payment tell of one payer: what each of them says, together. */
import { type Evidence, evidenceIn } from './evidence';

type Field = keyof Evidence;

/** What `told` adds to what is known; undefined: nothing. */
export function fullerThan(known: string, told: Evidence): Evidence | undefined {
	const before = evidenceIn(known);
	const fields = (Object.keys(told) as Field[]).filter(
		(field) => told[field] !== undefined && isFuller(field, before, told),
	);
	return fields.length === 0 ? undefined : Object.fromEntries(fields.map((field) => [field, told[field]]));
}

/** As a row of the store holds it. */
export function joined(known: string, told: Evidence): string {
	return JSON.stringify({ ...evidenceIn(known), ...fullerThan(known, told) });
}

function isFuller(field: Field, before: Evidence, told: Evidence): boolean {
	// The whole number is known: its end says nothing more.
	if (field === 'phoneEnd' && before.phone !== undefined) return false;
	if (before[field] === undefined) return true;
	// `Kari Hansen` and then `Kari Anne Hansen`; of two as long the first stays, so that reports cannot take turns.
	return field === 'name' && wordsIn(told.name) > wordsIn(before.name);
}

const wordsIn = (name: string | undefined) => (name ?? '').split(/[\s,]+/).filter(Boolean).length;
