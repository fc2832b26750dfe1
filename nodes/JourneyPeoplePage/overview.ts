/** The journeys with their state, and at each step how many are there and how. */
import { type StepCounts, countPeople, listJourneys } from '../../core/journeys/peopleCounts';
import { personStates } from '../../core/journeys/people';
import type { Receipt } from '../../core/step';
import { type Fragment, html } from './html';
import { findForm } from './listForms';
import { type Visit, addressOf, moment, momentText, number, pageOf } from './page';

export async function overview(visit: Visit, note: Fragment): Promise<Receipt> {
	const { store, now, words } = visit;
	const [journeys, counts] = await Promise.all([listJourneys(store, now), countPeople(store, now)]);
	return pageOf({
		words,
		heading: visit.heading,
		title: words.title,
		body: [
			note,
			journeys.length === 0 && html`<p>${words.noJourneys}</p>`,
			journeys.map((journey) => {
				const steps = counts.filter(({ journeyKey }) => journeyKey === journey.key);
				return html`<section>
					<h2>
						<a href="${addressOf({ show: 'people', journey: journey.key })}">${journey.name}</a> ${
							journey.stoppedAt === null
								? html`<span class="tag">${words.running}</span>`
								: html`<span class="tag stopped"
										>${words.stopped(momentText(visit, journey.stoppedAt))}</span
									>`
						}
					</h2>
					${steps.length === 0 ? html`<p class="quiet">${words.nobody}</p>` : table(visit, steps)}
				</section>`;
			}),
			findForm(visit),
			html`<p class="quiet">
				${words.asOf(momentText(visit, now))}${visit.lookOnly ? ` · ${words.onlyLook}` : ''}
			</p>`,
		],
	});
}

function table(visit: Visit, steps: readonly StepCounts[]): Fragment {
	const { words } = visit;
	return html`<div class="wide">
		<table>
			<thead>
				<tr>
					<th scope="col">${words.step}</th>
					${[...personStates, 'unknown' as const].map(
						(state) =>
							html`<th scope="col" class="n" title="${words.meanings[state]}">
								${state === 'unknown' ? words.unknown : words.states[state]}
							</th>`,
					)}
					<th scope="col">${words.oldest}</th>
				</tr>
			</thead>
			<tbody>
				${steps.map((step) => {
					const { journeyKey: journey, stepKey } = step;
					const list = (state: string) => addressOf({ show: 'people', journey, step: stepKey, state });
					return html` <tr>
						<th scope="row">
							${stepKey ? html`<a href="${addressOf({ show: 'people', journey, step: stepKey })}">${step.stepName || stepKey}</a>` : words.outside}
						</th>
						${personStates.map(
							(state) => html`<td class="n">${counted(visit, step[state], list(state), state)}</td>`,
						)}
						<td class="n">
							${counted(visit, step.unknown, addressOf({ show: 'unknown', journey, step: stepKey }), 'unknown')}
						</td>
						<td>${moment(visit, step.oldest)}</td>
					</tr>`;
				})}
			</tbody>
		</table>
	</div>`;
}

const counted = (visit: Visit, count: number, address: string, look: string): Fragment =>
	count === 0
		? html`<span class="quiet">0</span>`
		: html`<a class="${look}" href="${address}">${number(visit, count)}</a>`;
