/**
 * Access tokens, of two kinds: the standard ones for a sales unit's keys (`POST /accesstoken/get`, keys in headers) and the
 * specialized ones for accounting and merchant-level keys (`POST /miami/v1/token`, OAuth2 client credentials).
 */
import { randomBytes } from 'node:crypto';
import type { NextFunction, Request, Response } from 'express';
import { type Credentials, basic } from '../link/tokens';
import { gateway, problem } from './answers';

/** One hour, as in the test environment. */
const STANDARD_SECONDS = 3_600;
const SPECIALIZED_SECONDS = 900;

export interface UnitKeys extends Credentials {
	subscriptionKey: string;
	/** The sales unit's number. */
	merchantSerialNumber: string;
}

export type Flow = 'standard' | 'specialized';

export class VippsTokens {
	private readonly valid = new Map<string, { flow: Flow; until: number }>();

	constructor(
		private readonly unit: UnitKeys,
		private readonly merchant: Credentials,
	) {}

	/** `POST /accesstoken/get`: keys in headers, no body. Numbers come as text, as documented. */
	readonly standard = (request: Request, response: Response): void => {
		if (request.get('ocp-apim-subscription-key') !== this.unit.subscriptionKey)
			return gateway(
				response,
				401,
				'Access denied due to invalid subscription key. Make sure to provide a valid key for an active subscription.',
			);
		if (request.get('client_id') !== this.unit.id || request.get('client_secret') !== this.unit.secret)
			return void response.status(401).json({
				error: 'unauthorized_client',
				error_description: 'Invalid client_id or client_secret',
			});
		const seconds = Math.floor(Date.now() / 1_000);
		response.set('cache-control', 'no-store').json({
			token_type: 'Bearer',
			expires_in: String(STANDARD_SECONDS - 1),
			ext_expires_in: '0',
			expires_on: String(seconds + STANDARD_SECONDS - 1),
			not_before: String(seconds),
			resource: '00000002-0000-0000-c000-000000000000',
			access_token: this.issue('standard', STANDARD_SECONDS),
		});
	};

	/** `POST /miami/v1/token`: form-encoded, HTTP Basic, no subscription key. */
	readonly specialized = (request: Request, response: Response): void => {
		const form = new Map(Object.entries((request.body ?? {}) as Record<string, unknown>));
		const asked = basic(request.headers.authorization);
		const refuse = (status: number, error: string) => void response.status(status).json({ error });
		if (form.get('grant_type') !== 'client_credentials') return refuse(400, 'unsupported_grant_type');
		if (asked?.id !== this.merchant.id || asked.secret !== this.merchant.secret)
			return refuse(401, 'invalid_client');
		response.set('cache-control', 'no-store').json({
			access_token: this.issue('specialized', SPECIALIZED_SECONDS),
			token_type: 'Bearer',
			expires_in: SPECIALIZED_SECONDS,
			scope: 'donations:read',
		});
	};

	/**
	 * Lets calls with a token of one of these flows through, and leaves the flow in `response.locals.flow`. Standard ones need
	 * the subscription key too; `keyless` APIs (Userinfo) see to that themselves.
	 */
	only(flows: readonly Flow[], { keyless = false } = {}) {
		return (request: Request, response: Response, next: NextFunction): void => {
			// The word Bearer is required, and its case matters.
			const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
			const known = this.valid.get(token ?? '');
			if (!known || known.until <= Date.now() || !flows.includes(known.flow))
				return gateway(response, 401, 'Unauthorized. Access token is missing or invalid.');
			if (
				known.flow === 'standard' &&
				!keyless &&
				request.get('ocp-apim-subscription-key') !== this.unit.subscriptionKey
			)
				return gateway(
					response,
					401,
					'Access denied due to missing subscription key. Make sure to include subscription key when making requests to an API.',
				);
			const unit = request.get('merchant-serial-number');
			if (known.flow === 'standard' && unit !== undefined && unit !== this.unit.merchantSerialNumber)
				return problem(response, 403, 'Forbidden', 'No access to this Merchant-Serial-Number.');
			for (const name of ['name', 'version', 'plugin-name', 'plugin-version'])
				if ((request.get(`vipps-system-${name}`)?.length ?? 0) > 30)
					return problem(response, 400, 'Bad Request', `Vipps-System-${name} is longer than 30 characters.`);
			response.locals.flow = known.flow;
			next();
		};
	}

	/** Every token given out so far stops working, as when a secret is regenerated in the portal. */
	revoke(): void {
		this.valid.clear();
	}

	private issue(flow: Flow, seconds: number): string {
		const token = `sandbox.${randomBytes(24).toString('base64url')}.${flow}`;
		// Tokens age in real time: a client that has missed a turn of the sandbox's clock is not to blame.
		this.valid.set(token, { flow, until: Date.now() + seconds * 1_000 });
		return token;
	}
}
