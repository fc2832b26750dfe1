/**
 * Reads camt.054.001.02 and .08: what has come in to and gone out of an account, entry by entry.
 *
 * How Norwegian banks fill it in is known at second hand only (the banks' own guides were not read): that a KID stands as
 * `Strd/CdtrRefInf/Ref` with the code SCOR and no issuer, that an entry is a lump sum of many transactions, that
 * references are often left out. What the elements are called and mean is ISO 20022's.
 */
import { broken, kroner } from './broken';
import {
	type Amount,
	type Summed,
	amountIn,
	check,
	checkSum,
	checkSummary,
	codeOf,
	dayIn,
	directionOf,
	total,
} from './camtAmounts';
import { type References, camtIds, referencesOf } from './camtIds';
import { camtEvidence, norwegianAccount } from './camtParties';
import { type Remitted, remittedIn } from './camtRemittance';
import { type Calendar, noonOf } from './days';
import { type BankFile, type LeftOutReason, emptyFile } from './payment';
import { type XmlElement, all, at, readXml, textAt, whereIs } from './xml';
import type { Evidence } from '../../core/gifts/evidence';

const NAMESPACE = /^urn:iso:std:iso:20022:tech:xsd:(camt\.\d{3}\.\d{3}\.\d{2})$/;
const READ = ['camt.054.001.02', 'camt.054.001.08'];
const FORMATS = `Have the bank send ${READ.join(' or ')}.`;

/** One transaction, before it is known to which account. */
interface Piece {
	ore: number;
	currency: string;
	/** `in`: came in; `back`: a payment that came in before goes back; else why it is neither. */
	kind: 'in' | 'back' | LeftOutReason;
	/** `YYYY-MM-DD` */
	day: string;
	references: References;
	remitted: Remitted;
	texts: string[];
	evidence: Evidence;
}

interface Entry {
	pieces: Piece[];
	summed: Summed;
}

/** @throws {StepProblem} naming the element: then nothing of the file counts. */
export function readCamt054(bytes: Uint8Array, { zone }: Calendar): BankFile {
	const file = emptyFile('camt054');
	const idOf = camtIds();
	let entries: Entry[] = [];
	let notifications = 0;
	const root = readXml(bytes, {
		begins: checkMessage,
		each: {
			Ntry: (entry) => void entries.push(readEntry(entry, zone)),
			Ntfctn(notification) {
				notifications += 1;
				checkSummary(
					notification,
					entries.map(({ summed }) => summed),
				);
				const account = norwegianAccount(at(notification, 'Acct/Id'));
				if (account === '') throw broken(whereIs(notification), 'it does not say to which account (Acct/Id)');
				for (const piece of entries.flatMap(({ pieces }) => pieces)) add(file, piece, account, zone, idOf);
				entries = [];
			},
		},
	});
	if (notifications === 0)
		throw broken(whereIs(root), 'there is no notification in it (BkToCstmrDbtCdtNtfctn/Ntfctn)');
	return file;
}

function checkMessage(root: XmlElement): void {
	const namespaces = Object.entries(root.attributes).flatMap(([name, value]) =>
		/^xmlns(:|$)/.test(name) ? [NAMESPACE.exec(value)?.[1] ?? ''] : [],
	);
	const message = namespaces.find((one) => one !== '');
	if (root.name !== 'Document' || message === undefined)
		throw broken(whereIs(root), 'this is XML, but no message of ISO 20022', FORMATS);
	if (message.startsWith('camt.053'))
		throw broken(whereIs(root), 'this is a statement (camt.053), which has sums instead of gifts', FORMATS);
	if (!READ.includes(message)) throw broken(whereIs(root), `this is ${message}`, FORMATS);
}

function readEntry(entry: XmlElement, zone: string): Entry {
	const said = at(entry, 'Amt');
	if (!said) throw broken(whereIs(entry), 'there is no Amt in it');
	const amount = amountIn(said);
	const direction = directionOf(entry);
	const reversal = ['true', '1'].includes(textAt(entry, 'RvslInd'));
	const status = textAt(entry, 'Sts/Cd') || textAt(entry, 'Sts');
	if (status === '') throw broken(whereIs(entry), 'there is no Sts in it');
	const day = dayIn(at(entry, 'BookgDt'), zone) ?? dayIn(at(entry, 'ValDt'), zone);
	if (status === 'BOOK' && day === undefined)
		throw broken(whereIs(entry), 'there is no BookgDt and no ValDt in it');
	const kindOf = (of: 1 | -1): Piece['kind'] => {
		if (status !== 'BOOK') return 'pending';
		// Inside a sum that came in, what has the other sign is taken off it.
		if (of !== direction) return direction === 1 ? 'back' : 'outgoing';
		if (direction === 1) return reversal ? 'outgoing' : 'in';
		return reversal ? 'back' : 'outgoing';
	};
	const pieces = transactionsOf(entry, amount, direction).map(({ ore, of, details }): Piece => {
		const remitted = remittedIn(details);
		const bankText = textAt(details, 'AddtlTxInf') || textAt(entry, 'AddtlNtryInf');
		return {
			ore,
			currency: amount.currency,
			kind: ore === 0 ? 'nothing' : details ? kindOf(of) : (withoutDetails(entry) ?? kindOf(of)),
			day: day ?? '',
			references: referencesOf(entry, details),
			remitted,
			texts: [remitted.message, textAt(details, 'AddtlTxInf'), textAt(entry, 'AddtlNtryInf')].filter(Boolean),
			evidence: camtEvidence(details, remitted.message || bankText),
		};
	});
	return { pieces, summed: { ore: amount.ore, direction, code: codeOf(entry) } };
}

