/** One letter per item, as it would be printed: filled in, and looked over before anybody waits for it. */
import { DateTime } from 'luxon';
import { attemptAsync } from '../../core/attempt';
import { accountNumber, isKid } from '../../core/letters/kid';
import type { LetterOptions } from '../../core/letters/letter';
import { preflight } from '../../core/letters/preflight';
import { StepProblem } from '../../core/ports';
import { postalKey } from '../../core/register/brokenAddress';
import type { Given, Json, Out, StepContext } from '../../core/step';
import type { Store } from '../../core/store/store';
import { type CompiledTemplate, compileTemplate } from '../../core/templates/liquid';
import { type Addressee, detailOf } from '../addressees';
import { oreOf } from '../LinkPayment/kroner';
import { type LetterContent, lettersOf } from './content';
import { type Parameters, layoutOf } from './form';
import { specimenKid } from './giveKids';
import { LARGEST_PDF, LARGEST_PICTURE, fileGiven, keepFile } from './keptFiles';
import type { Letters } from './profile';

export interface Prepared {
	who: Addressee;
	params: Parameters;
	/** As the ledger has it, see `postalKey`. */
	address: string;
	purpose: string;
	content: LetterContent;
	options: LetterOptions;
	letters: Letters;
	impossible?: { reason: string; code: string };
}

/** The number that a letter has while nobody knows its own: as long as those are, so that what holds it is as wide. */
const SPECIMEN = '1000000000';

export const specimenOf = ({ giro }: LetterContent): string =>
	SPECIMEN.slice(0, giro?.series?.digits ?? SPECIMEN.length);

/**
 * @returns also what could not be prepared, where the run is to go on without it
 * @throws {StepProblem} otherwise, before any letter is collected
 */
export async function prepareAll(
	ctx: StepContext,
	store: Store,
	zone: string,
	here: readonly Addressee[],
	items: ReadonlyArray<Given<Parameters>>,
): Promise<{ prepared: Prepared[]; problems: Out[] }> {
	const byIndex = new Map(items.map((item) => [item.index, item]));
	const writing = writer(ctx, store, zone, items);
	const prepared: Prepared[] = [];
	const problems: Out[] = [];
	for (const [place, who] of here.entries()) {
		const given = byIndex.get(who.index);
		if (!given) continue;
		const tried = await attemptAsync(() => writing(who, given), who.index);
		if ('value' in tried) prepared.push(tried.value);
		else if (!ctx.continueOnFail) throw tried.problem;
		else problems.push({ json: who.json, from: who.index, problem: tried.problem });
		if (place % 25 === 24) {
			ctx.progress(place + 1, here.length, 'letters looked over');
			// A layout takes milliseconds: the host has others to serve in between.
			await new Promise((resolve) => setImmediate(resolve));
		}
	}
	return { prepared, problems };
}

