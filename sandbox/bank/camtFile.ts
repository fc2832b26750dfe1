/**
 * A camt.054 notification, as banks in Norway give it (`.02` mostly, and `.08`): payments with KID as one lump sum with each
 * of them inside, others each by themselves. Debtors stand in capitals.
 */
import { DateTime } from 'luxon';

export type CamtVersion = '02' | '08';

export interface CamtPayment {
	amountOre: number;
	/** Sandbox time. */
	at: number;
	/** Structured remittance … */
	kid?: string;
	/** … or words. */
	text?: string;
	debtor: { name: string; account: string };
	reference: string;
	/** The money goes back. */
	back: boolean;
}

export interface CamtFile {
	version: CamtVersion;
	/** Unique among all files. */
	id: string;
	account: string;
	/** Sandbox time: when it is booked. */
	at: number;
	payments: readonly CamtPayment[];
}

export function camtFile({ version, id, account, at, payments }: CamtFile): string {
	const entry = (ones: readonly CamtPayment[], code: string, family: string) =>
		entryOf(version, `${id}-${ones[0]!.reference}`, at, ones, code, family);
	const withKid = payments.filter(({ kid, back }) => kid !== undefined && !back);
	const entries = [
		...(withKid.length > 0 ? [entry(withKid, '230', 'AUTT')] : []),
		...payments.filter((one) => !withKid.includes(one)).map((one) => entry([one], '233', 'DMCT')),
	];
	const created = DateTime.fromMillis(at, { zone: 'Europe/Oslo' }).toISO({ suppressMilliseconds: true });
	const total = payments.filter(({ back }) => !back).reduce((sum, { amountOre }) => sum + amountOre, 0);
	return `<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.054.001.${version}"><BkToCstmrDbtCdtNtfctn>
<GrpHdr><MsgId>${id}</MsgId><CreDtTm>${created}</CreDtTm></GrpHdr>
<Ntfctn><Id>${id}-1</Id><CreDtTm>${created}</CreDtTm>
<Acct><Id><Othr><Id>${account}</Id><SchmeNm><Cd>BBAN</Cd></SchmeNm></Othr></Id><Ccy>NOK</Ccy></Acct>
<TxsSummry><TtlCdtNtries><NbOfNtries>${entries.length - payments.filter(({ back }) => back).length}</NbOfNtries><Sum>${nok(total)}</Sum></TtlCdtNtries></TxsSummry>
${entries.join('\n')}
</Ntfctn></BkToCstmrDbtCdtNtfctn></Document>
`;
}

function entryOf(
	version: CamtVersion,
	reference: string,
	at: number,
	payments: readonly CamtPayment[],
	code: string,
	family: string,
): string {
	const day = DateTime.fromMillis(at, { zone: 'Europe/Oslo' }).toISODate();
	const sum = payments.reduce((total, { amountOre }) => total + amountOre, 0);
	const back = payments[0]!.back;
	return [
		`<Ntry><Amt Ccy="NOK">${nok(sum)}</Amt><CdtDbtInd>${back ? 'DBIT' : 'CRDT'}</CdtDbtInd>`,
		back ? '<RvslInd>true</RvslInd>' : '',
		version === '02' ? '<Sts>BOOK</Sts>' : '<Sts><Cd>BOOK</Cd></Sts>',
		`<BookgDt><Dt>${day}</Dt></BookgDt><ValDt><Dt>${day}</Dt></ValDt><AcctSvcrRef>${escaped(reference)}</AcctSvcrRef>`,
		`<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>RCDT</Cd><SubFmlyCd>${family}</SubFmlyCd></Fmly></Domn>`,
		`<Prtry><Cd>${code}</Cd><Issr>NETS</Issr></Prtry></BkTxCd>`,
		`<NtryDtls><Btch><NbOfTxs>${payments.length}</NbOfTxs></Btch>`,
		...payments.map((payment) => detailsOf(version, payment)),
		'</NtryDtls></Ntry>',
	].join('');
}

function detailsOf(version: CamtVersion, payment: CamtPayment): string {
	const { amountOre, kid, text, debtor, reference, back } = payment;
	const amount = `<Amt Ccy="NOK">${nok(amountOre)}</Amt>`;
	const name = `<Nm>${escaped(debtor.name.toUpperCase().slice(0, 140))}</Nm>`;
	return [
		'\n<TxDtls>',
		`<Refs><AcctSvcrRef>${escaped(reference)}</AcctSvcrRef><EndToEndId>NOTPROVIDED</EndToEndId></Refs>`,
		version === '08' ? `${amount}<CdtDbtInd>${back ? 'DBIT' : 'CRDT'}</CdtDbtInd>` : '',
		`<AmtDtls><TxAmt>${amount}</TxAmt></AmtDtls>`,
		`<RltdPties><Dbtr>${version === '02' ? name : `<Pty>${name}</Pty>`}</Dbtr>`,
		`<DbtrAcct><Id><Othr><Id>${debtor.account}</Id></Othr></Id></DbtrAcct></RltdPties>`,
		kid === undefined
			? text && `<RmtInf><Ustrd>${escaped(text.slice(0, 140))}</Ustrd></RmtInf>`
			: `<RmtInf><Strd><CdtrRefInf><Tp><CdOrPrtry><Cd>SCOR</Cd></CdOrPrtry></Tp><Ref>${kid}</Ref></CdtrRefInf></Strd></RmtInf>`,
		'</TxDtls>',
	]
		.filter(Boolean)
		.join('');
}

const nok = (ore: number) => `${Math.floor(ore / 100)}.${String(ore % 100).padStart(2, '0')}`;

const escaped = (text: string) =>
	text
		// XML has no control characters.
		.replace(/\p{Cc}/gu, ' ')
		.replaceAll('&', '&amp;')
		.replaceAll('<', '&lt;')
		.replaceAll('>', '&gt;');
