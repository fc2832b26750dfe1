/** What an admin stores for a directory service. */
import { z } from 'zod/v4';
import { address, filledIn, readSettings } from '../settings';

export const CREDENTIAL = 'Directory Service';

/** The services that can be asked; each is a profile. */
export const services = ['nrop'] as const;
export type DirectoryService = (typeof services)[number];

const shape = z.object({
	service: z.enum(services).default('nrop'),
	userName: filledIn,
	password: filledIn,
	/** Our assumption: the services tell of no limit. */
	perMinute: z.coerce
		.number()
		.int('is no whole number')
		.min(1, 'is below 1')
		.max(6_000, 'is above 6000')
		.default(60),
	baseUrl: address('https://api.nrop.no'),
});
export type DirectorySettings = z.infer<typeof shape>;

/** @throws {StepProblem} naming the field as the credential's form shows it. */
export function readDirectorySettings(raw: unknown): DirectorySettings {
	return readSettings(shape, raw, CREDENTIAL, {
		service: 'Service',
		userName: 'User Name',
		password: 'Password',
		perMinute: 'Look-Ups per Minute',
		baseUrl: 'Base URL',
	});
}
