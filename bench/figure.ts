/** One line of a benchmark's result. `peer`: what it is measured against in the same call, `ratio`: value / the peer's. */
export interface Figure {
	bench: string;
	figure: string;
	value: number;
	unit: string;
	/** How many people, calls or samples it was taken over. */
	n: number;
	peer?: string;
	ratio?: number;
}

/** `--seeds`, `--febrl`, `--picture`: see `bench/gifts.ts`. */
export type Wish = 'seeds' | 'febrl' | 'picture';

/** What a benchmark is given: how it says a figure, and how it tells what it is doing meanwhile. */
export interface Reporting {
	figure(figure: Omit<Figure, 'bench'>): void;
	doing(what: string): void;
	/** The size asked for on the command line (`--people`), where it is smaller than this one. */
	size(usual: number): number;
	/** These sizes without those above what was asked for; never none. */
	sizes(usual: readonly number[]): number[];
	/** What was asked for on the command line; undefined: nothing. */
	wish(name: Wish): string | undefined;
}

export type Bench = (reporting: Reporting) => Promise<void>;

/** The smallest value that this share (0–1) of the values does not exceed. */
export function percentile(values: readonly number[], share: number): number {
	const sorted = [...values].sort((a, b) => a - b);
	return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? NaN;
}

export function median(values: readonly number[]): number {
	return percentile(values, 0.5);
}

export function rounded(value: number, digits = 2): number {
	return Number(value.toFixed(digits));
}
