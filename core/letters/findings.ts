/** Why a letter cannot be printed: a code for programs, and words for people that hold no detail of a person. */

export type FindingCode =
	| 'addressIncomplete'
	| 'addressTooLong'
	| 'textInWindow'
	| 'textInMargin'
	| 'tooManyPages'
	| 'missingGlyph'
	| 'fontNotEmbedded'
	| 'notA4'
	| 'encrypted'
	| 'pdfVersion'
	| 'unreadable'
	| 'tooLarge'
	| 'paymentInvalid'
	| 'codeInvalid'
	| 'pictureUnreadable'
	| 'fieldTooSmall'
	| 'fieldMissing';

export interface Finding {
	code: FindingCode;
	/** What exactly, in English; a sentence without a name, an address or a text in it. */
	words: string;
	/** From 1. */
	page?: number;
}

export function finding(code: FindingCode, words: string, page?: number): Finding {
	return page === undefined ? { code, words } : { code, words, page };
}

const norwegian: Record<FindingCode, string> = {
	addressIncomplete: 'Adressen er ikke fullstendig.',
	addressTooLong: 'Adressen får ikke plass i konvoluttvinduet.',
	textInWindow: 'Noe annet enn adressen ligger i konvoluttvinduet.',
	textInMargin: 'Noe ligger i margen som skal være fri.',
	tooManyPages: 'Brevet har for mange sider.',
	missingGlyph: 'Skrifttypen mangler et tegn som brevet bruker.',
	fontNotEmbedded: 'PDF-filen bruker en skrifttype som ikke er lagt inn i den.',
	notA4: 'PDF-filen har en side som ikke er A4 stående.',
	encrypted: 'PDF-filen er kryptert.',
	pdfVersion: 'PDF-filen har en versjon som trykkeriet ikke tar imot.',
	unreadable: 'Filen kan ikke leses som PDF.',
	tooLarge: 'PDF-filen er for stor.',
	paymentInvalid: 'Kontonummer, KID eller beløp er ikke gyldig.',
	codeInvalid: 'Strekkoden eller QR-koden kan ikke lages.',
	pictureUnreadable: 'Et bilde kan ikke leses som PNG eller JPEG.',
	fieldTooSmall: 'En tekst får ikke plass i feltet i PDF-filen.',
	fieldMissing: 'PDF-filen har ikke feltet som skal fylles ut.',
};

/** In the language of whoever reads it; the Norwegian is the short form. */
export function wordsOf({ code, words, page }: Finding, language: 'en' | 'nb' = 'en'): string {
	if (language === 'en') return page === undefined ? words : `Page ${page}: ${words}`;
	return page === undefined ? norwegian[code] : `Side ${page}: ${norwegian[code]}`;
}
