/** The request of `POST /messages` as the public OpenAPI document of MyLINK Multichannel 5.3.0 describes it (2026). */
import { z } from 'zod/v4';

const texts = z.record(z.string(), z.string());

/** "Max 50 entries, keys 1-50 chars, values max 500 chars." */
const context = z
	.record(z.string().min(1).max(50), z.string().max(500))
	.refine((entries) => Object.keys(entries).length <= 50, 'more than 50 entries');

const button = z.looseObject({
	caption: z.string(),
	postback: z.string().optional(),
	options: texts.optional(),
	reply: z.looseObject({ text: z.string() }).optional(),
	dial: z.looseObject({ phoneNumber: z.string() }).optional(),
	openUrl: z.looseObject({ url: z.string() }).optional(),
});

const card = z.looseObject({
	title: z.string().optional(),
	text: z.string().optional(),
	media: z.looseObject({ type: z.string(), source: z.string() }).optional(),
	buttons: z.array(button).optional(),
});

const kinds = ['text', 'media', 'location', 'card', 'carousel', 'fromTemplate'] as const;

const content = z
	.looseObject({
		text: z.string().optional(),
		media: z.looseObject({ type: z.string(), source: z.string() }).optional(),
		location: z.looseObject({}).optional(),
		card: card.optional(),
		carousel: z.looseObject({ cards: z.array(card) }).optional(),
		fromTemplate: z.looseObject({ templateId: z.string(), variables: texts.optional() }).optional(),
		suggestions: z.array(button).optional(),
	})
	.refine(
		(one) => kinds.filter((kind) => one[kind] !== undefined).length === 1,
		'exactly one kind of content is required',
	);

export interface MultichannelRequest {
	channelId: 'sms' | 'rcs' | 'viber' | 'whatsapp' | 'mock';
	userId: string;
	content: z.infer<typeof content>;
	context?: Record<string, string> | undefined;
	options?: Record<string, string> | undefined;
	validUntil?: string | undefined;
	validFor?: string | undefined;
	fallback?: MultichannelRequest | undefined;
}

const message: z.ZodType<MultichannelRequest> = z.lazy(() =>
	z
		.looseObject({
			channelId: z.enum(['sms', 'rcs', 'viber', 'whatsapp', 'mock']),
			userId: z.string().min(1),
			content,
			context: context.optional(),
			options: texts.optional(),
			validUntil: z.iso.datetime({ offset: true }).optional(),
			validFor: z
				.string()
				.regex(/^P(?!$)(\d+D)?(T(?!$)(\d+H)?(\d+M)?(\d+S)?)?$/)
				.optional(),
			fallback: message.optional(),
		})
		.refine((one) => !(one.validFor && one.validUntil), 'validFor cannot be combined with validUntil')
		.refine((one) => JSON.stringify(one).length <= 250_000, 'larger than 250 KB'),
);

export const sendRequest = z.looseObject({ messages: z.array(message).min(1).max(10) });
