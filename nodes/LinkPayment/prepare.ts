/** Who is to pay what, from one item and the form: everything that can be known before LINK is asked. */
import { z } from 'zod/v4';
import { StepProblem } from '../../core/ports';
import { readPhone } from '../../core/register/contact';
import type { Given, Json } from '../../core/step';
import { type CompiledTemplate, compileTemplate } from '../../core/templates/liquid';
import { wrongCommonText } from '../../providers/linkCommon/message';
import type { Payment } from '../../providers/linkCommon/payment';
import { type Addressee, detailOf } from '../addressees';
import { readDonation } from './donation';
import { kronerText, oreOf } from './kroner';
import type { Parameters } from './parameters';

export interface Prepared {
	who: Addressee;
	/** E.164; null when there is none. */
	address: string | null;
	payment: Payment;
	/** What consent must cover; '' when none is needed. */
	purpose: string;
	impossible?: string;
}

/** An SMS that was answered with this step, but not understood. */
export interface NotUnderstood {
	who: Addressee;
	reason: string;
}

export interface Preparing {
	countryCode: string;
	texts: Map<string, CompiledTemplate>;
}

/** What LINK Trigger gives of an SMS from a person. */
const inbound = z.object({
	text: z.string(),
	sender: z.string().min(1),
	recipient: z.string().nullish(),
	messageId: z.string().nullish(),
	eventId: z.string().nullish(),
});
type Inbound = z.infer<typeof inbound>;

/** The key under which money is asked for at most once, outside a journey; '' when the item has none. */
export function chargeKeyOf(json: Json, { operation, options }: Parameters): string {
	if (options.chargeKey) return options.chargeKey;
	if (operation !== 'answerDonation') return '';
	const read = inbound.safeParse(json);
	const id = read.success ? (read.data.messageId ?? read.data.eventId) : undefined;
	return id ? `mo/${id}` : '';
}

/** @throws {StepProblem} when the form is wrong; what is wrong with one person is said in what it gives. */
export function prepare(
	who: Addressee,
	given: Given<Parameters>,
	preparing: Preparing,
): Prepared | NotUnderstood {
	const { params, json } = given;
	if (who.enrolmentId === null && !who.test && chargeKeyOf(json, params) === '') throw withoutKey(who.index);
	return params.operation === 'answerDonation'
		? answer(who, given, preparing)
		: charge(who, given, preparing);
}

function charge(who: Addressee, { json, params }: Given<Parameters>, preparing: Preparing): Prepared {
	const number = params.to || detailOf(json, 'phone');
	const address = number ? readPhone(number, preparing.countryCode) : undefined;
	const ore = oreOf(params.amount);
	const limits = limitsOf(params, who.index);
	const silent = params.operation === 'chargeSilently';
	if (silent && params.merchantId === '') {
		throw new StepProblem("'Strex Merchant ID' is empty.", {
			field: 'Strex Merchant ID',
			item: who.index,
			hint: 'Fill in the MerchantID that Strex has given your organisation: silent charges need it.',
		});
	}
	const text = silent ? null : textOf(json, params, ore ?? 0, preparing.texts);
	const wrongText = text === null ? undefined : wrongCommonText(text);
	const impossible =
		address === undefined
			? number
				? `${params.to ? "'To'" : 'the phone'} [Item ${who.index + 1}] is no phone number; write it with country code, e.g. +47 400 00 000`
				: 'has no phone number'
			: ore === undefined
				? `'Amount (NOK)' [Item ${who.index + 1}] is no amount: use kroner, with two decimals for øre`
				: (outside(ore, limits) ?? (wrongText ? `'Text' ${wrongText}` : undefined));
	const payment = paymentOf(params, senderOf(params.shortNumber, who.index), ore ?? 0, text);
	return { who, address: address ?? null, payment, purpose: params.options.purpose, impossible };
}

