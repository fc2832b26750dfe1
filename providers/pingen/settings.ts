/** What an admin stores for Pingen. */
import { z } from 'zod/v4';
import { filledIn, readSettings } from '../settings';

export const CREDENTIAL = 'Pingen';

/** As Pingen's own n8n node has them (pingencom/n8n-nodes-pingen2). In staging nothing is printed and nothing is charged. */
const ADDRESSES = {
	production: {
		api: 'https://api.pingen.com',
		token: 'https://identity.pingen.com/auth/access-tokens',
	},
	staging: {
		api: 'https://api-staging.pingen.com',
		token: 'https://identity-staging.pingen.com/auth/access-tokens',
	},
} as const;

/** "Key of at most 32 characters" (Pingen's webhooks). */
const LONGEST_KEY = 32;

const own = z
	.string()
	.trim()
	.refine((text) => text === '' || (URL.canParse(text) && /^https?:/.test(text)), 'is no web address')
	.transform((text) => text.replace(/\/+$/, ''))
	.default('');

const shape = z.object({
	environment: z.enum(['production', 'staging']).default('staging'),
	clientId: filledIn,
	clientSecret: filledIn,
	organisationId: filledIn.regex(/^[\w-]{1,64}$/, 'is no ID'),
	signingKey: z.string().trim().max(LONGEST_KEY, `is longer than ${LONGEST_KEY} characters`).default(''),
	baseUrl: own,
	tokenUrl: own,
});

const labels = {
	environment: 'Environment',
	clientId: 'Client ID',
	clientSecret: 'Client Secret',
	organisationId: 'Organisation ID',
	signingKey: 'Webhook Signing Key',
	baseUrl: 'Base URL',
	tokenUrl: 'Token URL',
};

export interface PingenSettings {
	staging: boolean;
	clientId: string;
	clientSecret: string;
	organisationId: string;
	/** '' = webhooks are not taken. */
	signingKey: string;
	apiUrl: string;
	tokenUrl: string;
}

/** @throws {StepProblem} naming the field as the credential's form shows it. */
export function readPingenSettings(raw: unknown): PingenSettings {
	const { environment, baseUrl, tokenUrl, ...rest } = readSettings(shape, raw, CREDENTIAL, labels);
	return {
		...rest,
		staging: environment === 'staging',
		apiUrl: baseUrl || ADDRESSES[environment].api,
		tokenUrl: tokenUrl || ADDRESSES[environment].token,
	};
}
