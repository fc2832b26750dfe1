/**
 * Many subscribers at a time, and what became of each. Make's answer to a bulk call is not documented: entries about single
 * rows are understood where they name a row by its place or its address, a refused call is halved until the bad row stands
 * alone, and reading the list back is what counts.
 */
import { z } from 'zod/v4';
import { LARGEST_BULK } from './client';
import type { MakeAnswer } from './wire';

/** Why each row was not taken, by its place among the rows; a row that is not in it has been taken as far as Make says. */
export type RowReasons = Map<number, string>;

/**
 * @param send stores some rows; asked again by the caller's own patience, since storing twice does no harm
 * @returns the first answer that is about more than rows (a list that is gone, Make away), or what came of each row
 */
export async function storeInBulk<Row extends { email?: string | string[] | undefined }>(
	rows: readonly Row[],
	send: (part: readonly Row[]) => Promise<MakeAnswer<unknown>>,
	progress: (done: number) => void = () => undefined,
): Promise<MakeAnswer<RowReasons>> {
	const reasons: RowReasons = new Map();
	const part = async (
		from: number,
		to: number,
	): Promise<Exclude<MakeAnswer<never>, { kind: 'ok' }> | undefined> => {
		const some = rows.slice(from, to);
		const answer = await send(some);
		if (answer.kind === 'ok') {
			for (const [place, reason] of rowReasons(answer.value, some)) reasons.set(from + place, reason);
			return undefined;
		}
		const aboutRows = answer.kind === 'refused' && (answer.status === 400 || answer.status === 422);
		if (!aboutRows) return answer;
		if (some.length === 1) {
			reasons.set(from, answer.reason);
			return undefined;
		}
		const middle = from + Math.ceil(some.length / 2);
		return (await part(from, middle)) ?? (await part(middle, to));
	};
	for (let from = 0; from < rows.length; from += LARGEST_BULK) {
		const to = Math.min(from + LARGEST_BULK, rows.length);
		const against = await part(from, to);
		if (against) return against;
		progress(to);
	}
	return { kind: 'ok', value: reasons };
}

const said = z.looseObject({
	index: z.number().int().nullish(),
	row: z.number().int().nullish(),
	email: z.string().nullish(),
	message: z.string().nullish(),
	error: z.string().nullish(),
	reason: z.string().nullish(),
});
const entries = z.array(said);

/** What the answer says of single rows: a list of refusals under any of these names is our assumption. */
function rowReasons(
	body: unknown,
	rows: ReadonlyArray<{ email?: string | string[] | undefined }>,
): RowReasons {
	const reasons: RowReasons = new Map();
	const outer = z
		.looseObject({ errors: entries, failed: entries, rejected: entries })
		.partial()
		.safeParse(body);
	const told = outer.success ? (outer.data.errors ?? outer.data.failed ?? outer.data.rejected ?? []) : [];
	for (const { index, row, email, message, error, reason } of told) {
		const place = index ?? row ?? rows.findIndex((one) => email && one.email === email.toLowerCase().trim());
		if (place < 0 || place >= rows.length) continue;
		// Make's own words could hold the address.
		reasons.set(place, `Make has not taken this row: ${withoutAddress(message ?? error ?? reason ?? '')}`);
	}
	return reasons;
}

function withoutAddress(text: string): string {
	return text.replace(/\S+@\S+/g, '…').slice(0, 200) || 'no reason given';
}
