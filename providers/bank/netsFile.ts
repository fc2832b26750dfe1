/**
 * Reads what Nets (Mastercard Payment Services) sends to those who are paid: OCR giro with settled AvtaleGiro claims, and
 * listings of standing agreements (FBO). All numbers, sums and days that the file says of itself must be right.
 */
import { broken, kroner } from './broken';
import { type Calendar, dayOf, noonOf } from './days';
import { netsLines } from './netsLines';
import * as nets from './netsRecords';
import { type BankFile, type Payment, emptyFile } from './payment';
import {
	type Field,
	type Fields,
	type Head,
	type Line,
	type Values,
	headOf,
	readFields,
	wrong,
} from './records';

/** What is added up on the way, and compared with an end record. */
interface Counted {
	transactions: number;
	records: number;
	sum: number;
}

interface Transmission extends Counted {
	started: Line;
	says: Values<typeof nets.startTransmission>;
}

interface Assignment extends Counted {
	started: Line;
	head: Head;
	says: Values<typeof nets.startAssignment>;
	earliest?: string;
	latest?: string;
	/** Number of the last transaction. */
	last: number;
}

interface Transaction {
	line: Line;
	type: string;
	item: Values<typeof nets.item1>;
	/** `YYYY-MM-DD` */
	day: string;
	second?: Values<typeof nets.item2>;
	text?: string;
}

const { record, service } = nets;

/** @throws {StepProblem} naming line and field: then nothing of the file counts. */
export function readNetsFile(bytes: Uint8Array, calendar: Calendar): BankFile {
	const reading = new Reading(calendar);
	const lines = netsLines(bytes);
	for (const line of lines) reading.next(line);
	return reading.end(lines.length);
}

class Reading {
	private readonly file = emptyFile('ocr');
	private transmission: Transmission | undefined;
	private assignment: Assignment | undefined;
	private transaction: Transaction | undefined;
	/** Days as they have been made out: a file has a hundred thousand payments of a few days. */
	private readonly days = new Map<string, string | undefined>();

	constructor(private readonly calendar: Calendar) {}

	next(line: Line): void {
		const head = headOf(line);
		const { transmission, assignment } = this;
		if (head.service === service.transmission && head.record === record.startTransmission) {
			if (transmission) throw notDue(line, 'a transmission begins before the one before has ended');
			const says = readFields(line, nets.startTransmission);
			this.transmission = { started: line, says, transactions: 0, records: 1, sum: 0 };
			return;
		}
		if (!transmission)
			throw notDue(line, 'the file has to begin with the start of a transmission (NY000010)');
		transmission.records += 1;
		if (head.service === service.transmission && head.record === record.endTransmission) {
			this.endTransmission(line, transmission);
			return;
		}
		if (!assignment) {
			if (head.record !== record.startAssignment || head.service === service.transmission)
				throw notDue(
					line,
					'an assignment has to begin here (record 20), or the transmission to end (NY000089)',
				);
			const says = readFields(line, nets.startAssignment);
			this.assignment = { started: line, head, says, transactions: 0, records: 1, sum: 0, last: 0 };
			return;
		}
		assignment.records += 1;
		if (head.service !== assignment.head.service)
			throw notDue(line, `the assignment of service ${assignment.head.service} has not ended`);
		if (head.record === record.startAssignment)
			throw notDue(line, 'an assignment begins before the one before has ended');
		if (head.service === service.ocr) this.ofOcr(line, head, assignment);
		else if (head.service === service.avtaleGiro && assignment.head.type === nets.AGREEMENTS)
			this.ofAgreements(line, head, assignment);
		else this.ofOthers(line, head, assignment);
	}

	end(lines: number): BankFile {
		const open = this.assignment ?? this.transmission;
		if (open)
			throw broken(
				`Line ${lines}`,
				`the file ends in the middle: what begins in line ${open.started.number} has no end record`,
			);
		return this.file;
	}

