/**
 * Asks Make for what has happened. Documented is `from_date` with a day; fields and paging are not. So a day back is read
 * each time and what is known already falls out, and further pages are asked for as Make documents it for subscribers.
 */
import { NotSent } from '../../core/ports';
import type { MachineSettings } from '../../core/responses/machine';
import type { EventKind, MakeClient } from './client';
import { type MakeEvent, flagScanners, readPolled } from './events';

/** The largest page that Make documents (for subscribers); a full one may have a next. */
const FULL_PAGE = 1_000;
const MOST_PAGES = 200;

/** @throws {NotSent} {AnswerLost} when Make cannot be asked now; {StepProblem} when it refuses the credential. */
export async function pollEvents(
	client: MakeClient,
	kinds: readonly EventKind[],
	fromDate: string,
	now: number,
	settings?: MachineSettings,
): Promise<MakeEvent[]> {
	const events: MakeEvent[] = [];
	for (const kind of kinds) {
		let before = '';
		for (let page = 1; page <= MOST_PAGES; page += 1) {
			const answer = await client.events(kind, fromDate, page);
			if (answer.kind !== 'ok') throw new NotSent(`${kind}: ${answer.reason}`);
			const first = JSON.stringify(answer.value[0] ?? null);
			// A server that knows no pages answers the same again.
			if (page > 1 && first === before) break;
			before = first;
			for (const row of answer.value) events.push(readPolled(kind, row, now));
			if (answer.value.length < FULL_PAGE) break;
		}
	}
	return flagScanners(events, settings);
}

/** The day before `since`, wherever Make's day begins. */
export function dayBefore(since: number): string {
	return new Date(since - 36 * 3_600_000).toISOString().slice(0, 10);
}
