/** Hears what people do with mail of the E-mail step: opens, clicks, unsubscribes; and what mail servers return. */
import { z } from 'zod/v4';
import { type MachineReason, machineReasons } from '../../core/responses/machine';
import { nextDecision, settleUndecided } from '../../core/responses/undecided';
import type { Choice, Emit, Json, Out, Receipt, Received, Step, StepContext, Stop } from '../../core/step';
import type { Store } from '../../core/store/store';
import { takeIn } from '../../providers/intake';
import { notificationId, takeNotifications } from '../../providers/smtp/bounces';
import { PROVIDER } from '../../providers/smtp/channel';
import { type Notification, readNotification } from '../../providers/smtp/dsn';
import { type Meaning, linksOf, rememberTrigger, triggerAddress } from '../../providers/smtp/links';
import { newMails } from '../../providers/smtp/mailbox';
import { readSmtpSettings } from '../../providers/smtp/settings';
import { oneAtATime } from '../oneAtATime';
import { responsesOf } from '../responseOf';
import { machineSettings, telling } from '../telling';
import { incomingOf } from './follow';
import { askPage, donePage, oldPage } from './pages';
import { type Leaving, unsubscribe } from './unsubscribe';

const parameters = z.object({
	events: z
		.array(z.enum(['bounced', 'clicked', 'opened', 'unsubscribed']))
		.default(['bounced', 'clicked', 'opened', 'unsubscribed']),
	unsubscribeFrom: z.enum(['purpose', 'all']).default('purpose'),
	machines: z.boolean().default(false),
	pollMinutes: z.number().min(0).max(1_440).default(5),
	publicAddress: z.string().trim().default(''),
	telling: telling(10),
});
type Parameters = z.infer<typeof parameters>;

/** A GIF of one point with nothing in it. All of its bytes are ASCII: an answer's body is text. */
const PIXEL = 'GIF89a\u0001\0\u0001\0\0\0\0,\0\0\0\0\u0001\0\u0001\0\0\u0002\0;';
/** How long a reader waits for us at most: the link leads on also when the store is slow. */
const PATIENCE_MS = 1_500;

export const emailTrigger: Step<Parameters> = {
	name: 'emailTrigger',
	parameters,
	outputs: ['Events'],

	async listen(ctx, params, emit) {
		const url = params.publicAddress || ctx.publicUrl?.();
		if (url) await keepAddress(ctx, params, url);
		else if (ctx.place.host === 'node-red') {
			ctx.hint(
				"People cannot reach this step: fill in 'Public Address', or set memberJourneysPublicUrl in settings.js.",
			);
		}
		if (ctx.testRun) return async () => undefined;
		const store = await ctx.store();
		const told = (outputs: Out[]) => {
			// Not waited for: the run may take longer than the pause until the next look.
			if (outputs.length > 0)
				void emit([outputs]).catch((cause: unknown) => ctx.log('error', wordsOf(cause)));
		};
		const stops = [decideAgainAndAgain(ctx, store, params, told)];
		if (params.pollMinutes > 0) stops.push(pollAgainAndAgain(ctx, store, params, told));
		return async () => {
			for (const stop of stops) await stop();
		};
	},

	registered: (ctx, params, url) => keepAddress(ctx, params, url),

	async receive(ctx, params, request) {
		const store = await ctx.store();
		const now = ctx.clock.now();
		const what = (await linksOf(store)).read(request.query.t, now);
		if (!what) return oldPage(request.headers['accept-language']);
		return what.k === 'leave'
			? left(ctx, params, store, request, what)
			: followed(ctx, params, store, request, what);
	},

	choices: {
		async address(ctx): Promise<Choice[]> {
			const address = await triggerAddress(await ctx.store());
			return address
				? [{ name: address, value: 'shown' }]
				: [{ name: 'Publish the Flow First', value: '', description: 'The address is shown here then' }];
		},
	},
};

