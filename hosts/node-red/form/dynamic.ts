/**
 * Values that are looked up when a message comes in. In a node's `params` everything fixed stands as it is; what is
 * looked up stands as `{"$from": "msg", "value": "payload.person.phone"}`.
 */
export const lookups = ['msg', 'flow', 'global', 'jsonata', 'env'] as const;
export type Lookup = (typeof lookups)[number];

export interface Dynamic {
	$from: Lookup;
	value: string;
}

export function isDynamic(value: unknown): value is Dynamic {
	if (typeof value !== 'object' || value === null) return false;
	const { $from, value: path } = value as { $from?: unknown; value?: unknown };
	return (
		typeof $from === 'string' && (lookups as readonly string[]).includes($from) && typeof path === 'string'
	);
}

export const anyDynamic = (value: unknown): boolean =>
	isDynamic(value) ||
	(typeof value === 'object' &&
		value !== null &&
		Object.values(value as Record<string, unknown>).some(anyDynamic));

/**
 * Defaults written for n8n may be expressions. The plain ones, `={{ $json.person.phone }}`, mean the same here with
 * `msg.payload` as the item; anything cleverer has no counterpart and becomes empty.
 */
export function fromExpression(value: unknown): unknown {
	if (typeof value === 'string' && value.startsWith('=')) {
		const path = /^=\{\{\s*\$json((?:\.[A-Za-z_]\w*|\[\d+\]|\["[^"]+"\]|\['[^']+'\])*)\s*\}\}$/.exec(value);
		return path ? { $from: 'msg', value: `payload${path[1]}` } : '';
	}
	if (Array.isArray(value)) return value.map(fromExpression);
	if (typeof value === 'object' && value !== null) {
		return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, fromExpression(inner)]));
	}
	return value;
}

/** The same value with every lookup replaced by what it finds. */
export async function resolved(
	value: unknown,
	find: (lookup: Dynamic) => Promise<unknown>,
): Promise<unknown> {
	if (isDynamic(value)) return await find(value);
	if (Array.isArray(value)) return await Promise.all(value.map((inner) => resolved(inner, find)));
	if (typeof value === 'object' && value !== null) {
		const entries = Object.entries(value).map(
			async ([key, inner]) => [key, await resolved(inner, find)] as const,
		);
		return Object.fromEntries(await Promise.all(entries));
	}
	return value;
}
