/** Make on the wire, under `/make`, and what stands in for its dashboard. */
import express, { type NextFunction, type Request, type Response, Router } from 'express';
import { z } from 'zod/v4';
import { type Credentials, basic } from '../link/tokens';
import type { MakeAccount } from './account';
import { refuse } from './answers';
import { mailLinks } from './mailLinks';
import { newsletterRoutes } from './newsletterRoutes';
import { subscriberRoutes } from './subscriberRoutes';
import type { Webhooks } from './webhooks';

export function makeRoutes(account: MakeAccount, webhooks: Webhooks, credentials: Credentials): Router {
	const routes = Router();
	const json = express.json({ limit: '20mb' });
	const auth = (request: Request, response: Response, next: NextFunction) => {
		const given = basic(request.headers.authorization);
		if (given?.id === credentials.id && given.secret === credentials.secret) return next();
		refuse(response, 401, 'Not authenticated');
	};
	routes.use('/subscribers/api/public/v2', auth, json, subscriberRoutes(account));
	routes.use('/newsletters/api/public/v1', auth, json, newsletterRoutes(account));
	routes.use(mailLinks(account));

	routes.get('/webhooks', (_request, response) => void response.json({ urls: webhooks.urls }));
	routes.post('/webhooks', json, (request, response) => {
		const body = z
			.union([
				z.strictObject({ url: z.url().nullable() }).transform(({ url }) => (url === null ? [] : [url])),
				z.strictObject({ urls: z.array(z.url()) }).transform(({ urls }) => urls),
			])
			.safeParse(request.body);
		if (!body.success) return refuse(response, 422, 'Give {url} or {urls}');
		webhooks.urls = body.data;
		response.json({ urls: webhooks.urls });
	});
	routes.get('/automations', (_request, response) => void response.json(account.automations));
	routes.post('/automations', json, (request, response) => {
		const body = z
			.strictObject({ tag: z.string().min(1), newsletterId: z.int() })
			.refine(({ newsletterId }) => account.newsletters.has(newsletterId), { error: 'No such newsletter' })
			.safeParse(request.body);
		if (!body.success) return refuse(response, 422, body.error.issues[0]?.message ?? '');
		account.automations = [...account.automations.filter(({ tag }) => tag !== body.data.tag), body.data];
		response.json(account.automations);
	});
	routes.get('/prepared', (_request, response) => {
		response.json([...account.newsletters.values()].map(({ id, title, links }) => ({ id, title, links })));
	});

	routes.use((_request, response) => refuse(response, 404, 'Not found'));
	routes.use((error: unknown, _request: Request, response: Response, _next: NextFunction) => {
		if (error instanceof SyntaxError) return refuse(response, 400, 'The body is not JSON');
		refuse(response, 500, 'Internal Server Error');
	});
	return routes;
}
