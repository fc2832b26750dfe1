/** LINK on the wire, under `/link`. Source: LINK's public OpenAPI document of the MyLINK SMS API (2026). */
import { randomUUID } from 'node:crypto';
import express, { type NextFunction, type Request, type Response, Router } from 'express';
import { z } from 'zod/v4';
import type { ErrorShape } from '../faults';
import { messageRequests, whatIsWrong } from './message';
import { type LinkNetwork, type Scheduled, iso } from './network';
import type { Tokens } from './tokens';

const reasons: Record<number, string> = {
	400: 'Bad request',
	401: 'Unauthorized',
	429: 'Too many requests',
	500: 'Internal server error',
	502: 'Bad gateway',
	503: 'Service unavailable',
};

/** The shapes differ by operation: 400 of sending and of listing and 401 of sending have a message, 403 has no body. */
export const linkErrors: ErrorShape = (status, path, method) => {
	if (path.endsWith('/token'))
		return { error: 'temporarily_unavailable', error_description: reasons[status] };
	if (status === 403) return undefined;
	const listing = method === 'GET' && path.endsWith('/schedules');
	if (status === 400 && (listing || !path.includes('/schedules')))
		return { requestId: randomUUID(), message: reasons[400] };
	if (status === 401 && !path.includes('/schedules')) return { message: reasons[401] };
	return { requestId: randomUUID(), description: reasons[status] ?? 'Error', code: String(status) };
};

const profile = z
	.strictObject({
		dlrUrl: z.url().nullable(),
		moUrl: z.url().nullable(),
		number: z.string().min(1),
		keyword: z.string().min(1).nullable(),
		intermediate: z.boolean(),
		reportAfterMs: z.int().min(0),
		gates: z.record(z.string(), z.url()),
		refusedSenders: z.array(z.string()),
		refusedNumbers: z.array(z.string()),
		schedulesAsList: z.boolean(),
	})
	.partial();

export function linkRoutes(network: LinkNetwork, tokens: Tokens): Router {
	const routes = Router();
	routes.post('/token', express.urlencoded({ extended: false }), tokens.route);

	// The stand-in for the portal: no bearer token, like the page.
	routes.get('/profile', (_request, response) => void response.json(network.profile));
	routes.post('/profile', express.json(), (request, response) => {
		const wanted = profile.safeParse(request.body);
		if (!wanted.success) return void response.status(400).json({ message: whatIsWrong(wanted.error) });
		network.profile = { ...network.profile, ...wanted.data };
		response.json(network.profile);
	});

	routes.use('/sms', (request, response, next) => {
		if (tokens.accepts(request.headers.authorization)) return next();
		response.status(401).json(linkErrors(401, request.path, request.method));
	});
	// 1 000 messages of 38 862 characters.
	const body = express.json({ limit: '80mb', type: () => true });
	const send = async (request: Request, response: Response) => {
		const requestId = randomUUID();
		const batch = messageRequests.safeParse(request.body);
		if (!batch.success)
			return void response.status(400).json({ requestId, message: whatIsWrong(batch.error) });
		const refused = batch.data.findIndex(({ recipient }) =>
			network.profile.refusedNumbers.includes(recipient),
		);
		if (refused >= 0)
			return void response.status(400).json({ requestId, message: `[${refused}].recipient: is not valid` });
		const taken = await network.accept(requestId, batch.data);
		response.status(202).json({
			requestId,
			messages: taken.map(({ messageId, request: { referenceId, recipient } }) => ({
				messageId,
				referenceId: referenceId ?? null,
				recipient,
			})),
		});
	};
	routes.post('/sms/v1/messages', body, send);
	routes.post('/sms/v1', body, send);
	schedules(routes, network, body);
	routes.use((_request, response) => void response.status(404).end());
	routes.use((error: unknown, _request: Request, response: Response, _next: NextFunction) => {
		const unreadable = error instanceof SyntaxError;
		response
			.status(unreadable ? 400 : 500)
			.json(unreadable ? { requestId: randomUUID(), message: 'The body is not JSON.' } : linkErrors(500, ''));
	});
	return routes;
}

const listQuery = z.object({
	page: z.coerce.number().int().min(1).default(1),
	size: z.coerce.number().int().min(1).max(100).default(25),
	tag: z.string().optional(),
	start: z.iso.datetime({ offset: true }).optional(),
	end: z.iso.datetime({ offset: true }).optional(),
});

function schedules(routes: Router, network: LinkNetwork, body: ReturnType<typeof express.json>): void {
	const notThere = (response: Response) =>
		// What LINK answers for a message that is not scheduled is not documented; one client takes it to be 400 or 404.
		void response.status(400).json({ requestId: randomUUID(), description: 'No such schedule', code: '400' });

	routes.get('/sms/v1/schedules', (request, response) => {
		const query = listQuery.safeParse(request.query);
		if (!query.success)
			return void response.status(400).json({ requestId: randomUUID(), message: whatIsWrong(query.error) });
		const { page, size, tag, start, end } = query.data;
		const all = network.schedules({
			tag,
			start: start === undefined ? undefined : Date.parse(start),
			end: end === undefined ? undefined : Date.parse(end),
		});
		const items = all.slice((page - 1) * size, page * size).map(asScheduled);
		// The document says a bare array; a public client's types of the production API say pages.
		if (network.profile.schedulesAsList) return void response.json(items);
		response.json({
			currentPage: page,
			items,
			pages: Math.ceil(all.length / size),
			results: all.length,
			resultsPerPage: size,
		});
	});
	routes.get('/sms/v1/schedules/:messageId', (request, response) => {
		const one = network.schedules().find(({ messageId }) => messageId === request.params.messageId);
		if (!one) return notThere(response);
		response.json(asScheduled(one));
	});
	routes.patch('/sms/v1/schedules/:messageId', body, (request, response) => {
		const wanted = z.strictObject({ sendAtDate: z.iso.datetime() }).safeParse(request.body);
		if (!wanted.success)
			return void response
				.status(400)
				.json({ requestId: randomUUID(), description: whatIsWrong(wanted.error), code: '400' });
		const one = network.reschedule(request.params.messageId as string, Date.parse(wanted.data.sendAtDate));
		if (!one) return notThere(response);
		response.json(asScheduled(one));
	});
	routes.delete('/sms/v1/schedules', (request, response) => {
		const { messageId, tag } = request.query;
		const gone =
			typeof messageId === 'string'
				? network.cancel({ messageId })
				: typeof tag === 'string'
					? network.cancel({ tag })
					: [];
		if (!gone[0]) return notThere(response);
		response.json(asScheduled(gone[0]));
	});
}

const asScheduled = (one: Scheduled) => ({
	messageId: one.messageId,
	scheduledAtDate: iso(one.scheduledAt),
	sendAtDate: iso(one.sendAt),
	tag: one.tag,
	recipient: one.recipient,
});