function writer(ctx: StepContext, store: Store, zone: string, items: ReadonlyArray<Given<Parameters>>) {
	const templates = new Map<string, CompiledTemplate>();
	const kept = new Map<string, Promise<string>>();
	const makers = new Map<string, Letters>();
	const today = DateTime.fromMillis(ctx.clock.now(), { zone }).setLocale('nb').toFormat('d. MMMM yyyy');
	const shared = new Map<string, number>();
	for (const { params } of items)
		if (params.pdfData !== '') shared.set(params.pdfData, (shared.get(params.pdfData) ?? 0) + 1);

	const fill = (source: string, field: string, scope: Json, into: 'text' | 'html' = 'text') => {
		if (!/\{[{%]/.test(source)) return source;
		const key = `${into} ${field} ${source}`;
		const template = templates.get(key) ?? compileTemplate(source, field, into);
		templates.set(key, template);
		return template.render(scope);
	};
	const keep = (
		given: { path: string; data: string },
		names: { path: string; data: string; largest: number },
	) => {
		if (given.path === '' && given.data === '') return undefined;
		const key = `${given.path} ${given.data}`;
		const made =
			kept.get(key) ??
			fileGiven(given, names).then(async (bytes) =>
				keepFile(store, ctx.clock.now(), bytes ?? new Uint8Array()),
			);
		kept.set(key, made);
		return made;
	};
	const makerOf = (options: LetterOptions) => {
		const key = JSON.stringify(options);
		const maker = makers.get(key) ?? lettersOf(store, options);
		makers.set(key, maker);
		return maker;
	};

	const [first] = items;
	/** What stands in it is a person's, not the form's: what is wrong with it is wrong with this one letter. */
	const personal = (params: Parameters, field: 'amount' | 'kid' | 'qrAddress') =>
		/\{[{%]/.test(params[field]) || items.some((item) => item.params[field] !== first?.params[field]);

	return async (who: Addressee, { json, params }: Given<Parameters>): Promise<Prepared> => {
		const scope: Json = { today, ...json, item: json };
		let impossible: Prepared['impossible'];
		const refuse: Refuse = (field, code, problem) => {
			if (!personal(params, field)) throw problem;
			impossible ??= { reason: problem.message, code };
		};
		const { options } = params;
		needed(params.senderName, 'Sender Name', 'Write whose letter it is.');
		needed(params.returnAddress, 'Return Address', 'Write it on one line, e.g. Postboks 1, 0101 Oslo.');
		const letterhead = await keep(
			{ path: options.letterheadPath, data: options.letterheadData },
			{ path: 'Letterhead: Path', data: 'Letterhead: Data', largest: LARGEST_PICTURE },
		);
		const signature = await keep(
			{ path: options.signaturePath, data: options.signatureData },
			{ path: 'Signature: Path', data: 'Signature: Data', largest: LARGEST_PICTURE },
		);
		const placeAndDate = fill(params.placeAndDate, 'Place and Date', scope).trim();
		const recipient = recipientOf(params, who.json);
		const content: LetterContent = {
			recipient,
			sender: {
				name: params.senderName,
				returnAddress: params.returnAddress,
				...(params.signer ? { signerName: params.signer } : {}),
				...(letterhead === undefined ? {} : { letterhead }),
				...(signature === undefined ? {} : { signature }),
			},
			...(placeAndDate ? { placeAndDate } : {}),
			body: await bodyOf(params, scope),
			...giroOf(params, scope, refuse),
			...linkOf(params, scope, refuse),
			...eaOf(params),
		};
		const layout = layoutOf(params);
		const letters = makerOf(layout);
		const address = postalKey({
			street: recipient.lines.join(' ') || null,
			postal_code: recipient.postalCode || null,
		});
		const one: Prepared = {
			who,
			params,
			address: params.recipient === 'person' ? registerKey(who.json) : address,
			purpose: params.purpose,
			content,
			options: layout,
			letters,
			...(impossible ? { impossible } : {}),
		};
		if (impossible) return one;
		const [found] = await preflight(await letters.specOf({ ref: specimenOf(content), content }), layout);
		if (found) one.impossible = { reason: found.words, code: found.code };
		return one;
	};

	async function bodyOf(params: Parameters, scope: Json): Promise<LetterContent['body']> {
		if (params.letterFrom === 'text') {
			needed(params.text.trim(), 'Text', 'Write the letter.');
			const into = params.format === 'html' ? 'html' : 'text';
			return { kind: 'text', format: params.format, text: fill(params.text, 'Text', scope, into) };
		}
		const values = Object.fromEntries(
			params.pdfFields.field
				.filter(({ name }) => name !== '')
				.map(({ name, value }) => [name, fill(value, `Field '${name}'`, scope)]),
		);
		const names = { path: 'PDF Path', data: 'PDF Data', largest: LARGEST_PDF };
		if (params.pdfFrom === 'path') {
			needed(params.pdfPath, 'PDF Path', 'Give the whole path of the PDF.');
			return { kind: 'form', file: await keep({ path: params.pdfPath, data: '' }, names), values };
		}
		needed(params.pdfData, 'PDF Data', 'Give the bytes of the PDF as base64.');
		// One that many get is kept once; a person's own goes with their letter, and is forgotten with it.
		if ((shared.get(params.pdfData) ?? 0) > 1)
			return { kind: 'form', file: await keep({ path: '', data: params.pdfData }, names), values };
		const bytes = await fileGiven({ path: '', data: params.pdfData }, names);
		return { kind: 'form', own: Buffer.from(bytes ?? []).toString('base64'), values };
	}

	function giroOf(params: Parameters, scope: Json, refuse: Refuse): Pick<LetterContent, 'giro'> {
		if (!params.giro) return {};
		needed(params.account, 'Account Number', 'Write the eleven digits.');
		if (!accountNumber(params.account))
			throw new StepProblem("'Account Number' is not an account number.", {
				field: 'Account Number',
				hint: 'Write its eleven digits; the last one is a control digit.',
			});
		const amount = fill(params.amount, 'Amount', scope).trim();
		const amountOre = amount === '' ? undefined : oreOf(amount);
		if (amount !== '' && amountOre === undefined)
			refuse(
				'amount',
				'paymentInvalid',
				new StepProblem("'Amount' is no amount in kroner.", {
					field: 'Amount',
					hint: 'Write it like 250 or 249,50; leave it empty for whoever pays to fill in.',
				}),
			);
		const kid =
			params.kidFrom === 'text'
				? fill(params.kid, 'KID', scope).trim()
				: params.kidFrom === 'kidSeries'
					? specimenKid(params)
					: '';
		if (params.kidFrom === 'text' && !isKid(kid))
			refuse(
				'kid',
				'paymentInvalid',
				new StepProblem("'KID' is not valid.", {
					field: 'KID',
					hint: 'Its last digit is a control digit (MOD10 or MOD11); together 2 to 25 digits.',
				}),
			);
		if (params.kidFrom === 'series' && !/^\d*$/.test(params.kidPrefix))
			throw new StepProblem("'KID Begins With' has more than digits.", {
				field: 'KID Begins With',
				hint: 'Use digits alone, as agreed with the bank.',
			});
		const dueDate = fill(params.dueDate, 'Due Date', scope).trim();
		return {
			giro: {
				account: params.account,
				payeeName: params.senderName,
				...(kid ? { kid } : {}),
				...(params.kidFrom === 'series'
					? {
							series: {
								prefix: params.kidPrefix,
								digits: params.kidDigits,
								method: params.kidMethod,
							},
						}
					: {}),
				...(amountOre === undefined ? {} : { amountOre }),
				...(dueDate ? { dueDate } : {}),
			},
		};
	}

	function linkOf(params: Parameters, scope: Json, refuse: Refuse): Pick<LetterContent, 'link'> {
		if (params.qr === 'none') return {};
		const caption = fill(params.qrCaption, 'QR Caption', scope).trim();
		const beside = caption ? { caption } : {};
		if (params.qr === 'vipps') {
			if (!/^\d{1,6}$/.test(params.vippsNumber))
				throw new StepProblem("'Vipps Number' is not one to six digits.", {
					field: 'Vipps Number',
					hint: 'Write the number that people give to in Vipps, with its leading zeros.',
				});
			const reference = fill(params.vippsReference, 'Vipps Reference', scope).trim();
			return { link: { vipps: { alias: params.vippsNumber, reference }, ...beside } };
		}
		const url = fill(params.qrAddress, 'QR Address', scope).trim();
		if (!URL.canParse(url) || new URL(url).protocol !== 'https:') {
			refuse(
				'qrAddress',
				'codeInvalid',
				new StepProblem("'QR Address' is no address that begins with https://.", {
					field: 'QR Address',
					hint: 'Give the whole address, such as https://eksempel.no/gi.',
				}),
			);
			return {};
		}
		return { link: { url, ...beside } };
	}
}

/** Keeps back one letter for what is wrong with a person's own value; a fixed one of the form stops the run. */
type Refuse = (
	field: 'amount' | 'kid' | 'qrAddress',
	code: 'paymentInvalid' | 'codeInvalid',
	problem: StepProblem,
) => void;

function eaOf({ options: { eaAgreement, eaGrade } }: Parameters): Pick<LetterContent, 'ea'> {
	if (eaAgreement === '') return {};
	if (!/^\d{1,4}$/.test(eaAgreement))
		throw new StepProblem("'EA Agreement' is not up to four digits.", {
			field: 'EA Agreement',
			hint: 'It stands in your agreement with Posten; leave it empty to have no mark on the letters.',
		});
	return { ea: { agreement: eaAgreement.padStart(4, '0'), grade: eaGrade } };
}

function recipientOf(params: Parameters, json: Json): LetterContent['recipient'] {
	const own = params.recipient === 'person';
	const name = own
		? detailOf(json, 'name') || `${detailOf(json, 'givenName')} ${detailOf(json, 'familyName')}`.trim()
		: params.recipientName;
	const street = own ? detailOf(json, 'street') : params.street;
	const careOf = own ? '' : params.careOf;
	const country = own ? detailOf(json, 'country') : params.country;
	return {
		name,
		...(careOf ? { careOf } : {}),
		lines: street
			.split(/\r?\n/)
			.map((line) => line.trim())
			.filter((line) => line !== ''),
		postalCode: own ? detailOf(json, 'postalCode') : params.postalCode,
		city: own ? detailOf(json, 'city') : params.city,
		...(country ? { country } : {}),
	};
}

/** What the register would say of the address, to tell later whether it has changed. */
const registerKey = (json: Json): string =>
	postalKey({ street: detailOf(json, 'street') || null, postal_code: detailOf(json, 'postalCode') || null });

function needed(value: string, field: string, hint: string): void {
	if (value === '') throw new StepProblem(`'${field}' is empty.`, { field, hint });
}
