/**
 * Outputs that follow what is filled in, as data: n8n's canvas, Node-RED's editor and the step itself all read the same
 * rule. Those that are always there come first, so that an answer added to the form moves no wire.
 */
type Json = Record<string, unknown>;

/** Fixed names, or one output per row of a list in the form. */
export type OutputNames = readonly string[] | { rows: string; list: string; name: string };

export interface OutputRule {
	always: readonly string[];
	/** The parameter whose value decides about the others. */
	by: string;
	cases: Readonly<Record<string, OutputNames>>;
}

/** Names of the outputs for these values of the form. */
export function outputNames({ always, by, cases }: OutputRule, values: Json): string[] {
	const names = cases[String(values[by])] ?? Object.values(cases)[0] ?? [];
	if (!('rows' in names)) return [...always, ...names];
	const held = values[names.rows];
	const list = isJson(held) ? held[names.list] : undefined;
	const rows = Array.isArray(list) ? (list as unknown[]) : [];
	return [
		...always,
		...rows.map((row, index) => {
			const name = isJson(row) ? row[names.name] : undefined;
			return typeof name === 'string' && name.trim() !== '' ? name.trim() : String(index + 1);
		}),
	];
}

function isJson(value: unknown): value is Json {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}
