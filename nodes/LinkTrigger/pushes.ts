/** One push of LINK, whichever of its APIs it comes from: told apart by shape, read, and as the flow gets it. */
import type { Incoming } from '../../core/responses/ingest';
import type { Json } from '../../core/step';
import { COMMON } from '../../providers/linkCommon/channel';
import { type CommonPush, commonIncoming, readCommonPush } from '../../providers/linkCommon/reports';
import { PROVIDER as MULTICHANNEL } from '../../providers/linkMultichannel/channel';
import {
	type MultichannelPush,
	incomingOf as multichannelIncoming,
	readEvents,
} from '../../providers/linkMultichannel/reports';
import { type LinkPush, incomingOf as myLinkIncoming, readPush } from '../../providers/link/reports';
import { saysStop } from '../../providers/stop';

export type Push =
	| { api: 'mylink'; push: LinkPush }
	| { api: 'common'; push: CommonPush }
	| { api: 'multichannel'; push: MultichannelPush };

/** `source` of the responses, per API. */
export const sources = { mylink: 'link', common: COMMON, multichannel: MULTICHANNEL } as const;

/** How Multichannel's batches are told from the rest: by `events`. */
export function isBatchOfEvents(body: unknown): boolean {
	return typeof body === 'object' && body !== null && Array.isArray((body as { events?: unknown }).events);
}

/**
 * All pushes in a body (one, several in an array, or a batch of events) and how much of it was of no kind we know.
 * `status` and `reply` are MyLINK's, `resultCode` and `content.userData` Common's.
 */
export function readPushes(
	body: unknown,
	receivedAt: number,
	stopWords: readonly string[],
): { pushes: Push[]; unknown: number } {
	if (isBatchOfEvents(body)) {
		const read = readEvents(body, receivedAt);
		const pushes = (read?.pushes ?? []).map((push): Push => ({
			api: 'multichannel',
			push: withStop(push, stopWords),
		}));
		return { pushes, unknown: read ? read.skipped : 1 };
	}
	const all = Array.isArray(body) ? (body as unknown[]) : [body];
	const pushes = all.flatMap((one): Push[] => {
		const myLink = readPush(one, receivedAt);
		if (myLink) return [{ api: 'mylink', push: withStop(myLink, stopWords) }];
		const common = readCommonPush(one, receivedAt, stopWords);
		return common ? [{ api: 'common', push: common }] : [];
	});
	return { pushes, unknown: all.length - pushes.length };
}

function withStop<P extends LinkPush | MultichannelPush>(push: P, stopWords: readonly string[]): P {
	if (push.direction === 'out' || push.stop || !saysStop(push.text, push.keyword, stopWords)) return push;
	return { ...push, stop: true };
}

/** @param mark the store's own, see `storeMark` */
export function incomingOf(one: Push, mark: string): Incoming[] {
	switch (one.api) {
		case 'mylink':
			return myLinkIncoming(one.push, mark);
		case 'common':
			return commonIncoming(one.push, mark);
		case 'multichannel':
			return multichannelIncoming(one.push, mark);
	}
}

export type EventName = 'delivered' | 'failed' | 'inbound' | 'interim' | 'stop' | 'unknown';

export function eventOf({ push }: Push): EventName {
	if (push.direction === 'in') return push.stop ? 'stop' : 'inbound';
	switch (push.status) {
		case 'delivered':
		case 'unknown':
			return push.status;
		case 'failed':
		case 'rejected':
		case 'expired':
			return 'failed';
		case 'queued':
		case 'sent':
			return 'interim';
	}
}

export interface Filters {
	events: readonly EventName[];
	/** Upper case; none: all. */
	keywords: readonly string[];
	/** Own numbers as digits, without a country's letters; none: all. */
	numbers: readonly string[];
	/** Only reports after which nothing more comes. */
	finalOnly: boolean;
}

/** Whether it is to start a run; recorded it is in any case. */
export function isWanted(one: Push, filters: Filters): boolean {
	if (!filters.events.includes(eventOf(one))) return false;
	const { push } = one;
	if (push.direction === 'out') return push.final || !filters.finalOnly;
	if (filters.keywords.length > 0 && !filters.keywords.includes(keywordOf(push))) return false;
	// Multichannel does not say to which number it came.
	return (
		filters.numbers.length === 0 ||
		push.recipient === null ||
		filters.numbers.includes(digitsOf(push.recipient))
	);
}

/** The keyword of the route that brought it here, else the first word. */
function keywordOf({ keyword, text }: { keyword: string | null; text: string }): string {
	return (keyword ?? text.trim().split(/[\s.,!?]+/)[0] ?? '').toUpperCase();
}

/** `NO-2333`, `2333` and `+47 2333` … are compared by what can be dialled. */
export function digitsOf(number: string): string {
	return number.replace(/^[A-Z]{2}-/i, '').replace(/\D/g, '');
}

export function itemOf(one: Push, about: Json): Json {
	const { at, ...rest } = one.push;
	return {
		event: eventOf(one),
		provider: 'link',
		api: one.api,
		channel: 'sms',
		time: new Date(at).toISOString(),
		...rest,
		...about,
	};
}
