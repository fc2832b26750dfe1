/**
 * Telling people from machines: privacy proxies load pictures nobody looks at, scanners follow links before anybody has
 * seen them. What a machine did is kept and does not count. Certainty is not to be had: every sign below is one that
 * senders of mail have published, and what no standard says (speeds, numbers of links) is a setting.
 */
import type { ResponseKind } from './kinds';

/** One open or click, as far as it is known. */
export interface Happening {
	kind: Extract<ResponseKind, 'opened' | 'clicked'>;
	/** Epoch ms. */
	at: number;
	/** When its message left (epoch ms). */
	sentAt?: number | undefined;
	/** HTTP method it came with. */
	method?: string | undefined;
	/** User agent: '' when none was sent, undefined when nobody told. */
	agent?: string | undefined;
	/** Where the link leads. */
	link?: string | undefined;
	/** A link that no person sees. */
	honeypot?: boolean | undefined;
	/** The provider itself said that it was a machine. */
	told?: boolean | undefined;
}

export type MachineReason =
	/** The provider says so. */
	| 'told'
	/** A link that no person sees was followed. */
	| 'honeypot'
	/** Asked what is there without wanting to see it. */
	| 'head'
	/** Apple's Mail Privacy Protection loads all pictures beforehand. */
	| 'apple'
	/** Names itself a scanner, a robot or a program library. */
	| 'scanner'
	/** Sooner after the sending than anybody reads. */
	| 'swift'
	/** Several links of one message at once, or at the moment when a link that no person sees was followed. */
	| 'burst';

/** In words, for timelines and items. */
export const machineReasons: Record<MachineReason, string> = {
	told: 'the provider says that it was a machine',
	honeypot: 'followed a link that no person sees',
	head: 'only asked whether the link is there',
	apple: 'loaded by Apple Mail Privacy Protection',
	scanner: 'names itself a scanner',
	swift: 'came too soon after the sending',
	burst: 'came together with other links of the message',
};

export interface Judgement {
	machine: boolean;
	reason?: MachineReason;
	/** It came by a proxy that loads pictures when somebody looks: a person, whose place and program are unknown. */
	proxy?: 'gmail';
}

/** All of them our assumptions: no standard says how fast a person can be. */
export interface MachineSettings {
	/** Sooner than this after the sending nobody has read anything (ms). */
	swiftMs: number;
	/** So many different links of one message … */
	burstLinks: number;
	/** … within this time (ms) are not followed by a person. */
	burstMs: number;
}

export const machineDefaults: MachineSettings = { swiftMs: 2_000, burstLinks: 3, burstMs: 5_000 };

const SCANNER =
	/bot\b|bot\/|spider|crawl|scanner|headless|phantomjs|barracuda|mimecast|proofpoint|safelinks|urldefense|trendmicro|symantec|ironport|sophos|forcepoint|fireeye|curl\/|wget\/|python-requests|python-urllib|go-http-client|okhttp|java\/|libwww|node-fetch|axios\//i;

/** Gmail loads pictures through a proxy when a person opens the mail: the proxy is no machine open. */
const GMAIL = /GoogleImageProxy/i;

/**
 * Whether a machine did it, by itself and by what else happened to the same message (`around`, which may hold the event
 * itself). Of several signs the plainest is given.
 */
export function judge(
	event: Happening,
	around: readonly Happening[] = [],
	settings: MachineSettings = machineDefaults,
): Judgement {
	const reason = ownSign(event, settings) ?? (inBurst(event, around, settings) ? 'burst' : undefined);
	if (reason) return { machine: true, reason };
	return event.agent !== undefined && GMAIL.test(event.agent)
		? { machine: false, proxy: 'gmail' }
		: { machine: false };
}

/** Judges events that came together. `message`: what tells the messages apart; an event without one stands alone. */
export function judgeAll<E extends Happening>(
	events: readonly E[],
	message: (event: E) => string | undefined,
	settings: MachineSettings = machineDefaults,
): Map<E, Judgement> {
	const byMessage = new Map<string, E[]>();
	for (const event of events) {
		const key = message(event);
		if (key === undefined) continue;
		const mine = byMessage.get(key);
		if (mine) mine.push(event);
		else byMessage.set(key, [event]);
	}
	return new Map(
		events.map((event) => {
			const key = message(event);
			return [event, judge(event, key === undefined ? [] : byMessage.get(key), settings)];
		}),
	);
}

function ownSign(event: Happening, { swiftMs }: MachineSettings): MachineReason | undefined {
	const { kind, at, sentAt, method, agent } = event;
	if (event.told) return 'told';
	if (event.honeypot) return 'honeypot';
	if (method?.toUpperCase() === 'HEAD') return 'head';
	if (agent !== undefined) {
		if (agent.trim() === 'Mozilla/5.0') return 'apple';
		// A Gmail proxy names Google's robot as well in some countries; it is asked for by a reader all the same.
		if (SCANNER.test(agent) && !(kind === 'opened' && GMAIL.test(agent))) return 'scanner';
	}
	// A clock that runs behind makes a response earlier than its message: that says nothing.
	if (sentAt !== undefined && at >= sentAt && at - sentAt < swiftMs) return 'swift';
	return undefined;
}

function inBurst(event: Happening, around: readonly Happening[], settings: MachineSettings): boolean {
	const { burstLinks, burstMs } = settings;
	const near = around.filter(({ at }) => Math.abs(at - event.at) <= burstMs);
	if (near.some(({ honeypot }) => honeypot)) return true;
	// Opening a mail and following links in it at once is what people do; only the links tell.
	if (event.kind !== 'clicked') return false;
	const clicks = near.filter(({ kind }) => kind === 'clicked').sort((a, b) => a.at - b.at);
	// Any stretch of that length which the event lies in.
	return clicks.some(({ at: from }) => {
		if (from > event.at) return false;
		const stretch = clicks.filter(({ at }) => at >= from && at - from <= burstMs);
		const links = new Set(stretch.map(({ link }) => link ?? ''));
		links.add(event.link ?? '');
		return event.at - from <= burstMs && links.size >= burstLinks;
	});
}
