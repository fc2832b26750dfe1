/**
 * A text as the fonts are asked for it: composed letters, no control characters, nothing invisible.
 * Non-breaking spaces stay.
 */
export function printable(text: string): string {
	return text
		.normalize('NFC')
		.replace(/[\t\u2000-\u200a\u3000]/g, ' ')
		.replace(/(?!\n)[\p{Cc}\p{Cf}]|\p{Variation_Selector}/gu, '');
}
