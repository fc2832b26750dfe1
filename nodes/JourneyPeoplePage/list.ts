/** Who is at a step, or who was looked for, with what can be done about them. */
import { z } from 'zod/v4';
import { enrolmentsOf, listPeople, type PersonHere } from '../../core/journeys/people';
import { countPeople } from '../../core/journeys/peopleCounts';
import { type PeopleFilter, personStates } from '../../core/journeys/whereabouts';
import { type PersonKey, findPersons } from '../../core/register/find';
import { readEmail, readPhone } from '../../core/register/contact';
import type { Organisation } from '../../core/register/organisation';
import type { Receipt } from '../../core/step';
import { type Asked, filterOf } from './asked';
import { type Fragment, html } from './html';
import { filterForm, findForm } from './listForms';
import { whyHere } from './rulesWords';
import { type Visit, addressOf, moment, pageOf, people } from './page';

const ON_A_PAGE = 100;
/** Where a list goes on, and how many there are: counting reads every row, so it is done for the first page only. */
const place = z.object({ after: z.string(), count: z.number() });

export async function list(
	visit: Visit,
	asked: Asked,
	after: string | undefined,
	note: Fragment,
): Promise<Receipt> {
	const { store, now, words, seal } = visit;
	const filter = filterOf(asked);
	const purpose = `after ${JSON.stringify(asked)}`;
	// A place that has grown too old, or belongs to another list, is the first page again.
	const from = place.safeParse(seal.open(purpose, after, now)).data;
	const page = await listPeople(store, now, filter, { after: from?.after, limit: ON_A_PAGE });
	const count = from?.count ?? (await countOf(visit, filter));
	const next =
		page.next &&
		addressOf({ show: 'people', ...asked, after: seal.close(purpose, { after: page.next, count }, now) });
	return pageOf({
		words,
		heading: visit.heading,
		title: words.title,
		body: [
			note,
			await filterForm(visit, asked),
			shown(visit, page.people, filter, count),
			html`<p class="row">
				${next && html`<a href="${next}" rel="next">${words.next}</a>`}${from && html`<a href="${addressOf({ show: 'people', ...asked })}">${words.first}</a>`}
			</p>`,
			findForm(visit),
		],
	});
}

export async function found(visit: Visit, organisation: Organisation, wanted: string): Promise<Receipt> {
	const { store, now, words } = visit;
	const personIds = await personsCalled(visit, organisation, wanted);
	const filter: PeopleFilter = { personIds };
	const here =
		personIds.length > 0 ? await listPeople(store, now, filter, { limit: ON_A_PAGE }) : { people: [] };
	return pageOf({
		words,
		heading: visit.heading,
		title: words.title,
		body: [
			here.people.length > 0
				? shown(visit, here.people, filter, here.people.length)
				: html`<div class="note"><p>${words.foundNobody}</p></div>
						${personIds.map(
							(id) => html`<p><a href="${timelineAddress(visit, id)}">${words.timeline}</a></p>`,
						)}`,
			findForm(visit),
		],
	});
}

async function personsCalled(visit: Visit, organisation: Organisation, wanted: string): Promise<number[]> {
	const email = readEmail(wanted);
	const phone = readPhone(wanted, organisation.countryCode);
	const keys: PersonKey[] = [
		{ memberNumber: wanted },
		...(email ? [{ email }] : []),
		...(phone ? [{ phone }] : []),
	];
	return [...new Set((await findPersons(visit.store, keys)).flat())];
}

/** From the counts: nobody has to be listed for it, unless certain persons are meant. */
export async function countOf({ store, now }: Visit, filter: PeopleFilter): Promise<number> {
	if (filter.enrolmentIds || filter.personIds) return (await enrolmentsOf(store, now, filter)).length;
	const counts = await countPeople(store, now, { journey: filter.journey });
	return counts
		.filter(({ stepKey }) => filter.step === undefined || stepKey === filter.step)
		.reduce(
			(sum, counts) => sum + (filter.states ?? personStates).reduce((here, state) => here + counts[state], 0),
			0,
		);
}

