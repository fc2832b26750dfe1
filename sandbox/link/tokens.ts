/** The token endpoint: OAuth 2 client credentials as LINK's Keycloak answers them. */
import { randomBytes } from 'node:crypto';
import type { Request, Response } from 'express';

const LIVES_SECONDS = 300;

export interface Credentials {
	id: string;
	secret: string;
}

export class Tokens {
	private readonly valid = new Map<string, number>();

	constructor(private readonly credentials: Credentials) {}

	/** `POST /link/token`, form-encoded. */
	readonly route = (request: Request, response: Response): void => {
		const refuse = (status: number, error: string, error_description: string) =>
			void response.status(status).json({ error, error_description });
		const form = new Map(Object.entries((request.body ?? {}) as Record<string, unknown>));
		if (!form.has('grant_type')) return refuse(400, 'invalid_request', 'Missing form parameter: grant_type');
		if (form.get('grant_type') !== 'client_credentials')
			return refuse(400, 'unsupported_grant_type', 'Unsupported grant_type');
		const { id, secret } = basic(request.headers.authorization) ?? {
			id: form.get('client_id'),
			secret: form.get('client_secret'),
		};
		if (id !== this.credentials.id)
			return refuse(401, 'invalid_client', 'Invalid client or Invalid client credentials');
		if (secret !== this.credentials.secret)
			return refuse(401, 'unauthorized_client', 'Invalid client or Invalid client credentials');
		const access_token = randomBytes(24).toString('base64url');
		// Tokens age in real time: a client that has missed a turn of the sandbox's clock is not to blame.
		this.valid.set(access_token, Date.now() + LIVES_SECONDS * 1_000);
		response.set('cache-control', 'no-store').json({
			access_token,
			expires_in: LIVES_SECONDS,
			refresh_expires_in: 0,
			token_type: 'Bearer',
			'not-before-policy': 0,
			scope: 'profile email',
		});
	};

	accepts(authorization: string | undefined): boolean {
		const until = this.valid.get(authorization?.replace(/^Bearer /i, '') ?? '');
		return until !== undefined && until > Date.now();
	}

	/** Every token given out so far stops working, as when a secret is regenerated in the portal. */
	revoke(): void {
		this.valid.clear();
	}
}

/** The id and secret of an HTTP Basic header. */
export function basic(authorization: string | undefined): Credentials | undefined {
	const encoded = /^Basic (.+)$/i.exec(authorization ?? '')?.[1];
	if (!encoded) return undefined;
	const [id = '', ...secret] = Buffer.from(encoded, 'base64').toString('utf8').split(':');
	return { id, secret: secret.join(':') };
}
