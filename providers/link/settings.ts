/** What the LINK MyLINK credential holds. */
import { z } from 'zod/v4';
import { address, filledIn, readSettings } from '../settings';

/** The credential's name as the form shows it. */
export const CREDENTIAL = 'LINK MyLINK';

const settingsShape = z.object({
	clientId: filledIn,
	clientSecret: filledIn,
	tokenUrl: address('https://sso.linkmobility.com/auth/realms/CPaaS/protocol/openid-connect/token'),
	baseUrl: address('https://api.linkmobility.com'),
	messagesPerSecond: z.coerce.number().min(0).max(10_000).default(0),
	callbackSecret: z.string().trim().optional(),
});
export type LinkSettings = z.infer<typeof settingsShape>;

const labels = {
	clientId: 'Client ID',
	clientSecret: 'Client Secret',
	tokenUrl: 'Token URL',
	baseUrl: 'Base URL',
	messagesPerSecond: 'Messages per Second',
	callbackSecret: 'Callback Secret',
};

export function readLinkSettings(raw: unknown): LinkSettings {
	return readSettings(settingsShape, raw, CREDENTIAL, labels);
}
