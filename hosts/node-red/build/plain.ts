const onExpressions = [
	/\s*Choose from the list, or specify [^<]*<a[^>]*>expression<\/a>\.?/,
	/\s*Velg fra listen, eller oppgi [^<]*<a[^>]*>uttrykk<\/a>\.?/,
];

/** A text of n8n's form as Node-RED shows it: without HTML, and without n8n's sentence on expressions. */
export function plain<T extends string | undefined>(text: T): T {
	if (text === undefined) return text;
	let left: string = text;
	for (const sentence of onExpressions) left = left.replace(sentence, '');
	return left
		.replace(/<br\s*\/?>/g, ' ')
		.replace(/<[^>]+>/g, '')
		.trim() as T;
}
