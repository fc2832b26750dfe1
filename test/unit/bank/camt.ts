/** camt.054 as a bank might write it, made up for the tests. */

export interface Given {
	ore: number;
	currency?: string;
	kid?: string;
	text?: string;
	name?: string;
	debtor?: string;
	reference?: string;
	endToEnd?: string;
	goesBack?: boolean;
	/** Put into `TxDtls` as it is. */
	more?: string;
}

export interface GivenEntry {
	day?: string;
	direction?: 'CRDT' | 'DBIT';
	reversal?: boolean;
	status?: string;
	code?: string;
	/** Differs from the sum where a test wants it to. */
	ore?: number;
	batch?: boolean;
	transactions: readonly Given[];
	more?: string;
}

export type Edition = '02' | '08';

export const kr = (ore: number) => `${Math.floor(ore / 100)}.${String(ore % 100).padStart(2, '0')}`;
export const escaped = (text: string) =>
	text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');

const net = ({ direction = 'CRDT', transactions, ore }: GivenEntry) => {
	const sum = transactions.reduce((total, one) => total + (one.goesBack ? -one.ore : one.ore), 0);
	return { direction, ore: ore ?? sum };
};

export function camt(
	edition: Edition,
	entries: readonly GivenEntry[],
	{ account = '12345678903', iban = '', summary = true, zero = '' } = {},
): string {
	const all = entries.map(net);
	const of = (direction: string) => all.filter((one) => one.direction === direction);
	const sum = (some: typeof all) => some.reduce((total, { ore }) => total + ore, 0);
	const total = sum(of('CRDT')) - sum(of('DBIT'));
	const sign = total < 0 ? 'DBIT' : 'CRDT';
	const whole =
		edition === '02'
			? `<TtlNetNtryAmt>${kr(Math.abs(total))}</TtlNetNtryAmt><CdtDbtInd>${sign}</CdtDbtInd>`
			: `<TtlNetNtry><Amt>${kr(Math.abs(total))}</Amt><CdtDbtInd>${sign}</CdtDbtInd></TtlNetNtry>`;
	const sums = (some: typeof all) => `<NbOfNtries>${some.length}</NbOfNtries><Sum>${kr(sum(some))}</Sum>`;
	const id = iban ? `<IBAN>${iban}</IBAN>` : `<Othr><Id>${account}</Id></Othr>`;
	return `<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.054.001.${edition}">
<BkToCstmrDbtCdtNtfctn>
<GrpHdr><MsgId>M1</MsgId><CreDtTm>2026-10-06T06:00:00</CreDtTm></GrpHdr>
<Ntfctn><Id>N1</Id><CreDtTm>2026-10-06T06:00:00</CreDtTm><Acct><Id>${id}</Id><Ccy>NOK</Ccy></Acct>
${summary ? `<TxsSummry><TtlNtries>${sums(all)}${whole}</TtlNtries><TtlCdtNtries>${sums(of('CRDT'))}</TtlCdtNtries><TtlDbtNtries>${sums(of('DBIT'))}</TtlDbtNtries></TxsSummry>` : ''}
${entries.map((one) => entry(edition, one)).join('\n')}
${zero}</Ntfctn>
</BkToCstmrDbtCdtNtfctn>
</Document>
`;
}

function entry(edition: Edition, given: GivenEntry): string {
	const {
		day = '2026-10-06',
		reversal,
		status = 'BOOK',
		code = '230',
		batch,
		transactions,
		more = '',
	} = given;
	const { ore, direction } = net(given);
	const sts = edition === '02' ? status : `<Cd>${status}</Cd>`;
	const details = transactions.map((one) => transaction(edition, one, direction)).join('\n');
	const total = kr(ore);
	return `<Ntry><Amt Ccy="NOK">${total}</Amt><CdtDbtInd>${direction}</CdtDbtInd>${reversal ? '<RvslInd>true</RvslInd>' : ''}<Sts>${sts}</Sts>
<BookgDt><Dt>${day}</Dt></BookgDt><BkTxCd><Prtry><Cd>${code}</Cd><Issr>NETS</Issr></Prtry></BkTxCd>${more}
<NtryDtls>${batch ? `<Btch><NbOfTxs>${transactions.length}</NbOfTxs><TtlAmt Ccy="NOK">${total}</TtlAmt></Btch>` : ''}
${details}
</NtryDtls></Ntry>`;
}

function transaction(edition: Edition, given: Given, direction: string): string {
	const {
		ore,
		currency = 'NOK',
		kid,
		text,
		name,
		debtor,
		reference,
		endToEnd = 'NOTPROVIDED',
		goesBack,
		more,
	} = given;
	const amount = `<Amt Ccy="${currency}">${kr(ore)}</Amt>`;
	const opposite = direction === 'CRDT' ? 'DBIT' : 'CRDT';
	const party = name ? `<Nm>${escaped(name)}</Nm>` : '';
	const remittance = [
		kid === undefined
			? ''
			: `<Strd><CdtrRefInf><Tp><CdOrPrtry><Cd>SCOR</Cd></CdOrPrtry></Tp><Ref>${kid}</Ref></CdtrRefInf></Strd>`,
		text === undefined ? '' : `<Ustrd>${escaped(text)}</Ustrd>`,
	].join('');
	return `<TxDtls><Refs>${reference ? `<AcctSvcrRef>${reference}</AcctSvcrRef>` : ''}<EndToEndId>${endToEnd}</EndToEndId></Refs>
${edition === '02' ? `<AmtDtls><TxAmt>${amount}</TxAmt></AmtDtls>` : `${amount}<CdtDbtInd>${goesBack ? opposite : direction}</CdtDbtInd>`}
${party || debtor ? `<RltdPties>${party ? `<Dbtr>${edition === '02' ? party : `<Pty>${party}</Pty>`}</Dbtr>` : ''}${debtor ? `<DbtrAcct><Id><Othr><Id>${debtor}</Id></Othr></Id></DbtrAcct>` : ''}</RltdPties>` : ''}
${remittance ? `<RmtInf>${remittance}</RmtInf>` : ''}${more ?? ''}</TxDtls>`;
}
