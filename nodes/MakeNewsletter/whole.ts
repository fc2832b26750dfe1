/** Sendings whose receivers Make chooses: to lists or a segment, or by a recurring action. */
import { randomUUID } from 'node:crypto';
import { deliver } from '../../core/dispatch/deliver';
import { readTraveller } from '../../core/journeys/traveller';
import { StepProblem } from '../../core/ports';
import type { Given, Json, Out, Outputs, StepContext } from '../../core/step';
import type { Store } from '../../core/store/store';
import type { MakeClient } from '../../providers/make/client';
import { type WholeSending, makeWholeChannel } from '../../providers/make/wholeChannel';
import type { Parameters } from './form';
import { scheduledFor } from './sendAt';

/** One sending for each wish, however many items wish the same. */
export async function sendWhole(
	ctx: StepContext,
	store: Store,
	client: MakeClient,
	{ stepId, zone }: { stepId: number; zone: string },
	items: ReadonlyArray<Given<Parameters>>,
): Promise<Outputs> {
	const wishes = new Map<string, { wish: WholeSending; items: Array<Given<Parameters>> }>();
	for (const item of items) {
		if (readTraveller(item.json))
			throw new StepProblem(
				'This operation writes to all whom Make has chosen, not to the people who come in.',
				{
					field: 'Operation',
					item: item.index,
					hint: "In a journey use 'Send to People'; put this one behind a schedule or another trigger.",
				},
			);
		const wish = wishOf(item.params, item.index, zone);
		const key = JSON.stringify([wish, item.params.options.messageKey]);
		const same = wishes.get(key);
		if (same) same.items.push(item);
		else wishes.set(key, { wish, items: [item] });
	}
	const sent: Out[] = [];
	const not: Out[] = [];
	for (const { wish, items: alike } of wishes.values()) {
		const [first] = alike;
		if (!first) continue;
		const outcome = ctx.testRun
			? { state: 'preview' as const }
			: (await sendOne(ctx, store, client, { stepId, zone }, wish, first))[0];
		if (!outcome) continue;
		const { state } = outcome;
		const newsletter: Json = { ...told(wish), ...outcome };
		delete newsletter.item;
		const out = state === 'skipped' || state === 'failed' || state === 'cancelled' ? not : sent;
		for (const { json, index } of alike) out.push({ json: { ...json, newsletter }, from: index });
	}
	ctx.hint(
		ctx.testRun
			? 'Test run: nothing was sent.'
			: `${wishes.size} ordered from Make for ${items.length} items.`,
	);
	return [sent, not];
}

async function sendOne(
	ctx: StepContext,
	store: Store,
	client: MakeClient,
	{ stepId, zone }: { stepId: number; zone: string },
	wish: WholeSending,
	{ params, index }: Given<Parameters>,
) {
	const delivered = await deliver(
		{ store, clock: ctx.clock, stepId, zone, progress: ctx.progress },
		makeWholeChannel(client),
		[
			{
				item: index,
				key: `${ctx.place.step}/${params.options.messageKey || randomUUID()}`,
				personId: null,
				enrolmentId: null,
				address: null,
				message: wish,
				// A time that somebody has chosen stands; without one the quiet hours for e-mail hold.
				purpose: params.options.sendAt ? '' : params.purpose,
			},
		],
	);
	return delivered.map(({ until, ...one }) => ({
		...one,
		...(until === undefined ? {} : { notBefore: new Date(until).toISOString() }),
	}));
}

function wishOf(params: Parameters, item: number, zone: string): WholeSending {
	const need = (value: string | readonly string[], field: string, hint: string) => {
		if (value.length === 0) throw new StepProblem(`'${field}' is empty.`, { field, item, hint });
	};
	if (params.operation === 'trigger') {
		need(params.actionId, 'Recurring Action Name or ID', 'Choose one that is set up in Make.');
		const guids = params.guids.split(/[\n,]/).map((guid) => guid.trim());
		return { kind: 'recurring', actionId: params.actionId, guids: guids.filter(Boolean) };
	}
	need(
		params.newsletterId,
		'Newsletter ID',
		'Make shows the number of a prepared newsletter in its address.',
	);
	if (params.target === 'segment')
		need(params.segmentId, 'Segment ID', 'Make shows the number of a segment in its address.');
	else need(params.lists, 'List Names or IDs', 'Choose the lists in Make.');
	const at = scheduledFor(params.options.sendAt, zone);
	return {
		kind: 'newsletter',
		newsletterId: params.newsletterId,
		to: params.target === 'segment' ? { segmentId: params.segmentId } : { listIds: params.lists },
		senderId: params.options.senderId || undefined,
		scheduledAt: at === undefined ? undefined : new Date(at).toISOString(),
	};
}

function told(wish: WholeSending): Json {
	if (wish.kind === 'recurring') return { recurringAction: wish.actionId, guids: wish.guids };
	return {
		newsletter: wish.newsletterId,
		...wish.to,
		...(wish.scheduledAt ? { sendAt: wish.scheduledAt } : {}),
	};
}
