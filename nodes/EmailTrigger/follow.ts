/** Opens and clicks, as they come in. */
import { createHash } from 'node:crypto';
import type { Incoming } from '../../core/responses/ingest';
import { type MachineSettings, judge } from '../../core/responses/machine';
import type { Received } from '../../core/step';
import { PROVIDER } from '../../providers/smtp/channel';
import type { Meaning } from '../../providers/smtp/links';

/** What is asked for again within this time is the same click, or the same open. */
const SAME_MS = { click: 5_000, trap: 5_000, open: 60_000 };

/** @param graceMs 0: it counts at once, whatever comes after it */
export function incomingOf(
	what: Exclude<Meaning, { k: 'leave' }>,
	{ method, headers }: Received,
	now: number,
	graceMs: number,
	settings: MachineSettings,
): Incoming {
	const kind = what.k === 'open' ? ('opened' as const) : ('clicked' as const);
	const link = what.k === 'click' ? what.u : undefined;
	const honeypot = what.k === 'trap';
	const judged = judge(
		{ kind, at: now, sentAt: what.t * 1_000, method, agent: headers['user-agent'] ?? '', link, honeypot },
		[],
		settings,
	);
	const machine = judged.machine || (graceMs > 0 ? ('undecided' as const) : false);
	const sign = judged.reason ?? '';
	const bucket = Math.floor(now / SAME_MS[what.k]);
	const which = createHash('sha256')
		.update(link ?? '')
		.digest('base64url')
		.slice(0, 10);
	return {
		source: PROVIDER,
		// A person after a machine within the same moment is another event.
		eventId: `${what.k} ${what.d} ${which} ${bucket} ${sign}`,
		kind,
		at: now,
		dispatchId: what.d,
		...(what.p === undefined ? {} : { personId: what.p }),
		channel: 'email',
		...(honeypot ? { subject: '' } : link === undefined ? {} : { subject: link }),
		machine,
		detail: {
			...(sign ? { sign } : {}),
			...(honeypot ? { honeypot } : {}),
			...(judged.proxy ? { proxy: judged.proxy } : {}),
		},
	};
}