/** Only a POST unsubscribes: programs fetch links that nobody has followed (RFC 8058 §1). */
async function left(
	ctx: StepContext,
	params: Parameters,
	store: Store,
	{ method, headers, raw }: Received,
	what: Leaving,
): Promise<Receipt> {
	const language = headers['accept-language'];
	if (method !== 'POST') return askPage(language, what.w);
	// The page's form says which; a mail program sends List-Unsubscribe=One-Click, in either encoding.
	const chosen = new URLSearchParams(raw.subarray(0, 1_000).toString('latin1')).get('from');
	const all = chosen === 'all' || (chosen !== 'this' && params.unsubscribeFrom === 'all');
	let eventId: string | undefined;
	try {
		eventId = await unsubscribe(store, ctx.clock, what, all);
	} catch (cause) {
		ctx.log('error', `An unsubscribe could not be stored: ${wordsOf(cause)}`);
		return { status: 503, headers: { 'retry-after': '60' }, body: 'Not stored, try again' };
	}
	return {
		...donePage(language),
		async after(emit) {
			if (eventId !== undefined && params.events.includes('unsubscribed'))
				await tell(ctx, store, emit, [
					{ eventId, kind: 'unsubscribed', machine: false, at: ctx.clock.now() },
				]);
		},
	};
}

async function followed(
	ctx: StepContext,
	params: Parameters,
	store: Store,
	request: Received,
	what: Exclude<Meaning, { k: 'leave' }>,
): Promise<Receipt> {
	const now = ctx.clock.now();
	const incoming = incomingOf(
		what,
		request,
		now,
		params.telling.graceSeconds * 1_000,
		machineSettings(params.telling),
	);
	const stored = takeIn(store, ctx.clock, [incoming]);
	let callOff: () => void = () => undefined;
	const late = new Promise<void>((resolve) => {
		callOff = ctx.clock.at(ctx.clock.now() + PATIENCE_MS, resolve);
	});
	await Promise.race([
		late,
		stored.then(
			() => undefined,
			(cause: unknown) => ctx.log('error', `What a mail's link told could not be stored: ${wordsOf(cause)}`),
		),
	]);
	callOff();
	return {
		...answerTo(what),
		async after(emit) {
			const fresh = await stored.catch(() => new Set<string>());
			// What is undecided is told when it has been decided.
			if (incoming.machine === 'undecided' || !fresh.has(incoming.eventId)) return;
			const event = {
				eventId: incoming.eventId,
				kind: incoming.kind as Told['kind'],
				machine: incoming.machine === true,
				at: now,
			};
			if (isWanted(event, params)) await tell(ctx, store, emit, [event]);
		},
	};
}

function answerTo(what: Exclude<Meaning, { k: 'leave' }>): Receipt {
	const quiet = {
		'cache-control': 'no-store, private',
		'referrer-policy': 'no-referrer',
		'x-robots-tag': 'noindex',
	};
	switch (what.k) {
		case 'click':
			return { status: 302, headers: { ...quiet, location: what.u }, body: '' };
		case 'trap':
			return { status: 204, headers: quiet };
		case 'open':
			return { status: 200, headers: { ...quiet, 'content-type': 'image/gif' }, body: PIXEL };
	}
}

interface Told {
	eventId: string;
	kind: 'opened' | 'clicked' | 'unsubscribed' | 'bounced';
	machine: boolean;
	reason?: MachineReason | undefined;
	at: number;
}

function isWanted({ kind, machine }: Told, params: Parameters): boolean {
	return params.events.includes(kind) && (params.machines || !machine);
}

async function tell(ctx: StepContext, store: Store, emit: Emit, events: readonly Told[]): Promise<void> {
	await emit([await itemsOf(ctx, store, events)]);
}

async function itemsOf(ctx: StepContext, store: Store, events: readonly Told[]): Promise<Out[]> {
	const ids = events.map(({ eventId }) => eventId);
	const about = await responsesOf(store, PROVIDER, ids, ctx.clock.now());
	const rows = await store.db
		.selectFrom('response as r')
		.leftJoin('dispatch as d', 'd.id', 'r.dispatch_id')
		.select(['r.source_event_id', 'r.subject', 'r.at', 'd.address', 'd.purpose'])
		.where('r.source', '=', PROVIDER)
		.where(store.amongTexts('r.source_event_id', ids))
		.execute();
	const rowOf = new Map(rows.map((row) => [row.source_event_id, row]));
	return events.map(({ eventId, kind, machine, reason, at }): Out => {
		const row = rowOf.get(eventId);
		const json: Json = {
			event: kind,
			provider: PROVIDER,
			time: new Date(row?.at ?? at).toISOString(),
			eventId,
			email: row?.address ?? null,
			...(kind === 'clicked' ? { url: row?.subject ?? null } : {}),
			...(kind === 'unsubscribed'
				? { channel: 'email', purpose: row?.subject || null }
				: { purpose: row?.purpose ?? null }),
			machine,
			...(reason ? { sign: machineReasons[reason] } : {}),
			...(about.get(eventId) ?? { person: null, dispatch: null }),
		};
		return { json };
	});
}

