/**
 * LINK's Common platform on the wire, under `/linkCommon`. Sources: "SMS REST API – MT and Delivery Reports" 1.18, "– MO"
 * 1.7, "Gate API" 1.2, "Keyword API" 1.1. The keys of refusals are not in them; these are those of a public client.
 */
import { randomBytes } from 'node:crypto';
import express, { type NextFunction, type Request, type Response, Router } from 'express';
import { z } from 'zod/v4';
import type { ErrorShape } from '../faults';
import { whatIsWrong } from '../link/message';
import { type Credentials, type Tokens, basic } from '../link/tokens';
import type { CommonNetwork } from './network';
import { asBatch, batchRequest } from './request';

export interface CommonAccount extends Credentials {
	platformId: string;
	platformPartnerId: string;
}

const reasons: Record<number, string> = {
	103201: 'INVALID_PLATFORM_ID',
	103202: 'INVALID_PARTNER_ID',
	103212: 'DUPLICATE_REF_ID',
	103304: 'GATE_NOT_FOUND',
	104401: 'KEYWORD_BUSY',
	104402: 'KEYWORD_NOT_FOUND',
	104420: 'INVALID_KEYWORD_DATA',
	106000: 'Unknown Error',
	106100: 'Invalid authentication',
	106200: 'Invalid or missing platformId',
	106201: 'Invalid or missing platformPartnerId',
	106202: 'Invalid or missing currency for premium message',
	106300: 'No gates available',
	106301: 'Specified gate unavailable',
};

const refusal = (status: number, description = reasons[status] ?? 'Refused') => ({
	status,
	description,
	translatedDescription: description,
});

export const commonErrors: ErrorShape = (status, path) =>
	path.endsWith('/token')
		? { error: 'temporarily_unavailable' }
		: refusal(status === 401 ? 106100 : status, status === 401 ? undefined : 'Not possible');

