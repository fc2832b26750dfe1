/** What an admin has stored for LINK's Common API: the host, ids and login that LINK's support hands out. */
import { z } from 'zod/v4';
import { StepProblem } from '../../core/ports';
import { filledIn, readSettings } from '../settings';

const settingsShape = z.object({
	/** As LINK names it, with or without the `/sms` at its end. */
	baseUrl: filledIn
		.refine((text) => URL.canParse(text) && /^https?:/.test(text), 'is no web address')
		.transform((text) => text.replace(/\/+$/, '').replace(/\/sms$/, '')),
	authentication: z.enum(['basic', 'oAuth2']).default('basic'),
	userName: z.string().trim().default(''),
	password: z.string().trim().default(''),
	clientId: z.string().trim().default(''),
	clientSecret: z.string().trim().default(''),
	tokenUrl: z.string().trim().default(''),
	platformId: filledIn,
	platformPartnerId: filledIn,
	/** In the order in which reports go to them. */
	gateIds: z
		.string()
		.default('')
		.transform((text) => text.split(/[\s,;]+/).filter((id) => id !== '')),
	messagesPerSecond: z.coerce.number().min(0).max(10_000).default(0),
});
export type CommonSettings = z.infer<typeof settingsShape>;

export const CREDENTIAL = 'LINK Common';

const labels = {
	baseUrl: 'Assigned Host',
	authentication: 'Authentication',
	userName: 'User Name',
	password: 'Password',
	clientId: 'Client ID',
	clientSecret: 'Client Secret',
	tokenUrl: 'Token URL',
	platformId: 'Platform ID',
	platformPartnerId: 'Platform Partner ID',
	gateIds: 'Gate IDs for Delivery Reports',
	messagesPerSecond: 'Messages per Second',
};

/** @throws {StepProblem} naming the field as the credential's form shows it */
export function readCommonSettings(raw: unknown): CommonSettings {
	const settings = readSettings(settingsShape, raw, CREDENTIAL, labels);
	const needed =
		settings.authentication === 'basic'
			? (['userName', 'password'] as const)
			: (['clientId', 'clientSecret'] as const);
	const empty = needed.find((name) => settings[name] === '');
	if (empty === undefined) return settings;
	throw new StepProblem(`'${labels[empty]}' of the ${CREDENTIAL} credential is empty.`, {
		field: labels[empty],
		hint: `Open the ${CREDENTIAL} credential and fill in '${labels[empty]}'.`,
	});
}

/** Who LINK knows us as; for limits and settings that are kept per account. */
export function accountOf({ baseUrl, platformId, platformPartnerId }: CommonSettings): string {
	return JSON.stringify([baseUrl, platformId, platformPartnerId]);
}
