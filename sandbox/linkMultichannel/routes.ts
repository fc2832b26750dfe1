/** Multichannel on the wire, under `/linkMultichannel`. Source: LINK's public OpenAPI document 5.3.0 (2026). */
import { createHash } from 'node:crypto';
import express, { type NextFunction, type Request, type Response, Router } from 'express';
import { z } from 'zod/v4';
import type { ErrorShape } from '../faults';
import { whatIsWrong } from '../link/message';
import type { Tokens } from '../link/tokens';
import { type Multichannel, forgeries } from './stand';
import { sendRequest } from './message';

export const multichannelErrors: ErrorShape = (status) => ({ error: reasons[status] ?? 'Error' });

const reasons: Record<number, string> = {
	400: 'Bad request',
	401: 'Unauthorized',
	403: 'Forbidden',
	404: 'Not found',
	415: 'Unsupported media type',
	429: 'Too many requests',
	500: 'Internal error',
};

const profile = z
	.strictObject({
		reportAfterMs: z.int().min(0),
		reads: z.boolean(),
		without: z.record(z.string(), z.array(z.string())),
	})
	.partial();

const said = z.strictObject({
	channel: z.enum(['sms', 'rcs', 'whatsapp']).optional(),
	text: z.string().optional(),
	postback: z.string().optional(),
	optout: z.boolean().optional(),
	typing: z.boolean().optional(),
	parts: z.array(z.string()).optional(),
});

const settings = z.looseObject({
	callback: z
		.looseObject({
			url: z.url(),
			auth: z
				.looseObject({
					type: z.enum(['httpBasic', 'bearerToken', 'customHttpHeader']),
					login: z.string().optional(),
					password: z.string(),
					headerName: z.string().optional(),
				})
				.optional(),
			enableCompression: z.boolean().optional(),
			signatureEnabled: z.boolean().optional(),
		})
		.optional(),
});

export function multichannelRoutes(stand: Multichannel, tokens: Tokens, apiKey: string): Router {
	const routes = Router();
	routes.get('/.well-known/ocm-cb/jwks.json', (_request, response) => void response.json(stand.keys.jwks()));

	// The stand-in for persons and for LINK's own staff: no key, like the page.
	const plain = express.json();
	routes.get('/profile', (_request, response) => void response.json(stand.network.profile));
	routes.post('/profile', plain, (request, response) => {
		const wanted = profile.safeParse(request.body);
		if (!wanted.success) return wrong(response, whatIsWrong(wanted.error));
		const { network } = stand;
		network.profile = { ...network.profile, ...(wanted.data as Partial<typeof network.profile>) };
		response.json(network.profile);
	});
	routes.post('/phones/:number/say', plain, (request, response) => {
		const wish = said.safeParse(request.body);
		if (!wish.success) return wrong(response, whatIsWrong(wish.error));
		response.json({ events: stand.network.say(String(request.params.number), wish.data).length });
	});
	routes.post('/keys/rotate', (_request, response) => {
		stand.keys.rotate();
		response.json(stand.keys.jwks());
	});
	routes.post('/forge', plain, async (request, response) => {
		const wish = z.strictObject({ how: z.enum(forgeries), url: z.url().optional() }).safeParse(request.body);
		if (!wish.success) return wrong(response, whatIsWrong(wish.error));
		const status = await stand.forge(wish.data.how, wish.data.url);
		if (status === undefined)
			return void response.status(409).json({ error: 'No address is known to call yet.' });
		response.json({ status });
	});

	const api = Router();
	api.use((request, response, next) => {
		if (request.method === 'GET' || request.is('application/json')) return next();
		response.status(415).json(multichannelErrors(415, ''));
	});
	api.use(express.json({ limit: '6mb' }));
	api.post('/messages', (request, response) => {
		const wanted = sendRequest.safeParse(request.body);
		if (!wanted.success) return wrong(response, whatIsWrong(wanted.error));
		response.status(202).json(stand.network.accept(wanted.data.messages));
	});
	api.get('/messages/:messageId/events', (request, response) => {
		const events = stand.network.events(request.params.messageId);
		if (!events) return void response.status(404).json(multichannelErrors(404, ''));
		const size = Math.min(Math.max(Number(request.query._pageSize ?? 100) || 100, 1), 100);
		const from = Math.max(Number(request.query._pageIndex ?? 0) || 0, 0) * size;
		response.json({
			_totalItemCount: events.length,
			_pageSize: size,
			_pageCount: Math.ceil(events.length / size),
			events: events.slice(from, from + size),
		});
	});
	api.get('/self', (_request, response) => {
		response.json({ account: { accountId: 'sandbox', settings: shown(stand) } });
	});
	api.patch('/self/settings', (request, response) => {
		const wanted = z.looseObject({ settings }).safeParse(request.body);
		if (!wanted.success) return wrong(response, whatIsWrong(wanted.error));
		// LINK needs 2–3 minutes for it; here it holds at once.
		const { callback } = wanted.data.settings;
		if (callback) stand.callbacks.settings = callback as typeof stand.callbacks.settings;
		response.json({ settings: shown(stand) });
	});
	const signedIn =
		(accepts: (request: Request) => boolean) => (request: Request, response: Response, next: NextFunction) =>
			accepts(request) ? next() : void response.status(401).json(multichannelErrors(401, ''));
	routes.use(
		'/v1',
		signedIn((request) => request.headers['x-api-key'] === apiKey),
		api,
	);
	routes.use(
		'/v2',
		signedIn((request) => tokens.accepts(request.headers.authorization)),
		api,
	);
	routes.use((_request, response) => void response.status(404).json(multichannelErrors(404, '')));
	routes.use((error: unknown, _request: Request, response: Response, _next: NextFunction) => {
		const { type } = error as { type?: string };
		const status = error instanceof SyntaxError || type === 'entity.too.large' ? 400 : 500;
		response.status(status).json(multichannelErrors(status, ''));
	});
	return routes;
}

function wrong(response: Response, what: string): void {
	response.status(400).json({ error: what });
}

/** "Secret values are write-only": a reference stands in their place. */
function shown({ callbacks: { settings: callback } }: Multichannel): object {
	if (!callback) return {};
	const { auth, ...rest } = callback;
	const reference = (secret: string) =>
		`secret-ref:${createHash('sha256').update(secret).digest('hex').slice(0, 12)}`;
	return {
		callback: { ...rest, ...(auth ? { auth: { ...auth, password: reference(auth.password) } } : {}) },
	};
}
