/** Reads what an admin has stored for a provider. */
import { z } from 'zod/v4';
import { StepProblem } from '../core/ports';

/** An address without a slash at its end; `fallback` when it is left empty. */
export const address = (fallback: string) =>
	z
		.string()
		.trim()
		.transform((text) => text || fallback)
		.refine((text) => URL.canParse(text) && /^https?:/.test(text), 'is no web address')
		.transform((text) => text.replace(/\/+$/, ''))
		.default(fallback);

export const filledIn = z.string().trim().min(1, 'is empty');

/** @throws {StepProblem} naming the field as the credential's form shows it; never its value. */
export function readSettings<T>(
	schema: z.ZodType<T>,
	raw: unknown,
	credential: string,
	labels: Record<string, string>,
): T {
	const read = schema.safeParse(raw ?? {});
	if (read.success) return read.data;
	const issue = read.error.issues[0];
	const name = String(issue?.path[0] ?? '');
	const field = labels[name] ?? name;
	const what = issue?.code === 'invalid_type' ? 'is empty' : (issue?.message ?? 'cannot be read');
	throw new StepProblem(`'${field}' of the ${credential} credential ${what}.`, {
		field,
		hint: `Open the ${credential} credential and fill in '${field}'.`,
	});
}
