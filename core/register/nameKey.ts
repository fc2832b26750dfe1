/**
 * Names as they are compared: lower case, marks and punctuation gone, one space between words. The Norwegian letters
 * æ, ø and å stay themselves (Bø is not Bo), and å written as a + ring is the same å.
 */
export function nameKey(...parts: string[]): string {
	const plain = parts.join(' ').toLowerCase();
	// Most names need nothing more; imports ask a million times.
	if (/^[a-zæøå0-9]+(?: [a-zæøå0-9]+)*$/.test(plain)) return plain;
	return parts
		.join(' ')
		.normalize('NFC')
		.toLowerCase()
		.normalize('NFC')
		.replace(/[^æøå]/gu, (letter) => letter.normalize('NFD').replace(/\p{M}/gu, ''))
		.replace(/[\p{Pd}\s]+/gu, ' ')
		.replace(/[^\p{L}\p{N} ]/gu, '')
		.replace(/ +/g, ' ')
		.trim();
}
