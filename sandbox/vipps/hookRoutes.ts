/** The Webhooks API: `/webhooks/v1/webhooks`. */
import express, { Router } from 'express';
import { z } from 'zod/v4';
import { type Hooks, MOST_PER_EVENT, eventNames } from './hooks';
import { invalid, problem } from './answers';
import type { VippsTokens } from './tokens';

const registration = z.strictObject({
	/** Vipps takes HTTPS only; the sandbox is on the same machine as whoever listens. */
	url: z.url({ protocol: /^https?$/, hostname: /./ }),
	events: z.array(z.string()).min(1),
});

export function hookRoutes(hooks: Hooks, tokens: VippsTokens): Router {
	const routes = Router();
	// Which token a merchant with merchant-level keys takes for the events of Donasjoner is not documented: either does.
	routes.use(tokens.only(['standard', 'specialized']), express.json());
	routes.post('/', (request, response) => {
		const read = registration.safeParse(request.body);
		if (!read.success) return invalid(response, read.error);
		const { url, events } = read.data;
		const unknown = events.find((event) => !eventNames.includes(event));
		const full = events.find((event) => hooks.isFull(event));
		const wrong = unknown
			? `The event '${unknown}' is not known.`
			: full && `At most ${MOST_PER_EVENT} webhooks can be registered for '${full}'.`;
		if (wrong) {
			const details = [{ name: 'events', reason: wrong }];
			return problem(response, 400, 'Bad Request', 'One or more validation errors occurred.', details);
		}
		const { id, secret } = hooks.register(url, events);
		response.status(201).json({ id, secret });
	});
	routes.get('/', (_request, response) => {
		response.json({
			webhooks: [...hooks.hooks.values()].map(({ id, url, events }) => ({ id, url, events })),
		});
	});
	routes.delete('/:id', (request, response) => {
		if (!hooks.remove(request.params.id)) return problem(response, 404, 'Not Found', 'No such webhook');
		response.status(204).end();
	});
	return routes;
}
