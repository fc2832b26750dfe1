/**
 * The organisation's bank: payments come in during the day, and at its end the files about them lie where the organisation
 * fetches them: OCR giro with what has a KID, camt.054 with the rest, the lump sums from Vipps among it.
 */
import { DateTime } from 'luxon';
import { z } from 'zod/v4';
import type { Clock } from '../../core/ports';
import type { Faults } from '../faults';
import type { Files } from '../sftp/files';
import { ZONE, nextMidnight } from '../vipps/ledger';
import { ORGANISATION_ACCOUNT, accountOf } from './accounts';
import { camtFile } from './camtFile';
import { isKid } from './kid';
import { type TransactionType, ocrFile } from './ocrFile';

const DAY = 86_400_000;
const RECIPIENT = '00012345';
const AGREEMENT = '001234567';
const VIPPS_ACCOUNT = accountOf(-1);
export const bankFolders = ['/bank', '/bank/ocr', '/bank/camt054'] as const;

/** Body of `POST /bank/profile`. */
export const bankProfile = z
	.strictObject({
		/** Where payments with a KID come; the others are always in camt.054. Default: in OCR giro. */
		kidsIn: z.enum(['ocr', 'camt054']),
		camt: z.enum(['02', '08']),
		/** What the agreement says of control digits. */
		kidRule: z.enum(['mod10', 'mod11', 'either']),
	})
	.partial();

export interface Transfer {
	id: number;
	/** Null: not a test person's. */
	personId: number | null;
	name: string;
	account: string;
	amountOre: number;
	/** Sandbox time. */
	at: number;
	/** Valid, or else it stands in `text`. */
	kid: string | null;
	text: string;
	type: TransactionType;
	/** This one takes another back. */
	takesBack: number | null;
	/** The file that it stands in. */
	file: string | null;
}

export interface TransferWish {
	amountOre: number;
	kid?: string | undefined;
	text?: string | undefined;
	type?: TransactionType | undefined;
}

export class Bank {
	readonly transfers: Transfer[] = [];
	readonly profile: Required<z.infer<typeof bankProfile>> = {
		kidsIn: 'ocr',
		camt: '02',
		kidRule: 'either',
	};
	private readonly bells = new Set<() => void>();
	private closing: (() => void) | undefined;
	/** Numbers go on however often the sandbox is emptied or started: a file must never look like an earlier one. */
	private lastNumber = 0;
	private lastFile = Math.floor(Date.now() / 10_000) % 9_000_000;

	constructor(
		private readonly clock: Clock,
		readonly files: Files,
		private readonly faults: Faults,
		private readonly changed: () => void,
	) {}

	/** What is no valid KID goes along as words, as when it is written in the wrong field. */
	pay(from: { id: number; name: string | null }, { amountOre, kid, text, type }: TransferWish): Transfer {
		const number = kid?.replace(/\s/g, '') || undefined;
		const valid = number !== undefined && isKid(number, this.profile.kidRule);
		return this.take({
			personId: from.id,
			name: from.name ?? 'Ukjent Testperson',
			account: accountOf(from.id),
			amountOre,
			kid: valid ? number : null,
			text: [valid ? undefined : number, text].filter(Boolean).join(' '),
			type: type ?? '10',
			takesBack: null,
			at: this.clock.now(),
		});
	}

	/** The payer's bank takes it back. False: it has been. */
	takeBack(transfer: Transfer): boolean {
		if (transfer.takesBack !== null || this.transfers.some(({ takesBack }) => takesBack === transfer.id))
			return false;
		this.take({ ...transfer, type: '18', takesBack: transfer.id, at: this.clock.now() });
		return true;
	}

	/** From Vipps, on the third day. The text is Vipps' own and cannot be set. */
	payout({
		number,
		handle,
		amountOre,
		at,
	}: {
		number: number;
		handle: string;
		amountOre: number;
		at: number;
	}): void {
		const when = at + 2 * DAY;
		const callOff = this.clock.at(when, () => {
			this.bells.delete(callOff);
			this.take({
				personId: null,
				name: 'Vipps MobilePay AS',
				account: VIPPS_ACCOUNT,
				amountOre,
				kid: null,
				text: `Utb. ${number} Vippsnr ${handle.replace(/^.*:/, '')}`,
				type: '10',
				takesBack: null,
				at: when,
			});
		});
		this.bells.add(callOff);
	}

