/** One gift, and beside it everybody who may have given it: what agrees, what contradicts, and how much that weighs. */
import { candidatesIn } from '../../core/gifts/candidates';
import { lastDecision } from '../../core/gifts/decide';
import { evidenceIn } from '../../core/gifts/evidence';
import type { Candidate, Reason } from '../../core/gifts/finding';
import { payerView } from '../../core/gifts/item';
import { type Known, incomingGifts } from '../../core/gifts/known';
import { type Row, agreement, reasonWords } from '../../core/gifts/reasons';
import {
	type EarlierGifts,
	besides,
	decisionsMade,
	earlierGifts,
	ofSamePayer,
} from '../../core/gifts/review';
import { type PersonView, personViews } from '../../core/register/person';
import type { Receipt } from '../../core/step';
import type { Store } from '../../core/store/store';
import { type Fragment, html } from '../JourneyPeoplePage/html';
import { moment, number } from '../JourneyPeoplePage/page';
import { type Visit, addressIn, filterOf, framed, money, percent } from './visit';

/** What the forms of a gift bring back: which gift, and the last decision that was seen. */
export interface About {
	gift: number;
	seen: number;
}

export async function giftBy({ store }: Visit, id: number): Promise<Known | undefined> {
	if (!Number.isSafeInteger(id) || id <= 0) return undefined;
	return (await incomingGifts(store, [id])).get(id);
}

/** @param searched whom a search has found, in the place of the candidates */
export async function giftView(
	visit: Visit,
	gift: Known,
	note: Fragment,
	searched?: { ids: readonly number[] },
): Promise<Receipt> {
	const { store, own, asked, now, seal } = visit;
	const last = await lastDecision(store.db, gift.id);
	const about: About = { gift: gift.id, seen: last?.id ?? 0 };
	const ticket = seal.close('decide', about, now);
	const candidates = searched ? searched.ids.map(bare) : candidatesIn(gift.candidates);
	const open = gift.state !== 'booked' && gift.state !== 'reversed';
	const decided = gift.state === 'identified' || (last !== undefined && last.decision !== 'reopened');
	const others = open ? await ofSamePayer(store, gift) : [];
	const around = await besides(store, filterOf(asked, now), { receivedAt: gift.received_at, id: gift.id });
	const to = (id: number | undefined) =>
		addressIn(asked, id === undefined ? {} : { show: 'gift', gift: String(id) });
	return framed(visit, own.gift, [
		note,
		open &&
			html`<form id="decide" method="post">
				<input type="hidden" name="ticket" value="${ticket}" />
			</form>`,
		html`<p class="row">
			<a data-key="k" href="${to(around.newer)}"><kbd>k</kbd> ${own.newer}</a>
			<a data-key="j" href="${to(around.older)}"><kbd>j</kbd> ${own.leave}</a>
		</p>`,
		html`<div class="sides">
			<section>
				<h2>${own.gift}</h2>
				${giftSide(visit, gift)}
				${open && acts(visit, others.length, decided, candidates.length > 0 && !searched, asked, gift.id)}
				${await said(visit, gift)}
			</section>
			<div>
				<h2>${searched ? own.found : own.candidates}</h2>
				${
					candidates.length === 0
						? html`<p class="quiet">${searched ? own.foundNobody : own.noCandidate}</p>`
						: html`<div class="candidates">
								${await cards(visit, gift, candidates, open, searched === undefined)}
							</div>`
				}
				${open && searchForm(visit, about)}
				${searched && html`<p><a href="${addressIn(asked, { show: 'gift', gift: String(gift.id) })}">${own.backToGift}</a></p>`}
			</div>
		</div>`,
	]);
}

const bare = (personId: number): Candidate => ({
	personId,
	probability: Number.NaN,
	reasons: [],
	compared: {},
});

function line(label: string, value: Fragment, mark?: 'for' | 'against' | 'mixed'): Fragment {
	if (value === null || value === undefined || value === '' || value === false) return '';
	return html`<dt>${label}</dt>
		<dd class="${mark}">${value}</dd>`;
}

