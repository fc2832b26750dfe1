/** The page's lists: gifts to look at, and what has been decided. */
import { z } from 'zod/v4';
import { candidatesIn } from '../../core/gifts/candidates';
import { evidenceIn } from '../../core/gifts/evidence';
import { payerView } from '../../core/gifts/item';
import { type Known, incomingGifts } from '../../core/gifts/known';
import { type Cursor, decisionsMade, giftsToReview, openCounts } from '../../core/gifts/review';
import { personViews } from '../../core/register/person';
import type { Receipt } from '../../core/step';
import { type Fragment, html } from '../JourneyPeoplePage/html';
import { moment, number } from '../JourneyPeoplePage/page';
import { type Visit, addressIn, ages, filterOf, framed, money, openStates, percent } from './visit';

const ON_A_PAGE = 50;
const place = z.object({ receivedAt: z.number(), id: z.number() });

export async function giftList(visit: Visit, after: string | undefined, note: Fragment): Promise<Receipt> {
	const { store, own, words, asked, seal, now } = visit;
	const from: Cursor | undefined = place.safeParse(seal.open('after', after, now)).data;
	const gifts = await giftsToReview(store, filterOf(asked, now), ON_A_PAGE, from);
	const best = await bestOf(visit, gifts);
	const last = gifts.length === ON_A_PAGE ? gifts.at(-1) : undefined;
	const next =
		last &&
		addressIn(asked, { after: seal.close('after', { receivedAt: last.received_at, id: last.id }, now) });
	return framed(visit, own.title, [
		note,
		await tabs(visit),
		filters(visit, await sourcesOf(visit)),
		html`<section>
			<h2>${own.states[asked.state]}</h2>
			${
				gifts.length === 0
					? html`<p class="quiet">${own.none}</p>`
					: html`<div class="wide">
							<table>
								<thead>
									<tr>
										<th>${own.received}</th>
										<th class="n">${own.amount}</th>
										<th>${own.payer}</th>
										<th>${own.best}</th>
										<th>${own.source}</th>
										<th>${own.campaign}</th>
									</tr>
								</thead>
								<tbody>
									${gifts.map((gift) => row(visit, gift, best.get(gift.id)))}
								</tbody>
							</table>
						</div>`
			}
		</section>`,
		html`<p class="row">
			${next && html`<a href="${next}" rel="next">${words.next}</a>`}${from && html`<a href="${addressIn(asked, {})}">${words.first}</a>`}
		</p>`,
	]);
}

function row(visit: Visit, gift: Known, best: Fragment): Fragment {
	const { own, asked } = visit;
	const { name, phone, phoneEnd } = payerView(evidenceIn(gift.evidence));
	return html`<tr>
		<td>${moment(visit, gift.received_at)}</td>
		<td class="n">
			<a data-row href="${addressIn(asked, { show: 'gift', gift: String(gift.id) })}"
				>${money(visit, gift.amount_ore - gift.reversed_ore, gift.currency)}</a
			>
		</td>
		<td>${name ?? '–'}<br /><span class="quiet">${phone ?? (phoneEnd && `… ${phoneEnd}`)}</span></td>
		<td>${best}</td>
		<td>${own.sources[gift.source] ?? gift.source}</td>
		<td>${gift.campaign}</td>
	</tr>`;
}

async function bestOf(visit: Visit, gifts: readonly Known[]): Promise<Map<number, Fragment>> {
	const best = new Map(
		gifts.flatMap((gift) => {
			const candidates = candidatesIn(gift.candidates);
			const one = candidates.find(({ personId }) => personId === gift.person_id) ?? candidates[0];
			const personId = gift.person_id ?? one?.personId;
			return personId === undefined ? [] : [[gift.id, { personId, probability: gift.probability }] as const];
		}),
	);
	const ids = [...best.values()].map(({ personId }) => personId);
	const views = await personViews(visit.store, [...new Set(ids)], visit.now, visit.zone);
	return new Map(
		[...best].map(([id, { personId, probability }]) => [
			id,
			html`${views.get(personId)?.name ?? visit.words.nameless}
				<span class="quiet">${probability !== null && percent(visit, probability)}</span>`,
		]),
	);
}

async function tabs(visit: Visit): Promise<Fragment> {
	const { store, own, asked } = visit;
	const counts = await openCounts(store);
	return html`<nav class="row">
		${openStates.map((state) => {
			const these = counts.filter((one) => one.state === state);
			const count = these.reduce((sum, one) => sum + one.count, 0);
			const sum = these.reduce((all, one) => all + one.sumOre, 0);
			const words = html`${own.states[state]}: ${number(visit, count)} · ${money(visit, sum)}`;
			return state === asked.state
				? html`<strong aria-current="page">${words}</strong>`
				: html`<a href="${addressIn({ ...asked, state }, {})}">${words}</a>`;
		})}
	</nav>`;
}

async function sourcesOf({ store, asked }: Visit): Promise<string[]> {
	const counts = await openCounts(store);
	return [
		...new Set([...counts.map(({ source }) => source), ...(asked.source ? [asked.source] : [])]),
	].sort();
}

function filters(visit: Visit, sources: readonly string[]): Fragment {
	const { own, words, asked } = visit;
	const option = (value: string, label: string, chosen: boolean) =>
		chosen
			? html`<option value="${value}" selected>${label}</option>`
			: html`<option value="${value}">${label}</option>`;
	return html`<form method="get" class="card">
		<input type="hidden" name="state" value="${asked.state}" />
		<div class="row">
			<label
				><span>${own.source}</span>
				<select name="source">
					${option('', own.anySource, asked.source === undefined)}${sources.map((source) => option(source, own.sources[source] ?? source, source === asked.source))}
				</select>
			</label>
			<label
				><span>${own.age}</span>
				<select name="age">
					${ages.map((age) => option(age, own.ages[age], age === asked.age))}
				</select>
			</label>
			<label
				><span>${own.from}</span>
				<input type="number" name="from" min="0" max="999999999" value="${asked.from}" />
			</label>
			<label
				><span>${own.to}</span>
				<input type="number" name="to" min="0" max="999999999" value="${asked.to}" />
			</label>
			<button>${words.show}</button>
		</div>
	</form>`;
}

const MOST_DECISIONS = 100;

/** What people have decided, newest first; each gift leads to where it can be opened again. */
export async function decidedList(visit: Visit, note: Fragment): Promise<Receipt> {
	const { store, own, now, zone, asked } = visit;
	const made = await decisionsMade(store, MOST_DECISIONS);
	const gifts = await incomingGifts(
		store,
		made.map(({ giftId }) => giftId),
	);
	const views = await personViews(
		store,
		[...new Set(made.flatMap(({ personId }) => personId ?? []))],
		now,
		zone,
	);
	return framed(visit, own.decidedList, [
		note,
		html`<section>
			<h2>${own.decidedList}</h2>
			<div class="wide">
				<table>
					<tbody>
						${made.map((one) => {
							const gift = gifts.get(one.giftId);
							return html`<tr>
								<td>${moment(visit, one.at)}</td>
								<td class="n">
									${gift && html`<a data-row href="${addressIn(asked, { show: 'gift', gift: String(gift.id) })}">${money(visit, gift.amount_ore, gift.currency)}</a>`}
								</td>
								<td>${own.decisions[one.decision]}</td>
								<td>${one.personId !== null && views.get(one.personId)?.name}</td>
								<td>${one.actor}</td>
								<td>${gift && own.giftStates[gift.state]}</td>
							</tr>`;
						})}
					</tbody>
				</table>
			</div>
		</section>`,
	]);
}
