/** What the Adversus and VICIdial credentials hold. */
import { z } from 'zod/v4';
import { address, filledIn, readSettings } from '../settings';

const adversusShape = z.object({
	userName: filledIn,
	password: filledIn,
	baseUrl: address('https://api.adversus.io/v1'),
});
export type AdversusSettings = z.infer<typeof adversusShape>;

/** @throws {StepProblem} naming the field as the form shows it. */
export const readAdversusSettings = (raw: unknown): AdversusSettings =>
	readSettings(adversusShape, raw, 'Adversus', {
		userName: 'User Name',
		password: 'Password',
		baseUrl: 'Base URL',
	});

const vicidialShape = z.object({
	url: address('').refine((url) => url !== '', 'is empty'),
	userName: filledIn,
	password: filledIn,
	/** What the dialer notes as the origin of each request; at most 20 characters. */
	source: z
		.string()
		.trim()
		.default('')
		.transform((text) => text || 'memberjourneys')
		.refine((text) => /^[\w-]{1,20}$/.test(text), 'takes up to 20 letters and digits'),
});
export type VicidialSettings = z.infer<typeof vicidialShape>;

/** @throws {StepProblem} naming the field as the form shows it. */
export const readVicidialSettings = (raw: unknown): VicidialSettings =>
	readSettings(vicidialShape, raw, 'VICIdial', {
		url: 'API Address',
		userName: 'User',
		password: 'Password',
		source: 'Source',
	});
