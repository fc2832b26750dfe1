/** What goes wrong outside: the providers and the way to them, and the clock. */
import { setTimeout as pause } from 'node:timers/promises';
import type { FaultWish } from '../sandbox/faults';
import type { Sandbox } from '../sandbox/server';
import type { CutProxy } from '../test/servers/cutProxy';
import type { Chance } from './random';

const HOUR = 3_600_000;
const MINUTE = 60_000;

export const zoneNights = {
	spring: Date.parse('2027-03-27T22:30:00Z'),
	autumn: Date.parse('2026-10-24T21:30:00Z'),
	ordinary: Date.parse('2026-11-17T11:00:00Z'),
} as const;

const faults: ReadonlyArray<FaultWish> = [
	{ provider: 'link', kind: 'reset-before', next: 1 },
	{ provider: 'link', kind: 'reset-after', next: 1 },
	{ provider: 'link', kind: '429', retryAfter: 1, next: 2 },
	{ provider: 'link', kind: '503', retryAfter: 1, next: 2 },
	{ provider: 'link', kind: 'slow', delayMs: 400, next: 3 },
	{ provider: 'link', kind: 'html', next: 1 },
	{ provider: 'link', kind: 'report-twice', next: 10 },
	{ provider: 'link', kind: 'report-late', delayMs: 20 * MINUTE, next: 10 },
	{ provider: 'link', kind: 'report-early', next: 5 },
	{ provider: 'link', kind: 'report-failed', next: 3 },
	{ provider: 'link', kind: 'report-lost', next: 5 },
	{ provider: 'make', kind: 'reset-before', next: 1 },
	{ provider: 'make', kind: 'reset-after', next: 1 },
	{ provider: 'make', kind: '429', retryAfter: 1, next: 2 },
	{ provider: 'make', kind: '503', retryAfter: 1, next: 2 },
	{ provider: 'make', kind: 'slow', delayMs: 400, next: 3 },
	{ provider: 'make', kind: 'reset-after', next: 1, path: '/send' },
];
/** Costs the caller its whole patience: seldom. */
const silence: FaultWish = { provider: 'link', kind: 'no-answer', next: 1 };
const SILENCE = 0.04;
const REFUSED = 0.15;
const isReport = ({ kind }: FaultWish) => kind.startsWith('report-');

export interface Weather {
	/** How often each kind was ordered. */
	ordered: Record<string, number>;
	stop(): Promise<void>;
}

export function badWeather(sandbox: Sandbox, road: CutProxy, random: Chance): Weather {
	const ordered: Record<string, number> = {};
	const count = (what: string) => (ordered[what] = (ordered[what] ?? 0) + 1);
	let stopped = false;
	sandbox.world.link.profile.intermediate = true;
	const blowing = async () => {
		// Slow enough at all times that a kill falls into calls that were read and not yet answered.
		for (const provider of ['link', 'make'] as const)
			sandbox.world.faults.order({ provider, kind: 'slow', delayMs: 60, share: 0.7 });
		while (!stopped) {
			await pause(random.between(800, 4_000));
			if (stopped) break;
			if (random.of(REFUSED)) {
				count('refused');
				await road.cut();
				await pause(random.between(100, 1_500));
				await road.mend();
				continue;
			}
			const wish = random.of(SILENCE) ? silence : random.pick(faults);
			// One after the other: faults that pile up until somebody calls again are an outage, not bad weather.
			const pending = sandbox.world.faults.list().filter((fault) => fault.share === undefined);
			if (pending.some((fault) => fault.provider === wish.provider && isReport(fault) === isReport(wish)))
				continue;
			count(`${wish.provider} ${wish.kind}`);
			// In front of what slows everything down: the first that is ordered is the first that hits.
			const standing = sandbox.world.faults.list().filter((fault) => fault.kind === 'slow' && fault.share);
			for (const fault of standing) sandbox.world.faults.callOff(fault.id);
			sandbox.world.faults.order(wish);
			for (const { provider, kind, delayMs, share } of standing)
				sandbox.world.faults.order({ provider, kind, delayMs, share });
		}
	};
	const blown = blowing();
	return {
		ordered,
		async stop() {
			stopped = true;
			await blown;
			sandbox.world.faults.callOff();
		},
	};
}

/** Turns the sandbox's clock and lets the hosts know. */
export async function turn(
	sandbox: Sandbox,
	wish: { forwardMs: number } | { jumpMs: number },
): Promise<void> {
	const answer = await fetch(`${sandbox.url}/clock`, {
		method: 'POST',
		headers: { 'content-type': 'application/json' },
		body: JSON.stringify(wish),
	});
	if (!answer.ok)
		throw new Error(`The sandbox does not turn its clock: ${answer.status} ${await answer.text()}`);
}

const JUMPS = 0.25;

/** Hours pass while the trial runs; now and then the clock is set an hour ahead or back. */
export function passingTime(
	sandbox: Sandbox,
	everyMs: number,
	random: Chance,
): { jumps: number; stop(): Promise<void> } {
	let stopped = false;
	const time = { jumps: 0 };
	const passing = async () => {
		while (!stopped) {
			for (let waited = 0; waited < everyMs && !stopped; waited += 200) await pause(200);
			if (stopped) return;
			if (random.of(JUMPS)) {
				time.jumps += 1;
				await turn(sandbox, { jumpMs: random.pick([-HOUR, HOUR]) });
			} else await turn(sandbox, { forwardMs: random.between(20, 300) * MINUTE });
		}
	};
	const passed = passing();
	return Object.assign(time, {
		async stop() {
			stopped = true;
			await passed;
		},
	});
}
