/** An event as Multichannel tells it: pushed in batches to our address, or asked for by message. */
import { z } from 'zod/v4';

const texts = z.record(z.string(), z.string());
const time = z.string().nullish();

const statusChanged = z.object({
	messageId: z.string().min(1),
	channelId: z.string(),
	channelOperatorId: z.string().nullish(),
	userId: z.string(),
	/** Set on a message that failed and in whose place this one is sent. */
	fallbackMessageId: z.string().nullish(),
	parentMessageId: z.string().nullish(),
	status: z.string(),
	channelStatus: z.string().nullish(),
	channelData: texts.nullish().catch(null),
	error: z
		.object({
			code: z.string(),
			details: z.string().nullish(),
			channelError: z.string().nullish(),
		})
		.nullish(),
	context: texts.nullish().catch(null),
});
export type StatusChanged = z.infer<typeof statusChanged>;

const received = z.object({
	channelId: z.string(),
	channelOperatorId: z.string().nullish(),
	channelData: texts.nullish().catch(null),
	userId: z.string(),
	/** Exactly one of them, says the document. */
	content: z.object({
		text: z.string().nullish(),
		isReaction: z.boolean().nullish(),
		postback: z
			.object({ payload: z.string(), text: z.string().nullish(), buttonType: z.string().nullish() })
			.nullish(),
		media: z.looseObject({ type: z.string(), source: z.string() }).nullish(),
		location: z.looseObject({ latitude: z.number(), longitude: z.number() }).nullish(),
		optin: z.object({ text: z.string().nullish() }).nullish(),
		optout: z.object({ text: z.string().nullish() }).nullish(),
		typing: z.looseObject({}).nullish(),
	}),
	replyToMessageId: z.string().nullish(),
	context: texts.nullish().catch(null),
});
export type MessageReceived = z.infer<typeof received>;

export const eventShape = z.object({
	eventId: z.string().min(1),
	/** ISO 8601, UTC. */
	on: time,
	accountId: z.string().nullish(),
	messageStatusChanged: statusChanged.nullish(),
	userMessageReceived: received.nullish(),
	/** Of reviews of templates: known to exist, not read. */
	templateReviewStatusChanged: z.looseObject({}).nullish(),
});
export type MultichannelEvent = z.infer<typeof eventShape>;
