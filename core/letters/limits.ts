/** What has to stay free on a page, and how many pages a letter may have. */
import { type Finding, finding } from './findings';
import type { LetterOptions } from './letter';
import { type Area, PAGE, mm } from './marks';
import { anyWindow, envelopes as allEnvelopes } from './windows';

const DEFAULT_PAGES = 20;
const DEFAULT_FREE = { left: 18, right: 10, top: 3, bottom: 3 } as const;

export function pageCount(pages: number, { maxPages = DEFAULT_PAGES }: LetterOptions): Finding[] {
	return pages > maxPages
		? [finding('tooManyPages', `The letter has ${pages} pages; at most ${maxPages} are allowed.`)]
		: [];
}

/** What has to stay free of a page, in points, and how a finding says it. */
export function freeMargins(options: LetterOptions): Array<{ area: Area; words: string }> {
	const free = { ...DEFAULT_FREE, ...options.freeMm };
	const words = (side: string, width: number) => `Something is in the margin of ${width} mm at the ${side}.`;
	const { width, height } = PAGE;
	return [
		{ area: { x: 0, y: 0, width: mm(free.left), height }, words: words('left', free.left) },
		{
			area: { x: width - mm(free.right), y: 0, width: mm(free.right), height },
			words: words('right', free.right),
		},
		{ area: { x: 0, y: 0, width, height: mm(free.top) }, words: words('top', free.top) },
		{
			area: { x: 0, y: height - mm(free.bottom), width, height: mm(free.bottom) },
			words: words('bottom', free.bottom),
		},
	];
}

/** All that shows in a window of the envelopes, in points. */
export function windowArea(options: LetterOptions): Area {
	const window = anyWindow(options.envelopes ?? allEnvelopes, options.windowSide ?? 'left');
	return { x: mm(window.x), y: mm(window.y), width: mm(window.width), height: mm(window.height) };
}
