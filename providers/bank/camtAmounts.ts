/** Amounts and days of camt files, and whether their sums are right. */
import { DateTime } from 'luxon';
import { broken, kroner } from './broken';
import { dayAt } from './days';
import { type XmlElement, all, at, textAt, whereIs } from './xml';

export interface Amount {
	ore: number;
	currency: string;
}

/** @throws {StepProblem} when it is no amount of whole øre */
export function oreIn(element: XmlElement): number {
	const parts = /^\+?(\d{1,13})(?:\.(\d{0,5}))?$/.exec(element.text);
	const [whole = '', rest = ''] = parts?.slice(1) ?? [];
	if (!parts || /[1-9]/.test(rest.slice(2)))
		throw broken(whereIs(element), 'it is no amount of kroner and øre');
	return Number(whole) * 100 + Number(rest.slice(0, 2).padEnd(2, '0'));
}

/** @throws {StepProblem} also when it says no currency */
export function amountIn(element: XmlElement): Amount {
	const { Ccy: currency = '' } = element.attributes;
	if (!/^[A-Z]{3}$/.test(currency)) throw broken(whereIs(element), 'it does not say which currency (Ccy)');
	return { ore: oreIn(element), currency };
}

/** 1 in, -1 out. @throws {StepProblem} when it says neither */
export function directionOf(element: XmlElement): 1 | -1 {
	const said = at(element, 'CdtDbtInd');
	if (said?.text === 'CRDT') return 1;
	if (said?.text === 'DBIT') return -1;
	throw broken(
		whereIs(said ?? element),
		said ? 'it is neither CRDT nor DBIT' : 'there is no CdtDbtInd in it',
	);
}

/** `YYYY-MM-DD` of a `Dt` or `DtTm` in it; undefined when there is none. @throws {StepProblem} when it is no day */
export function dayIn(element: XmlElement | undefined, zone: string): string | undefined {
	const said = at(element, 'Dt') ?? at(element, 'DtTm');
	if (!said) return undefined;
	const day = /^(\d{4}-\d\d-\d\d)(Z|[+-]\d\d:\d\d)?$/.exec(said.text)?.[1];
	const moment = DateTime.fromISO(said.text, { zone });
	const read = day === undefined ? moment : DateTime.fromISO(day, { zone });
	if (!read.isValid || !/^\d{4}-\d\d-\d\d/.test(said.text)) throw broken(whereIs(said), 'it is no day');
	return day ?? dayAt(moment.toMillis(), zone);
}

/** What an entry adds to the sums of its notification. */
export interface Summed {
	ore: number;
	direction: 1 | -1;
	/** As the summary by bank transaction code names it. */
	code: string;
}

const by = (direction?: 1 | -1) => (entries: readonly Summed[]) =>
	direction === undefined ? entries : entries.filter((one) => one.direction === direction);

/**
 * Every number and sum of `TxsSummry`, as far as it is told (all of it is optional in ISO 20022).
 * @throws {StepProblem} naming the one that is not right
 */
export function checkSummary(notification: XmlElement, entries: readonly Summed[]): void {
	const summary = at(notification, 'TxsSummry');
	if (!summary) return;
	const parts: Array<[XmlElement | undefined, readonly Summed[]]> = [
		[at(summary, 'TtlNtries'), entries],
		[at(summary, 'TtlCdtNtries'), by(1)(entries)],
		[at(summary, 'TtlDbtNtries'), by(-1)(entries)],
		...all(summary, 'TtlNtriesPerBkTxCd').map((part): [XmlElement, readonly Summed[]] => {
			const code = codeOf(part);
			return [part, entries.filter((one) => one.code === code)];
		}),
	];
	for (const [part, of] of parts) {
		if (!part) continue;
		check(at(part, 'NbOfNtries'), of.length);
		checkSum(at(part, 'Sum'), total(of.map(({ ore }) => ore)));
		// Edition .02 has the amount and its direction side by side, .08 together in TtlNetNtry.
		const net = at(part, 'TtlNetNtry');
		const amount = at(part, 'TtlNetNtryAmt') ?? at(net, 'Amt');
		const said = net ?? part;
		if (!amount) continue;
		const found = total(of.map(({ ore, direction }) => ore * direction));
		checkSum(amount, Math.abs(found));
		if (found !== 0 && at(said, 'CdtDbtInd') && directionOf(said) !== Math.sign(found))
			throw broken(whereIs(said), `CdtDbtInd is not that of the entries, which come to ${kroner(found)}`);
	}
}

export const total = (ore: readonly number[]): number => ore.reduce((sum, one) => sum + one, 0);

/** The whole code as one text. */
export function codeOf(entry: XmlElement): string {
	const code = at(entry, 'BkTxCd');
	return ['Domn/Cd', 'Domn/Fmly/Cd', 'Domn/Fmly/SubFmlyCd', 'Prtry/Cd', 'Prtry/Issr']
		.map((path) => textAt(code, path))
		.join(' ');
}

export function check(said: XmlElement | undefined, found: number): void {
	if (!said) return;
	if (!/^\d{1,15}$/.test(said.text)) throw broken(whereIs(said), 'it is no number');
	if (Number(said.text) !== found)
		throw broken(whereIs(said), `it is ${Number(said.text)} where the file has ${found}`);
}

export function checkSum(said: XmlElement | undefined, foundOre: number): void {
	if (!said) return;
	const ore = oreIn(said);
	if (ore !== foundOre)
		throw broken(whereIs(said), `it is ${kroner(ore)} where the file has ${kroner(foundOre)}`);
}
