/** Which fields of a form are shown, by n8n's rules for `displayOptions`. */
import type { DisplayRule } from './form';
import { isDynamic } from './dynamic';

type Values = Record<string, unknown>;

/**
 * `values` are those beside the field, `root` those at the top of the form. A value that is looked up per message may
 * turn out to be anything, so it hides nothing.
 */
export function isShown(rule: DisplayRule | undefined, values: Values, root: Values): boolean {
	if (!rule) return true;
	for (const [key, wanted] of Object.entries(rule.show ?? {})) {
		// `@version`, `@tool` …: n8n's own; there is one version here.
		if (key.startsWith('@')) continue;
		const value = look(key, values, root);
		if (!isDynamic(value) && !matches(value, wanted)) return false;
	}
	for (const [key, unwanted] of Object.entries(rule.hide ?? {})) {
		if (key.startsWith('@')) continue;
		const value = look(key, values, root);
		if (!isDynamic(value) && value !== undefined && matches(value, unwanted)) return false;
	}
	return true;
}

function look(key: string, values: Values, root: Values): unknown {
	const path = (key.startsWith('/') ? key.slice(1) : key).split('.');
	let found: unknown = key.startsWith('/') ? root : values;
	for (const name of path) found = (found as Values | undefined)?.[name];
	return found;
}

function matches(value: unknown, wanted: readonly unknown[]): boolean {
	const found = Array.isArray(value) ? (value as unknown[]) : [value];
	return found.some((one) =>
		wanted.some((want) => (isCondition(want) ? holds(one, want._cnd) : one === want)),
	);
}

type Condition = { _cnd: Record<string, unknown> };
const isCondition = (want: unknown): want is Condition =>
	typeof want === 'object' && want !== null && '_cnd' in want;

function holds(value: unknown, condition: Record<string, unknown>): boolean {
	return Object.entries(condition).every(([operator, target]) => {
		const text = typeof value === 'string' ? value : '';
		switch (operator) {
			case 'eq':
				return value === target;
			case 'not':
				return value !== target;
			case 'gte':
				return (value as number) >= (target as number);
			case 'lte':
				return (value as number) <= (target as number);
			case 'gt':
				return (value as number) > (target as number);
			case 'lt':
				return (value as number) < (target as number);
			case 'between': {
				const { from, to } = target as { from: number; to: number };
				return (value as number) >= from && (value as number) <= to;
			}
			case 'startsWith':
				return text.startsWith(String(target));
			case 'endsWith':
				return text.endsWith(String(target));
			case 'includes':
				return text.includes(String(target));
			case 'regex':
				return new RegExp(String(target)).test(text);
			case 'exists':
				return value !== undefined && value !== null && value !== '';
			default:
				return false;
		}
	});
}
