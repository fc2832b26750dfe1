/** Vipps on the wire, under `/vipps`: paths as at `https://api.vipps.no`. */
import express, { type NextFunction, type Request, type Response, Router } from 'express';
import { problem } from './answers';
import { donationRoutes } from './donationRoutes';
import { epaymentRoutes } from './epaymentRoutes';
import { hookRoutes } from './hookRoutes';
import { recurringRoutes } from './recurringRoutes';
import { reportRoutes } from './reportRoutes';
import type { Vipps } from './vipps';

/** What is asked of Vipps; the rest under `/vipps` is pages. */
export const vippsPaths = [
	'accesstoken',
	'miami',
	'donations/v1',
	'settlement',
	'report',
	'webhooks',
	'epayment',
	'recurring',
	'vipps-userinfo-api',
].map((path) => `/vipps/${path}`);

export function vippsRoutes(vipps: Vipps, payoutAccount: string): Router {
	const { tokens, profile } = vipps;
	const routes = Router();
	const now = () => vipps.clock.now();
	routes.post('/accesstoken/get', tokens.standard);
	routes.post('/miami/v1/token', express.urlencoded({ extended: false }), tokens.specialized);
	routes.use('/webhooks/v1/webhooks', hookRoutes(vipps.hooks, tokens));
	routes.use(
		'/donations/v1',
		donationRoutes(vipps.donations, tokens, { now, pageSize: () => profile.donationsPageSize }),
	);
	const { answered } = vipps;
	const withPhone = (msisdn: string) => vipps.withPhone(msisdn);
	routes.use('/epayment/v1', epaymentRoutes(vipps.epayments, tokens, answered, { now, withPhone }));
	routes.use('/recurring/v3', recurringRoutes(vipps.recurring, tokens, answered, { now, withPhone }));
	routes.use(
		'/vipps-userinfo-api',
		vipps.consents.routes(tokens, () => profile.userinfoKey),
	);
	const reports = reportRoutes(vipps.ledgers, tokens, {
		now,
		pageSize: () => profile.reportPageSize,
		payoutAccount,
	});
	routes.use((request, response, next) =>
		/^\/(settlement|report)\//.test(request.path) ? reports(request, response, next) : next(),
	);
	routes.use((_request, response) => problem(response, 404, 'Not Found', 'Resource not found'));
	routes.use((error: unknown, _request: Request, response: Response, _next: NextFunction) => {
		const unreadable = error instanceof SyntaxError || error instanceof URIError;
		problem(response, unreadable ? 400 : 500, unreadable ? 'Bad Request' : 'Server error', 'Not readable.');
	});
	return routes;
}
