/** By what a payment in a camt file is known again, when it comes once more in another file. */
import { createHash } from 'node:crypto';
import { type XmlElement, all, textAt } from './xml';

export interface References {
	/** The bank's own of this transaction; empty where it gives none. */
	own: string;
	/** All others, of the transaction and of its entry. */
	others: string[];
}

const none = (said: string) => (said === 'NOTPROVIDED' ? '' : said);

export function referencesOf(entry: XmlElement, transaction: XmlElement | undefined): References {
	const [refs] = all(transaction, 'Refs');
	return {
		own: none(textAt(refs, 'AcctSvcrRef')),
		others: [
			...['EndToEndId', 'TxId', 'InstrId', 'PmtInfId', 'Prtry/Ref'].map((path) => none(textAt(refs, path))),
			none(textAt(entry, 'AcctSvcrRef')),
			none(textAt(entry, 'NtryRef')),
		],
	};
}

/**
 * The bank's reference with day and amount, or a fingerprint of all that is known where it gives none. Alike ones are
 * numbered in the order in which they stand: somebody may give the same twice on one day.
 */
export function camtIds(): (given: {
	account: string;
	day: string;
	ore: number;
	currency: string;
	references: References;
	/** KID, text, payer … */
	known: readonly string[];
}) => string {
	const counts = new Map<string, number>();
	return ({ account, day, ore, currency, references, known }) => {
		const what = [account, day.replace(/-/g, ''), `${currency}${ore}`];
		const id =
			references.own === ''
				? [...what, 'print', print([...known, ...references.others])].join(':')
				: [...what, references.own].join(':');
		const nth = (counts.get(id) ?? 0) + 1;
		counts.set(id, nth);
		return nth === 1 ? id : `${id}#${nth}`;
	};
}

const print = (parts: readonly string[]) =>
	createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