function giftSide(visit: Visit, gift: Known): Fragment {
	const { own } = visit;
	const evidence = evidenceIn(gift.evidence);
	const { name, phone, phoneEnd, email, street, postalCode, city, account } = payerView(evidence);
	const told = (field: string, value: string | null): Fragment =>
		evidence.lookedUp?.fields.includes(field)
			? html`${value}
					<span class="quiet"
						>(${own.lookedUp(evidence.lookedUp.source)}, ${moment(visit, evidence.lookedUp.at)})</span
					>`
			: value;
	return html`<p class="amount">${money(visit, gift.amount_ore, gift.currency)}</p>
		${gift.reversed_ore > 0 && html`<p class="bad">${own.giftStates.reversed}: ${money(visit, gift.reversed_ore, gift.currency)}</p>`}
		${evidence.message && html`<p class="message">${evidence.message}</p>`}
		<dl>
			${line(own.name, told('name', name))}${line(own.phone, phone ?? (phoneEnd && `… ${phoneEnd}`))}
			${line(own.email, told('email', email))}
			${line(own.address, told('street', [street, [postalCode, city].filter(Boolean).join(' ')].filter(Boolean).join(', ')))}
			${line(own.birthDate, told('birthDate', evidence.birthDate ?? null))}${line(own.account, account)}
			${line(own.received, moment(visit, gift.received_at))}
			${line(own.source, own.sources[gift.source] ?? gift.source)}${line(own.campaign, gift.campaign)}
			${line(own.purpose, gift.purpose)}${line(own.kid, gift.kid)}${line(own.reference, gift.reference)}
		</dl>`;
}

function acts(
	{ own, ...visit }: Visit,
	others: number,
	decided: boolean,
	some: boolean,
	asked: Visit['asked'],
	gift: number,
): Fragment {
	const button = (what: string, key: string, label: string) =>
		html`<button form="decide" name="do" value="${what}" data-key="${key}">
			<kbd>${key}</kbd> ${label}
		</button>`;
	return html`${
			others > 0 &&
			html`<p>
				<label class="choice"
					><input type="checkbox" form="decide" name="together" value="yes" data-key="t" />
					<span><kbd>t</kbd> ${own.together(others, number(visit, others))}</span></label
				>
			</p>`
		}
		<div class="acts">
			${decided && button('reopen', 'o', own.reopen)}${some && button('reject', 'r', own.rejectAll)}
			<a data-key="n" href="${addressIn(asked, { show: 'new', gift: String(gift) })}"
				><kbd>n</kbd> ${own.newPerson}</a
			>
			${button('anonymous', 'a', own.anonymous)}
		</div>`;
}

async function said(visit: Visit, gift: Known): Promise<Fragment> {
	const { store, own, now, zone } = visit;
	const made = await decisionsMade(store, 20, gift.id);
	const byMachine = gift.state === 'identified' && gift.decided_by !== 'person';
	const ids = [...made.map(({ personId }) => personId), gift.person_id].flatMap((id) => id ?? []);
	const views = await personViews(store, [...new Set(ids)], now, zone);
	if (made.length === 0 && !byMachine) return '';
	return html`<h3>${own.history}</h3>
		<ol class="events">
			${byMachine && html`<li>${moment(visit, gift.decided_at)} <span>${own.byMachine}: ${gift.person_id !== null && views.get(gift.person_id)?.name}</span></li>`}
			${made.map(
				(one) =>
					html`<li>
						${moment(visit, one.at)}
						<span
							>${own.decisions[one.decision]}${one.personId !== null && html` · ${views.get(one.personId)?.name}`}
							<span class="quiet">${one.actor}</span></span
						>
					</li>`,
			)}
		</ol>`;
}

interface Contacts {
	phones: string[];
	emails: string[];
	deceasedOn: string | null;
}

async function contactsOf(store: Store, ids: readonly number[]): Promise<Map<number, Contacts>> {
	const [points, persons] = await Promise.all([
		store.db
			.selectFrom('contact_point')
			.select(['person_id', 'kind', 'value'])
			.where(store.among('person_id', ids))
			.orderBy('is_primary', 'desc')
			.orderBy('id')
			.execute(),
		store.db.selectFrom('person').select(['id', 'deceased_on']).where(store.among('id', ids)).execute(),
	]);
	return new Map(
		persons.map(({ id, deceased_on: deceasedOn }) => {
			const own = (kind: string) =>
				points.filter((one) => one.person_id === id && one.kind === kind).map(({ value }) => value);
			return [id, { phones: own('phone'), emails: own('email'), deceasedOn }];
		}),
	);
}

const MOST_KEYS = 5;