	private ofOcr(line: Line, head: Head, assignment: Assignment): void {
		switch (head.record) {
			case record.item1: {
				this.closeTransaction(line, assignment);
				if (!(head.type in nets.transactionTypes))
					throw broken(
						`Line ${line.number}, transaction type (positions 5–6)`,
						`${head.type} is no type of OCR giro`,
					);
				const item = readFields(line, nets.item1);
				if (item.transaction <= assignment.last)
					throw wrong(line, nets.item1.transaction, 'it is not higher than the one before');
				const day = this.dayIn(line, nets.item1.day, item.day);
				assignment.last = item.transaction;
				assignment.transactions += 1;
				assignment.sum = added(line, nets.item1.amount, assignment.sum, item.amount);
				if (assignment.earliest === undefined || day < assignment.earliest) assignment.earliest = day;
				if (assignment.latest === undefined || day > assignment.latest) assignment.latest = day;
				this.transaction = { line, type: head.type, item, day };
				return;
			}
			case record.item2: {
				const current = this.current(line, head);
				const second = readFields(line, nets.item2);
				sameTransaction(line, nets.item2.transaction, second.transaction, current);
				if (current.second) throw notDue(line, 'the transaction has an amount item 2 already');
				this.dayIn(line, nets.item2.bankDay, second.bankDay, true);
				current.second = second;
				return;
			}
			case record.item3: {
				const current = this.current(line, head);
				const third = readFields(line, nets.item3);
				sameTransaction(line, nets.item3.transaction, third.transaction, current);
				if (!nets.hasText.has(current.type))
					throw notDue(line, `a transaction of type ${current.type} has no amount item 3`);
				if (!current.second || current.text !== undefined)
					throw notDue(line, 'amount item 3 stands once, after amount item 2');
				current.text = third.text;
				return;
			}
			case record.endAssignment: {
				this.closeTransaction(line, assignment);
				const says = readFields(line, nets.endAssignment);
				compare(line, nets.endAssignment, says, assignment, 'the assignment');
				this.dayIn(line, nets.endAssignment.day, says.day, true);
				this.compareDay(line, nets.endAssignment.earliest, says.earliest, assignment.earliest);
				this.compareDay(line, nets.endAssignment.latest, says.latest, assignment.latest);
				this.endAssignment(assignment);
				return;
			}
			default:
				throw notDue(line, `record ${head.record} is no record of OCR giro`);
		}
	}

	private ofAgreements(line: Line, head: Head, assignment: Assignment): void {
		if (head.record === record.standingAgreement && head.type === nets.AGREEMENT) {
			const said = readFields(line, nets.standingAgreement);
			if (said.serial <= assignment.last)
				throw wrong(line, nets.standingAgreement.serial, 'it is not higher than the one before');
			if (!/^[012]$/.test(said.registration))
				throw wrong(line, nets.standingAgreement.registration, 'it is neither 0, 1 nor 2');
			if (said.kid === '') throw wrong(line, nets.standingAgreement.kid, 'it is empty');
			if (!/^[JN]$/.test(said.notice))
				throw wrong(line, nets.standingAgreement.notice, 'it is neither J nor N');
			assignment.last = said.serial;
			assignment.transactions += 1;
			const { account } = assignment.says;
			this.file.agreements.push({
				sourceId: agreementId(account, said.kid),
				kid: said.kid,
				account,
				status: said.registration === '2' ? 'stopped' : 'active',
				isNew: said.registration !== '0',
			});
			return;
		}
		if (head.record !== record.endAssignment)
			throw notDue(line, `record ${head.record} is no record of a listing of standing agreements`);
		compare(line, nets.endAgreements, readFields(line, nets.endAgreements), assignment, 'the assignment');
		this.endAssignment(assignment);
	}

	/** What is in assignments of other services is not known: their end is taken at its word. */
	private ofOthers(line: Line, head: Head, assignment: Assignment): void {
		if (head.record !== record.endAssignment) return;
		const says = readFields(line, nets.endAssignment);
		assignment.transactions = says.transactions;
		assignment.sum = says.sum;
		compare(line, { records: nets.endAssignment.records }, says, assignment, 'the assignment');
		this.file.leftOut.push({ reason: 'otherService', amountOre: says.sum });
		this.endAssignment(assignment);
	}

	private endAssignment({ transactions, sum }: Assignment): void {
		if (this.transmission) {
			this.transmission.transactions += transactions;
			this.transmission.sum += sum;
		}
		this.assignment = undefined;
	}

