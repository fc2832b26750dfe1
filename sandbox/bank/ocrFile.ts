/**
 * A file of OCR giro: records of 80 characters in ISO 8859-1, as "System specification OCR giro" (Nets, 2.0) has them. Only
 * payments with a valid KID are in it; who paid is not.
 */
import { DateTime } from 'luxon';

/** 10 giro, 11 standing order, 15 AvtaleGiro, 18 a KID payment taken back. */
export type TransactionType = '10' | '11' | '15' | '18';

export interface OcrPayment {
	kid: string;
	amountOre: number;
	/** Sandbox time. */
	at: number;
	type: TransactionType;
	/** Eleven digits. */
	debitAccount: string;
	archiveReference: number;
}

export interface OcrFile {
	transmission: number;
	/** The organisation's customer unit. */
	recipient: string;
	agreement: string;
	account: string;
	assignment: number;
	/** Sandbox time: the day of settlement. */
	at: number;
	payments: readonly OcrPayment[];
}

const TRANSMITTER = '00008080';

export function ocrFile({
	transmission,
	recipient,
	agreement,
	account,
	assignment,
	at,
	payments,
}: OcrFile): Buffer {
	const today = dayOf(at);
	const amounts = payments.flatMap((payment, index) => records(payment, index + 1, at));
	// What is taken back is added as well, says the specification.
	const sum = digits(
		payments.reduce((total, { amountOre }) => total + amountOre, 0),
		17,
	);
	const count = digits(payments.length, 8);
	const lines = [
		`NY000010${TRANSMITTER}${digits(transmission, 7)}${digits(Number(recipient), 8)}`,
		`NY090020${agreement.padStart(9, '0')}${digits(assignment, 7)}${account}`,
		...amounts,
		`NY090088${count}${digits(amounts.length + 2, 8)}${sum}${today}${today}${today}`,
		`NY000089${count}${digits(amounts.length + 4, 8)}${sum}${today}`,
	];
	return Buffer.from(lines.map((line) => `${line.padEnd(80, '0')}\r\n`).join(''), 'latin1');
}

function records(payment: OcrPayment, number: number, settledAt: number): string[] {
	const { kid, amountOre, at, type, debitAccount, archiveReference } = payment;
	const transaction = digits(number, 7);
	const back = type === '18';
	return [
		[
			`NY09${type}30`,
			transaction,
			dayOf(settledAt),
			'01',
			DateTime.fromMillis(settledAt, { zone: 'Europe/Oslo' }).toFormat('dd'),
			back ? '0' : '1',
			'00001',
			back ? '-' : '0',
			digits(amountOre, 17),
			kid.padStart(25, ' '),
			'000000',
		].join(''),
		[
			`NY09${type}31`,
			transaction,
			'0'.repeat(10),
			digits(archiveReference, 9),
			'0'.repeat(7),
			dayOf(at),
			debitAccount,
		].join(''),
	];
}

const digits = (value: number, length: number) => String(value).padStart(length, '0');

/** `DDMMYY` */
const dayOf = (at: number) => DateTime.fromMillis(at, { zone: 'Europe/Oslo' }).toFormat('ddLLyy');
