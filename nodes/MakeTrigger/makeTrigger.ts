/** Hears what people do with newsletters from Make: by its webhooks, and by asking it now and then. */
import { z } from 'zod/v4';
import type { Clock } from '../../core/ports';
import { readPhone } from '../../core/register/contact';
import { organisationOf } from '../../core/register/organisation';
import { machineReasons } from '../../core/responses/machine';
import { nextDecision, settleUndecided } from '../../core/responses/undecided';
import type { Choice, Json, Out, Received, Step, StepContext, Stop } from '../../core/step';
import { keepSetting, settingOf } from '../../core/store/setting';
import type { Store } from '../../core/store/store';
import { callbackAddress, knowsSecret, rememberAddress } from '../../providers/callback';
import { takeIn } from '../../providers/intake';
import { type About, attribute } from '../../providers/make/attribution';
import { type EventKind, type MakeClient, eventKinds, makeClient } from '../../providers/make/client';
import { readMakeSettings } from '../../providers/make/settings';
import { type MakeEvent, flagSwift, incomingOf, readWebhook } from '../../providers/make/events';
import { accountMark } from '../../providers/make/mailing';
import { removeOldLists } from '../../providers/make/oldLists';
import { dayBefore, pollEvents } from '../../providers/make/polling';
import { answerInTime } from '../answerInTime';
import { pollAgainAndAgain } from '../pollAgainAndAgain';
import { responsesOf } from '../responseOf';
import { machineSettings, telling } from '../telling';

const parameters = z.object({
	events: z
		.array(z.enum(['bounced', 'clicked', 'opened', 'other', 'sent', 'unsubscribed']))
		.default(['bounced', 'clicked', 'opened', 'unsubscribed']),
	machines: z.boolean().default(false),
	pollMinutes: z.number().min(0).max(1_440).default(5),
	publicAddress: z.string().trim().default(''),
	telling: telling(6),
});
type Parameters = z.infer<typeof parameters>;

const LOOK_MS = 2_000;
const TIDY_EVERY_MS = 3_600_000;
const REMEMBERED = 20_000;
/** A poll asks for some two days; a process that was away asks from where it was. */
const TOLD_FOR_MS = 30 * 86_400_000;
const toldEvents = z.array(z.tuple([z.string(), z.number()]));

export const makeTrigger: Step<Parameters> = {
	name: 'makeTrigger',
	parameters,
	outputs: ['Events'],

	async listen(ctx, params, emit) {
		const url = params.publicAddress || ctx.publicUrl?.();
		if (url && URL.canParse(url)) await rememberAddress(await ctx.store(), 'make', url);
		const settings = readMakeSettings(await ctx.credentials('makeNewsletterApi'));
		const client = makeClient(ctx.http, ctx.clock, settings);
		if (ctx.testRun) {
			const found = await pollEvents(client, asked(params), dayBefore(ctx.clock.now()), ctx.clock.now());
			const wanted = found.filter((event) => isWanted(event, params)).slice(-10);
			await emit([wanted.map((event): Out => ({ json: itemOf(event, { person: null, dispatch: null }) }))]);
			return async () => undefined;
		}
		const store = await ctx.store();
		const stopDeciding = decideAgainAndAgain(ctx, store, params, (items) => {
			void emit([items]).catch((cause: unknown) => ctx.log('error', wordsOf(cause)));
		});
		if (params.pollMinutes === 0) return stopDeciding;
		const known = new Known();
		const poll = async () => {
			const items = await pollOnce(ctx, params, store, client, known);
			// Not waited for: the run may take longer than the pause between two polls.
			if (items.length > 0) void emit([items]).catch((cause: unknown) => ctx.log('error', wordsOf(cause)));
		};
		let tidied = -Infinity;
		const pollAndTidy = async () => {
			await poll();
			if (ctx.clock.now() - tidied < TIDY_EVERY_MS) return;
			tidied = ctx.clock.now();
			await removeOldLists(store, client, ctx.clock.now());
		};
		const key = `make:asked:${ctx.place.step}`;
		const stopPolling = await pollAgainAndAgain(
			ctx,
			store,
			key,
			params.pollMinutes * 60_000,
			pollAndTidy,
		).catch(async (cause: unknown) => {
			await stopDeciding();
			throw cause;
		});
		return async () => {
			await stopDeciding();
			await stopPolling();
		};
	},

	async registered(ctx, params, url) {
		const address = params.publicAddress || url;
		if (URL.canParse(address)) await rememberAddress(await ctx.store(), 'make', address);
	},

	async receive(ctx, params, request) {
		const store = await ctx.store();
		const secret = await ownSecret(ctx);
		if (!(await knowsSecret(store, 'make', request.query.token, secret)))
			return { status: 401, body: 'Unauthorized' };
		const now = ctx.clock.now();
		const read = readWebhook(formOf(request), now);
		const event = read && withKnownPhone(read, await countryOf(ctx));
		if (!event) {
			ctx.log('warn', 'Make sent something without an event_type.');
			return { status: 200, body: 'OK' };
		}
		const stored = attribute(store, [event]).then(async ([about = {}]) => {
			const judged = flagSwift(event, about.ordered, machineSettings(params.telling));
			const waits = isUndecided(judged, about, params);
			const incoming = incomingOf(judged, about, waits);
			return { judged, waits, fresh: await takeIn(store, ctx.clock, incoming ? [incoming] : []) };
		});
		return answerInTime(ctx.clock, stored, async (emit) => {
			const { judged, waits, fresh } = await stored;
			if (isStored(judged) && !fresh.has(judged.eventId)) return;
			// What waits is told by `listen`, once it is known what it was.
			if (!waits && isWanted(judged, params)) await emit([await itemsOf(store, [judged], now)]);
		});
	},

	choices: {
		async address(ctx): Promise<Choice[]> {
			const address = await callbackAddress(await ctx.store(), 'make');
			return address
				? [{ name: address, value: 'shown' }]
				: [{ name: 'Publish the Flow First', value: '', description: 'The address is shown here then' }];
		},
	},
};

