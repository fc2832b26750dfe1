/** The two forms above lists: which people to show, and finding one of them. */
import { listJourneys, listSteps } from '../../core/journeys/peopleCounts';
import { personStates } from '../../core/journeys/people';
import type { Asked } from './asked';
import { type Fragment, html } from './html';
import type { Visit } from './page';

/** Posted, so that who was looked for stands in no address. */
export function findForm(visit: Visit): Fragment {
	const { words, seal, now } = visit;
	return html`<form class="card" method="post" action="?">
		<div class="row">
			<label
				><span>${words.findLabel}</span><input type="text" name="wanted" required autocomplete="off"
			/></label>
			<input type="hidden" name="ticket" value="${seal.close('find', {}, now)}" /><button
				name="do"
				value="find"
			>
				${words.find}
			</button>
		</div>
	</form>`;
}

export async function filterForm(visit: Visit, asked: Asked): Promise<Fragment> {
	const { store, now, words } = visit;
	const [journeys, steps] = await Promise.all([
		listJourneys(store, now),
		listSteps(store, { journey: asked.journey }),
	]);
	return html`<form class="card" method="get" action="?">
		<input type="hidden" name="show" value="people" />
		<div class="row">
			${choice(
				words.journey,
				'journey',
				words.anyJourney,
				journeys.map(({ key, name }) => ({ value: key, text: name })),
				asked.journey,
			)}
			${choice(
				words.step,
				'step',
				words.anyStep,
				steps.map((step) => ({
					value: step.key,
					text: `${asked.journey || !step.journeyName ? '' : `${step.journeyName}: `}${step.name}${step.gone ? ` (${words.gone})` : ''}`,
				})),
				asked.step,
			)}
			${choice(
				words.state,
				'state',
				words.anyState,
				personStates.map((state) => ({ value: state, text: words.states[state] })),
				asked.state,
			)}
			<button>${words.show}</button>
		</div>
	</form>`;
}

interface Option {
	value: string;
	text: string;
}

export function choice(
	label: string,
	name: string,
	any: string | undefined,
	options: readonly Option[],
	chosen?: string,
): Fragment {
	return html`<label
		><span>${label}</span
		><select name="${name}">
			${any !== undefined && html`<option value="">${any}</option>`}${options.map(
				({ value, text }) =>
					html`<option value="${value}" ${value === chosen && html` selected`}>${text}</option>`,
			)}
		</select></label
	>`;
}
