/** What the form of Bank Gifts says. */
import { z } from 'zod/v4';
import { bankFormats } from '../../providers/bank/bankFile';

const text = z.string().trim().default('');

/** Commas, semicolons and line breaks part. */
const list = z
	.string()
	.default('')
	.transform((given) =>
		given
			.split(/[,;\n]/)
			.map((one) => one.trim())
			.filter((one) => one !== ''),
	);

/** As the research on payouts of Vipps has it; what banks make of it may differ. */
export const VIPPS_PAYOUT = 'Utb. * Vippsnr *';

export const parameters = z.object({
	filesFrom: z.enum(['folder', 'item', 'sftp']).default('folder'),
	content: z.union([z.string(), z.instanceof(Uint8Array)]).default(''),
	contentIs: z.enum(['base64', 'text']).default('text'),
	folder: text,
	fileNames: list,
	lookMinutes: z.coerce.number().min(1).max(1_440).default(15),
	afterReading: z.enum(['delete', 'leave', 'move']).default('leave'),
	moveTo: text,
	format: z.enum(bankFormats).default('auto'),
	giftKids: list,
	series: z.array(z.coerce.string()).default([]),
	giftAccounts: list.transform((accounts) => accounts.map((one) => one.replace(/[\s.]/g, ''))),
	withoutKid: z.boolean().default(true),
	options: z
		.object({
			lumpSums: z
				.string()
				.default(VIPPS_PAYOUT)
				.transform((given) => given.split('\n').flatMap((one) => one.trim() || [])),
			settlementSums: z.enum(['needed', 'whereTold']).default('needed'),
		})
		.prefault({}),
});
export type Parameters = z.infer<typeof parameters>;

export const OUTPUTS = ['Gift', 'Reversed'] as const;
export const outputOf = { gift: 0, reversed: 1 } as const;
