/** Which of LINK's APIs the messages go through, and what each of them takes. */
import type { Channel } from '../../core/dispatch/channel';
import type { StepContext } from '../../core/step';
import type { Store } from '../../core/store/store';
import { callbackAddress, storeMark } from '../../providers/callback';
import { linkChannel } from '../../providers/link/channel';
import { linkClient, readLinkSettings } from '../../providers/link/client';
import { EARLIEST_SCHEDULE_MS, LATEST_SCHEDULE_MS } from '../../providers/link/schedules';
import { type Sms, wrongSender, wrongText } from '../../providers/link/sms';
import { commonChannel } from '../../providers/linkCommon/channel';
import { commonClient } from '../../providers/linkCommon/client';
import {
	type CommonSms,
	LONGEST_SCHEDULE_MS,
	wrongCommonSender,
	wrongCommonText,
} from '../../providers/linkCommon/message';
import { reportGates } from '../../providers/linkCommon/reportGates';
import { accountOf, readCommonSettings } from '../../providers/linkCommon/settings';
import { accountRate } from '../../providers/pace';
import type { Parameters } from './form';
import type { Ahead } from './when';

export interface Api {
	channel(ctx: StepContext, store: Store): Promise<Channel<Sms>>;
	/** Where LINK is to report to; says so when nobody will hear. */
	callback(ctx: StepContext, store: Store, params: Parameters): Promise<Sms['callback']>;
	/** In words; undefined when LINK takes it. */
	wrongSender(sender: string): string | undefined;
	wrongText(text: string, encoding: Sms['encoding']): string | undefined;
	senderHint: string;
	ahead: Ahead;
}

const myLink: Api = {
	async channel(ctx, store) {
		const settings = readLinkSettings(await ctx.credentials('linkMyLinkApi'));
		const rate = accountRate('link', settings.clientId, settings.messagesPerSecond);
		return linkChannel(linkClient(ctx.http, ctx.clock, settings), await storeMark(store), rate);
	},
	async callback(ctx, store, params) {
		switch (params.options.deliveryReports) {
			case 'none':
				return { mode: 'None' };
			case 'profile':
				return { mode: 'Profile' };
			case 'automatic': {
				const url = await callbackAddress(store, 'link');
				if (url !== undefined) return { mode: 'URL', urls: [url] };
				ctx.hint(
					"No LINK Trigger of this store has been published with a public address, so delivery reports go where the MyLINK portal's profile sends them.",
				);
				return { mode: 'Profile' };
			}
		}
	},
	wrongSender,
	wrongText,
	senderHint:
		"Use a name of up to 11 letters (a–z), digits and spaces, e.g. 'Foreningen' (LINK takes no æ, ø, å here), or a number of up to 15 digits.",
	ahead: { least: EARLIEST_SCHEDULE_MS, most: LATEST_SCHEDULE_MS },
};

const common: Api = {
	async channel(ctx, store) {
		const settings = readCommonSettings(await ctx.credentials('linkCommonApi'));
		const rate = accountRate('linkCommon', accountOf(settings), settings.messagesPerSecond);
		const channel = commonChannel(commonClient(ctx.http, ctx.clock, settings), await storeMark(store), {
			gates: await reportGates(store, settings),
			rate,
		});
		return {
			...channel,
			send: (batch) =>
				channel.send(batch.map(({ message, ...out }) => ({ ...out, message: asCommon(message) }))),
		};
	},
	// Which gates reports go to is part of the credential there.
	async callback(ctx, store) {
		const settings = readCommonSettings(await ctx.credentials('linkCommonApi'));
		if ((await reportGates(store, settings)).length === 0)
			ctx.hint(
				"Nobody hears what becomes of these messages: publish a LINK Trigger for the Common API, or fill in 'Gate IDs for Delivery Reports' in the LINK Common credential.",
			);
		return { mode: 'None' };
	},
	wrongSender: wrongCommonSender,
	wrongText: wrongCommonText,
	senderHint:
		"Use a name of 2 to 11 letters (a–z) and digits that begins with a letter, e.g. 'Foreningen', a short number, or + and a phone number.",
	// The document names no least; what is due within a minute might be over when LINK reads it.
	ahead: { least: 60_000, most: LONGEST_SCHEDULE_MS },
};

export const apis: Record<Parameters['api'], Api> = { myLink, common };

const priorities = { High: 'HIGH', Normal: 'NORMAL', Low: 'LOW' } as const;

function asCommon({ text, sender, schedule, validityMs, priority }: Sms): CommonSms {
	return {
		text,
		sender,
		...(schedule ? { sendAt: schedule.at } : {}),
		...(validityMs === undefined ? {} : { validityMs }),
		...(priority ? { priority: priorities[priority] } : {}),
	};
}
