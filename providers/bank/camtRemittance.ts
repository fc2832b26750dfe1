/** What a payment is for, as camt files say it: a KID, or text. */
import { oreIn } from './camtAmounts';
import { type XmlElement, all, at, textAt } from './xml';

export interface Remitted {
	/** As written, without blanks. Several when one payment pays several claims; `ore` where each says its own. */
	kids: Array<{ kid: string; ore?: number }>;
	/** What the payer wrote. */
	message: string;
}

/** @param transaction `TxDtls` */
export function remittedIn(transaction: XmlElement | undefined): Remitted {
	const information = at(transaction, 'RmtInf');
	const kids: Remitted['kids'] = [];
	const texts = all(information, 'Ustrd').map(({ text }) => text);
	for (const structured of all(information, 'Strd')) {
		const reference = at(structured, 'CdtrRefInf');
		const said = textAt(reference, 'Ref').replace(/\s/g, '');
		const type = at(reference, 'Tp');
		// With an issuer (ISO) it is an international reference (RF…), no KID.
		const isKid =
			textAt(type, 'CdOrPrtry/Cd') === 'SCOR' && textAt(type, 'Issr') === '' && /^\d*[\d-]$/.test(said);
		const remitted = at(structured, 'RfrdDocAmt/RmtdAmt');
		if (isKid) kids.push({ kid: said, ...(remitted ? { ore: oreIn(remitted) } : {}) });
		else if (said !== '') texts.push(said);
		texts.push(...all(structured, 'AddtlRmtInf').map(({ text }) => text));
	}
	return { kids, message: texts.filter((text) => text !== '').join('\n') };
}
