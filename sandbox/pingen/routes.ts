/** Pingen on the wire, under `/pingen`: its sign-on, its API in JSON:API, and the place where files are put. */
import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import express, { type NextFunction, type Request, type Response, Router } from 'express';
import { z } from 'zod/v4';
import type { ErrorShape } from '../faults';
import type { Tokens } from '../link/tokens';
import { type Made, type PingenAccount, eventResource, letterResource } from './account';

const JSON_API = 'application/vnd.api+json';
const categories = ['issues', 'sent', 'delivered', 'undeliverable'] as const;

export const pingenErrors: ErrorShape = (status) => ({
	errors: [{ code: String(status), title: 'Error', detail: `Status ${status}` }],
});

const print = {
	delivery_product: z.enum(['cheap', 'fast', 'bulk', 'premium', 'registered']),
	print_mode: z.enum(['simplex', 'duplex']),
	print_spectrum: z.enum(['grayscale', 'color']),
};
const newLetter = z.object({
	data: z.object({
		type: z.literal('letters'),
		attributes: z
			.object({
				file_original_name: z.string().min(5).max(255),
				file_url: z.string(),
				file_url_signature: z.string(),
				address_position: z.enum(['left', 'right']),
				auto_send: z.boolean(),
				delivery_product: print.delivery_product.optional(),
				print_mode: print.print_mode.optional(),
				print_spectrum: print.print_spectrum.optional(),
				meta_data: z.object({ recipient: z.record(z.string(), z.string()).optional() }).optional(),
			})
			.refine(
				({ auto_send: now, delivery_product: product, print_mode: mode, print_spectrum: spectrum }) =>
					!now || (product && mode && spectrum),
				{ error: 'auto_send needs delivery_product, print_mode and print_spectrum' },
			)
			.refine(
				({ delivery_product: product, meta_data: meta }) => product !== 'registered' || meta?.recipient,
				{
					error: 'Registered mail needs meta_data.recipient',
				},
			),
	}),
});
const sending = z.object({
	data: z.object({ id: z.string(), type: z.literal('letters'), attributes: z.object(print) }),
});
const newWebhook = z.object({
	data: z.object({
		type: z.literal('webhooks'),
		attributes: z.object({
			event_category: z.enum(categories),
			url: z.url(),
			signing_key: z.string().min(1).max(32),
		}),
	}),
});

