/** What of a bank file is a gift, as the form says, and how the ledger takes it. */
import { type Evidence, evidence } from '../../core/gifts/evidence';
import type { PaidIn } from '../../core/gifts/incoming';
import { type KidMethod, kidMethods, plainKid } from '../../core/letters/kid';
import type { BankFile, GoneBack, LeftOutReason, Payment } from './payment';

export interface KidOfGifts {
	prefix: string;
	/** Any when left out. */
	length?: number;
	method?: KidMethod;
}

export interface GiftRules {
	/** Payments with one of these; all when empty. */
	kids: readonly KidOfGifts[];
	/** Digits; payments to one of these; all when empty. */
	accounts: readonly string[];
	/** Whether payments without a right KID are gifts. */
	withoutKid: boolean;
	/** Texts of sums that hold many gifts, such as payouts of Vipps; `*` stands for anything. Never gifts. */
	lumpSums: readonly string[];
}

export interface Sorted {
	gifts: PaidIn[];
	back: GoneBack[];
	leftOut: BankFile['leftOut'];
	withoutKid: number;
	/** Of these, with something for a KID whose control digit is wrong. */
	wrongKid: number;
}

export function sortGifts(file: BankFile, rules: GiftRules): Sorted {
	const sorted: Sorted = { gifts: [], back: [], leftOut: [...file.leftOut], withoutKid: 0, wrongKid: 0 };
	for (const payment of file.payments) {
		const reason = whyNot(payment, file.source, rules);
		if (reason) {
			sorted.leftOut.push({ reason, amountOre: payment.amountOre });
			continue;
		}
		const kid = rightKid(payment.kid);
		// Vipps has no KIDs: none is missing there.
		if (kid === undefined && file.source !== 'vipps') sorted.withoutKid += 1;
		if (kid === undefined && payment.kid !== '') sorted.wrongKid += 1;
		sorted.gifts.push(asGift(payment, file.source, kid));
	}
	for (const back of file.back) {
		const reason = whyNot({ ...back, texts: [] }, file.source, rules);
		if (reason) sorted.leftOut.push({ reason, amountOre: back.amountOre });
		else sorted.back.push(back);
	}
	return sorted;
}

/** Undefined unless its control digit is right by one of the methods. */
export function rightKid(kid: string): string | undefined {
	const plain = plainKid(kid);
	// Zeros fill the field where there is none.
	return kidMethods(plain).length > 0 && !/^0+$/.test(plain) ? plain : undefined;
}

function whyNot(
	{ account, kid: said, texts }: Pick<Payment, 'account' | 'kid' | 'texts'>,
	source: BankFile['source'],
	{ accounts, kids, withoutKid, lumpSums }: GiftRules,
): LeftOutReason | undefined {
	if (accounts.length > 0 && !accounts.includes(account)) return 'otherAccount';
	if (lumpSums.some((pattern) => texts.some((text) => saysLike(text, pattern)))) return 'lumpSum';
	if (source === 'vipps') return undefined;
	const kid = rightKid(said);
	if (kid === undefined) return withoutKid ? undefined : 'noKid';
	return kids.length === 0 || kids.some((one) => isOf(kid, one)) ? undefined : 'otherKid';
}

function isOf(kid: string, { prefix, length, method }: KidOfGifts): boolean {
	return (
		kid.startsWith(prefix) &&
		(length === undefined || kid.length === length) &&
		(method === undefined || kidMethods(kid).includes(method))
	);
}

/** The parts between the stars, in their order, anywhere in the text; in any case, any blanks being one. */
export function saysLike(text: string, pattern: string): boolean {
	const plain = (given: string) => given.toLowerCase().replace(/\s+/g, ' ').trim();
	const parts = plain(pattern)
		.split('*')
		.map((part) => part.trim())
		.filter((part) => part !== '');
	if (parts.length === 0) return false;
	const said = plain(text);
	let from = 0;
	return parts.every((part) => {
		const at = said.indexOf(part, from);
		from = at + part.length;
		return at >= 0;
	});
}

function asGift(payment: Payment, source: BankFile['source'], kid: string | undefined): PaidIn {
	const { sourceId, also, amountOre, currency, receivedAt, agreementRef } = payment;
	return {
		source,
		sourceId,
		amountOre,
		currency,
		receivedAt,
		channel: source === 'vipps' ? 'vipps' : 'bank',
		...(also === undefined ? {} : { also }),
		...(kid === undefined ? {} : { kid }),
		...(agreementRef === undefined || kid === undefined ? {} : { agreementRef }),
		evidence: evidenceOf(payment, kid),
	};
}

/** What stands for a KID and is none may still tell somebody whose gift it is. */
function evidenceOf({ evidence: said, kid: raw }: Payment, kid: string | undefined): Evidence {
	const message =
		kid === undefined && raw !== '' ? [`KID ${raw}`, said.message].filter(Boolean).join('\n') : said.message;
	return evidence.parse({ ...said, ...(message === undefined ? {} : { message: message.slice(0, 2_000) }) });
}
