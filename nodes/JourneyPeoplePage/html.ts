/** HTML that cannot be broken out of: whatever is put into a template is text, unless it came from a template itself. */

export class Html {
	constructor(readonly text: string) {}
}

export type Fragment = Html | string | number | false | undefined | null | readonly Fragment[];

const marks: Record<string, string> = {
	'&': '&amp;',
	'<': '&lt;',
	'>': '&gt;',
	'"': '&quot;',
	"'": '&#39;',
	'`': '&#96;',
};

export function escaped(text: string): string {
	// Control characters and those that turn the direction of writing would let a name disguise what stands beside it.
	return text
		.replace(/(?![\t\n])\p{Cc}|[\u202a-\u202e\u2066-\u2069]/gu, '\ufffd')
		.replace(/[&<>"'`]/g, (mark) => marks[mark] ?? mark);
}

/** Attributes stand in double quotes; addresses are made by the page, never taken from data. */
export function html(strings: TemplateStringsArray, ...values: Fragment[]): Html {
	return new Html(strings.reduce((all, string, i) => all + rendered(values[i - 1]) + string));
}

function rendered(value: Fragment): string {
	if (value === undefined || value === null || value === false) return '';
	if (value instanceof Html) return value.text;
	if (typeof value === 'object') return value.map(rendered).join('');
	return escaped(String(value));
}
