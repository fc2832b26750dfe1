/** What an admin stores for MyLINK Multichannel. */
import { z } from 'zod/v4';
import { StepProblem } from '../../core/ports';
import { address, readSettings } from '../settings';

export const CREDENTIAL = 'LINK Multichannel';

/** Where LINK publishes the keys that it signs callbacks with, below the base address. */
const JWKS_PATH = '/.well-known/ocm-cb/jwks.json';

const shape = z.object({
	authentication: z.enum(['apiKey', 'oauth2']).default('oauth2'),
	apiKey: z.string().trim().default(''),
	clientId: z.string().trim().default(''),
	clientSecret: z.string().trim().default(''),
	tokenUrl: address('https://sso.linkmobility.com/auth/realms/CPaaS/protocol/openid-connect/token'),
	baseUrl: address('https://ocm.linkmobility.solutions'),
	jwksUrl: z
		.string()
		.trim()
		.refine((text) => text === '' || (URL.canParse(text) && /^https?:/.test(text)), 'is no web address')
		.default(''),
	messagesPerSecond: z.coerce.number().min(0).max(10_000).default(0),
});

const labels = {
	authentication: 'Authentication',
	apiKey: 'API Key',
	clientId: 'Client ID',
	clientSecret: 'Client Secret',
	tokenUrl: 'Token URL',
	baseUrl: 'Base URL',
	jwksUrl: 'Address of the Signing Keys',
	messagesPerSecond: 'Messages per Second',
};

export interface MultichannelSettings {
	access:
		| { kind: 'apiKey'; apiKey: string }
		| { kind: 'oauth2'; clientId: string; clientSecret: string; tokenUrl: string };
	/** With the version that goes with the kind of access: `…/v1` for a key, `…/v2` for OAuth 2. */
	apiUrl: string;
	jwksUrl: string;
	messagesPerSecond: number;
}

/** @throws {StepProblem} naming the field as the credential's form shows it. */
export function readMultichannelSettings(raw: unknown): MultichannelSettings {
	const { authentication, apiKey, clientId, clientSecret, tokenUrl, baseUrl, jwksUrl, ...rest } =
		readSettings(shape, raw, CREDENTIAL, labels);
	const base = baseUrl.replace(/\/v[12]$/, '');
	const common = { ...rest, jwksUrl: jwksUrl || `${base}${JWKS_PATH}` };
	if (authentication === 'apiKey') {
		if (!apiKey) throw missing('API Key');
		return { ...common, access: { kind: 'apiKey', apiKey }, apiUrl: `${base}/v1` };
	}
	if (!clientId) throw missing('Client ID');
	if (!clientSecret) throw missing('Client Secret');
	return {
		...common,
		access: { kind: 'oauth2', clientId, clientSecret, tokenUrl },
		apiUrl: `${base}/v2`,
	};
}

function missing(field: string): StepProblem {
	return new StepProblem(`'${field}' of the ${CREDENTIAL} credential is empty.`, {
		field,
		hint: `Open the ${CREDENTIAL} credential and fill in '${field}'.`,
	});
}

/** Who LINK knows us as, for the limit per account. */
export function accountOf({ access }: MultichannelSettings): string {
	return access.kind === 'apiKey' ? access.apiKey : access.clientId;
}
