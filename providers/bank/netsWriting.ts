/** Writes files as OCR giro has them, with all their control totals: for trials, and for systems that read such files. */
import { StepProblem } from '../../core/ports';
import { asDdmmyy } from './days';
import * as nets from './netsRecords';
import { type Head, writeRecord } from './records';

export interface OcrPayment {
	type: nets.TransactionType;
	/** Higher than the one before; counted from 1 when left out. */
	transaction?: number;
	/** `YYYY-MM-DD` */
	day: string;
	/** Øre, from 0. */
	amountOre: number;
	/** With its control digit; empty when there is none. */
	kid: string;
	/** Credit note: written with the sign `-`. */
	minus?: boolean;
	/** Identifies the sum on the statement of account. */
	serial?: number;
	form?: string;
	reference?: string;
	bankDay?: string;
	/** Of the payer, eleven digits. */
	debitAccount?: string;
	/** Of the types that have free text; at most 40 signs. */
	text?: string;
}

export interface OcrAssignment {
	/** Nine digits. */
	agreement: string;
	/** Eleven digits. */
	account: string;
	/** Counted from 1 when left out. */
	number?: number;
	payments: readonly OcrPayment[];
}

export interface AgreementListing {
	account: string;
	number?: number;
	agreements: ReadonlyArray<{ registration: '0' | '1' | '2'; kid: string; writtenNotice: boolean }>;
}

export interface Transmission {
	transmitter?: string;
	number: number;
	recipient: string;
	/** When it is made, `YYYY-MM-DD`. */
	day: string;
	assignments: readonly OcrAssignment[];
	listings?: readonly AgreementListing[];
}

const { record, service } = nets;
const head = (of: string, type: string, kind: string): Head => ({ service: of, type, record: kind });
const NO_DAY = '000000';

/** ISO-8859-1; lines end with CR LF. @throws {StepProblem} when something does not fit its field */
export function writeOcrFile(transmission: Transmission): Uint8Array {
	const lines = [
		writeRecord(head(service.transmission, '00', record.startTransmission), nets.startTransmission, {
			transmitter: transmission.transmitter ?? nets.NETS,
			number: String(transmission.number),
			recipient: transmission.recipient,
		}),
	];
	let transactions = 0;
	let sum = 0;
	for (const [at, one] of transmission.assignments.entries()) {
		for (const line of assignmentLines(one, one.number ?? at + 1, transmission.day)) lines.push(line);
		transactions += one.payments.length;
		sum += one.payments.reduce((total, { amountOre }) => total + amountOre, 0);
	}
	for (const [at, one] of (transmission.listings ?? []).entries()) {
		for (const line of listingLines(one, one.number ?? transmission.assignments.length + at + 1))
			lines.push(line);
		transactions += one.agreements.length;
	}
	lines.push(
		writeRecord(head(service.transmission, '00', record.endTransmission), nets.endTransmission, {
			transactions,
			records: lines.length + 1,
			sum,
			day: transmission.assignments.length > 0 ? asDdmmyy(transmission.day) : NO_DAY,
		}),
	);
	return inBytes(lines);
}

export function inBytes(lines: readonly string[]): Uint8Array {
	return Buffer.from(lines.map((line) => `${line}\r\n`).join(''), 'latin1');
}

function assignmentLines(assignment: OcrAssignment, number: number, made: string): string[] {
	const lines = [
		writeRecord(head(service.ocr, '00', record.startAssignment), nets.startAssignment, {
			agreement: assignment.agreement,
			number: String(number),
			account: assignment.account,
		}),
	];
	let last = 0;
	const days: string[] = [];
	for (const payment of assignment.payments) {
		const transaction = payment.transaction ?? last + 1;
		if (transaction <= last)
			throw new StepProblem('Transactions of a bank file have rising numbers.', {
				hint: 'Leave the numbers out: they are counted from 1 then.',
			});
		last = transaction;
		days.push(payment.day);
		lines.push(...paymentLines(payment, transaction));
	}
	days.sort();
	lines.push(
		writeRecord(head(service.ocr, '00', record.endAssignment), nets.endAssignment, {
			transactions: assignment.payments.length,
			records: lines.length + 1,
			sum: assignment.payments.reduce((total, { amountOre }) => total + amountOre, 0),
			day: asDdmmyy(made),
			earliest: days[0] === undefined ? NO_DAY : asDdmmyy(days[0]),
			latest: asDdmmyy(days.at(-1) ?? made),
		}),
	);
	return lines;
}

function paymentLines(payment: OcrPayment, transaction: number): string[] {
	const { type } = payment;
	const lines = [
		writeRecord(head(service.ocr, type, record.item1), nets.item1, {
			transaction,
			day: asDdmmyy(payment.day),
			centre: '00',
			dayCode: payment.day.slice(8, 10),
			part: '0',
			serial: String(payment.serial ?? 0),
			sign: payment.minus ? '-' : '0',
			amount: payment.amountOre,
			kid: payment.kid,
		}),
		writeRecord(head(service.ocr, type, record.item2), nets.item2, {
			transaction,
			form: payment.form ?? '0',
			reference: payment.reference ?? '0',
			bankDay: payment.bankDay === undefined ? NO_DAY : asDdmmyy(payment.bankDay),
			debitAccount: payment.debitAccount ?? '0',
		}),
	];
	if (nets.hasText.has(type))
		lines.push(
			writeRecord(head(service.ocr, type, record.item3), nets.item3, {
				transaction,
				text: payment.text ?? '',
			}),
		);
	return lines;
}

function listingLines(listing: AgreementListing, number: number): string[] {
	const lines = [
		writeRecord(head(service.avtaleGiro, nets.AGREEMENTS, record.startAssignment), nets.startAssignment, {
			agreement: '0',
			number: String(number),
			account: listing.account,
		}),
		...listing.agreements.map(({ registration, kid, writtenNotice }, at) =>
			writeRecord(
				head(service.avtaleGiro, nets.AGREEMENT, record.standingAgreement),
				nets.standingAgreement,
				{
					serial: at + 1,
					registration,
					kid,
					notice: writtenNotice ? 'J' : 'N',
				},
			),
		),
	];
	lines.push(
		writeRecord(head(service.avtaleGiro, nets.AGREEMENTS, record.endAssignment), nets.endAgreements, {
			transactions: listing.agreements.length,
			records: lines.length + 1,
		}),
	);
	return lines;
}
