/** The form of 21grams Post, read. */
import { z } from 'zod/v4';
import type { CutOffRule } from '../../core/handoffs/cutOff';
import type { LetterOptions } from '../../core/letters/letter';
import { timeOfDay } from '../../core/journeys/quiet';

const text = z.coerce.string().trim().default('');
const liquid = z.coerce.string().default('');

export const parameters = z.object({
	letterFrom: z.enum(['text', 'pdf']).default('text'),
	format: z.enum(['markdown', 'html']).default('markdown'),
	text: liquid,
	pdfFrom: z.enum(['path', 'data']).default('path'),
	pdfPath: text,
	pdfData: text,
	pdfFields: z
		.object({ field: z.array(z.object({ name: text, value: liquid })).default([]) })
		.default({ field: [] }),
	senderName: text,
	returnAddress: text,
	signer: text,
	placeAndDate: liquid,
	recipient: z.enum(['person', 'fields']).default('person'),
	recipientName: text,
	careOf: text,
	street: text,
	postalCode: text,
	city: text,
	country: text,
	purpose: z.string().trim().default('marketing'),
	giro: z.boolean().default(false),
	account: text,
	amount: liquid,
	kidFrom: z.enum(['none', 'text', 'series', 'kidSeries']).default('none'),
	kid: liquid,
	kidPrefix: text,
	kidDigits: z.number().int().min(1).max(13).default(10),
	kidMethod: z.enum(['mod10', 'mod11']).default('mod10'),
	kidSeries: text,
	kidLength: z.number().int().default(10),
	kidNumber: z.enum(['running', 'memberNumber']).default('running'),
	giftCampaign: text,
	giftPurpose: text,
	dueDate: liquid,
	qr: z.enum(['none', 'vipps', 'url']).default('none'),
	vippsNumber: text,
	vippsReference: liquid,
	qrAddress: liquid,
	qrCaption: liquid,
	profile: z.enum(['print', 'pingen']).default('print'),
	release: z.enum(['automatic', 'byHand']).default('automatic'),
	cutOffTime: timeOfDay.default('15:00'),
	cutOffDays: z.array(z.coerce.number().int().min(1).max(7)).min(1).default([1, 2, 3, 4, 5]),
	cutOffHolidays: z.boolean().default(true),
	cutOffLetters: z.number().int().min(0).max(10_000).default(0),
	batchName: text,
	manifest: z.enum(['xml', 'csv']).default('xml'),
	pdfs: z.enum(['merged', 'each']).default('merged'),
	packing: z.enum(['zip', 'files']).default('zip'),
	folder: z.coerce.string().trim().default('in'),
	postage: z.enum(['economy', 'priority']).default('economy'),
	enclosures: text,
	undeliverable: z.enum(['return', 'shred']).default('return'),
	lookForWord: z.boolean().default(true),
	statusFolder: z.coerce.string().trim().default('out'),
	statusFormat: z.enum(['csv', 'xml']).default('csv'),
	lookEvery: z.number().int().min(1).max(1_440).default(15),
	statusColumns: z
		.object({
			city: text,
			country: text,
			date: text,
			id: text,
			postalCode: text,
			reason: text,
			status: text,
			street: text,
		})
		.prefault({}),
	statusWords: z
		.object({
			word: z
				.array(
					z.object({
						word: text,
						means: z
							.enum(['accepted', 'rejected', 'printed', 'posted', 'returned', 'addressUpdated'])
							.default('posted'),
					}),
				)
				.default([]),
		})
		.default({ word: [] }),
	pingenProduct: z.enum(['cheap', 'fast', 'bulk', 'premium', 'registered']).default('cheap'),
	options: z
		.object({
			addressFont: z.enum(['arial', 'courier', 'verdana']).default('arial'),
			chunk: z.number().int().min(1).max(5_000).default(500),
			colour: z.boolean().default(false),
			deceased: z.boolean().default(false),
			doneMarker: text,
			duplex: z.boolean().default(true),
			eaAgreement: text,
			eaGrade: z.coerce.number().int().min(0).max(3).default(1),
			envelopes: z.array(z.enum(['E65', 'C65', 'C5', 'C4'])).default(['E65', 'C65', 'C5', 'C4']),
			font: z.enum(['arial', 'courier', 'verdana', 'times']).default('arial'),
			giveUpDays: z.number().int().min(1).max(365).default(30),
			language: z.enum(['nb', 'en']).default('nb'),
			leftMargin: z.number().min(0).max(60).default(18),
			letterheadData: text,
			letterheadPath: text,
			maxPages: z.number().int().min(1).max(100).default(20),
			messageKey: text,
			onlyWithConsent: z.boolean().default(false),
			pdfA: z.enum(['none', '1b', '2b']).default('none'),
			pdfVersion: z.enum(['1.4', '1.5', '1.6', '1.7']).default('1.7'),
			pricePerLetter: z.number().min(0).default(0),
			signatureData: text,
			signaturePath: text,
			size: z.number().min(8).max(16).default(11),
			temporarySuffix: z.coerce.string().trim().default('.part'),
			windowSide: z.enum(['left', 'right']).default('left'),
		})
		.prefault({}),
});
export type Parameters = z.infer<typeof parameters>;

export function layoutOf({ options }: Parameters): LetterOptions {
	return {
		font: options.font,
		sizePt: options.size,
		addressFont: options.addressFont,
		envelopes: options.envelopes.length > 0 ? options.envelopes : undefined,
		windowSide: options.windowSide,
		duplex: options.duplex,
		colour: options.colour,
		maxPages: options.maxPages,
		pdfVersion: options.pdfVersion,
		pdfA: options.pdfA === 'none' ? undefined : options.pdfA,
		freeMm: { left: options.leftMargin },
		language: options.language,
	};
}

export function cutOffOf(params: Parameters): CutOffRule {
	return {
		time: params.cutOffTime,
		weekdays: params.cutOffDays,
		holidays: params.cutOffHolidays,
		letters: params.cutOffLetters,
	};
}
