/**
 * Writes AvtaleGiro claims, and what takes claims back, for the bank. Until when a claim must be there, and when the
 * payer has to be told of it, stands in the bank's terms and is not checked here.
 * Source: Nets "AvtaleGiro systemspesifikasjon" 3.3 (November 2016), chapter 2.
 */
import { isKid } from '../../core/letters/kid';
import { StepProblem } from '../../core/ports';
import { asDdmmyy } from './days';
import * as nets from './netsRecords';
import { inBytes } from './netsWriting';
import { type Head, writeRecord } from './records';

export interface Claim {
	/** `YYYY-MM-DD`, at most twelve months ahead. */
	due: string;
	/** Øre, above 0. */
	amountOre: number;
	kid: string;
	/** Whether the bank tells the payer (`21`), or the organisation does (`02`). */
	bankNotifies: boolean;
	/** Of the payer; ten signs are kept. */
	shortName?: string;
	/** Stands on the payer's statement; 25 signs are kept. */
	reference?: string;
	/** Up to 42 lines of two times 40 signs, for claims that the bank tells of. */
	specification?: readonly string[];
}

export interface ClaimsFile {
	/** The organisation's customer unit id, eight digits. */
	transmitter: string;
	/** The sender's own, never used before. */
	number: number;
	assignments: ReadonlyArray<{
		/** Not used at this account within twelve months and a day. */
		number: number;
		account: string;
		/** Takes back claims that were sent before. */
		cancels?: boolean;
		claims: readonly Claim[];
	}>;
	/** Today, `YYYY-MM-DD`. */
	today: string;
}

const MOST_ROWS = 42;
const { record, service } = nets;
const head = (of: string, type: string, kind: string): Head => ({ service: of, type, record: kind });

/** @throws {StepProblem} when a claim cannot be one. */
export function writeClaims(file: ClaimsFile): Uint8Array {
	const lines = [
		writeRecord(head(service.transmission, '00', record.startTransmission), nets.startTransmission, {
			transmitter: file.transmitter,
			number: String(file.number),
			recipient: nets.NETS,
		}),
	];
	const all = file.assignments.flatMap(({ claims }) => claims);
	for (const { number, account, cancels = false, claims } of file.assignments) {
		if (claims.length === 0) throw refused('An assignment has no claims');
		const type = cancels ? '36' : '00';
		const from = lines.length;
		lines.push(
			writeRecord(head(service.avtaleGiro, type, record.startAssignment), nets.startAssignment, {
				agreement: '0',
				number: String(number),
				account,
			}),
		);
		claims.forEach((claim, at) => {
			check(claim, file.today);
			lines.push(...claimLines(claim, at + 1, cancels));
		});
		const due = claims.map((claim) => claim.due).sort();
		lines.push(
			writeRecord(head(service.avtaleGiro, type, record.endAssignment), nets.endClaims, {
				transactions: claims.length,
				records: lines.length - from + 1,
				sum: total(claims),
				first: asDdmmyy(due[0] ?? ''),
				last: asDdmmyy(due.at(-1) ?? ''),
			}),
		);
	}
	const first = all.map((claim) => claim.due).sort()[0];
	if (first === undefined) throw refused('There are no claims');
	lines.push(
		writeRecord(head(service.transmission, '00', record.endTransmission), nets.endTransmission, {
			transactions: all.length,
			records: lines.length + 1,
			sum: total(all),
			day: asDdmmyy(first),
		}),
	);
	return inBytes(lines);
}

const total = (claims: readonly Claim[]) => claims.reduce((sum, { amountOre }) => sum + amountOre, 0);

function claimLines(claim: Claim, transaction: number, cancels: boolean): string[] {
	const type = cancels ? '93' : claim.bankNotifies ? '21' : '02';
	const lines = [
		writeRecord(head(service.avtaleGiro, type, record.item1), nets.claim1, {
			transaction,
			due: asDdmmyy(claim.due),
			filler: undefined,
			amount: claim.amountOre,
			kid: claim.kid,
		}),
		writeRecord(head(service.avtaleGiro, type, record.item2), nets.claim2, {
			transaction,
			shortName: claim.shortName ?? '',
			filler: undefined,
			reference: claim.reference ?? '',
		}),
	];
	if (cancels || !claim.bankNotifies) return lines;
	(claim.specification ?? []).forEach((text, row) => {
		for (const column of [1, 2]) {
			const part = text.slice((column - 1) * 40, column * 40);
			// Empty ones are not to be sent.
			if (part.trim() === '') continue;
			lines.push(
				writeRecord(head(service.avtaleGiro, type, record.specification), nets.specification, {
					transaction,
					notice: '4',
					row: row + 1,
					column,
					text: part,
				}),
			);
		}
	});
	return lines;
}

function check({ due, amountOre, kid, specification = [] }: Claim, today: string): void {
	if (!/^\d{4}-\d\d-\d\d$/.test(due)) throw refused("A claim's due date is no day");
	const inAYear = `${Number(today.slice(0, 4)) + 1}${today.slice(4)}`;
	if (due < today || due > inAYear)
		throw refused("A claim's due date is not within twelve months from today");
	if (!Number.isSafeInteger(amountOre) || amountOre <= 0) throw refused("A claim's amount is not above zero");
	if (!isKid(kid)) throw refused("A claim's KID has a wrong control digit");
	if (specification.length > MOST_ROWS) throw refused(`A claim has more than ${MOST_ROWS} lines of text`);
}

function refused(what: string): StepProblem {
	return new StepProblem(`${what}.`, { hint: 'Nothing was written. Correct it and make the file again.' });
}
