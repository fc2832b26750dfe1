/** A letter as it waits in the store: everything filled in, its pictures and PDF by what they are found by. */
import { z } from 'zod/v4';
import { composeKid } from '../../core/letters/kid';
import type { LetterOptions, LetterSpec } from '../../core/letters/letter';
import { vippsDonationLink } from '../../core/letters/payment';
import { type LetterForm, readForm } from '../../core/letters/uploadedForm';
import { StepProblem } from '../../core/ports';
import type { Store } from '../../core/store/store';
import { keptFile } from './keptFiles';
import type { Letters } from './profile';

export const letterOptions = z.object({
	font: z.enum(['arial', 'courier', 'verdana', 'times']).optional(),
	sizePt: z.number().optional(),
	addressFont: z.enum(['arial', 'courier', 'verdana']).optional(),
	envelopes: z.array(z.enum(['E65', 'C65', 'C5', 'C4'])).optional(),
	windowSide: z.enum(['left', 'right']).optional(),
	duplex: z.boolean().optional(),
	colour: z.boolean().optional(),
	maxPages: z.number().optional(),
	pdfVersion: z.enum(['1.4', '1.5', '1.6', '1.7']).optional(),
	pdfA: z.enum(['1b', '2b']).optional(),
	freeMm: z
		.object({
			left: z.number().optional(),
			right: z.number().optional(),
			top: z.number().optional(),
			bottom: z.number().optional(),
		})
		.optional(),
	language: z.enum(['nb', 'en']).optional(),
	countryLine: z.boolean().optional(),
}) satisfies z.ZodType<LetterOptions>;

export const letterContent = z.object({
	recipient: z.object({
		name: z.string(),
		careOf: z.string().optional(),
		lines: z.array(z.string()),
		postalCode: z.string(),
		city: z.string(),
		country: z.string().optional(),
	}),
	sender: z.object({
		name: z.string(),
		returnAddress: z.string(),
		signerName: z.string().optional(),
		/** Kept files. */
		letterhead: z.string().optional(),
		signature: z.string().optional(),
	}),
	placeAndDate: z.string().optional(),
	body: z.discriminatedUnion('kind', [
		z.object({ kind: z.literal('text'), format: z.enum(['markdown', 'html']), text: z.string() }),
		z.object({
			kind: z.literal('form'),
			/** A kept file, or one that only this letter has, as base64. */
			file: z.string().optional(),
			own: z.string().optional(),
			values: z.record(z.string(), z.union([z.string(), z.boolean()])),
		}),
	]),
	giro: z
		.object({
			account: z.string(),
			payeeName: z.string(),
			kid: z.string().optional(),
			/** A KID of the letter's own: these digits, the letter's number filled up to so many, the control digit. */
			series: z
				.object({ prefix: z.string(), digits: z.number(), method: z.enum(['mod10', 'mod11']) })
				.optional(),
			amountOre: z.number().optional(),
			dueDate: z.string().optional(),
		})
		.optional(),
	link: z
		.object({
			url: z.string().optional(),
			/** `reference`: the letter's number when empty. */
			vipps: z.object({ alias: z.string(), reference: z.string() }).optional(),
			caption: z.string().optional(),
		})
		.optional(),
	ea: z.object({ agreement: z.string(), grade: z.number().int().min(0).max(3) }).optional(),
});
export type LetterContent = z.infer<typeof letterContent>;

/** Reads each picture and each PDF once, however many letters there are. */
export function lettersOf(store: Store, options: LetterOptions): Letters {
	const files = new Map<string, Promise<Uint8Array>>();
	const forms = new Map<string, Promise<LetterForm>>();
	const file = (hash: string) => once(files, hash, () => keptFile(store, hash));
	return {
		options,
		async specOf({ ref, content }) {
			const letter = letterContent.parse(content);
			const { letterhead, signature, ...sender } = letter.sender;
			return {
				id: ref,
				recipient: letter.recipient,
				sender: {
					...sender,
					...(letterhead === undefined ? {} : { letterhead: await file(letterhead) }),
					...(signature === undefined ? {} : { signature: await file(signature) }),
				},
				placeAndDate: letter.placeAndDate,
				body: await bodyOf(letter.body),
				...paymentOf(letter, ref),
				...(letter.ea ? { ea: { ...letter.ea, grade: letter.ea.grade as 0 | 1 | 2 | 3, id: ref } } : {}),
			};
		},
	};

	async function bodyOf(body: LetterContent['body']): Promise<LetterSpec['body']> {
		if (body.kind === 'text') return body;
		const { file: hash = '', own } = body;
		const form =
			own === undefined
				? await once(forms, hash, async () => formOf(await file(hash), options))
				: await formOf(new Uint8Array(Buffer.from(own, 'base64')), options);
		return { kind: 'form', form, values: body.values };
	}
}

function once<T>(kept: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
	const made = kept.get(key) ?? make();
	kept.set(key, made);
	return made;
}

/** @throws {StepProblem} with the first reason why it cannot be printed. */
export async function formOf(pdf: Uint8Array, options: LetterOptions): Promise<LetterForm> {
	const { form, findings } = await readForm(pdf, options);
	if (form) return form;
	throw new StepProblem(`The PDF cannot be used as a letter: ${findings[0]?.words ?? 'it cannot be read.'}`, {
		field: 'PDF With Fields',
		hint: 'Make it anew: A4, not encrypted, with its fonts in it.',
	});
}

/** No KID: a letter whose number does not fit into its KID is refused as it is made, and holds up no other. */
const TOO_LONG = 'x';

function paymentOf({ giro, link }: LetterContent, ref: string): Pick<LetterSpec, 'giro' | 'link'> {
	const { series, ...slip } = giro ?? { series: undefined };
	const kid = series
		? composeKid(
				[
					...(series.prefix === '' ? [] : [{ value: series.prefix, length: series.prefix.length }]),
					{ value: ref, length: series.digits },
				],
				series.method,
			)
		: undefined;
	const { url, vipps, caption } = link ?? {};
	const address = vipps ? vippsDonationLink(vipps.alias, vipps.reference || ref) : url;
	return {
		...(giro && 'account' in slip ? { giro: { ...slip, ...(series ? { kid: kid ?? TOO_LONG } : {}) } } : {}),
		...(address === undefined ? {} : { link: { url: address, ...(caption ? { caption } : {}) } }),
	};
}
