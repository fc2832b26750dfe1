/** What the form of Make Subscribers holds. */
import { z } from 'zod/v4';
import type { Given, Outputs, StepContext } from '../../core/step';
import { bulkWays } from '../../providers/make/account';
import { eventKinds, listStatuses } from '../../providers/make/client';

const text = z.string().trim().default('');
/** Ids come as numbers from expressions and as text from dropdowns. */
const id = z.coerce.string().trim().default('');

export const subscriberForm = {
	by: z.enum(['email', 'externalId', 'id', 'phone', 'trackingToken']).default('email'),
	who: id,
	list: id,
	lists: z.array(z.coerce.string()).default([]),
	way: z.enum(bulkWays).default('insert'),
	channel: z.enum(['email', 'sms']).default('email'),
	purpose: z.string().trim().default('marketing'),
	tags: text,
	fields: z
		.object({
			rows: z.array(z.object({ field: z.string().min(1), value: z.coerce.string() })).default([]),
		})
		.prefault({}),
	really: z.boolean().default(false),
	reactivate: z.boolean().default(false),
	options: z
		.object({
			checkList: z.boolean().default(true),
			email: text,
			externalId: z.enum(['none', 'memberNumber', 'personId']).default('none'),
			phone: z.enum(['none', 'national', 'international']).default('none'),
			status: z.enum(['unchanged', ...listStatuses]).default('unchanged'),
			statusMobile: z.enum(['unchanged', ...listStatuses]).default('unchanged'),
			tagMode: z.enum(['merge', 'replace']).default('merge'),
		})
		.prefault({}),
};

export const thingForm = {
	thingId: id,
	title: text,
	datatype: z.string().trim().default('string'),
	choices: text,
	eventKind: z.enum(eventKinds).default('clicks'),
	from: z.coerce.string().trim().default(''),
	to: z.coerce.string().trim().default(''),
	returnAll: z.boolean().default(false),
	limit: z.number().int().min(1).default(50),
	filters: z
		.object({
			status: z.enum(listStatuses).default('active'),
			statusMobile: z.enum(listStatuses).optional(),
			updatedAfter: z.coerce.string().trim().default(''),
		})
		.prefault({}),
};

export const parameters = z.object({
	resource: z.enum(['customField', 'event', 'form', 'list', 'subscriber', 'tag']).default('subscriber'),
	operation: z.string().default('upsert'),
	...subscriberForm,
	...thingForm,
});
export type Parameters = z.infer<typeof parameters>;

/** What one operation does with the items that come in. */
export type Work = (ctx: StepContext, items: ReadonlyArray<Given<Parameters>>) => Promise<Outputs>;