const gateBody = z.strictObject({
	type: z.literal('PARTNER_GATE'),
	id: z.string().optional(),
	refId: z.string().optional(),
	platformId: z.string(),
	platformPartnerId: z.string(),
	destinations: z
		.array(
			z.strictObject({
				url: z.string().regex(/^(https?|do):\/\//),
				contentType: z.enum(['application/json', 'application/xml', 'application/x-www-form-urlencoded']),
				username: z.string().optional(),
				password: z.string().optional(),
				customParameters: z.record(z.string(), z.string()).optional(),
			}),
		)
		.min(1),
	gateType: z.enum(['ALL', 'ONE_ORDERED', 'ONE_RANDOM']),
	ttl: z.int().optional(),
	acknowledge: z.boolean().optional(),
	throttle: z.int().nullish(),
	customParameters: z.record(z.string(), z.string()).optional(),
});

const keywordBody = z
	.strictObject({
		type: z.literal('KEYWORD_ROUTE'),
		id: z.string().optional(),
		refId: z.string().optional(),
		keyword: z.string().min(3, 'the shortest keyword may be 3 characters').optional(),
		gateIds: z.array(z.string()),
		keywordType: z.enum(['EQUALS', 'STARTS_WITH', 'FIRST_WORD', 'DEFAULT']),
		active: z.boolean().optional(),
		number: z.string(),
		start: z.string().optional(),
		end: z.string().optional(),
		platformId: z.string(),
		platformPartnerId: z.string(),
		platformServiceType: z.string().optional(),
		platformServiceId: z.string().optional(),
		shared: z.boolean().optional(),
		notifyStop: z.boolean().optional(),
		description: z.string().optional(),
		customParameters: z.record(z.string(), z.string()).optional(),
	})
	.refine((one) => one.keywordType === 'DEFAULT' || one.keyword !== undefined, {
		error: 'keyword is missing',
	});

const profileWish = z.strictObject({ intermediate: z.boolean(), reportAfterMs: z.int().min(0) }).partial();
const playWish = z.strictObject({
	phone: z.string().regex(/^\+\d+$/),
	codes: z.array(z.int()).min(1),
	part: z.int().min(0).optional(),
	next: z.int().min(1).optional(),
});

export function commonRoutes(network: CommonNetwork, tokens: Tokens, account: CommonAccount): Router {
	const routes = Router();
	const json = express.json({ limit: '80mb', type: () => true });
	routes.post('/auth/token', express.urlencoded({ extended: false }), tokens.route);

	// What a person orders on the page, or a test: no login, like the page.
	routes.get('/profile', (_request, response) => void response.json(network.profile));
	routes.post('/profile', json, (request, response) => {
		const wanted = profileWish.safeParse(request.body);
		if (!wanted.success) return void response.status(400).json({ message: whatIsWrong(wanted.error) });
		network.profile = { ...network.profile, ...wanted.data };
		response.json(network.profile);
	});
	routes.post('/plays', json, (request, response) => {
		const wanted = playWish.safeParse(request.body);
		if (!wanted.success) return void response.status(400).json({ message: whatIsWrong(wanted.error) });
		network.plays.push(wanted.data);
		response.json(network.plays);
	});

	routes.use((request, response, next) => {
		const login = basic(request.headers.authorization);
		const known = login?.id === account.id && login.secret === account.secret;
		if (known || tokens.accepts(request.headers.authorization)) return next();
		response.status(401).json(refusal(106100));
	});
	sending(routes, network, account, json);
	gates(routes, network, account, json);
	keywords(routes, network, account, json);
	routes.use((_request, response) => void response.status(404).json({ message: 'Nothing here.' }));
	routes.use((error: unknown, _request: Request, response: Response, _next: NextFunction) => {
		const unreadable = error instanceof SyntaxError;
		response.status(unreadable ? 400 : 500).json(refusal(unreadable ? 400 : 106000, 'Not readable'));
	});
	return routes;
}

type Body = ReturnType<typeof express.json>;

function sending(routes: Router, network: CommonNetwork, account: CommonAccount, json: Body): void {
	const take = (body: unknown, request: Request, response: Response, single: boolean) => {
		const batch = batchRequest.safeParse(body);
		if (!batch.success) return void response.status(400).json(refusal(400, whatIsWrong(batch.error)));
		const code = whyNot(batch.data);
		if (code) return void response.status(400).json(refusal(code));
		const receipts = network.accept(batch.data);
		if (batch.data.ignoreResponse) return void response.status(204).end();
		const counted = batch.data.customParameters?.replySmsCount === 'true';
		const shown = receipts.map(({ smsCount, ...receipt }) => ({
			...receipt,
			[single ? 'description' : 'message']: 'Queued',
			...(counted ? { smsCount } : {}),
		}));
		response.json(single ? shown[0] : shown);
	};
	const whyNot = (batch: z.infer<typeof batchRequest>): number | undefined => {
		if (batch.platformId !== account.platformId) return 106200;
		if (batch.platformPartnerId !== account.platformPartnerId) return 106201;
		const charged = batch.sendRequestMessages.some(({ tariff }) => tariff);
		if (batch.useDeliveryReport && batch.deliveryReportGates.length === 0) return 106300;
		if (charged && !batch.useDeliveryReport) return 106300;
		return batch.deliveryReportGates.some((id) => !network.gates.has(id)) ? 106301 : undefined;
	};
	routes.post('/sms/sendbatch', json, (request, response) => take(request.body, request, response, false));
	routes.post('/sms/send', json, (request, response) => take(asBatch(request.body), request, response, true));
}

function gates(routes: Router, network: CommonNetwork, account: CommonAccount, json: Body): void {
	const base = '/gate/partnergate';
	const ours = `${base}/platform/:platform/partner/:partner`;
	const mine = checkPartner(account, 103201, 103202);
	const find = (request: Request) => network.gates.get(String(request.params.id));
	routes.post(base, json, (request, response) => {
		const gate = gateBody.safeParse(request.body);
		if (!gate.success) return void response.status(400).json(refusal(400, whatIsWrong(gate.error)));
		if (gate.data.platformId !== account.platformId) return void response.status(400).json(refusal(103201));
		const taken = [...network.gates.values()].some(({ refId }) => refId && refId === gate.data.refId);
		if (taken) return void response.status(409).json(refusal(103212));
		const id = randomBytes(6).toString('base64url');
		network.gates.set(id, { ...gate.data, id });
		response
			.status(201)
			.location(`${base}/platform/${account.platformId}/partner/${account.platformPartnerId}/id/${id}`)
			.end();
	});
	routes.get(ours, mine, (_request, response) => void response.json([...network.gates.values()]));
	routes.get(`${ours}/refid/:refId`, mine, (request, response) => {
		const found = [...network.gates.values()].find(({ refId }) => refId === request.params.refId);
		if (found) response.json(found);
		else response.status(404).json(refusal(103304));
	});
	routes.get(`${ours}/id/:id`, mine, (request, response) => {
		const found = find(request);
		if (found) response.json(found);
		else response.status(404).json(refusal(103304));
	});
	routes.put(`${ours}/id/:id`, mine, json, (request, response) => {
		const gate = gateBody.safeParse(request.body);
		const found = find(request);
		if (!found) return void response.status(405).json(refusal(103304));
		if (!gate.success) return void response.status(400).json(refusal(400, whatIsWrong(gate.error)));
		network.gates.set(found.id, { ...gate.data, id: found.id });
		response.status(204).end();
	});
	routes.delete(`${ours}/id/:id`, mine, (request, response) => {
		// "DELETE, no resource: 405".
		if (network.gates.delete(String(request.params.id))) response.status(204).end();
		else response.status(405).json(refusal(103304));
	});
}

function keywords(routes: Router, network: CommonNetwork, account: CommonAccount, json: Body): void {
	const base = '/morouter/number/:number/keyword';
	const ours = `${base}/platform/:platform/partner/:partner`;
	const mine = checkPartner(account, 104422, 104423);
	const on = (number: unknown) => [...network.keywords.values()].filter((one) => one.number === number);
	const same = (a: string | undefined, b: string | undefined) =>
		(a ?? '').toUpperCase() === (b ?? '').toUpperCase();
	routes.post(base, json, (request, response) => {
		const keyword = keywordBody.safeParse(request.body);
		if (!keyword.success) return void response.status(400).json(refusal(104420, whatIsWrong(keyword.error)));
		if (keyword.data.number !== request.params.number) return void response.status(400).json(refusal(104420));
		if (on(keyword.data.number).some((one) => same(one.keyword, keyword.data.keyword)))
			return void response.status(409).json(refusal(104401));
		if (keyword.data.gateIds.some((id) => !network.gates.has(id)))
			return void response.status(400).json(refusal(103304));
		const id = randomBytes(6).toString('base64url');
		network.keywords.set(id, { ...keyword.data, id });
		response
			.status(201)
			.location(
				`/morouter/number/${keyword.data.number}/keyword/platform/${account.platformId}/partner/${account.platformPartnerId}/id/${id}`,
			)
			.end();
	});
	routes.get(`${ours}/getKeyword`, mine, (request, response) => {
		const busy = on(request.params.number).some((one) => same(one.keyword, String(request.query.keyword)));
		response.status(busy ? 409 : 204).end();
	});
	routes.get(ours, mine, (request, response) => void response.json(on(request.params.number)));
	routes.get(`${ours}/:by/:id`, mine, (request, response) => {
		const by = request.params.by === 'refid' ? 'refId' : 'id';
		const found = on(request.params.number).find((one) => one[by] === request.params.id);
		if (found) response.json(found);
		else response.status(404).json(refusal(104402));
	});
	routes.delete(`${ours}/id/:id`, mine, (request, response) => {
		if (network.keywords.delete(String(request.params.id))) response.status(204).end();
		else response.status(404).json(refusal(104402));
	});
}

function checkPartner(account: CommonAccount, platform: number, partner: number) {
	return (request: Request, response: Response, next: NextFunction): void => {
		if (request.params.platform !== account.platformId) response.status(403).json(refusal(platform));
		else if (request.params.partner !== account.platformPartnerId)
			response.status(403).json(refusal(partner));
		else next();
	};
}
