/**
 * The records of OCR giro and AvtaleGiro, position by position.
 * Sources: Nets "System specification OCR giro" 2.0 and "AvtaleGiro systemspesifikasjon" 3.3 (November 2016). Mastercard
 * Payment Services' newer edition (4.0, 2018) has other names for some fields; that the places are the same is known at
 * second hand.
 */
import { blank, day, digits, kid, sign, text, whole } from './records';

export const service = { transmission: '00', ocr: '09', avtaleGiro: '21' } as const;
export const record = {
	startTransmission: '10',
	startAssignment: '20',
	item1: '30',
	item2: '31',
	item3: '32',
	specification: '49',
	standingAgreement: '70',
	endAssignment: '88',
	endTransmission: '89',
} as const;

/** The bank's side as sender or recipient. */
export const NETS = '00008080';

/** What kind of payment it was. 18 and 20 are money that goes back. */
export const transactionTypes = {
	'10': 'giro, from an account',
	'11': 'standing order',
	'12': 'direct remittance',
	'13': 'business terminal giro',
	'14': 'over the counter',
	'15': 'AvtaleGiro',
	'16': 'telegiro',
	'17': 'giro, in cash',
	'18': 'reversal with KID',
	'19': 'purchase with KID',
	'20': 'reversal with free text',
	'21': 'purchase with free text',
} as const;
export type TransactionType = keyof typeof transactionTypes;
export const goesBack: ReadonlySet<string> = new Set<TransactionType>(['18', '20']);
export const hasText: ReadonlySet<string> = new Set<TransactionType>(['20', '21']);
export const byAvtaleGiro: TransactionType = '15';
/** An assignment of service 21 that lists standing agreements (FBO); others are what is sent to the bank. */
export const AGREEMENTS = '24';
export const AGREEMENT = '94';

export const startTransmission = {
	transmitter: digits(9, 16, 'data transmitter'),
	number: digits(17, 23, 'transmission number'),
	recipient: digits(24, 31, 'data recipient'),
};

export const startAssignment = {
	agreement: digits(9, 17, 'agreement id'),
	number: digits(18, 24, 'assignment number'),
	account: digits(25, 35, 'assignment account'),
};

export const item1 = {
	transaction: whole(9, 15, 'transaction number'),
	day: day(16, 21, 'Nets date'),
	centre: digits(22, 23, 'centre id'),
	dayCode: digits(24, 25, 'day code'),
	part: digits(26, 26, 'partial settlement number'),
	serial: digits(27, 31, 'serial number'),
	sign: sign(32, 32, 'sign'),
	amount: whole(33, 49, 'amount'),
	kid: kid(50, 74, 'KID'),
};

export const item2 = {
	transaction: whole(9, 15, 'transaction number'),
	form: digits(16, 25, 'form number'),
	reference: digits(26, 34, 'agreement id or archive reference'),
	bankDay: day(42, 47, 'bank date'),
	debitAccount: digits(48, 58, 'debit account'),
};

export const item3 = {
	transaction: whole(9, 15, 'transaction number'),
	text: text(16, 55, 'free text'),
};

export const endAssignment = {
	transactions: whole(9, 16, 'number of transactions'),
	records: whole(17, 24, 'number of records'),
	sum: whole(25, 41, 'total amount'),
	day: day(42, 47, 'Nets date'),
	earliest: day(48, 53, 'earliest Nets date'),
	latest: day(54, 59, 'latest Nets date'),
};

export const endTransmission = {
	transactions: whole(9, 16, 'number of transactions'),
	records: whole(17, 24, 'number of records'),
	sum: whole(25, 41, 'total amount'),
	day: day(42, 47, 'Nets date'),
};

export const standingAgreement = {
	serial: whole(9, 15, 'FBO serial number'),
	registration: digits(16, 16, 'registration type'),
	kid: kid(17, 41, 'KID'),
	notice: text(42, 42, 'written notice'),
};

export const endAgreements = {
	transactions: whole(9, 16, 'number of transactions'),
	records: whole(17, 24, 'number of records'),
};

/** Claims, which are sent to the bank. */
export const claim1 = {
	transaction: whole(9, 15, 'transaction number'),
	due: day(16, 21, 'due date'),
	filler: blank(22, 32, 'filler'),
	amount: whole(33, 49, 'amount'),
	kid: kid(50, 74, 'KID'),
};

export const claim2 = {
	transaction: whole(9, 15, 'transaction number'),
	shortName: text(16, 25, 'short name'),
	filler: blank(26, 50, 'filler'),
	reference: text(51, 75, 'foreign reference'),
};

export const specification = {
	transaction: whole(9, 15, 'transaction number'),
	notice: digits(16, 16, 'payment notice'),
	row: whole(17, 19, 'line'),
	column: whole(20, 20, 'column'),
	text: text(21, 60, 'text'),
};

export const endClaims = {
	transactions: whole(9, 16, 'number of transactions'),
	records: whole(17, 24, 'number of records'),
	sum: whole(25, 41, 'total amount'),
	first: day(42, 47, 'first due date'),
	last: day(48, 53, 'last due date'),
};