async function cards(
	visit: Visit,
	gift: Known,
	candidates: readonly Candidate[],
	open: boolean,
	rejectable: boolean,
): Promise<Fragment> {
	const { store, now, zone } = visit;
	const ids = candidates.map(({ personId }) => personId);
	const [views, contacts, before] = await Promise.all([
		personViews(store, ids, now, zone),
		contactsOf(store, ids),
		earlierGifts(store, ids),
	]);
	return candidates.map((candidate, place) => {
		const person = views.get(candidate.personId);
		const contact = contacts.get(candidate.personId);
		// Erased from the register since.
		if (!person || !contact) return '';
		const key = place < MOST_KEYS ? String(place + 1) : undefined;
		const known = { candidate, person, contact, before: before.get(person.id) };
		return card(visit, gift, known, open ? { key, rejectable } : undefined);
	});
}

function card(
	visit: Visit,
	gift: Known,
	{
		candidate,
		person,
		contact,
		before,
	}: { candidate: Candidate; person: PersonView; contact: Contacts; before: EarlierGifts | undefined },
	can: { key: string | undefined; rejectable: boolean } | undefined,
): Fragment {
	const { own, words } = visit;
	const marks = agreement(candidate.reasons);
	const mark = (row: Row) => marks.get(row);
	const address = person.protected
		? own.addressProtected
		: [person.street, [person.postalCode, person.city].filter(Boolean).join(' ')].filter(Boolean).join(', ');
	const accept = html`${can?.key && html`<kbd>${can.key}</kbd> `}${own.accept}`;
	return html`<article class="card">
		<h3>
			${person.name || words.nameless}
			${contact.deceasedOn !== null && html`<span class="tag bad">${own.deceased} ${contact.deceasedOn}</span>`}
			${!Number.isNaN(candidate.probability) && html`<span class="n">${percent(visit, candidate.probability)}</span>`}
		</h3>
		<dl>
			${line(own.name, person.name, mark('name'))}
			${line(own.memberNumber, person.memberNumber, mark('memberNumber'))}
			${line(own.phone, contact.phones.join(', '), mark('phone'))}
			${line(own.email, contact.emails.join(', '), mark('email'))}
			${line(own.address, address, mark('address'))}${line(own.birthDate, person.birthDate, mark('birthDate'))}
			${line(own.earlier, earlier(visit, before, gift.currency), mark('gifts'))}
		</dl>
		${candidate.reasons.length > 0 && why(visit, candidate.reasons)}
		${
			can &&
			html`<div class="acts">
				${
					can.key
						? html`<button
								class="first"
								form="decide"
								name="accept"
								value="${person.id}"
								data-key="${can.key}"
							>
								${accept}
							</button>`
						: html`<button class="first" form="decide" name="accept" value="${person.id}">${accept}</button>`
				}
				${can.rejectable && html`<button form="decide" name="not" value="${person.id}">${own.reject}</button>`}
			</div>`
		}
	</article>`;
}

function earlier(visit: Visit, before: EarlierGifts | undefined, currency: string): Fragment {
	const { own } = visit;
	if (!before || before.count === 0) return own.never;
	return html`${own.gifts(before.count, number(visit, before.count))},
	${money(visit, before.sumOre, currency)}
	${before.latest.map((one) => html`<br />${moment(visit, one.givenAt)} ${money(visit, one.amountOre, currency)} <span class="quiet">${one.campaign}</span>`)}`;
}

/** As wide as this weight, a bar is full: more than forty bits decide by themselves. */
const FULL = 25;

function why({ own, words }: Visit, reasons: readonly Reason[]): Fragment {
	const language = words.language === 'nb' ? 'nb' : 'en';
	return html`<h4 class="seen-not">${own.why}</h4>
		<ul class="why">
			${reasons.map((reason) => {
				const width = Math.round(Math.min(1, Math.abs(reason.weight) / FULL) * 100);
				const sign = reason.weight > 0 ? '+' : '';
				return html`<li class="${reason.weight < 0 ? 'against' : 'for'}">
					<span>${reasonWords(reason, language)}</span>
					${
						reason.weight === 0
							? html`<span></span><span></span>`
							: html`<svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
										<rect width="${width}" height="10" />
									</svg>
									<span class="n">${sign}${reason.weight}</span>`
					}
				</li>`;
			})}
		</ul>`;
}

function searchForm({ own, seal, now }: Visit, about: About): Fragment {
	return html`<form method="post" class="card">
		<input type="hidden" name="ticket" value="${seal.close('find', about, now)}" />
		<div class="row">
			<label
				><span><kbd>/</kbd> ${own.search}: ${own.searchLabel}</span>
				<input type="text" name="wanted" maxlength="200" autocomplete="off" data-key="/" />
			</label>
			<button name="do" value="find">${own.find}</button>
		</div>
	</form>`;
}
