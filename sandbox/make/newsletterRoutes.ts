/** Make's newsletters service v1, under `/make/newsletters/api/public/v1`. Sources: make.as/blogg/make-api and pindena/make-api-sdk. */
import { Router } from 'express';
import { DateTime } from 'luxon';
import { z } from 'zod/v4';
import { refuse } from './answers';
import type { MakeAccount, Sending } from './account';

const sendBody = z.object({
	segment_id: z.coerce.number().int().nullish(),
	list_ids: z.array(z.coerce.number().int()).nullish(),
	sender_id: z.coerce.number().int().nullish(),
	scheduled_at: z.string().nullish(),
});

export function newsletterRoutes(account: MakeAccount): Router {
	const routes = Router();

	routes.get('/newsletters/stats', (_request, response) => {
		response.json([...account.sendings.values()].reverse().map((sending) => stats(account, sending)));
	});
	// By the id of the sending: the blog's own heading says `{sending_id}`.
	routes.get('/newsletters/:id/stats', (request, response) => {
		const sending = account.sendings.get(Number(request.params.id));
		if (!sending) return refuse(response, 404, 'Newsletter not found');
		response.json(stats(account, sending));
	});
	routes.post('/newsletters/:id/send', (request, response) => {
		const newsletter = account.newsletters.get(Number(request.params.id));
		if (!newsletter) return refuse(response, 404, 'Newsletter not found');
		const body = sendBody.safeParse(request.body ?? {});
		if (!body.success) return refuse(response, 422, 'The body is invalid');
		const { list_ids, segment_id, sender_id, scheduled_at } = body.data;
		if (segment_id) return refuse(response, 422, 'The sandbox has no segments: name lists in list_ids');
		if (!list_ids?.length) return refuse(response, 422, 'list_ids or segment_id is required');
		if (list_ids.some((id) => !account.lists.has(id)))
			return refuse(response, 404, 'Subscriber list not found');
		const at = scheduled_at ? moment(scheduled_at) : null;
		if (at !== null && Number.isNaN(at)) return refuse(response, 422, 'scheduled_at is invalid');
		// Sent at once: whether the five minutes in the outbox apply to the API as well is not documented.
		response.json(stats(account, account.send(newsletter, list_ids, sender_id ?? null, at)));
	});
	routes.get('/recurring_actions', (_request, response) => void response.json([]));
	return routes;
}

/** Without an offset it is taken as Norwegian time: not documented. */
function moment(text: string): number {
	const at = DateTime.fromISO(text.replace(' ', 'T'), { zone: 'Europe/Oslo' });
	return at.isValid ? at.toMillis() : NaN;
}

function stats(account: MakeAccount, sending: Sending): unknown {
	const newsletter = account.newsletters.get(sending.newsletterId);
	const delivered = sending.sent - sending.bounces;
	return {
		id: sending.newsletterId,
		sending_id: sending.id,
		subject: newsletter?.title ?? '',
		from_email: /<(.+)>/.exec(newsletter?.from ?? '')?.[1] ?? '',
		sent: sending.sent,
		delivered,
		bounce: sending.bounces,
		opens: sending.opens,
		clicks: sending.clicks,
		unique_clicks: sending.uniqueClicks,
		unsubscribes: sending.unsubscribes,
		openrate: delivered === 0 ? 0 : Math.round((sending.uniqueOpens / delivered) * 10_000) / 100,
		tracking_mode: 'standard',
		sent_at:
			sending.sentAt === null
				? null
				: DateTime.fromMillis(sending.sentAt, { zone: 'Europe/Oslo' }).toISO({ includeOffset: true }),
		tags: [],
		lists: sending.listIds.map((id) => ({ id, title: account.lists.get(id)?.title ?? '' })),
		segment: null,
	};
}
