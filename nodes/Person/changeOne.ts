/** Changes of one thing about each item's person: a label, a consent, an event. */
import { createHash, randomUUID } from 'node:crypto';
import { z } from 'zod/v4';
import { readTraveller } from '../../core/journeys/traveller';
import { StepProblem } from '../../core/ports';
import {
	NATIONAL_REGISTER,
	addReservations,
	removeReservations,
	setConsent,
} from '../../core/register/consents';
import { ANY_PURPOSE } from '../../core/register/given';
import { addLabels, removeLabels } from '../../core/register/labels';
import { ingest } from '../../core/responses/ingest';
import type { Given, Outputs, StepContext } from '../../core/step';
import type { Store, Writing } from '../../core/store/store';
import { type Found, peopleOf } from './people';

export const labelForm = { label: z.string().trim().default('') };
export const consentForm = {
	channel: z.enum(['email', 'letter', 'phone', 'sms']).default('email'),
	purpose: z.string().trim().default(''),
	granted: z.boolean().default(true),
};
export const reservationForm = {
	reservedChannel: z.enum(['*', 'email', 'letter', 'phone', 'sms']).default('*'),
	reserved: z.boolean().default(true),
	saidBy: z.enum(['person', 'national']).default('person'),
};
export const eventForm = { event: z.string().trim().default('') };
type LabelForm = z.infer<z.ZodObject<typeof labelForm>>;
type ConsentForm = z.infer<z.ZodObject<typeof consentForm>>;
type ReservationForm = z.infer<z.ZodObject<typeof reservationForm>>;
type EventForm = z.infer<z.ZodObject<typeof eventForm>>;

type Change = (writing: Writing, store: Store, personIds: number[], now: number) => Promise<number[]>;

export function addLabel(ctx: StepContext, items: ReadonlyArray<Given<LabelForm>>): Promise<Outputs> {
	return changed(
		ctx,
		items,
		filled('label', 'Label'),
		({ label }) =>
			(writing, store, ids, now) =>
				addLabels(writing, store, now, ids, label),
	);
}

export function removeLabel(ctx: StepContext, items: ReadonlyArray<Given<LabelForm>>): Promise<Outputs> {
	return changed(
		ctx,
		items,
		filled('label', 'Label'),
		({ label }) =>
			(writing, store, ids, now) =>
				removeLabels(writing, store, now, ids, label),
	);
}

export function changeConsent(ctx: StepContext, items: ReadonlyArray<Given<ConsentForm>>): Promise<Outputs> {
	const key = ({ channel, purpose, granted }: ConsentForm) => JSON.stringify([channel, purpose, granted]);
	return changed(
		ctx,
		items,
		key,
		({ channel, purpose, granted }) =>
			(writing, store, ids, now) =>
				setConsent(writing, store, now, ids, {
					channel,
					purpose: purpose || ANY_PURPOSE,
					granted,
					source: 'person step',
				}),
	);
}

export function changeReservation(
	ctx: StepContext,
	items: ReadonlyArray<Given<ReservationForm>>,
): Promise<Outputs> {
	const key = ({ reservedChannel, reserved, saidBy }: ReservationForm) =>
		JSON.stringify([reservedChannel, reserved, saidBy]);
	return changed(ctx, items, key, ({ reservedChannel: channel, reserved, saidBy }) => {
		const source = saidBy === 'national' ? NATIONAL_REGISTER : 'person step';
		return (writing, store, ids, now) =>
			reserved
				? addReservations(writing, now, ids, channel, source)
				: removeReservations(writing, store, now, ids, channel, source);
	});
}

export async function registerEvent(
	ctx: StepContext,
	items: ReadonlyArray<Given<EventForm>>,
): Promise<Outputs> {
	const name = filled<EventForm>('event', 'Event');
	const { found, refused } = await peopleOf(ctx, items);
	const real = found.filter(({ test }) => !test);
	await ingest(
		await ctx.store(),
		ctx.clock,
		real.map((one) => ({
			source: 'register',
			eventId: eventId(ctx.place.step, one),
			kind: 'event' as const,
			at: ctx.clock.now(),
			personId: one.personId,
			subject: name(one.item.params, one.item.index),
		})),
	);
	ctx.hint(`${real.length} recorded, ${refused.length} refused.`);
	return [found.map(({ item }) => ({ json: item.json, from: item.index })), refused];
}

/** People with the same change are changed together; each item leaves as it came. */
async function changed<P>(
	ctx: StepContext,
	items: ReadonlyArray<Given<P>>,
	keyOf: (params: P, item: number) => string,
	changeOf: (params: P) => Change,
): Promise<Outputs> {
	const store = await ctx.store();
	const { found, refused } = await peopleOf(ctx, items);
	const groups = new Map<string, { params: P; ids: number[] }>();
	for (const { item, personId, test } of found) {
		const key = keyOf(item.params, item.index);
		const group = groups.get(key) ?? { params: item.params, ids: [] };
		groups.set(key, group);
		if (!test) group.ids.push(personId);
	}
	const now = ctx.clock.now();
	let count = 0;
	await store.write(async (writing) => {
		for (const { params, ids } of groups.values()) {
			if (ids.length > 0) count += (await changeOf(params)(writing, store, ids, now)).length;
		}
	});
	ctx.hint(`${count} changed, ${found.length - count} as before, ${refused.length} refused.`);
	return [found.map(({ item }) => ({ json: item.json, from: item.index })), refused];
}

/** The text of a field that must not be empty. */
function filled<P extends Record<string, unknown>>(name: keyof P & string, field: string) {
	return (params: P, item: number): string => {
		const value = String(params[name] ?? '');
		if (value === '') throw new StepProblem(`‘${field}’ is empty.`, { field, item, hint: 'Fill it in.' });
		return value;
	};
}

/** A repeated run of the same visit is the same event; outside a journey each item is one of its own. */
function eventId<P extends EventForm>(step: string, { item, personId }: Found<P>): string {
	const traveller = readTraveller(item.json);
	const visit = traveller ? `${traveller.enrolmentId}/${traveller.hop}` : randomUUID();
	return createHash('sha256')
		.update(`${step}/${item.params.event}/${personId}/${visit}`)
		.digest('hex')
		.slice(0, 32);
}