/** A sum of several payments of which nothing is said. */
function withoutDetails(entry: XmlElement): LeftOutReason | undefined {
	return all(entry, 'NtryDtls/Btch/NbOfTxs').some(({ text }) => Number(text) > 1) ? 'noDetails' : undefined;
}

interface Transaction {
	ore: number;
	of: 1 | -1;
	details?: XmlElement;
}

/** What an entry is made of. @throws {StepProblem} when it does not come to the entry's own amount and number */
function transactionsOf(entry: XmlElement, amount: Amount, direction: 1 | -1): Transaction[] {
	const found: Transaction[] = [];
	for (const group of all(entry, 'NtryDtls')) {
		const details = all(group, 'TxDtls');
		const batch = at(group, 'Btch');
		if (details.length === 0) continue;
		const only = all(entry, 'NtryDtls/TxDtls').length === 1;
		const mine = details.map((one) => transactionIn(one, { entry, amount, direction, only }));
		check(at(batch, 'NbOfTxs'), mine.length);
		const sum = total(mine.map(({ ore, of }) => ore * of));
		checkSum(at(batch, 'TtlAmt'), Math.abs(sum));
		for (const one of mine) found.push(one);
	}
	if (found.length === 0) {
		for (const said of all(entry, 'NtryDtls/Btch/TtlAmt')) checkSum(said, amount.ore);
		return [{ ore: amount.ore, of: direction }];
	}
	const sum = total(found.map(({ ore, of }) => ore * of * direction));
	if (sum !== amount.ore)
		throw broken(
			`${whereIs(entry)}, Amt`,
			`it is ${kroner(amount.ore)} where its transactions come to ${kroner(sum)}`,
		);
	return found;
}

function transactionIn(
	details: XmlElement,
	{ entry, amount, direction, only }: { entry: XmlElement; amount: Amount; direction: 1 | -1; only: boolean },
): Transaction {
	const of = at(details, 'CdtDbtInd') ? directionOf(details) : direction;
	// Charges are taken off between what was sent and what came in.
	if (only && (at(entry, 'Chrgs') ?? at(details, 'Chrgs')))
		return { ore: amount.ore, of: direction, details };
	const said = ['Amt', 'AmtDtls/TxAmt/Amt', 'AmtDtls/CntrValAmt/Amt']
		.map((path) => at(details, path))
		.filter((one) => one !== undefined);
	const same = said.map(amountIn).find(({ currency }) => currency === amount.currency);
	if (same) return { ore: same.ore, of, details };
	if (only) return { ore: amount.ore, of: direction, details };
	throw broken(whereIs(details), `there is no amount in ${amount.currency}, as the entry has it`);
}

function add(
	file: BankFile,
	piece: Piece,
	account: string,
	zone: string,
	idOf: ReturnType<typeof camtIds>,
): void {
	const { kind, ore, currency, references, remitted, texts, evidence } = piece;
	if (kind !== 'in' && kind !== 'back') {
		file.leftOut.push({ reason: kind, amountOre: ore });
		return;
	}
	const known = [kind, ...remitted.kids.map((one) => one.kid), remitted.message];
	const id = idOf({
		account,
		day: piece.day,
		ore,
		currency,
		references,
		known: [...known, evidence.account ?? '', evidence.name ?? ''],
	});
	const receivedAt = noonOf(piece.day, zone);
	const named = references.own === '' ? {} : { name: `${account}:${references.own}` };
	if (kind === 'back') {
		const kid = remitted.kids.length === 1 ? (remitted.kids[0]?.kid ?? '') : '';
		file.back.push({
			sourceId: `back:${id}`,
			amountOre: ore,
			at: receivedAt,
			reason: 'reversal',
			account,
			kid,
			of: named.name === undefined ? [] : [named.name],
			...(evidence.account === undefined ? {} : { payerAccount: evidence.account }),
		});
		return;
	}
	for (const [at, part] of partsOf(piece).entries()) {
		file.payments.push({
			sourceId: at === 0 ? id : `${id}/${at + 1}`,
			...(named.name === undefined || at > 0 ? {} : { also: named.name }),
			amountOre: part.ore,
			currency,
			receivedAt,
			account,
			kid: part.kid,
			texts,
			evidence: part.message === undefined ? evidence : { ...evidence, message: part.message },
		});
	}
}

/** One payment that says several KIDs, and how much is for each, is as many gifts. */
function partsOf({ ore, remitted }: Piece): Array<{ ore: number; kid: string; message?: string }> {
	const { kids, message } = remitted;
	const [first] = kids;
	if (!first) return [{ ore, kid: '' }];
	if (kids.every(({ kid }) => kid === first.kid)) return [{ ore, kid: first.kid }];
	const each = kids.flatMap((one) =>
		one.ore === undefined || one.ore === 0 ? [] : [{ kid: one.kid, ore: one.ore }],
	);
	if (each.length === kids.length && total(each.map((one) => one.ore)) === ore) return each;
	// Whose it is cannot be told from the numbers: somebody has to look.
	const texts = [...kids.map(({ kid }) => `KID ${kid}`), message].filter((text) => text !== '');
	return [{ ore, kid: '', message: texts.join('\n').slice(0, 2_000) }];
}
