/** Records what a person did, from any other node: a form answer, a payment, an event of another system. */
import { createHash, randomUUID } from 'node:crypto';
import { z } from 'zod/v4';
import { readTraveller } from '../../core/journeys/traveller';
import { StepProblem } from '../../core/ports';
import { registerGifts } from '../../core/register/gifts';
import { organisationOf } from '../../core/register/organisation';
import { type Incoming, ingest } from '../../core/responses/ingest';
import type { Out, Step } from '../../core/step';
import { personsIn } from '../personIn';

const parameters = z.object({
	kind: z.enum(['event', 'gift', 'replied', 'opened', 'clicked', 'unsubscribed']).default('event'),
	event: z.string().trim().default(''),
	keyword: z.string().trim().default(''),
	link: z.string().trim().default(''),
	channel: z.enum(['email', 'sms', 'phone', 'letter', '*']).default('email'),
	amount: z.coerce.number().min(0).default(0),
	campaign: z.string().trim().default(''),
	responseId: z.string().trim().default(''),
});
type Parameters = z.infer<typeof parameters>;

export const response: Step<Parameters> = {
	name: 'response',
	parameters,
	outputs: ['Recorded', 'Not Recorded'],

	async run(ctx, _params, items) {
		const store = await ctx.store();
		const { countryCode } = organisationOf(await ctx.credentials('memberJourneysStoreApi'));
		const people = await personsIn(
			store,
			items.map(({ json }) => json),
			countryCode,
		);
		const recorded: Out[] = [];
		const refused: Out[] = [];
		const incoming: Incoming[] = [];
		const gifts: Array<Parameters & { personId: number; id: string }> = [];
		const now = ctx.clock.now();
		for (const { json, params, index } of items) {
			check(params, index);
			const person = people[index];
			if (!person || 'reason' in person) {
				refused.push({
					json: { ...json, notRecorded: person?.reason ?? 'is not in the register' },
					from: index,
				});
				continue;
			}
			const id = params.responseId || idOf(ctx.place.step, json, params);
			if (params.kind === 'gift') gifts.push({ ...params, personId: person.personId, id });
			else incoming.push(incomingOf(params, person.personId, id, now));
			recorded.push({ json: { ...json, response: { kind: params.kind, id } }, from: index });
		}
		if (ctx.testRun) {
			ctx.hint('This was a test run: nothing was recorded.');
			return [recorded, refused];
		}
		await ingest(store, ctx.clock, incoming);
		if (gifts.length > 0) {
			await store.write((writing) =>
				registerGifts(
					writing,
					store,
					now,
					gifts.map((gift) => ({
						personId: gift.personId,
						source: 'response step',
						sourceId: gift.id,
						amountOre: Math.round(gift.amount * 100),
						givenAt: now,
						campaign: gift.campaign || null,
					})),
				),
			);
		}
		ctx.hint(`${recorded.length} recorded, ${refused.length} not recorded.`);
		return [recorded, refused];
	},
};

function check(params: Parameters, item: number): void {
	if (params.kind === 'event' && !params.event) {
		throw new StepProblem("'Event' is empty.", {
			field: 'Event',
			item,
			hint: 'Give the event the name that goals wait for.',
		});
	}
	if (params.kind === 'gift' && params.amount <= 0) {
		throw new StepProblem("'Amount (NOK)' must be more than 0.", {
			field: 'Amount (NOK)',
			item,
			hint: 'Give the gift’s amount in kroner, such as 150 or 99.50.',
		});
	}
}

function incomingOf(params: Parameters, personId: number, eventId: string, at: number): Incoming {
	const { kind } = params;
	const base = { source: 'response step', eventId, personId, at, anyProvider: true };
	switch (kind) {
		case 'event':
			return { ...base, kind, subject: params.event };
		case 'replied':
			return { ...base, kind, subject: params.keyword, channel: 'sms' };
		case 'clicked':
			return { ...base, kind, subject: params.link, channel: 'email' };
		case 'unsubscribed':
			return { ...base, kind, channel: params.channel };
		default:
			return { ...base, kind: 'opened', channel: 'email' };
	}
}

/**
 * Without an id of its own, a response is the same when the same visit of a person at this step is repeated (a retried
 * run); outside a journey each item is one of its own.
 */
function idOf(step: string, json: Record<string, unknown>, params: Parameters): string {
	const traveller = readTraveller(json);
	const what = traveller ? `${traveller.enrolmentId}/${traveller.hop}` : randomUUID();
	return createHash('sha256')
		.update(`${step}/${params.kind}/${params.event}/${what}`)
		.digest('hex')
		.slice(0, 32);
}