function shown(visit: Visit, here: readonly PersonHere[], filter: PeopleFilter, count: number): Fragment {
	const { words, seal, now } = visit;
	if (here.length === 0) return html`<p>${words.nobodyHere}</p>`;
	const choosing = !visit.lookOnly;
	const columns = columnsOf(visit, here, filter);
	return html`<form class="card" method="post" action="?">
		<p><strong>${people(visit, count)}</strong></p>
		<div class="wide">
			<table>
				<thead>
					<tr>
						${choosing && html`<td></td>`}
						<th scope="col">${words.name}</th>
						${columns.map(({ title, look }) => html`<th scope="col" class="${look}">${title}</th>`)}
					</tr>
				</thead>
				<tbody>
					${here.map((person, i) => row(visit, person, here[i - 1], columns, choosing))}
				</tbody>
			</table>
		</div>
		<input type="hidden" name="ticket" value="${seal.close('people', filter, now)}" />
		<div class="doing">
			${choosing && whom(visit, count)}
			<div class="row">
				${choosing && (['retry', 'release', 'move', 'exit'] as const).map((action) => html`<button name="do" value="${action}">${words.actions[action]}</button> `)}
				<button name="do" value="csv">${words.csv}</button>
			</div>
		</div>
	</form>`;
}

const whom = (visit: Visit, count: number): Fragment =>
	html`<fieldset>
		<legend class="seen-not">${visit.words.whom}</legend>
		${visit.words.whom}:
		<label class="choice"
			><input type="radio" name="whom" value="ticked" checked /> <span>${visit.words.ticked}</span></label
		>
		<label class="choice"
			><input type="radio" name="whom" value="all" />
			<span>${visit.words.allOfThese(people(visit, count))}</span></label
		>
	</fieldset>`;

interface Column {
	title: string;
	look: string;
	/** `above`: the row above, if there is one. */
	cell(person: PersonHere, above: PersonHere | undefined): Fragment;
}

/** What all in the list have alike stands in the form above it, not in every row. */
function columnsOf(visit: Visit, here: readonly PersonHere[], filter: PeopleFilter): Column[] {
	const { words } = visit;
	const column = (title: string, cell: Column['cell'], look = ''): Column => ({ title, look, cell });
	return [
		column(words.memberNumber, ({ memberNumber }) => memberNumber),
		...(filter.journey === undefined ? [column(words.journey, ({ journeyName }) => journeyName)] : []),
		...(filter.step === undefined ? [column(words.step, ({ stepName }) => stepName)] : []),
		...(filter.states?.length === 1
			? []
			: [column(words.state, ({ state }) => html`<span class="${state}">${words.states[state]}</span>`)]),
		column(words.since, ({ since }) => moment(visit, since)),
		...(here.some(({ until }) => until !== null)
			? [column(words.until, ({ until }) => moment(visit, until))]
			: []),
		column(words.visits, ({ visits }) => visits, 'n'),
		...(here.some(({ reason }) => reason !== null) ? [column(words.reason, reasonIn(words.language))] : []),
	];
}

/** A run that fails leaves hundreds stuck for the same reason: it is told once. */
const reasonIn =
	(language: string) =>
	({ reason }: PersonHere, above: PersonHere | undefined): Fragment =>
		reason !== null && reason === above?.reason
			? html`<span class="quiet" aria-hidden="true">″</span
					><span class="seen-not">${whyHere(language, reason)}</span>`
			: whyHere(language, reason);

function row(
	visit: Visit,
	person: PersonHere,
	above: PersonHere | undefined,
	columns: readonly Column[],
	choosing: boolean,
): Fragment {
	const { words } = visit;
	const name = person.name || words.nameless;
	const box = html`<td>
		<input type="checkbox" name="one" value="${person.enrolmentId}" aria-label="${words.tick(name)}" />
	</td>`;
	return html` <tr>
		${choosing && box}
		<th scope="row"><a href="${timelineAddress(visit, person.personId)}">${name}</a></th>
		${columns.map(({ look, cell }) => html`<td class="${look}">${cell(person, above)}</td>`)}
	</tr>`;
}

export function timelineAddress({ seal, now }: Visit, personId: number): string {
	return addressOf({ show: 'person', who: seal.close('person', personId, now) });
}
