/** Messages of which nobody knows whether they went out, for a person to say. */
import { z } from 'zod/v4';
import { settleUnknown } from '../../core/journeys/settle';
import { type UnknownFilter, type UnknownMessage, listUnknown } from '../../core/journeys/unknown';
import type { Receipt } from '../../core/step';
import type { Asked } from './asked';
import { type Fragment, html } from './html';
import { timelineAddress } from './list';
import { type Visit, addressOf, messages, moment, pageOf } from './page';

const ON_A_PAGE = 100;

export async function unknown(
	visit: Visit,
	{ journey, step }: Asked,
	after: string | undefined,
	note: Fragment,
): Promise<Receipt> {
	const { store, now, words, seal } = visit;
	const filter: UnknownFilter = { journey, step };
	const purpose = `after unknown ${JSON.stringify(filter)}`;
	const from = z.string().safeParse(seal.open(purpose, after, now)).data;
	const page = await listUnknown(store, filter, { after: from, limit: ON_A_PAGE });
	const next =
		page.next && addressOf({ show: 'unknown', journey, step, after: seal.close(purpose, page.next, now) });
	return pageOf({
		words,
		heading: visit.heading,
		title: words.unknownMessages,
		body: [
			note,
			html`<h2>${words.unknownMessages}</h2>`,
			page.messages.length === 0
				? html`<p>${words.noUnknown}</p>`
				: html`<p>${words.unknownHelp}</p>
						${table(visit, page.messages)}`,
			next && html`<p><a href="${next}" rel="next">${words.next}</a></p>`,
		],
	});
}

function table(visit: Visit, list: readonly UnknownMessage[]): Fragment {
	const { words, seal, now } = visit;
	const choosing = !visit.lookOnly;
	return html`<form class="card" method="post" action="?">
		<div class="wide">
			<table>
				<thead>
					<tr>
						${choosing && html`<td></td>`}
						<th scope="col">${words.name}</th>
						<th scope="col">${words.memberNumber}</th>
						<th scope="col">${words.journey}</th>
						<th scope="col">${words.step}</th>
						<th scope="col">${words.channel}</th>
						<th scope="col">${words.sentAt}</th>
						<th scope="col">${words.reason}</th>
					</tr>
				</thead>
				<tbody>
					${list.map((message) => {
						const name = message.name || words.nameless;
						return html` <tr>
							${choosing && html`<td><input type="checkbox" name="one" value="${message.dispatchId}" aria-label="${words.tick(name)}" /></td>`}
							<th scope="row">
								${message.personId === null ? name : html`<a href="${timelineAddress(visit, message.personId)}">${name}</a>`}
							</th>
							<td>${message.memberNumber}</td>
							<td>${message.journeyName || words.outside}</td>
							<td>${message.stepName}</td>
							<td>${words.values[message.channel] ?? message.channel} · ${message.provider}</td>
							<td>${moment(visit, message.at)}</td>
							<td>${message.reason}</td>
						</tr>`;
					})}
				</tbody>
			</table>
		</div>
		${
			choosing &&
			html`<input type="hidden" name="ticket" value="${seal.close('unknown', {}, now)}" />
				<div class="row">
					<button name="do" value="sent">${words.wasSent}</button
					><button name="do" value="notSent">${words.wasNotSent}</button>
				</div>`
		}
	</form>`;
}

const said = z.object({ ids: z.array(z.number()), sent: z.boolean() });

export function askUnknown(visit: Visit, sent: boolean, ids: readonly number[]): Receipt {
	const { words, seal, now } = visit;
	const count = messages(visit, ids.length);
	const question = sent ? words.confirmSent(count) : words.confirmNotSent(count);
	return pageOf({
		words,
		heading: visit.heading,
		title: question,
		body: html`<form class="card" method="post" action="?">
			<h2>${question}</h2>
			<p>${sent ? words.explainSent : words.explainNotSent}</p>
			<input type="hidden" name="ticket" value="${seal.close('said', { ids, sent }, now)}" />
			<div class="row">
				<button class="first" name="do" value="said">${sent ? words.yesSent : words.yesNotSent}</button
				><a href="?show=unknown">${words.cancel}</a>
			</div>
		</form>`,
	});
}

/** @returns how many were settled; undefined when the ticket is none. */
export async function settle(
	visit: Visit,
	ticket: unknown,
): Promise<{ sent: boolean; done: number } | undefined> {
	const read = said.safeParse(ticket);
	if (!read.success) return undefined;
	const { ids, sent } = read.data;
	const { done } = await settleUnknown(visit.store, visit.clock, ids, sent ? 'sent' : 'notSent', visit.actor);
	return { sent, done };
}