	/** The day's end: what has come in since the last time goes into files. */
	close(at = this.clock.now()): string[] {
		this.closing?.();
		this.closing = undefined;
		const open = this.transfers.filter(({ file }) => file === null);
		const inOcr = open.filter(({ kid }) => kid !== null && this.profile.kidsIn === 'ocr');
		const inCamt = open.filter((one) => !inOcr.includes(one));
		const written = [
			...(inOcr.length > 0 ? [this.ocr(inOcr, at)] : []),
			...(inCamt.length > 0 ? [this.camt(inCamt, at)] : []),
		];
		this.changed();
		return written;
	}

	/** How many persons' payments have come in; Vipps' lump sums are none. */
	get gifts(): number {
		return this.transfers.filter(({ personId, takesBack }) => personId !== null && takesBack === null).length;
	}

	/** The latest first. */
	of(personId: number): Transfer[] {
		return this.transfers.filter((one) => one.personId === personId).reverse();
	}

	empty(): void {
		this.closing?.();
		this.closing = undefined;
		for (const callOff of this.bells) callOff();
		this.bells.clear();
		this.transfers.length = 0;
	}

	private take(wanted: Omit<Transfer, 'id' | 'file'>): Transfer {
		this.lastNumber += 1;
		const transfer: Transfer = { ...wanted, id: this.lastNumber, file: null };
		this.transfers.push(transfer);
		if (!this.closing) {
			const end = nextMidnight(wanted.at);
			this.closing = this.clock.at(end, () => {
				this.closing = undefined;
				this.close(end - 1);
			});
		}
		this.changed();
		return transfer;
	}

	private ocr(transfers: readonly Transfer[], at: number): string {
		this.lastFile += 1;
		const bytes = ocrFile({
			transmission: this.lastFile,
			recipient: RECIPIENT,
			agreement: AGREEMENT,
			account: ORGANISATION_ACCOUNT,
			assignment: this.lastFile,
			at,
			payments: transfers.map((one) => ({
				kid: one.kid!,
				amountOre: one.amountOre,
				at: one.at,
				type: one.type,
				debitAccount: one.account,
				archiveReference: one.id,
			})),
		});
		return this.put(`/bank/ocr/OCR.D${day(at, 'ddLLyy')}.${this.lastFile}.txt`, bytes, transfers);
	}

	private camt(transfers: readonly Transfer[], at: number): string {
		this.lastFile += 1;
		const id = `CAMT${day(at, 'yyyyLLdd')}${String(this.lastFile).padStart(5, '0')}`;
		const text = camtFile({
			version: this.profile.camt,
			id,
			account: ORGANISATION_ACCOUNT,
			at,
			payments: transfers.map(({ id: number, account, name, kid, text: words, ...one }) => ({
				amountOre: one.amountOre,
				at: one.at,
				...(kid === null ? { text: words } : { kid }),
				debtor: { name, account },
				reference: String(10_000_000 + number),
				back: one.takesBack !== null,
			})),
		});
		const path = `/bank/camt054/camt054-${day(at, 'yyyy-LL-dd')}-${this.lastFile}.xml`;
		return this.put(path, Buffer.from(text), transfers);
	}

	/** With what has been ordered to go wrong. */
	private put(path: string, bytes: Buffer, transfers: readonly Transfer[]): string {
		for (const transfer of transfers) transfer.file = path;
		const [, name = path, ending = ''] = /^(.*)(\.\w+)$/.exec(path) ?? [];
		const whole = () => this.files.put(path, bytes);
		if (this.faults.take('bank', ['file-half'])) {
			this.files.put(path, bytes.subarray(0, Math.floor(bytes.length / 2)));
			const callOff = this.clock.at(this.clock.now() + 600_000, () => {
				this.bells.delete(callOff);
				whole();
			});
			this.bells.add(callOff);
		} else whole();
		if (this.faults.take('bank', ['file-twice'])) this.files.put(`${name}-2${ending}`, bytes);
		if (this.faults.take('bank', ['file-garbage']))
			this.files.put(`${name}-feil${ending}`, withAnotherSum(bytes));
		return path;
	}
}

/** As when a file was cut and mended: its totals are not those of its parts. */
function withAnotherSum(bytes: Buffer): Buffer {
	const text = bytes.toString('latin1');
	const wrong = text.startsWith('NY')
		? text.replace(/^(NY090088.{32})(\d)/m, (_, before: string, digit: string) => before + another(digit))
		: text.replace(/(\d)<\/Sum>/, (_, digit: string) => `${another(digit)}</Sum>`);
	return Buffer.from(wrong, 'latin1');
}

const another = (digit: string) => String((Number(digit) + 1) % 10);

const day = (at: number, format: string) => DateTime.fromMillis(at, { zone: ZONE }).toFormat(format);
