/** Doing something with many people at once: asked on a page of its own that says with how many, then done. */
import { z } from 'zod/v4';
import { type ByHand, exitByHand, releaseByHand, retry } from '../../core/journeys/byHand';
import { moveTo } from '../../core/journeys/move';
import { listSteps } from '../../core/journeys/peopleCounts';
import { type PeopleFilter, personStates } from '../../core/journeys/whereabouts';
import type { Receipt } from '../../core/step';
import { type Fragment, html } from './html';
import { countOf } from './list';
import { choice } from './listForms';
import { type Visit, addressOf, pageOf, people } from './page';
import type { Action } from './words';

const LONGEST_REASON = 200;

export const filterIn = z.object({
	journey: z.string().optional(),
	step: z.string().optional(),
	states: z.array(z.enum(personStates)).optional(),
	enrolmentIds: z.array(z.number()).optional(),
	personIds: z.array(z.number()).optional(),
	arrivedBefore: z.number().optional(),
});

const agreed = z.object({ action: z.enum(['release', 'move', 'retry', 'exit']), filter: filterIn });

/** Those who are ticked, or all who match; undefined when nobody was ticked. */
export function meantBy(visit: Visit, filter: PeopleFilter, form: URLSearchParams): PeopleFilter | undefined {
	// Who comes to the step after the list was asked for is not meant.
	if (form.get('whom') === 'all') return { ...filter, arrivedBefore: visit.now + 1 };
	const ticked = form.getAll('one').map(Number).filter(Number.isSafeInteger);
	return ticked.length > 0 ? { ...filter, enrolmentIds: ticked } : undefined;
}

/** "Let 17 people go?", with what has to be said about it. */
export async function ask(visit: Visit, action: Action, filter: PeopleFilter): Promise<Receipt> {
	const { words, seal, now } = visit;
	const count = people(visit, await countOf(visit, filter));
	const steps =
		action === 'move'
			? (await listSteps(visit.store, { journey: filter.journey })).filter((step) => step.gate && !step.gone)
			: [];
	const possible = action !== 'move' || steps.length > 0;
	const more: Record<Action, Fragment> = {
		retry: '',
		release: html`<fieldset class="row">
			<legend>${words.output}</legend>
			<label class="choice"
				><input type="radio" name="output" value="reached" checked />
				<span>${words.outputs.reached}</span></label
			>
			<label class="choice"
				><input type="radio" name="output" value="timedOut" /> <span>${words.outputs.timedOut}</span></label
			>
		</fieldset>`,
		move: possible
			? html`<div class="row">
					${choice(
						words.moveTo,
						'to',
						undefined,
						steps.map(({ key, name, journeyName }) => ({
							value: key,
							text: filter.journey === undefined && journeyName ? `${journeyName}: ${name}` : name,
						})),
					)}
				</div>`
			: html`<p class="bad">${words.noStep}</p>`,
		exit: html`<div class="row">
			<label
				><span>${words.exitReason}</span
				><input
					type="text"
					name="reason"
					required
					maxlength="${LONGEST_REASON}"
					placeholder="${words.exitExample}"
					autocomplete="off"
			/></label>
		</div>`,
	};
	const question = words.confirm[action](count);
	return pageOf({
		words,
		heading: visit.heading,
		title: question,
		body: html`<form class="card" method="post" action="?">
			<h2>${question}</h2>
			<p>${words.explain[action]}</p>
			${more[action]}
			<input type="hidden" name="ticket" value="${seal.close('agreed', { action, filter }, now)}" />
			<div class="row">
				${possible && html`<button class="first" name="do" value="agreed">${words.yes[action]}</button>`}<a
					href="${backTo(filter)}"
					>${words.cancel}</a
				>
			</div>
		</form>`,
	});
}

export interface Operated {
	action: Action;
	filter: PeopleFilter;
	result: ByHand;
}

/** What was asked for and agreed to; undefined when the ticket is none, or something is left open. */
export async function operate(
	visit: Visit,
	ticket: unknown,
	form: URLSearchParams,
): Promise<Operated | undefined> {
	const read = agreed.safeParse(ticket);
	if (!read.success) return undefined;
	const { action, filter } = read.data;
	const { store, clock, actor } = visit;
	const choose = {
		release: () =>
			releaseByHand(store, clock, filter, form.get('output') === 'timedOut' ? 'timedOut' : 'reached', actor),
		retry: () => retry(store, clock, filter, actor),
		exit: () => {
			const reason = (form.get('reason') ?? '').trim().slice(0, LONGEST_REASON);
			return reason === '' ? undefined : exitByHand(store, clock, filter, reason, actor);
		},
		move: () => {
			const to = form.get('to');
			return to ? moveTo(store, clock, filter, to, actor) : undefined;
		},
	};
	const result = await choose[action]();
	return result && { action, filter, result };
}

/** What stands above the list afterwards. */
export function outcome(visit: Visit, action: Action, result: ByHand): Fragment {
	const { words } = visit;
	return html`<div class="note" role="status">
		<p>${words.done[action](people(visit, result.done))}</p>
		${result.left.map(
			({ reason, count }) => html`<p>${words.leftAlone(people(visit, count), words.left[reason])}</p>`,
		)}
	</div>`;
}

/** The list again, as far as an address may say it. */
export const backTo = ({ journey, step, states }: PeopleFilter): string =>
	addressOf({ show: 'people', journey, step, state: states?.length === 1 ? states[0] : undefined });
