/** News of the register as starts of journeys: a cursor on the change feed, kept over restarts. */
import { wordsOf } from '../../core/attempt';
import { goRound } from '../../core/goRound';
import { type Change, type ChangeKind, lastChange, readChanges } from '../../core/register/changes';
import type { StepContext, Stop } from '../../core/step';
import { firstSetting, keepSetting, settingOf } from '../../core/store/setting';
import type { Store } from '../../core/store/store';
import { oneAtATime } from '../oneAtATime';

export const registerEvents = [
	'personAdded',
	'statusChanged',
	'labelAdded',
	'giftReceived',
	'agreementStarted',
	'agreementStopped',
	'birthday',
	'membershipYears',
] as const;
export type RegisterEvent = (typeof registerEvents)[number];

interface News {
	event: RegisterEvent;
	/** Status or label it must be about; any when empty. */
	value: string;
	/** Key of the step, whose cursor it is. */
	step: string;
}

const AT_A_TIME = 1_000;
/** Backstop for a change that nobody told of. */
const LOOK_AGAIN = 60_000;

const kindOf: Partial<Record<RegisterEvent, ChangeKind>> = {
	personAdded: 'person_added',
	statusChanged: 'membership_status',
	labelAdded: 'label_added',
	giftReceived: 'gift_received',
	agreementStarted: 'agreement_started',
	agreementStopped: 'agreement_stopped',
};

/**
 * Hands on, in order and once, the persons that the news are about, from the moment the step was first started. The
 * cursor is kept in the store, and read on by one process at a time. It moves after `handle` has returned: a crash in
 * between repeats a part, which enrolment takes with calm.
 */
export async function readNews(
	ctx: StepContext,
	store: Store,
	news: News,
	handle: (personIds: number[]) => Promise<void>,
): Promise<Stop> {
	const kind = kindOf[news.event];
	if (!kind) return async () => undefined;
	const { clock } = ctx;
	const key = `news:${news.step}`;
	// Whoever comes first says from where on.
	await firstSetting(store.db, key, String(await lastChange(store)));
	const keep = (cursor: number) => store.write(({ db }) => keepSetting(db, key, String(cursor)));
	const kept = async () => Number(await settingOf(store.db, key));
	/** Up to here there is nothing left to hand on. */
	let seen = await kept();
	let written = seen;
	let writeBy = 0;

	let stopped = false;
	const readOn = async () => {
		let cursor = await kept();
		for (;;) {
			const read = await readChanges(store, cursor, [kind], AT_A_TIME);
			if (stopped) return;
			const people = [
				...new Set(read.changes.filter((change) => isMeant(change, news)).map((change) => change.personId)),
			];
			if (people.length > 0) await handle(people);
			if (read.cursor !== cursor) await keep(read.cursor);
			cursor = read.cursor;
			seen = cursor;
			written = cursor;
			if (read.changes.length < AT_A_TIME) break;
		}
		writeBy = clock.now() + LOOK_AGAIN;
	};
	/** When to look again at the latest (epoch ms). */
	const lookOnce = async (): Promise<number> => {
		const next = clock.now() + LOOK_AGAIN;
		const read = await readChanges(store, seen, [kind], 1);
		const nothing = read.changes.length === 0;
		if (nothing) seen = read.cursor;
		// Most changes are none of this step's business: that they are past is written down now and then.
		if (!nothing || (seen !== written && clock.now() >= writeBy)) {
			const turn = await oneAtATime(store, clock, key, readOn);
			if (!turn.taken) return Math.min(turn.until, next);
		}
		return next;
	};
	const rounds = goRound(store, clock, 'change', lookOnce, (cause) => {
		ctx.log('error', `News of the register could not be read: ${wordsOf(cause)}`);
		return clock.now() + LOOK_AGAIN;
	});
	return async () => {
		stopped = true;
		await rounds.stop();
		// Started again with other news in mind, the step is not to come upon what is past by now.
		const pass = async () => {
			const read = await readChanges(store, await kept(), [kind], 1);
			if (read.changes.length === 0) await keep(read.cursor);
		};
		if (seen !== written) await oneAtATime(store, clock, key, pass).catch(() => undefined);
	};
}

function isMeant(change: Change, { event, value }: News): boolean {
	if (!value) return true;
	if (event === 'statusChanged') return change.value === value;
	if (event === 'labelAdded') return change.subject === value;
	if (event === 'giftReceived') return change.subject === value;
	return true;
}
