/** News of the register as starts of journeys: a cursor on the change feed, kept over restarts. */
import { type Change, type ChangeKind, lastChange, readChanges } from '../../core/register/changes';
import type { StepContext } from '../../core/step';
import type { Store } from '../../core/store/store';
import { keepSetting, settingOf } from './keep';

export const registerEvents = [
	'personAdded',
	'statusChanged',
	'labelAdded',
	'giftReceived',
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
};

/**
 * Hands on, in order and once, the persons that the news are about, from the moment the step was first started. The
 * cursor moves after `handle` has returned: a crash in between repeats a part, which enrolment takes with calm.
 */
export async function readNews(
	ctx: StepContext,
	store: Store,
	news: News,
	handle: (personIds: number[]) => Promise<void>,
): Promise<() => void> {
	const kind = kindOf[news.event];
	if (!kind) return () => undefined;
	const key = `news:${news.step}`;
	const kept = await settingOf(store, key);
	let cursor = kept ? Number(kept) : await lastChange(store);
	if (!kept) await keepSetting(store, key, String(cursor));

	let stopped = false;
	let busy = false;
	let again = false;
	let callOff: () => void = () => undefined;
	const look = async () => {
		if (stopped) return;
		if (busy) {
			again = true;
			return;
		}
		busy = true;
		callOff();
		try {
			for (;;) {
				const read = await readChanges(store, cursor, [kind], AT_A_TIME);
				if (stopped) return;
				const people = [
					...new Set(read.changes.filter((change) => isMeant(change, news)).map((change) => change.personId)),
				];
				if (people.length > 0) await handle(people);
				if (read.cursor !== cursor) {
					cursor = read.cursor;
					await keepSetting(store, key, String(cursor));
				}
				if (read.changes.length < AT_A_TIME) break;
			}
		} catch (cause) {
			ctx.log(
				'error',
				`News of the register could not be read: ${cause instanceof Error ? cause.message : String(cause)}`,
			);
		} finally {
			busy = false;
			callOff = ctx.clock.at(ctx.clock.now() + LOOK_AGAIN, () => void look());
			if (again) {
				again = false;
				void look();
			}
		}
	};
	const deaf = store.hear('change', () => void look());
	void look();
	return () => {
		stopped = true;
		deaf();
		callOff();
	};
}

function isMeant(change: Change, { event, value }: News): boolean {
	if (!value) return true;
	if (event === 'statusChanged') return change.value === value;
	if (event === 'labelAdded') return change.subject === value;
	if (event === 'giftReceived') return change.subject === value;
	return true;
}