/** Judges what has waited out its grace; what a process left undecided when it died is judged by the next that looks. */
function decideAgainAndAgain(
	ctx: StepContext,
	store: Store,
	params: Parameters,
	told: (outputs: Out[]) => void,
): Stop {
	const { clock } = ctx;
	const graceMs = Math.max(params.telling.graceSeconds, params.telling.burstSeconds) * 1_000;
	/** Clicks come in by other processes too: how often to look whether there are any. */
	const look = Math.max(graceMs, 1_000);
	return repeatedly(ctx, async () => {
		const decided = await settleUndecided(store, clock, PROVIDER, graceMs, machineSettings(params.telling));
		const wanted = decided
			.map((one): Told => ({ ...one, at: clock.now() }))
			.filter((one) => isWanted(one, params));
		if (wanted.length > 0) told(await itemsOf(ctx, store, wanted));
		const next = await nextDecision(store, PROVIDER, graceMs);
		return Math.min(next ?? Infinity, clock.now() + look);
	});
}

/** Bounces from the mailbox that the credential names. */
function pollAgainAndAgain(
	ctx: StepContext,
	store: Store,
	params: Parameters,
	told: (outputs: Out[]) => void,
): Stop {
	const { clock } = ctx;
	const pause = params.pollMinutes * 60_000;
	return repeatedly(ctx, async () => {
		const raw = await ctx.credentials('emailSmtpApi').catch(() => undefined);
		const settings = raw === undefined ? undefined : readSmtpSettings(raw);
		if (!settings?.imapHost) return clock.now() + pause;
		const turn = await oneAtATime(
			store,
			clock,
			`email:mailbox ${settings.imapHost} ${settings.imapUser}`,
			async () => {
				const { marks } = await linksOf(store);
				const found: Notification[] = [];
				const seen = await newMails(store, settings, clock.now(), async (mail) => {
					const notification = readNotification(mail, marks);
					if (!notification) return;
					// One by one: the place in the mailbox is written down only when all of them are stored.
					const fresh = await takeNotifications(store, clock, [notification]);
					if (fresh.has(notificationId(notification))) found.push(notification);
				}).catch((cause: unknown) => {
					// Said, and asked again after the pause: what came before it is told all the same.
					ctx.log('warn', wordsOf(cause));
					return 0;
				});
				if (seen > 0)
					ctx.log('info', `${seen} new mails in the bounce mailbox, ${found.length} new bounces.`);
				const bounced = found
					.filter(({ action }) => action === 'failed')
					.map((one): Told => ({
						eventId: notificationId(one),
						kind: 'bounced',
						machine: false,
						at: clock.now(),
					}));
				if (bounced.length > 0 && params.events.includes('bounced')) {
					const items = await itemsOf(ctx, store, bounced);
					const byId = new Map(found.map((one) => [notificationId(one), one]));
					for (const { json } of items) {
						const one = byId.get(String(json.eventId));
						Object.assign(json, {
							hard: one?.hard ?? false,
							status: one?.status ?? null,
							reason: one?.reason,
						});
					}
					told(items);
				}
			},
		);
		return turn.taken ? clock.now() + pause : Math.min(turn.until, clock.now() + pause);
	});
}

/** Works now and whenever `work` says (epoch ms), one after the other; what goes wrong is tried again in a minute. */
function repeatedly({ clock, log }: StepContext, work: () => Promise<number>): Stop {
	let stopped = false;
	let callOff: () => void = () => undefined;
	const go = async () => {
		const next = await work().catch((cause: unknown) => {
			log('warn', wordsOf(cause));
			return clock.now() + 60_000;
		});
		if (!stopped) callOff = clock.at(next, again);
	};
	let running = go();
	const again = () => {
		running = go();
	};
	return async () => {
		stopped = true;
		callOff();
		await running;
	};
}

async function keepAddress(ctx: StepContext, params: Parameters, url: string): Promise<void> {
	const address = params.publicAddress || url;
	if (URL.canParse(address)) await rememberTrigger(await ctx.store(), address);
}

function wordsOf(cause: unknown): string {
	return cause instanceof Error ? cause.message : String(cause);
}