	private endTransmission(line: Line, transmission: Transmission): void {
		if (this.assignment)
			throw notDue(
				line,
				`the assignment that begins in line ${this.assignment.started.number} has no end record`,
			);
		const says = readFields(line, nets.endTransmission);
		compare(line, nets.endTransmission, says, transmission, 'the transmission');
		this.dayIn(line, nets.endTransmission.day, says.day, true);
		this.transmission = undefined;
	}

	private current(line: Line, head: Head): Transaction {
		if (!this.transaction) throw notDue(line, 'there is no amount item 1 before it');
		if (head.type !== this.transaction.type)
			throw broken(
				`Line ${line.number}, transaction type (positions 5–6)`,
				`it is ${head.type} where amount item 1 has ${this.transaction.type}`,
			);
		return this.transaction;
	}

	private closeTransaction(line: Line, assignment: Assignment): void {
		const { transaction, transmission } = this;
		this.transaction = undefined;
		if (!transaction || !transmission) return;
		const { item, second, type } = transaction;
		if (!second)
			throw notDue(
				line,
				`the transaction that begins in line ${transaction.line.number} has no amount item 2`,
			);
		const { account } = assignment.says;
		const sourceId = [
			transmission.says.recipient,
			transmission.says.transmitter,
			transmission.says.number,
			assignment.says.number,
			item.transaction,
			// Nobody says that numbers of transmissions never come again.
			transaction.day.replace(/-/g, ''),
		].join('-');
		const at = noonOf(transaction.day, this.calendar.zone);
		if (item.amount === 0) {
			this.file.leftOut.push({ reason: 'nothing', amountOre: 0 });
			return;
		}
		if (nets.goesBack.has(type) || item.sign === '-') {
			const reason = nets.goesBack.has(type) ? 'reversal' : 'credit note';
			this.file.back.push({ sourceId, amountOre: item.amount, at, reason, account, kid: item.kid, of: [] });
			return;
		}
		const text = transaction.text?.trim() ?? '';
		const payment: Payment = {
			sourceId,
			amountOre: item.amount,
			currency: 'NOK',
			receivedAt: at,
			account,
			kid: item.kid,
			texts: text ? [text] : [],
			evidence: {
				...(text ? { message: text } : {}),
				...(/^0+$/.test(second.debitAccount) ? {} : { account: second.debitAccount }),
			},
		};
		if (type === nets.byAvtaleGiro) payment.agreementRef = agreementId(account, item.kid);
		this.file.payments.push(payment);
	}

	/** @param maybe zeros, where there is none */
	private dayIn(line: Line, of: Field, said: string, maybe = false): string {
		if (maybe && said === '000000') return '';
		if (!this.days.has(said)) this.days.set(said, dayOf(said, this.calendar));
		const day = this.days.get(said);
		if (day === undefined) throw wrong(line, of, 'there is no such day');
		return day;
	}

	private compareDay(line: Line, of: Field, said: string, found: string | undefined): void {
		const day = this.dayIn(line, of, said, true);
		if (day !== '' && found !== undefined && day !== found)
			throw wrong(line, of, `it is ${day} where the transactions have ${found}`);
	}
}

/** An agreement (FBO) is one KID's at one account. */
export const agreementId = (account: string, kid: string): string => `${account}-${kid}`;

function notDue(line: Line, what: string) {
	return broken(`Line ${line.number}`, what);
}

function sameTransaction(line: Line, of: Field, said: number, { item, line: first }: Transaction): void {
	if (said !== item.transaction)
		throw wrong(line, of, `it is ${said} where line ${first.number} has ${item.transaction}`);
}

function added(line: Line, of: Field, sum: number, amount: number): number {
	const next = sum + amount;
	if (!Number.isSafeInteger(next)) throw wrong(line, of, 'the amounts are larger than any can be');
	return next;
}

/** Those of the three that the end record has. */
function compare(
	line: Line,
	fields: Fields,
	says: Partial<Record<keyof Counted, number>>,
	found: Counted,
	what: string,
): void {
	for (const name of ['transactions', 'records', 'sum'] as const) {
		const of = fields[name];
		if (!of || says[name] === found[name]) continue;
		const show = (value = 0) => (name === 'sum' ? kroner(value) : String(value));
		throw wrong(line, of, `it is ${show(says[name])} where ${what} has ${show(found[name])}`);
	}
}