export function pingenRoutes(account: PingenAccount, tokens: Tokens, organisationName: string): Router {
	const routes = Router();
	const secret = randomBytes(16);
	const stored = new Map<string, Uint8Array>();
	/** What was answered under a key, and to what. */
	const answered = new Map<string, { asked: string; status: number; body: unknown }>();
	const signatureOf = (key: string) => createHmac('sha256', secret).update(key).digest('base64');
	const organisation = `/organisations/${account.organisationId}`;
	const json = express.json({ limit: '2mb', type: [JSON_API, 'application/json'] });

	routes.post('/auth/access-tokens', express.urlencoded({ extended: false }), tokens.route);
	/** As object storage does: the signed address is the only key. */
	routes.put('/storage/:key', express.raw({ type: () => true, limit: '50mb' }), (request, response) => {
		const key = String(request.params.key);
		if (request.headers.authorization) return void response.status(400).send('Only one way to sign on');
		if (request.query.signature !== signatureOf(key)) return void response.status(403).send('AccessDenied');
		stored.set(key, new Uint8Array(request.body as Buffer));
		response.status(200).end();
	});

	const api = Router();
	routes.use('/api', api);
	api.use((request: Request, response: Response, next: NextFunction) => {
		if (tokens.accepts(request.headers.authorization)) return next();
		refuse(response, 401, 'Unauthenticated', 'The access token is not valid');
	});
	api.use(json);
	api.get('/file-upload', (request, response) => {
		const key = randomUUID();
		const host = `${request.protocol}://${request.get('host')}`;
		answer(response, 200, {
			data: {
				id: key,
				type: 'file_uploads',
				attributes: {
					url: `${host}/pingen/storage/${key}?signature=${encodeURIComponent(signatureOf(key))}`,
					url_signature: signatureOf(`letter ${key}`),
					expires_at: new Date(Date.now() + 900_000).toISOString(),
				},
			},
		});
	});
	api.use('/organisations/:organisation', (request, response, next) => {
		if (request.params.organisation === account.organisationId) return next();
		refuse(response, 404, 'Not found', 'No such organisation');
	});
	api.get(organisation, (_request, response) =>
		answer(response, 200, {
			data: {
				id: account.organisationId,
				type: 'organisations',
				attributes: { name: organisationName, status: 'active' },
			},
		}),
	);
	/** The same key is the same answer; to another question it is a conflict. */
	api.use((request: Request, response: Response, next: NextFunction) => {
		const key = request.get('idempotency-key');
		if (!key || request.method === 'GET') return next();
		const asked = `${request.method} ${request.path} ${JSON.stringify(request.body)}`;
		const before = answered.get(key);
		if (before && before.asked !== asked)
			return refuse(response, 409, 'Conflict', 'This Idempotency-Key has been used');
		if (before) {
			response.set('Idempotent-Replayed', 'true');
			return answer(response, before.status, before.body);
		}
		response.locals.keep = (status: number, body: unknown) => answered.set(key, { asked, status, body });
		next();
	});

	const letters = `${organisation}/deliveries/letters`;
	api.post(letters, (request, response) => {
		const read = newLetter.safeParse(request.body);
		if (!read.success) return refuse(response, 422, 'Invalid', read.error.issues[0]?.message ?? '');
		const { attributes } = read.data.data;
		const key = /\/storage\/([\w-]+)\?/.exec(attributes.file_url)?.[1] ?? '';
		const pdf = stored.get(key);
		if (!pdf || attributes.file_url_signature !== signatureOf(`letter ${key}`))
			return refuse(response, 422, 'Invalid', 'The file was not uploaded, or its signature is wrong');
		answer(response, 201, { data: letterResource(account.make(attributes, pdf)) });
	});
	api.get(letters, (request, response) => {
		const newest = [...account.letters.values()].reverse();
		listed(
			request,
			response,
			request.query.sort === '-created_at' ? newest : newest.reverse(),
			letterResource,
		);
	});
	api.get(`${letters}/events/:category`, (request, response) => {
		const category = categories.find((one) => one === request.params.category);
		if (!category) return refuse(response, 404, 'Not found', 'No such category');
		const events = account.events.filter((event) => event.category === category);
		if (request.query.sort === '-created_at') events.reverse();
		listed(request, response, events, eventResource, (part) =>
			request.query.include === 'letter'
				? part.flatMap(({ letterId }) => {
						const made = account.letters.get(letterId);
						return made ? [letterResource(made)] : [];
					})
				: [],
		);
	});
	const find = (request: Request, response: Response): Made | undefined =>
		account.letters.get(String(request.params.letter)) ??
		void refuse(response, 404, 'Not found', 'No such letter');
	api.get(`${letters}/:letter`, (request, response) => {
		const made = find(request, response);
		if (made) answer(response, 200, { data: letterResource(made) });
	});
	api.get(`${letters}/:letter/events`, (request, response) => {
		const made = find(request, response);
		if (!made) return;
		const events = account.events.filter(({ letterId }) => letterId === made.id);
		listed(request, response, events, eventResource);
	});
	api.patch(`${letters}/:letter/send`, (request, response) => {
		const made = find(request, response);
		if (!made) return;
		const read = sending.safeParse(request.body);
		if (!read.success) return refuse(response, 422, 'Invalid', read.error.issues[0]?.message ?? '');
		if (!account.submit(made, read.data.data.attributes))
			return refuse(response, 422, 'Invalid', 'The letter is not ready to be sent');
		answer(response, 200, { data: letterResource(made) });
	});
	api.patch(`${letters}/:letter/cancel`, (request, response) => {
		const made = find(request, response);
		if (!made) return;
		if (!account.cancel(made)) return refuse(response, 422, 'Invalid', 'The letter is on its way');
		answer(response, 202, {});
	});
	api.get(`${organisation}/webhooks`, (request, response) => {
		listed(request, response, [...account.hooks.values()], ({ id, category, url, signingKey }) => ({
			id,
			type: 'webhooks',
			attributes: { event_category: category, url, signing_key: signingKey },
		}));
	});
	api.post(`${organisation}/webhooks`, (request, response) => {
		const read = newWebhook.safeParse(request.body);
		if (!read.success) return refuse(response, 422, 'Invalid', read.error.issues[0]?.message ?? '');
		const { event_category: category, url, signing_key: signingKey } = read.data.data.attributes;
		const hook = { id: randomUUID(), category, url, signingKey };
		account.hooks.set(hook.id, hook);
		answer(response, 201, { data: { id: hook.id, type: 'webhooks', attributes: read.data.data.attributes } });
	});
	routes.use((_request, response) => refuse(response, 404, 'Not found', 'No such resource'));
	routes.use((error: unknown, _request: Request, response: Response, _next: NextFunction) =>
		refuse(response, error instanceof SyntaxError ? 400 : 500, 'Error', 'Not readable'),
	);
	return routes;
}

function listed<T>(
	request: Request,
	response: Response,
	all: readonly T[],
	shown: (one: T) => unknown,
	included: (part: T[]) => unknown[] = () => [],
): void {
	const asked = new URL(request.originalUrl, 'http://sandbox').searchParams;
	const page = Math.max(1, Number(asked.get('page[number]')) || 1);
	const size = Math.min(100, Number(asked.get('page[limit]')) || 20);
	const part = all.slice((page - 1) * size, page * size);
	const last = Math.max(1, Math.ceil(all.length / size));
	const address = (number: number) =>
		`${request.baseUrl}${request.path}?page[number]=${number}&page[limit]=${size}`;
	const beside = included(part);
	answer(response, 200, {
		data: part.map(shown),
		...(beside.length > 0 ? { included: beside } : {}),
		links: {
			first: address(1),
			last: address(last),
			prev: page > 1 ? address(page - 1) : null,
			next: page < last ? address(page + 1) : null,
			self: address(page),
		},
		meta: { current_page: page, last_page: last, per_page: size, total: all.length },
	});
}

function answer(response: Response, status: number, body: unknown): void {
	const keep: unknown = response.locals.keep;
	if (typeof keep === 'function' && status < 300) keep(status, body);
	response.status(status).type(JSON_API).send(JSON.stringify(body));
}

function refuse(response: Response, status: number, title: string, detail: string): void {
	response
		.status(status)
		.type(JSON_API)
		.send(JSON.stringify({ errors: [{ code: String(status), title, detail }] }));
}