function answer(
	who: Addressee,
	{ json, params }: Given<Parameters>,
	preparing: Preparing,
): Prepared | NotUnderstood {
	const keywords = params.keywords.split(/[,;\n]/).filter((word) => word.trim() !== '');
	if (keywords.length === 0) {
		throw new StepProblem("'Keywords' is empty.", {
			field: 'Keywords',
			item: who.index,
			hint: "Fill in what a donation begins with, e.g. 'GAVE'.",
		});
	}
	const read = inbound.safeParse(json);
	if (!read.success) {
		throw new StepProblem(`[Item ${who.index + 1}] is no SMS from a person.`, {
			item: who.index,
			hint: "Wire 'Answer a Donation Keyword' behind a LINK Trigger that hears 'SMS Received'.",
		});
	}
	const limits = limitsOf(params, who.index);
	const withoutAmount = oreOf(params.options.defaultAmount) ?? 0;
	const donation = readDonation(read.data.text, { keywords, withoutAmount });
	if ('reason' in donation) return { who, reason: donation.reason };
	const beyond = outside(donation.ore, limits);
	if (beyond) return { who, reason: beyond };
	const address = readPhone(read.data.sender, preparing.countryCode);
	const text = textOf(json, params, donation.ore, preparing.texts);
	const wrongText = wrongCommonText(text);
	const payment = paymentOf(
		params,
		senderOf(answeringFrom(params, read.data), who.index),
		donation.ore,
		text,
	);
	return {
		who,
		address: address ?? null,
		payment: {
			...payment,
			price: { ...payment.price, ...(read.data.messageId ? { moReferenceId: read.data.messageId } : {}) },
		},
		// They have asked for it.
		purpose: '',
		impossible: address === undefined ? 'comes from no phone number' : wrongText && `'Text' ${wrongText}`,
	};
}

/** `NO-2333` → `2333` */
function answeringFrom({ shortNumber }: Parameters, { recipient }: Inbound): string {
	return shortNumber || (/^(?:[A-Z]{2}-)?(\d{1,14})$/i.exec(recipient ?? '')?.[1] ?? '');
}

function senderOf(shortNumber: string, item: number): string {
	if (/^\d{1,14}$/.test(shortNumber)) return shortNumber;
	throw new StepProblem(`'Short Number' ${shortNumber === '' ? 'is empty' : 'is no short number'}.`, {
		field: 'Short Number',
		item,
		hint: 'Fill in the short number that LINK has opened for payment, e.g. 2333: only short numbers can charge.',
	});
}

function paymentOf(params: Parameters, sender: string, ore: number, text: string | null): Payment {
	const { productCategory, productDescription, merchantId, registerGift, campaign, giftPurpose } = params;
	const isGift = registerGift || params.operation === 'answerDonation';
	return {
		text,
		sender,
		price: {
			tariff: ore,
			currency: 'NOK',
			productCategory,
			...(productDescription ? { productDescription } : {}),
		},
		...(text === null ? { merchantId } : {}),
		...(isGift ? { gift: { campaign: campaign || null, purpose: giftPurpose || null } } : {}),
	};
}

function textOf(json: Json, { text }: Parameters, ore: number, texts: Map<string, CompiledTemplate>): string {
	let template = texts.get(text);
	if (!template) {
		template = compileTemplate(text, 'Text');
		texts.set(text, template);
	}
	return template.render({ ...json, item: json, charge: { kroner: kronerText(ore), ore } });
}

interface Limits {
	smallest: number;
	largest: number;
}

function limitsOf({ options }: Parameters, item: number): Limits {
	const [smallest, largest] = [oreOf(options.smallestAmount), oreOf(options.largestAmount)];
	if (smallest !== undefined && largest !== undefined && smallest <= largest) return { smallest, largest };
	const field = smallest === undefined ? 'Smallest Amount (NOK)' : 'Largest Amount (NOK)';
	throw new StepProblem(
		`'${field}' is no amount${smallest !== undefined && largest !== undefined ? ' above the smallest' : ''}.`,
		{
			field,
			item,
			hint: 'Fill in kroner, e.g. 10 and 500.',
		},
	);
}

function outside(ore: number, { smallest, largest }: Limits): string | undefined {
	if (ore < smallest)
		return `${kronerText(ore)} kr is below the smallest amount of ${kronerText(smallest)} kr`;
	if (ore > largest) return `${kronerText(ore)} kr is above the largest amount of ${kronerText(largest)} kr`;
	return undefined;
}

function withoutKey(item: number): StepProblem {
	return new StepProblem(`'Charge Key' is empty for [Item ${item + 1}].`, {
		field: 'Charge Key',
		item,
		hint: "Outside a journey, add the option 'Charge Key' with something that names this payment, e.g. an invoice number: with one key at most one charge ever leaves this step.",
	});
}