/** Events are asked for by day and come again each time: only those that are new are given back. */
async function pollOnce(
	ctx: StepContext,
	params: Parameters,
	store: Store,
	client: MakeClient,
	known: Known,
): Promise<Out[]> {
	const now = ctx.clock.now();
	const key = `make:polled:${accountMark(client.account)}`;
	const polledAt = Number((await settingOf(store.db, key)) ?? now);
	const settings = machineSettings(params.telling);
	const countryCode = await countryOf(ctx);
	const found = (await pollEvents(client, asked(params), dayBefore(polledAt), now, settings)).flatMap(
		(event) => (known.has(event.eventId) ? [] : [withKnownPhone(event, countryCode)]),
	);
	const about = await attribute(store, found);
	const events = found.map((event, index) => flagSwift(event, about[index]?.ordered, settings));
	// What came a moment ago may be the first of many: what follows it has not been told yet.
	const waiting = new Set(
		events.filter(
			(event, index) => event.at > now - settings.burstMs && isUndecided(event, about[index] ?? {}, params),
		),
	);
	const incoming = events.flatMap(
		(event, index) => incomingOf(event, about[index] ?? {}, waiting.has(event)) ?? [],
	);
	const fresh = await takeIn(store, ctx.clock, incoming);
	// Written down last: a process that dies before reads the same days again, and nothing is stored twice.
	await store.write(({ db }) => keepSetting(db, key, String(now)));
	const news = await notTold(
		ctx,
		store,
		events.filter((event) => isWanted(event, params) && !isStored(event)),
	);
	const wanted = events.filter(
		(event) =>
			news.has(event.eventId) || (isWanted(event, params) && fresh.has(event.eventId) && !waiting.has(event)),
	);
	for (const event of events) known.add(event.eventId);
	if (fresh.size > 0) ctx.progress(fresh.size, undefined, 'new events');
	return itemsOf(store, wanted, now);
}

/**
 * Events that are not stored as responses (a newsletter went out: one per sending) are told once all the same, whichever
 * process asks next: their ids are kept for as long as Make may answer with them again.
 */
async function notTold(ctx: StepContext, store: Store, events: readonly MakeEvent[]): Promise<Set<string>> {
	if (events.length === 0) return new Set();
	const key = `make:told:${ctx.place.step}`;
	const kept = await settingOf(store.db, key);
	const told = new Map(kept === undefined ? [] : toldEvents.parse(JSON.parse(kept)));
	const news = events.filter((event) => !told.has(event.eventId));
	if (news.length === 0) return new Set();
	const now = ctx.clock.now();
	for (const event of news) told.set(event.eventId, now);
	const value = JSON.stringify([...told].filter(([, at]) => at > now - TOLD_FOR_MS).slice(-REMEMBERED));
	await keepSetting(store.db, key, value);
	return new Set(news.map((event) => event.eventId));
}

/** Opens, clicks, bounces and unsubscribes are always asked for: goals and reservations need them. */
function asked(params: Parameters): EventKind[] {
	return eventKinds.filter((kind) => kind !== 'sendings' || params.events.includes('sent'));
}

/** Clicks that a goal may wait for are kept back until it is known that no scanner followed all links. */
function isUndecided(event: MakeEvent, about: About, { telling }: Parameters): boolean {
	return (
		telling.graceSeconds > 0 && event.kind === 'clicked' && !event.machine && about.dispatchId !== undefined
	);
}

function graceOf({ telling }: Parameters): number {
	return Math.max(telling.graceSeconds, telling.burstSeconds + 1) * 1_000;
}

