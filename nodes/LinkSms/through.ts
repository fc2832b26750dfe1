/** Which of LINK's APIs the messages go through. */
import type { Channel } from '../../core/dispatch/channel';
import type { StepContext } from '../../core/step';
import type { Store } from '../../core/store/store';
import { callbackAddress, storeMark } from '../../providers/callback';
import { linkChannel } from '../../providers/link/channel';
import { linkClient, readLinkSettings } from '../../providers/link/client';
import type { Sms } from '../../providers/link/sms';
import { accountRate } from '../../providers/pace';
import type { Parameters } from './form';

export async function channelThrough(ctx: StepContext, store: Store): Promise<Channel<Sms>> {
	const settings = readLinkSettings(await ctx.credentials('linkMyLinkApi'));
	const rate = accountRate('link', settings.clientId, settings.messagesPerSecond);
	return linkChannel(linkClient(ctx.http, ctx.clock, settings), await storeMark(store), rate);
}

/** Where LINK is to report to. */
export async function callbackThrough(
	ctx: StepContext,
	store: Store,
	params: Parameters,
): Promise<Sms['callback']> {
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
}
