/** What the two Vipps credentials hold. */
import { createHash } from 'node:crypto';
import { z } from 'zod/v4';
import { filledIn, readSettings } from '../settings';

/** The credentials' names as the form shows them. */
export const CREDENTIAL = 'Vipps';
export const REPORT_CREDENTIAL = 'Vipps Report';

const ADDRESSES = { production: 'https://api.vipps.no', test: 'https://apitest.vipps.no' } as const;

/** "The endpoint is to be renamed later" (Vipps, 2023); it has not been, so far as is known. */
const TOKEN_PATH = '/miami/v1/token';

const ownAddress = z
	.string()
	.trim()
	.refine((text) => text === '' || (URL.canParse(text) && /^https?:/.test(text)), 'is no web address')
	.transform((text) => text.replace(/\/+$/, ''))
	.default('');

const shape = z.object({
	environment: z.enum(['test', 'production']).default('test'),
	clientId: filledIn,
	clientSecret: filledIn,
	subscriptionKey: filledIn,
	merchantSerialNumber: z.coerce
		.string()
		.trim()
		.min(1, 'is empty')
		.regex(/^\d{4,10}$/, 'is no number of a sales unit'),
	baseUrl: ownAddress,
});

/** Keys of a sales unit, or of a partner on behalf of one. */
export interface VippsSettings {
	flow: 'standard';
	clientId: string;
	clientSecret: string;
	subscriptionKey: string;
	/** Merchant serial number. */
	msn: string;
	apiUrl: string;
}

const reportShape = z.object({
	clientId: filledIn,
	clientSecret: filledIn,
	signInPath: z
		.string()
		.trim()
		.default('')
		.transform((text) => text || TOKEN_PATH)
		.refine((text) => /^\/[\w./-]+$/.test(text), 'is no path; it begins with a slash'),
	baseUrl: ownAddress,
});

/** Merchant-level keys or accounting keys. Their APIs are in production only. */
export interface VippsReportSettings {
	flow: 'specialized';
	clientId: string;
	clientSecret: string;
	tokenPath: string;
	apiUrl: string;
}

export type VippsKeys = VippsSettings | VippsReportSettings;

/** @throws {StepProblem} naming the field as the credential's form shows it. */
export function readVippsSettings(raw: unknown): VippsSettings {
	const { environment, baseUrl, merchantSerialNumber, ...keys } = readSettings(shape, raw, CREDENTIAL, {
		environment: 'Environment',
		clientId: 'Client ID',
		clientSecret: 'Client Secret',
		subscriptionKey: 'Subscription Key',
		merchantSerialNumber: 'Merchant Serial Number',
		baseUrl: 'Base URL',
	});
	return { ...keys, flow: 'standard', msn: merchantSerialNumber, apiUrl: baseUrl || ADDRESSES[environment] };
}

/** @throws {StepProblem} naming the field as the credential's form shows it. */
export function readVippsReportSettings(raw: unknown): VippsReportSettings {
	const { baseUrl, signInPath, ...keys } = readSettings(reportShape, raw, REPORT_CREDENTIAL, {
		clientId: 'Client ID',
		clientSecret: 'Client Secret',
		signInPath: 'Token Path',
		baseUrl: 'Base URL',
	});
	return { ...keys, flow: 'specialized', tokenPath: signInPath, apiUrl: baseUrl || ADDRESSES.production };
}

/** Tells accounts apart in the store without naming them there. */
export function accountOf(keys: VippsKeys): string {
	const msn = keys.flow === 'standard' ? keys.msn : '';
	return createHash('sha256')
		.update(JSON.stringify([keys.apiUrl, keys.clientId, msn]))
		.digest('hex')
		.slice(0, 12);
}
