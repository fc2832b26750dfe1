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
		if (segment_id && !account.segments.has(segment_id)) return refuse(response, 404, 'Segment not found');
		if (!segment_id && !list_ids?.length) return refuse(response, 422, 'list_ids or segment_id is required');
		if (list_ids?.some((id) => !account.lists.has(id)))
			return refuse(response, 404, 'Subscriber list not found');
		const at = scheduled_at ? moment(scheduled_at) : null;
		if (at !== null && Number.isNaN(at)) return refuse(response, 422, 'scheduled_at is invalid');
		// Sent at once: whether the five minutes in the outbox apply to the API as well is not documented.
		const sending = segment_id
			? account.sendToSegment(newsletter, segment_id, sender_id ?? null, at)
			: account.send(newsletter, list_ids ?? [], sender_id ?? null, at);
		response.json(stats(account, sending));
	});
	// What the id is one of is not documented: here the newsletter's; its newest sending is answered.
	routes.get('/newsletters/:id/stats_by_external_guid', (request, response) => {
		const sending = [...account.sendings.values()]
			.reverse()
			.find((one) => one.newsletterId === Number(request.params.id));
		if (!sending) return refuse(response, 404, 'Newsletter not found');
		response.json(stats(account, sending));
	});
	routes.get('/recurring_actions', (_request, response) => {
		response.json([...account.recurring].map(([id, { title }]) => ({ id, title })));
	});
	routes.post('/recurring_actions/:id/trigger', (request, response) => {
		const action = account.recurring.get(Number(request.params.id));
		if (!action) return refuse(response, 404, 'Recurring action not found');
		const body = z.object({ guids: z.array(z.string()).optional() }).safeParse(request.body ?? {});
		if (!body.success) return refuse(response, 422, 'guids must be an array');
		account.trigger(action, body.data.guids ?? []);
		response.json({ status: '200 Success' });
	});
	return routes;
}

/** Without an offset it is taken as Norwegian time: not documented. */
function moment(text: string): number {
	const at = DateTime.fromISO(text.replace(' ', 'T'), { zone: 'Europe/Oslo' });
	return at.isValid ? at.toMillis() : NaN;
}

function segmentOf(account: MakeAccount, { segmentId }: Sending): unknown {
	return segmentId === null
		? null
		: { id: String(segmentId), title: account.segments.get(segmentId)?.title ?? '' };
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
		segment: segmentOf(account, sending),
	};
}
