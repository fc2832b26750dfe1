/** Gives the letters to the ledger, which keeps them for the next batch, and lets their people wait for it. */
import { deliver } from '../../core/dispatch/deliver';
import { countedByCode } from '../../core/dispatch/rules';
import { collectChannel } from '../../core/handoffs/collect';
import { HELD, TIME_IS_UP, awaitWord } from '../../core/handoffs/waiting';
import type { GateSettings } from '../../core/journeys/journey';
import { readTraveller } from '../../core/journeys/traveller';
import type { Out, Outputs, StepContext } from '../../core/step';
import type { Store } from '../../core/store/store';
import { holdOf } from '../heldBack';
import type { Parameters } from './form';
import type { Prepared } from './prepare';
import { profiles } from './profiles';

/** By which outputs `listen` lets people come back, after those of all steps that hand over. */
export const HANDED_OVER = TIME_IS_UP + 1;
export const LEFT_OUT = TIME_IS_UP + 2;
export const OUTCOMES = ['', '', '', ''];

/** Out there, whatever became of it then. */
const OVER = new Set(['handedOver', 'accepted', 'rejected', 'printed', 'posted', 'returned', 'done']);

/** By which output somebody goes on whose letter stands like that; undefined while it waits. */
export function outputOf({ state }: { state: string }): number | undefined {
	if (OVER.has(state)) return HANDED_OVER;
	return state === 'withdrawn' || state === 'leftOut' ? LEFT_OUT : undefined;
}

export interface At {
	stepId: number;
	zone: string;
}

export async function collect(
	ctx: StepContext,
	store: Store,
	at: At,
	params: Parameters,
	prepared: readonly Prepared[],
): Promise<Outputs> {
	if (prepared.length === 0) return [[], []];
	const { provider } = profiles[params.profile];
	const delivered = await deliver(
		{ store, clock: ctx.clock, progress: ctx.progress, ...at },
		collectChannel(store, ctx.clock, { channel: 'letter', provider, stepId: at.stepId }),
		prepared.map(({ who, address, purpose, content, impossible }) => ({
			item: who.index,
			key: who.key,
			personId: who.personId,
			enrolmentId: who.enrolmentId,
			address,
			message: content,
			purpose,
			impossible: impossible?.reason,
			// Letters need no consent, as long as nobody has said no.
			consentNotNeeded: !params.options.onlyWithConsent,
			hold: holdOf(who),
		})),
	);
	const byItem = new Map(prepared.map((one) => [one.who.index, one]));
	// What may have been written into the store is looked up there by whoever waits for it.
	const collected = delivered.filter(({ state }) => state === 'accepted' || state === 'unknown');
	const gate: GateSettings = {
		wait: { kind: 'duration', amount: params.options.giveUpDays, unit: 'days' },
		since: 'gate',
		holdReached: false,
		timeZone: at.zone,
	};
	const waiting = await awaitWord(
		store,
		ctx.clock.now(),
		{ stepId: at.stepId, settings: gate },
		collected.flatMap(({ item, dispatchId }) => {
			const one = byItem.get(item);
			const json = one?.who.json ?? {};
			const traveller = readTraveller(json);
			if (!traveller || traveller.test) return [];
			const { enrolmentId, hop } = traveller;
			return [{ enrolmentId, hop, dispatchId, json: { ...json, ...(one ? { letter: paidBy(one) } : {}) } }];
		}),
		outputOf,
	);
	const on: Out[] = [];
	const not: Out[] = [];
	for (const { item, state, reason, code, dispatchId, until, repeated } of delivered) {
		const one = byItem.get(item);
		if (!one || state === 'held' || state === 'reserved') continue;
		const out = state === 'accepted' || state === 'unknown';
		if (out && one.who.enrolmentId !== null) continue;
		const letter = {
			state: out ? 'collected' : state,
			...(reason ? { reason } : {}),
			...(code ? { code: one.impossible?.code ?? code } : {}),
			...(until === undefined ? {} : { notBefore: new Date(until).toISOString() }),
			dispatch: dispatchId,
			...(out ? paidBy(one) : {}),
			...(repeated ? { repeated: true } : {}),
		};
		(out ? on : not).push({ json: { ...one.who.json, letter }, from: item });
	}
	const held = delivered.filter(({ state }) => state === 'held').length;
	const why = countedByCode(
		delivered.filter(({ state }) => state === 'skipped' || state === 'held').map(({ code }) => code),
	);
	ctx.hint(
		[
			`${collected.length} ${collected.length === 1 ? 'letter' : 'letters'} collected for the next batch`,
			...(waiting > 0 ? [`${waiting} of their people wait here until it is handed over`] : []),
			`${not.length} left out`,
			...(held > 0 ? [`${held} held back until later`] : []),
		].join(', ') + `${why ? ` (${why})` : ''}.`,
	);
	return [on, not];
}

/** The KID that stands on the slip, where it is known before the letter has its number. */
export function paidBy({ content }: Pick<Prepared, 'content'>): { kid?: string } {
	const kid = content.giro?.kid;
	return kid === undefined ? {} : { kid };
}

export { HELD, TIME_IS_UP };
