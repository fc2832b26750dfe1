/**
 * A message of MyLINK Multichannel as its OpenAPI document 5.3.0 describes it, as far as dialogues need it: text with
 * suggestions, cards, and what is sent instead when it cannot be delivered.
 */

/** `mock` is LINK's own channel for trying out: it reaches nobody. */
export type MultichannelChannel = 'sms' | 'rcs' | 'viber' | 'whatsapp' | 'mock';

/** Without an action it is a reply with its caption as text. */
export interface Button {
	caption: string;
	/** Comes back when it is tapped, unseen by the person. */
	postback?: string;
	openUrl?: { url: string };
	dial?: { phoneNumber: string };
	reply?: { text: string };
}

export interface Card {
	title?: string;
	text?: string;
	media?: { type: string; source: string; thumbnail?: string; description?: string };
	buttons?: Button[];
}

export type Content =
	| { text: string; suggestions?: Button[] }
	| { card: Card; suggestions?: Button[] }
	| { fromTemplate: { templateId: string; variables?: Record<string, string> } };

/** One message as steps write it; the number and our reference come with it when it leaves. */
export interface Rich {
	channel: MultichannelChannel;
	content: Content;
	/** Channel settings such as `sms.originatingAddress`, see the document. */
	options?: Record<string, string>;
	/** How long LINK may try to deliver it. */
	validForMs?: number;
	/** Sent when this one fails. */
	fallback?: Rich;
}

/** As it stands in the request. */
export interface MultichannelMessage {
	channelId: MultichannelChannel;
	/** The number with country code; LINK's examples have no plus. */
	userId: string;
	content: Content;
	context?: Record<string, string>;
	/** ISO 8601 duration. */
	validFor?: string;
	options?: Record<string, string>;
	fallback?: MultichannelMessage;
}

/** Key of our reference in `context`, which LINK returns with every event; a fallback inherits it. */
export const REFERENCE = 'mjReference';

/** @param number E.164 */
export function multichannelMessage(number: string, rich: Rich, reference: string): MultichannelMessage {
	return { ...bare(number, rich), context: { [REFERENCE]: reference } };
}

function bare(
	number: string,
	{ channel, content, options, validForMs, fallback }: Rich,
): MultichannelMessage {
	return {
		channelId: channel,
		userId: number.replace(/^\+/, ''),
		content,
		...(options && Object.keys(options).length > 0 ? { options } : {}),
		...(validForMs ? { validFor: `PT${Math.max(1, Math.round(validForMs / 1_000))}S` } : {}),
		...(fallback ? { fallback: bare(number, fallback) } : {}),
	};
}

const LARGEST_MESSAGE_BYTES = 250_000;

/** Longest texts and captions, and how many buttons: the document's sections on SMS, RCS and WhatsApp. */
const limits: Partial<
	Record<
		MultichannelChannel,
		{ text: number; caption: number; postback: number; suggestions: number; buttons: number }
	>
> = {
	sms: { text: 1_530, caption: 0, postback: 0, suggestions: 0, buttons: 0 },
	rcs: { text: 3_072, caption: 25, postback: 2_000, suggestions: 11, buttons: 4 },
	whatsapp: { text: 4_096, caption: 20, postback: 200, suggestions: 0, buttons: Infinity },
};

/** What is wrong with a message, in words; undefined when LINK's document allows it. */
export function wrongRich(rich: Rich): string | undefined {
	const { channel, content, fallback } = rich;
	if (Buffer.byteLength(JSON.stringify(rich)) > LARGEST_MESSAGE_BYTES)
		return 'is larger than LINK takes (250 KB)';
	const limit = limits[channel];
	if (limit) {
		const wrong = wrongContent(content, limit, names[channel]);
		if (wrong) return wrong;
	}
	return fallback && wrongRich(fallback);
}

const names: Record<MultichannelChannel, string> = {
	sms: 'SMS',
	rcs: 'RCS',
	viber: 'Viber',
	whatsapp: 'WhatsApp',
	mock: 'the mock channel',
};

function wrongContent(
	content: Content,
	limit: { text: number; caption: number; postback: number; suggestions: number; buttons: number },
	channel: string,
): string | undefined {
	if ('text' in content) {
		if (content.text.trim() === '') return 'is empty for this person';
		if (content.text.length > limit.text)
			return `has ${content.text.length} characters for this person; ${channel} takes ${limit.text}`;
	}
	if ('card' in content && limit.buttons === 0) return `is a card, which ${channel} cannot show`;
	if ('fromTemplate' in content) return undefined;
	const suggestions = content.suggestions ?? [];
	if (suggestions.length > limit.suggestions)
		return limit.suggestions === 0
			? `has suggestions, which ${channel} cannot show`
			: `has ${suggestions.length} suggestions; ${channel} takes ${limit.suggestions}`;
	const buttons = 'card' in content ? (content.card.buttons ?? []) : [];
	if (buttons.length > limit.buttons)
		return `has ${buttons.length} buttons; ${channel} takes ${limit.buttons}`;
	for (const { caption, postback = '' } of [...suggestions, ...buttons]) {
		if (caption.length > limit.caption)
			return `has a button of ${caption.length} characters (“${caption}”); ${channel} takes ${limit.caption}`;
		if (postback.length > limit.postback)
			return `has a button that returns ${postback.length} characters; ${channel} takes ${limit.postback}`;
	}
	return undefined;
}
