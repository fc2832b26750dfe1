/** What a bank file says, whatever its format. */
import type { Evidence } from '../../core/gifts/evidence';

/** Money that came in. */
export interface Payment {
	sourceId: string;
	amountOre: number;
	currency: string;
	/** Epoch ms: noon of the day. */
	receivedAt: number;
	/** The organisation's account, eleven digits where it is Norwegian; empty where the file does not say. */
	account: string;
	/** As the file has it; its control digit is not looked at yet. */
	kid: string;
	/** Whatever text stands with it, for the patterns of lump sums. */
	texts: string[];
	/** What the source calls it besides: what a reversal may name. */
	also?: string;
	agreementRef?: string;
	evidence: Evidence;
}

/** Money that went back. */
export interface GoneBack {
	sourceId: string;
	/** Positive. */
	amountOre: number;
	at: number;
	reason: string;
	account: string;
	kid: string;
	/** What the payment may be called (`sourceId` or `also`), likeliest first, where the file says so. */
	of: string[];
	/** Whom it goes back to, where the file says so. */
	payerAccount?: string;
}

export interface AgreementSaid {
	sourceId: string;
	kid: string;
	account: string;
	status: 'active' | 'stopped';
	/** It is news of that day, and not only listed. */
	isNew: boolean;
}

/** Why something in a file is no gift. */
export const leftOutReasons = {
	outgoing: 'paid out',
	pending: 'not booked yet',
	lumpSum: 'lump sums',
	noDetails: 'sums without details',
	otherAccount: 'to other accounts',
	otherKid: 'with KIDs that are not for gifts',
	noKid: 'without KID',
	otherService: 'of other services',
	otherRow: 'other rows',
	nothing: 'of no amount',
} as const;
export type LeftOutReason = keyof typeof leftOutReasons;

export interface BankFile {
	/** As the ledger of gifts calls where it comes from. */
	source: 'ocr' | 'camt054' | 'vipps';
	payments: Payment[];
	back: GoneBack[];
	agreements: AgreementSaid[];
	leftOut: Array<{ reason: LeftOutReason; amountOre: number }>;
}

export const emptyFile = (source: BankFile['source']): BankFile => ({
	source,
	payments: [],
	back: [],
	agreements: [],
	leftOut: [],
});
