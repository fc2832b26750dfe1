/**
 * Windows of Norwegian envelopes, in mm from the top left corner of the sheet that lies in them
 * (officeconsult.no, "Brevmaler – plassering av mottakerfelt i vinduskonvolutter"; an envelope maker's own drawing beats
 * these numbers). That a right window is the left one's mirror image is our assumption.
 */
import type { Envelope } from './letter';

export interface Box {
	x: number;
	y: number;
	width: number;
	height: number;
}

export const A4 = { width: 210, height: 297 } as const;
export const envelopes = ['E65', 'C65', 'C5', 'C4'] as const satisfies readonly Envelope[];

const left: Record<Envelope, Box> = {
	E65: { x: 15, y: 40, width: 95, height: 30 },
	C65: { x: 15, y: 39, width: 100, height: 35 },
	C5: { x: 15, y: 44, width: 105, height: 35 },
	C4: { x: 15, y: 42, width: 100, height: 40 },
};

export type WindowSide = 'left' | 'right';

export function windowOf(envelope: Envelope, side: WindowSide = 'left'): Box {
	const box = left[envelope];
	return side === 'left' ? { ...box } : { ...box, x: A4.width - box.x - box.width };
}

/** What shows in every one of them. */
export function sharedWindow(of: readonly Envelope[] = envelopes, side: WindowSide = 'left'): Box {
	const all = of.map((envelope) => windowOf(envelope, side));
	const x = Math.max(...all.map((one) => one.x));
	const y = Math.max(...all.map((one) => one.y));
	return {
		x,
		y,
		width: Math.min(...all.map((one) => one.x + one.width)) - x,
		height: Math.min(...all.map((one) => one.y + one.height)) - y,
	};
}

/** What shows in any of them. */
export function anyWindow(of: readonly Envelope[] = envelopes, side: WindowSide = 'left'): Box {
	const all = of.map((envelope) => windowOf(envelope, side));
	const x = Math.min(...all.map((one) => one.x));
	const y = Math.min(...all.map((one) => one.y));
	return {
		x,
		y,
		width: Math.max(...all.map((one) => one.x + one.width)) - x,
		height: Math.max(...all.map((one) => one.y + one.height)) - y,
	};
}
