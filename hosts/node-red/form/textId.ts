/**
 * The id of an English text in the locale catalogues: readable, and short enough for translators to find. Node-RED's
 * i18next takes `.` and `:` for separators, so the text itself cannot be the key.
 */
export function textId(text: string): string {
	const words = text
		.toLowerCase()
		.replace(/[^a-z0-9]+/g, '-')
		.replace(/^-+|-+$/g, '')
		.slice(0, 40);
	return `${words}-${hash(text)}`;
}

/** FNV-1a, 32 bits: tells apart texts that begin alike. */
function hash(text: string): string {
	let value = 0x811c9dc5;
	for (const letter of text) value = Math.imul(value ^ (letter.codePointAt(0) ?? 0), 0x01000193) >>> 0;
	return value.toString(36);
}
