/** What the form of Call List gives. */
import { z } from 'zod/v4';
import type { OutputRule } from '../../core/outputs';
import { callReasonNames } from '../../core/calls/lead';
import { dispositionRow } from '../../core/calls/dispositions';
import { fileFormats } from '../../providers/dialer/callFile';
import { leadValues } from '../../providers/dialer/adversus';
import { resultFields } from '../../providers/dialer/resultRow';
import { washPlaces } from '../../core/calls/reservationFile';

const text = z.coerce.string().trim().default('');
const whole = (fallback: number, least: number, most: number) =>
	z.coerce.number().int().min(least).max(most).default(fallback);
/** An empty field is 0. */
const money = z.union([z.literal('').transform(() => 0), z.coerce.number().min(0)]).default(0);
const content = z.union([z.string(), z.instanceof(Uint8Array)]).default('');

export const parameters = z.object({
	resource: z.enum(['call', 'report', 'result', 'wash']).default('call'),
	operation: z.enum(['handOver', 'get', 'importFile']).default('handOver'),

	profile: z.enum(['adversus', 'file', 'vicidial']).default('file'),
	why: z.enum(callReasonNames as [(typeof callReasonNames)[number]]).default('upgrade'),
	campaign: text,
	script: z.coerce.string().default(''),
	data: z
		.object({ field: z.array(z.object({ name: text, value: z.coerce.string().default('') })).default([]) })
		.prefault({}),
	priority: whole(0, 0, 99),
	hoursFrom: text,
	hoursTo: text,
	callBefore: text,
	mostAttempts: whole(6, 1, 99),
	giveUpDays: whole(14, 1, 366),
	purpose: z.string().trim().default('marketing'),
	consent: z.enum(['needed', 'notRefused']).default('notRefused'),
	wash: z.enum(['agency', 'leaveOut', 'thisMonth']).default('thisMonth'),

	// File by SFTP
	format: z.enum(fileFormats).default('csvSemicolon'),
	folder: text,
	everyMinutes: whole(15, 1, 1_440),
	resultFolder: text,

	// Adversus
	campaignId: z.union([z.literal('').transform(() => 0), z.coerce.number().int().min(0)]).default(0),
	poolId: z.union([z.literal('').transform(() => 0), z.coerce.number().int().min(0)]).default(0),
	masterFields: z
		.object({
			field: z
				.array(
					z.object({
						value: z.enum(leadValues).default('phone'),
						name: text,
						id: z.coerce.number().int().min(0).default(0),
					}),
				)
				.default([]),
		})
		.prefault({}),
	resultFields: z
		.object({
			field: z
				.array(
					z.object({
						id: z.coerce.number().int().min(0).default(0),
						field: z.enum(resultFields).default('amount'),
					}),
				)
				.default([]),
		})
		.prefault({}),

	// VICIdial
	listId: text,
	dialerCampaign: text,

	takenBack: z.enum(['delete', 'nothing', 'status']).default('status'),
	takenBackStatus: text,
	lookMinutes: whole(10, 0, 1_440),
	dispositions: z.object({ row: z.array(dispositionRow).default([]) }).prefault({}),
	callBacks: z.enum(['agency', 'journey']).default('agency'),
	testWith: z.enum(['leftOut', 'no', 'notReached', 'yes']).default('yes'),

	// Files that are read in
	fileFrom: z.enum(['content', 'file']).default('content'),
	content,
	filePath: text,
	fileName: text,
	washedOn: text,
	fileHolds: z.enum(['all', 'more']).default('all'),
	reservedAgainst: z.array(z.enum(['letter', 'phone'])).default(['letter', 'phone']),
	washColumns: z
		.object({
			column: z.array(z.object({ heading: text, place: z.enum(washPlaces).default('phone') })).default([]),
		})
		.prefault({}),
	coversWords: text,

	// Report
	callList: text,
	reportFrom: text,
	reportTo: text,

	options: z
		.object({
			addToHopper: z.boolean().default(false),
			adultFrom: whole(18, 0, 99),
			columns: z
				.object({
					column: z
						.array(z.object({ heading: text, field: z.enum(resultFields).default('ref') }))
						.default([]),
				})
				.prefault({}),
			costPerCall: money,
			costPerHour: money,
			customFields: z.boolean().default(false),
			dailyReport: z.boolean().default(false),
			dncCheck: z.boolean().default(true),
			duplicateCheck: z.enum(['', 'DUPCAMP', 'DUPLIST', 'DUPSYS']).default(''),
			filePrefix: text,
			foreign: z.boolean().default(false),
			landlines: z.boolean().default(false),
			markDeceased: z.boolean().default(false),
			messageKey: text,
			reportTime: text,
			yesLabel: text,
		})
		.prefault({}),
});
export type Parameters = z.infer<typeof parameters>;

/** Where people leave by how their call ended; see core/calls/lead for how they are let go. */
export const calledOutputs = ['Yes', 'No', 'Not Reached', 'Left Out'] as const;
export const OUT = { yes: 0, no: 1, notReached: 2, leftOut: 3, report: 4 } as const;

export const outputs = {
	always: [],
	by: 'resource',
	cases: {
		call: [...calledOutputs, 'Daily Report'],
		report: ['Report'],
		result: ['Done'],
		wash: ['Done'],
	},
} satisfies OutputRule;
