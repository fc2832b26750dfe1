/** How a question reaches people: plain SMS over either of LINK's SMS interfaces, or RCS and WhatsApp with SMS behind. */
import type { Channel } from '../../core/dispatch/channel';
import { StepProblem } from '../../core/ports';
import type { StepContext } from '../../core/step';
import type { Store } from '../../core/store/store';
import { callbackAddress, storeMark } from '../../providers/callback';
import { linkChannel } from '../../providers/link/channel';
import { linkClient } from '../../providers/link/client';
import { readLinkSettings } from '../../providers/link/settings';
import { type Sms, wrongSender, wrongText } from '../../providers/link/sms';
import { commonChannel } from '../../providers/linkCommon/channel';
import { commonClient } from '../../providers/linkCommon/client';
import { type CommonSms, wrongCommonSender, wrongCommonText } from '../../providers/linkCommon/message';
import { reportGates } from '../../providers/linkCommon/reportGates';
import { accountOf as commonAccount, readCommonSettings } from '../../providers/linkCommon/settings';
import { multichannelChannel } from '../../providers/linkMultichannel/channel';
import { multichannelClient } from '../../providers/linkMultichannel/client';
import { type Content, type Rich, wrongRich } from '../../providers/linkMultichannel/message';
import {
	accountOf as multichannelAccount,
	readMultichannelSettings,
} from '../../providers/linkMultichannel/settings';
import { accountRate } from '../../providers/pace';
import type { Parameters } from './form';

/** A question as it is to reach one person. */
export interface Words {
	/** As it stands in a message that has buttons. */
	bare: string;
	/** As it stands in an SMS: with the list of what can be answered. */
	text: string;
	/** What can be tapped; each comes back as it stands here. */
	buttons: readonly string[];
	sender: string;
	/** Not delivered any more when nobody would wait for the answer. */
	validForMs: number;
}

export interface Way {
	channel: Channel<Words>;
	/** Why this cannot be sent, in words. */
	wrong(words: Words): string | undefined;
}

/** The shortest and longest that LINK tries to deliver. */
const SHORTEST_MS = 360_000;
const LONGEST_MS = 172_800_000;
/** The longest that a button may say over RCS and over WhatsApp; what it returns may be longer. */
const CAPTION = { rcs: 25, whatsapp: 20 };

/** @throws {StepProblem} when nobody could answer this sender */
export function checkSender(params: Parameters): void {
	const wrong = params.via === 'common' ? wrongCommonSender(params.sender) : wrongSender(params.sender);
	if (wrong) {
		throw new StepProblem(`'Sender' ${wrong}.`, {
			field: 'Sender',
			hint: 'Use a number that people can answer: a short number with subnumber, or a long number.',
		});
	}
	if (!/^\+?\d+$/.test(params.sender) && !params.options.senderIsName) {
		throw new StepProblem("'Sender' is a name, and nobody can answer a name.", {
			field: 'Sender',
			hint: "Use a number of yours. If 'Question' says where to send the answer, e.g. KURS JA to 2333, switch on 'Sender May Be a Name'.",
		});
	}
}

/** @throws {StepProblem} when a credential is not complete */
export async function wayOf(ctx: StepContext, store: Store, params: Parameters): Promise<Way> {
	const mark = await storeMark(store);
	switch (params.via) {
		case 'myLink': {
			const settings = readLinkSettings(await ctx.credentials('linkMyLinkApi'));
			const rate = accountRate('link', settings.clientId, settings.messagesPerSecond);
			const callback = await callbackThrough(ctx, store, params);
			const inner = linkChannel(linkClient(ctx.http, ctx.clock, settings), mark, rate);
			return {
				channel: saying(inner, (words) => smsOf(words, params, callback)),
				wrong: ({ text }) => wrongText(text, 'AutoDetect'),
			};
		}
		case 'common': {
			const settings = readCommonSettings(await ctx.credentials('linkCommonApi'));
			const rate = accountRate('linkCommon', commonAccount(settings), settings.messagesPerSecond);
			const inner = commonChannel(commonClient(ctx.http, ctx.clock, settings), mark, {
				gates: await reportGates(store, settings),
				...(rate ? { rate } : {}),
			});
			return {
				channel: saying(inner, ({ text, sender, validForMs }): CommonSms => ({
					text,
					sender,
					validityMs: within(validForMs),
				})),
				wrong: ({ text }) => wrongCommonText(text),
			};
		}
		default: {
			const settings = readMultichannelSettings(await ctx.credentials('linkMultichannelApi'));
			const account = multichannelAccount(settings);
			const rate = accountRate('linkMultichannel', account, settings.messagesPerSecond);
			const inner = multichannelChannel(multichannelClient(ctx.http, ctx.clock, settings), mark, { rate });
			return {
				channel: saying(inner, (words) => richOf(words, params)),
				wrong: (words) => wrongRich(richOf(words, params)),
			};
		}
	}
}

function saying<M>(inner: Channel<M>, say: (words: Words) => M): Channel<Words> {
	return {
		...inner,
		send: (batch) => inner.send(batch.map((one) => ({ ...one, message: say(one.message) }))),
	};
}

const within = (ms: number) => Math.min(Math.max(ms, SHORTEST_MS), LONGEST_MS);

function smsOf({ text, sender, validForMs }: Words, { options }: Parameters, callback: Sms['callback']): Sms {
	return {
		text,
		sender,
		encoding: 'AutoDetect',
		callback,
		...(options.obfuscate === 'none' ? {} : { obfuscate: options.obfuscate }),
		...(validForMs < LONGEST_MS ? { validityMs: within(validForMs) } : {}),
	};
}

/** Where LINK is to report to. */
async function callbackThrough(
	ctx: StepContext,
	store: Store,
	{ options }: Parameters,
): Promise<Sms['callback']> {
	if (options.deliveryReports === 'none') return { mode: 'None' };
	const url = options.deliveryReports === 'automatic' ? await callbackAddress(store, 'link') : undefined;
	return url === undefined ? { mode: 'Profile' } : { mode: 'URL', urls: [url] };
}

/** SMS has no buttons: there the list stands in the text. */
function richOf(words: Words, { via, options }: Parameters): Rich {
	const { bare, text, buttons, sender } = words;
	const sms: Rich = {
		channel: 'sms',
		content: { text },
		options: { 'sms.originatingAddress': sender },
		validForMs: within(words.validForMs),
	};
	if (via !== 'rcs' && via !== 'whatsapp') return sms;
	const tapped = buttons.map((answer) => ({
		caption: shortened(answer, CAPTION[via]),
		postback: answer,
	}));
	const content: Content =
		via === 'whatsapp' && options.templateId
			? { fromTemplate: { templateId: options.templateId, variables: { question: bare } } }
			: via === 'whatsapp' && tapped.length > 0
				? { card: { text: bare, buttons: tapped } }
				: { text: bare, ...(via === 'rcs' && tapped.length > 0 ? { suggestions: tapped } : {}) };
	return { channel: via, content, validForMs: within(words.validForMs), fallback: sms };
}

function shortened(text: string, longest: number): string {
	const letters = [...text];
	return letters.length <= longest ? text : `${letters.slice(0, longest - 1).join('')}…`;
}
