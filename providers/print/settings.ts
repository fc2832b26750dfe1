/**
 * How a batch of letters is given to a printing house by files. 21grams, like the others, publishes no description: these
 * are our assumption, each with its default.
 */
import { z } from 'zod/v4';
import { DEFAULT_TEMP_SUFFIX } from '../sftp/upload';

const ending = z
	.string()
	.trim()
	.regex(/^(\.[A-Za-z0-9_-]{1,20})?$/, 'must be empty, or a dot and letters, such as .done');

export const printSettings = z.object({
	manifest: z.enum(['xml', 'csv']).default('xml'),
	/** `merged`: all letters in one PDF, each with its pages. */
	pdfs: z.enum(['merged', 'each']).default('merged'),
	/** `files`: side by side in the folder, the manifest last. */
	packing: z.enum(['zip', 'files']).default('zip'),
	/** Within the folder of the SFTP credential. */
	folder: z.string().default('in'),
	/** Of files that are being written. */
	tempSuffix: ending.refine((text) => text !== '', 'must not be empty').default(DEFAULT_TEMP_SUFFIX),
	/** An empty file with this ending follows when all is there; '' = none does. */
	doneMarker: ending.default(''),
	/** The whole upload is read back and compared, not only its size. */
	readBack: z.boolean().default(false),
	postage: z.string().default('economy'),
	/** What else goes into each envelope, by the names that the printing house knows it by, separated by commas; '' = nothing. */
	enclosures: z.string().trim().max(200).default(''),
	undeliverable: z.enum(['return', 'shred']).default('return'),
});
export type PrintSettings = z.infer<typeof printSettings>;
