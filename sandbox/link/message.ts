/** The request of `POST /sms/v1/messages` as the public OpenAPI document of the MyLINK SMS API describes it (2026). */
import { z } from 'zod/v4';

/** "ISO8601 formatted string in UTC" */
const utc = z.iso.datetime();

const schedule = z
	.strictObject({
		/** Milliseconds: 10 minutes to 3 months. */
		relative: z.int().min(600_000).max(7_889_232_000).optional(),
		absolute: utc.optional(),
		/** The document's pattern is not anchored: one allowed character anywhere is enough. */
		tag: z
			.string()
			.max(100)
			.regex(/[a-zA-Z0-9_-]+/)
			.nullish(),
	})
	.refine((at) => (at.relative === undefined) !== (at.absolute === undefined), {
		error: 'exactly one of relative and absolute is required',
	});

const callback = z
	.strictObject({
		mode: z.enum(['Profile', 'URL', 'Gate', 'None']).optional(),
		urls: z.array(z.string()).nullish(),
		gateId: z.string().nullish(),
		ttl: z.int().min(0).max(28_800_000).optional(),
	})
	.refine((to) => to.mode !== 'URL' || (to.urls?.length ?? 0) > 0, {
		error: 'urls is mandatory with mode URL',
	})
	.refine((to) => to.mode !== 'Gate' || !!to.gateId, { error: 'gateId is mandatory with mode Gate' });

export const messageRequest = z.strictObject({
	recipient: z.string().regex(/^\+.*$/),
	content: z.strictObject({
		text: z.string().min(1).max(38_862),
		options: z.strictObject({
			'sms.sender': z.string().regex(/^(\+?[0-9]{1,15}|[A-Za-z0-9\s+\-/'"!#%&()*.?><;]{1,11})$/),
			'sms.encoding': z.enum(['AutoDetect', 'GSM', 'UCS2']).optional(),
			'sms.obfuscate': z.enum(['ContentAndRecipient', 'Content']).optional(),
		}),
	}),
	schedule: schedule.optional(),
	expiration: z
		.strictObject({ relative: z.int().min(1).max(172_800_000).optional(), absolute: utc.optional() })
		.optional(),
	callback: callback.optional(),
	referenceId: z.string().max(500).nullish(),
	priority: z.enum(['Normal', 'High', 'Low']).optional(),
});
export type MessageRequest = z.infer<typeof messageRequest>;

/**
 * "Batch up to a 1000 messages per request." That one bad message refuses its whole batch, and that an empty one is
 * refused, is our assumption: the document does not say.
 */
export const messageRequests = z.array(messageRequest).min(1).max(1_000);

/** `[3].recipient: …` for the first thing that is wrong. */
export function whatIsWrong(error: z.ZodError): string {
	const first = error.issues[0];
	if (!first) return 'The request is not valid.';
	const path = first.path
		.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
		.join('');
	return `${path.replace(/^\./, '') || 'body'}: ${first.message}`;
}
