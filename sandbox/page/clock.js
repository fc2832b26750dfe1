/** The sandbox's clock as this page knows it: real time plus an offset; both run on one machine. */

let ahead = 0;

export const now = () => Date.now() + ahead;
export const offset = () => ahead;
export function setOffset(ms) {
	ahead = ms;
}
