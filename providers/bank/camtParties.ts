/** Who paid, and to which account, as camt files say it. */
import type { Evidence } from '../../core/gifts/evidence';
import { type XmlElement, all, at, textAt } from './xml';

/** Eleven digits where the account is Norwegian; else as the file has it; empty when it says none. */
export function norwegianAccount(id: XmlElement | undefined): string {
	const said = (textAt(id, 'IBAN') || textAt(id, 'Othr/Id')).replace(/[\s.]/g, '');
	return /^NO\d{13}$/.test(said) ? said.slice(4) : said;
}

/** @param transaction `TxDtls` @param message what the payer wrote */
export function camtEvidence(transaction: XmlElement | undefined, message: string): Evidence {
	const parties = at(transaction, 'RltdPties');
	const debtor = at(parties, 'Dbtr');
	// Edition .08 has a level more than .02.
	const payer = at(debtor, 'Pty') ?? debtor;
	const address = at(payer, 'PstlAdr');
	const street = [textAt(address, 'StrtNm'), textAt(address, 'BldgNb')].filter(Boolean).join(' ');
	const lines = all(address, 'AdrLine').map(({ text }) => text);
	const evidence: Record<string, string> = {
		name: textAt(payer, 'Nm'),
		street: street || (lines[0] ?? ''),
		postalCode: textAt(address, 'PstCd'),
		city: textAt(address, 'TwnNm'),
		country: textAt(address, 'Ctry'),
		account: norwegianAccount(at(parties, 'DbtrAcct/Id')),
		message,
	};
	return Object.fromEntries(
		Object.entries(evidence).flatMap(([name, value]) => {
			const most = LONGEST[name] ?? 0;
			// Whatever is too long is no name or address; of what was written, the beginning is kept.
			if (value === '' || (value.length > most && name !== 'message')) return [];
			return [[name, value.slice(0, most)]];
		}),
	);
}

const LONGEST: Record<string, number> = {
	name: 200,
	street: 200,
	postalCode: 20,
	city: 100,
	country: 2,
	account: 34,
	message: 2_000,
};