/** Judges clicks that have waited, also those that a process left undecided when it died; and tells them. */
async function decide(store: Store, clock: Clock, params: Parameters): Promise<Out[]> {
	const due = await nextDecision(store, 'make', graceOf(params));
	if (due === undefined || due > clock.now()) return [];
	const decided = await settleUndecided(
		store,
		clock,
		'make',
		graceOf(params),
		machineSettings(params.telling),
	);
	const wanted = decided.filter(
		({ kind, machine }) => params.events.includes(kind) && (params.machines || !machine),
	);
	if (wanted.length === 0) return [];
	const ids = wanted.map(({ eventId }) => eventId);
	const about = await responsesOf(store, 'make', ids, clock.now());
	const rows = await store.db
		.selectFrom('response as r')
		.leftJoin('dispatch as d', 'd.id', 'r.dispatch_id')
		.leftJoin('mailing as m', 'm.id', 'd.mailing_id')
		.select(['r.source_event_id', 'r.subject', 'r.at', 'd.address', 'm.newsletter_ref', 'm.sending_ref'])
		.where('r.source', '=', 'make')
		.where(store.amongTexts('r.source_event_id', ids))
		.execute();
	const rowOf = new Map(rows.map((row) => [row.source_event_id, row]));
	return wanted.map(({ eventId, kind, machine, reason }): Out => {
		const row = rowOf.get(eventId);
		const event: MakeEvent = {
			eventId,
			kind,
			type: kind,
			at: row?.at ?? clock.now(),
			email: row?.address ?? undefined,
			phone: undefined,
			url: row?.subject ?? undefined,
			newsletterRef: row?.newsletter_ref ?? undefined,
			sendingRef: row?.sending_ref ?? undefined,
			channel: 'email',
			machine,
			sign: reason,
			detail: {},
		};
		const { person, dispatch } = about.get(eventId) ?? { person: null, dispatch: null };
		return { json: itemOf(event, { person, dispatch }) };
	});
}

function decideAgainAndAgain(
	ctx: StepContext,
	store: Store,
	params: Parameters,
	tell: (items: Out[]) => void,
): Stop {
	const { clock } = ctx;
	const grace = graceOf(params);
	let stopped = false;
	let callOff: () => void = () => undefined;
	const go = async (): Promise<void> => {
		const next = await decide(store, clock, params)
			.then(async (items) => {
				if (items.length > 0) tell(items);
				const due = await nextDecision(store, 'make', grace);
				// Clicks come in by other processes too: how often to look whether there are any.
				return Math.min(due ?? Infinity, clock.now() + LOOK_MS);
			})
			.catch((cause: unknown) => {
				ctx.log('warn', wordsOf(cause));
				return clock.now() + 60_000;
			});
		if (!stopped) callOff = clock.at(next, () => (running = go()));
	};
	let running = go();
	return async () => {
		stopped = true;
		callOff();
		await running;
	};
}

async function countryOf(ctx: StepContext): Promise<string> {
	return organisationOf(await ctx.credentials('memberJourneysStoreApi')).countryCode;
}

/** Make's own example of a phone number has eight digits; the register's have their country in front. */
function withKnownPhone(event: MakeEvent, countryCode: string): MakeEvent {
	return event.phone === undefined
		? event
		: { ...event, phone: readPhone(event.phone, countryCode) ?? event.phone };
}

function isWanted(event: MakeEvent, params: Parameters): boolean {
	return params.events.includes(event.kind) && (params.machines || !event.machine);
}

function isStored({ kind }: MakeEvent): boolean {
	return kind !== 'sent' && kind !== 'other';
}

async function itemsOf(store: Store, events: readonly MakeEvent[], now: number): Promise<Out[]> {
	const about = await responsesOf(
		store,
		'make',
		events.map((event) => event.eventId),
		now,
	);
	return events.map((event): Out => {
		const { person, dispatch } = about.get(event.eventId) ?? { person: null, dispatch: null };
		return { json: itemOf(event, { person, dispatch }) };
	});
}

function itemOf(event: MakeEvent, about: Json): Json {
	return {
		event: event.kind,
		provider: 'make',
		time: new Date(event.at).toISOString(),
		eventId: event.eventId,
		type: event.type,
		email: event.email ?? null,
		phone: event.phone ?? null,
		url: event.url ?? null,
		newsletter: event.newsletterRef ?? null,
		sending: event.sendingRef ?? null,
		...(event.kind === 'unsubscribed' ? { channel: event.channel } : {}),
		machine: event.machine,
		...(event.sign ? { sign: machineReasons[event.sign] } : {}),
		detail: event.detail,
		...about,
	};
}

async function ownSecret(ctx: StepContext): Promise<string | undefined> {
	return readMakeSettings(await ctx.credentials('makeNewsletterApi')).callbackSecret;
}

function formOf({ raw }: Received): Record<string, string> {
	return Object.fromEntries(new URLSearchParams(raw.toString('utf8')));
}

function wordsOf(cause: unknown): string {
	return cause instanceof Error ? cause.message : String(cause);
}

/** The newest event ids that this process has been through, so many at most: a short cut. */
class Known {
	private readonly ids = new Set<string>();
	has(id: string): boolean {
		return this.ids.has(id);
	}
	add(id: string): void {
		this.ids.add(id);
		if (this.ids.size <= REMEMBERED) return;
		const oldest = this.ids.values().next().value;
		if (oldest !== undefined) this.ids.delete(oldest);
	}
}
