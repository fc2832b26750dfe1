/** What an admin fills in for an account in Make. */
import { z } from 'zod/v4';
import { address, filledIn, readSettings } from '../settings';

const settingsShape = z.object({
	userId: z.coerce.string().trim().min(1, 'is empty'),
	apiKey: filledIn,
	subscribersUrl: address('https://subscribers.dialogapi.no/api/public/v2'),
	newslettersUrl: address('https://newsletters.dialogapi.no/api/public/v1'),
	requestsPerMinute: z.coerce.number().min(0).max(10_000).default(0),
	callbackSecret: z.string().trim().optional(),
});
export type MakeSettings = z.infer<typeof settingsShape>;

const labels = {
	userId: 'User ID',
	apiKey: 'API Key',
	subscribersUrl: 'Subscribers URL',
	newslettersUrl: 'Newsletters URL',
	requestsPerMinute: 'Requests per Minute',
	callbackSecret: 'Callback Secret',
};

export function readMakeSettings(raw: unknown): MakeSettings {
	return readSettings(settingsShape, raw, 'Make Newsletter', labels);
}
