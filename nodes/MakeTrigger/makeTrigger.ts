/** Hears what people do with newsletters from Make: by its webhooks, and by asking it now and then. */
import { z } from 'zod/v4';
import { AnswerLost, NotSent } from '../../core/ports';
import type { Choice, Json, Out, Received, Step, StepContext } from '../../core/step';
import type { Store } from '../../core/store/store';
import { callbackAddress, knowsSecret, rememberAddress } from '../../providers/callback';
import { takeIn } from '../../providers/intake';
import { attribute } from '../../providers/make/attribution';
import {
	type EventKind,
	type MakeClient,
	eventKinds,
	makeClient,
	readMakeSettings,
} from '../../providers/make/client';
import { type MakeEvent, incomingOf, readWebhook } from '../../providers/make/events';
import { accountMark } from '../../providers/make/mailing';
import { removeOldLists } from '../../providers/make/oldLists';
import { dayBefore, pollEvents } from '../../providers/make/polling';
import { answerInTime } from '../answerInTime';
import { responsesOf } from '../responseOf';

const parameters = z.object({
	events: z
		.array(z.enum(['bounced', 'clicked', 'opened', 'other', 'sent', 'unsubscribed']))
		.default(['bounced', 'clicked', 'opened', 'unsubscribed']),
	machines: z.boolean().default(false),
	pollMinutes: z.number().min(0).max(1_440).default(5),
	publicAddress: z.string().trim().default(''),
});
type Parameters = z.infer<typeof parameters>;

const TIDY_EVERY_MS = 3_600_000;
/** Events that the core has no use for are remembered here, so that they are told once. */
const REMEMBERED = 20_000;

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
		if (params.pollMinutes === 0) return async () => undefined;
		const store = await ctx.store();
		const told = new Told();
		const poll = async () => {
			const items = await pollOnce(ctx, params, store, client, told);
			// Not waited for: the run may take longer than the pause between two polls.
			if (items.length > 0) void emit([items]).catch((cause: unknown) => ctx.log('error', wordsOf(cause)));
		};
		return repeat(ctx, params.pollMinutes * 60_000, poll, async () => {
			await removeOldLists(store, client, ctx.clock.now());
		});
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
		const event = readWebhook(formOf(request), now);
		if (!event) {
			ctx.log('warn', 'Make sent something without an event_type.');
			return { status: 200, body: 'OK' };
		}
		const stored = attribute(store, [event]).then(async ([about]) => {
			const incoming = incomingOf(event, about ?? {});
			return takeIn(store, ctx.clock, incoming ? [incoming] : []);
		});
		return answerInTime(ctx.clock, stored, async (emit) => {
			const fresh = await stored;
			if (!isWanted(event, params) || (isStored(event) && !fresh.has(event.eventId))) return;
			await emit([await itemsOf(store, [event], now)]);
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
	told: Told,
): Promise<Out[]> {
	const now = ctx.clock.now();
	const key = `make:polled:${accountMark(client.account)}`;
	const row = await store.db.selectFrom('setting').select('value').where('key', '=', key).executeTakeFirst();
	const events = (await pollEvents(client, asked(params), dayBefore(Number(row?.value ?? now)), now)).filter(
		(event) => !told.has(event.eventId),
	);
	const about = await attribute(store, events);
	const incoming = events.flatMap((event, index) => incomingOf(event, about[index] ?? {}) ?? []);
	const fresh = await takeIn(store, ctx.clock, incoming);
	// Written down last: a process that dies before reads the same days again, and nothing is stored twice.
	await store.write(({ db }) =>
		db
			.insertInto('setting')
			.values({ key, value: String(now) })
			.onConflict((conflict) => conflict.column('key').doUpdateSet({ value: String(now) }))
			.execute(),
	);
	const wanted = events.filter(
		(event) => isWanted(event, params) && (!isStored(event) || fresh.has(event.eventId)),
	);
	for (const event of events) told.add(event.eventId);
	ctx.progress(fresh.size, undefined, 'new events');
	return itemsOf(store, wanted, now);
}

/** Opens, clicks, bounces and unsubscribes are always asked for: goals and reservations need them. */
function asked(params: Parameters): EventKind[] {
	return eventKinds.filter((kind) => kind !== 'sendings' || params.events.includes('sent'));
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

/** Calls `work` now and after each pause, one at a time; `tidy` each hour. What Make does not answer is asked again. */
async function repeat(ctx: StepContext, pause: number, work: () => Promise<void>, tidy: () => Promise<void>) {
	let stopped = false;
	let callOff: () => void = () => undefined;
	let running: Promise<void> = Promise.resolve();
	let tidied = -Infinity;
	const once = async () => {
		await work();
		if (ctx.clock.now() - tidied < TIDY_EVERY_MS) return;
		tidied = ctx.clock.now();
		await tidy();
	};
	const next = () => {
		if (stopped) return;
		callOff = ctx.clock.at(ctx.clock.now() + pause, () => {
			running = once().catch((cause: unknown) => ctx.log('warn', wordsOf(cause)));
			void running.then(next);
		});
	};
	// A credential that Make refuses is told at once; a Make that is away is not worth a refusal to start.
	await once().catch((cause: unknown) => {
		if (!(cause instanceof NotSent) && !(cause instanceof AnswerLost)) throw cause;
		ctx.log('warn', wordsOf(cause));
	});
	next();
	return async () => {
		stopped = true;
		callOff();
		await running;
	};
}

function wordsOf(cause: unknown): string {
	return cause instanceof Error ? cause.message : String(cause);
}

/** The newest event ids, so many at most. */
class Told {
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
