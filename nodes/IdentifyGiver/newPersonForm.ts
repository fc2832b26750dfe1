/** A giver whom the register does not have: what the source says, to be looked over and filled in. */
import { lastDecision } from '../../core/gifts/decide';
import { evidenceIn } from '../../core/gifts/evidence';
import type { Known } from '../../core/gifts/known';
import { personOf, wholeName } from '../../core/gifts/newGiver';
import { readEmail, readPhone } from '../../core/register/contact';
import type { RegisterPerson } from '../../core/register/given';
import type { Receipt } from '../../core/step';
import { type Fragment, html } from '../JourneyPeoplePage/html';
import type { About } from './giftView';
import { type Visit, addressIn, framed, money } from './visit';

const fields = ['givenName', 'familyName', 'phone', 'email', 'street', 'postalCode', 'city'] as const;
type Field = (typeof fields)[number];

export async function newPersonForm(
	visit: Visit,
	gift: Known,
	filled?: Record<Field, string>,
	complaint?: string,
): Promise<Receipt> {
	const { own, seal, now, store, asked } = visit;
	const last = await lastDecision(store.db, gift.id);
	const about: About = { gift: gift.id, seen: last?.id ?? 0 };
	const values = filled ?? toldOf(gift);
	const cell = (field: Field): Fragment =>
		html`<label
			><span>${own[field]}</span>
			<input type="text" name="${field}" value="${values[field]}" maxlength="200" autocomplete="off" />
		</label>`;
	return framed(visit, own.newPerson, [
		complaint && html`<div class="note bad" role="alert"><p>${complaint}</p></div>`,
		html`<form method="post" class="card">
			<h2>${own.newPerson} ${money(visit, gift.amount_ore, gift.currency)}</h2>
			<p class="quiet">${own.newPersonWhy}</p>
			<input type="hidden" name="ticket" value="${seal.close('new', about, now)}" />
			<div class="row">${fields.map(cell)}</div>
			<div class="row">
				<button class="first" name="do" value="newPerson">${own.add}</button>
				<a href="${addressIn(asked, { show: 'gift', gift: String(gift.id) })}">${own.backToGift}</a>
			</div>
		</form>`,
	]);
}

function toldOf(gift: Known): Record<Field, string> {
	const evidence = evidenceIn(gift.evidence);
	const name = wholeName(evidence);
	return {
		givenName: name?.givenName ?? '',
		familyName: name?.familyName ?? evidence.name ?? '',
		phone: evidence.phone ?? '',
		email: evidence.email ?? '',
		street: evidence.street ?? '',
		postalCode: evidence.postalCode ?? '',
		city: evidence.city ?? '',
	};
}

export type Read = { person: RegisterPerson } | { complaint: string; filled: Record<Field, string> };

/** The form filled in; a complaint in words when it is nobody the register can take. */
export function personIn(visit: Visit, gift: Known, form: URLSearchParams): Read {
	const { own, organisation, now, zone } = visit;
	const filled = Object.fromEntries(
		fields.map((field) => [field, (form.get(field) ?? '').replaceAll('\u0000', '').trim().slice(0, 200)]),
	) as Record<Field, string>;
	const { givenName, familyName } = filled;
	if (!givenName || !familyName) return { complaint: own.nameMissing, filled };
	const phone = filled.phone ? readPhone(filled.phone, organisation.countryCode) : undefined;
	if (filled.phone && !phone) return { complaint: own.notRead(own.phone), filled };
	const email = filled.email ? readEmail(filled.email) : undefined;
	if (filled.email && !email) return { complaint: own.notRead(own.email), filled };
	if (!phone && !email) return { complaint: own.contactMissing, filled };
	const { birthDate, country, lookedUp } = evidenceIn(gift.evidence);
	const { street, postalCode, city } = filled;
	const told = {
		...(birthDate ? { birthDate } : {}),
		...(country ? { country } : {}),
		...(lookedUp ? { lookedUp } : {}),
		...(street ? { street } : {}),
		...(postalCode ? { postalCode } : {}),
		...(city ? { city } : {}),
	};
	return { person: personOf(told, { givenName, familyName }, gift.source, now, zone, { phone, email }) };
}
