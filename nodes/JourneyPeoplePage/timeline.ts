/** One person's story, oldest first. */
import { z } from 'zod/v4';
import { type TimelineEvent, timelineOf } from '../../core/register/timeline';
import type { Receipt } from '../../core/step';
import { html } from './html';
import { whyHere, whyInWords } from './rulesWords';
import { type Visit, addressOf, moment, momentText, pageOf } from './page';

/** `who` is what the page itself has closed: an address that names nobody. */
export async function timeline(
	visit: Visit,
	who: string | undefined,
	after: string | undefined,
): Promise<Receipt | undefined> {
	const { store, now, words, seal } = visit;
	const id = z.number().safeParse(seal.open('person', who, now)).data;
	if (id === undefined) return undefined;
	const purpose = `after person ${id}`;
	const from = z.string().safeParse(seal.open(purpose, after, now)).data;
	const found = await timelineOf(store, now, id, { after: from });
	if (!found) return undefined;
	const name = found.person.name || words.nameless;
	const next = found.next && addressOf({ show: 'person', who, after: seal.close(purpose, found.next, now) });
	return pageOf({
		words,
		heading: visit.heading,
		title: words.timeline,
		body: [
			html`<h2>
				${name}${found.person.memberNumber && html` <span class="quiet">${found.person.memberNumber}</span>`}
			</h2>`,
			html`<section>
				<h2>${words.where}</h2>
				${
					found.now.length === 0
						? html`<p class="quiet">${words.nowhere}</p>`
						: found.now.map(
								(here) =>
									html`<p>
										<strong>${here.journey}</strong>: ${here.step} ·
										<span class="${here.state}">${words.states[here.state]}</span> ·
										${words.since.toLowerCase()}
										${moment(visit, here.since)}${here.until !== undefined && html` · ${words.until.toLowerCase()} ${moment(visit, here.until)}`}${here.reason && html` · ${whyHere(words.language, here.reason)}`}
									</p>`,
							)
				}
			</section>`,
			found.refused.length > 0 &&
				html`<section>
					<h2>${words.refusedBy}</h2>
					${found.refused.map(({ journey, reason }) => html`<p><strong>${journey}</strong>: ${reason}</p>`)}
				</section>`,
			html`<section>
				<h2>${words.timeline}</h2>
				<ol class="events">
					${found.events.map(
						(event) =>
							html`<li>
								${moment(visit, event.at)}<span
									><strong>${words.what[event.what]}</strong>${told(visit, event)
										.filter((part) => part !== undefined && part !== '')
										.map((part) => ` · ${part}`)}</span
								>
							</li>`,
					)}
				</ol>
			</section>`,
			next && html`<p><a href="${next}" rel="next">${words.next}</a></p>`,
		],
	});
}

function told(visit: Visit, event: TimelineEvent): Array<string | undefined> {
	const { words } = visit;
	const word = (value: string | undefined) => value && (words.values[value] ?? value.replaceAll('_', ' '));
	switch (event.what) {
		case 'came into the register':
			return [];
		case 'enrolled':
			return [event.journey, event.tripKey && words.tripKey(event.tripKey)];
		case 'left the journey':
			return [event.journey, event.reason ?? undefined, event.path.join(' → ')];
		case 'message':
			return [
				word(event.channel),
				event.provider,
				word(event.state === 'accepted' && event.handOff ? event.handOff : event.state),
				whyInWords(words.language, event.code, event.reason),
				event.step,
				event.journey,
			];
		case 'response':
			return [
				word(event.kind),
				event.kind === 'called' ? word(event.subject) : event.subject,
				event.reason,
				event.byMachine ? words.machine : undefined,
				event.source,
			];
		case 'gift':
			return [
				money(visit, event.amountOre, event.currency),
				event.campaign,
				event.purpose,
				word(event.channel),
				event.reversedAt === undefined
					? undefined
					: `${words.reversed} ${momentText(visit, event.reversedAt)}`,
			];
		case 'consent':
			return [
				word(event.channel),
				event.purpose,
				event.granted ? words.granted : words.withdrawn,
				event.source,
			];
		case 'reservation':
			return [word(event.channel), event.source];
		case 'label':
			return [event.label];
		case 'change':
			return [word(event.kind), event.subject, event.value];
		case 'operation':
			return [word(event.kind), word(event.detail), event.journey, words.by(event.by)];
	}
}

function money({ words }: Visit, amountOre: number, currency: string): string {
	try {
		return new Intl.NumberFormat(words.language, { style: 'currency', currency }).format(amountOre / 100);
	} catch {
		// Not a code that Intl knows.
		return `${(amountOre / 100).toFixed(2)} ${currency}`;
	}
}
