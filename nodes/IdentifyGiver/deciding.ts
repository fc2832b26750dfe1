/** What comes back from the page's forms: searches, decisions, and taking one's own decision back. */
import { z } from 'zod/v4';
import { type Decided, type Decision, type ToDecide, decide } from '../../core/gifts/decide';
import { besides, ofSamePayer, personsLike } from '../../core/gifts/review';
import type { Known } from '../../core/gifts/known';
import type { Receipt } from '../../core/step';
import { type Fragment, html } from '../JourneyPeoplePage/html';
import { number, seeOther } from '../JourneyPeoplePage/page';
import { IDENTIFIED, UNKNOWN } from './form';
import { giftBy, giftView } from './giftView';
import { newPersonForm, personIn } from './newPersonForm';
import { type Visit, addressIn, filterOf, refused } from './visit';

const about = z.object({ gift: z.number(), seen: z.number() });
const MOST_FOUND = 12;

export async function posted(visit: Visit, form: URLSearchParams): Promise<Receipt> {
	const { ctx, words, seal, now, own } = visit;
	const what = form.get('do') ?? '';
	const purpose = { find: 'find', newPerson: 'new', undo: 'undo' }[what] ?? 'decide';
	const ticket = about.safeParse(seal.open(purpose, form.get('ticket') ?? undefined, now));
	if (!ticket.success) return refused(visit, 403, words.old, words.oldWhy);
	const gift = await giftBy(visit, ticket.data.gift);
	if (!gift) return refused(visit, 410, words.old, own.gone);
	const { seen } = ticket.data;
	if (what === 'find') {
		const wanted = form.get('wanted') ?? '';
		const ids = await personsLike(visit.store, wanted, visit.organisation.countryCode, MOST_FOUND);
		return giftView(visit, gift, '', { ids });
	}
	if (ctx.testRun) return refused(visit, 403, words.onlyLook, '');
	const person = (name: string) => {
		const id = Number(form.get(name));
		return form.has(name) && Number.isSafeInteger(id) && id > 0 ? id : undefined;
	};
	const accept = person('accept');
	if (accept !== undefined)
		return concluded(visit, gift, form, { decision: 'accepted', personId: accept, seen });
	const not = person('not');
	if (not !== undefined)
		return concluded(visit, gift, form, { decision: 'rejected', personIds: [not], seen });
	switch (what) {
		case 'reject':
			return concluded(visit, gift, form, { decision: 'rejected', seen });
		case 'anonymous':
			return concluded(visit, gift, form, { decision: 'anonymous', seen });
		case 'reopen':
		case 'undo':
			return concluded(visit, gift, new URLSearchParams(), { decision: 'reopened', seen });
		case 'newPerson': {
			const read = personIn(visit, gift, form);
			if ('complaint' in read) return newPersonForm(visit, gift, read.filled, read.complaint);
			return concluded(visit, gift, form, { decision: 'newPerson', person: read.person, seen });
		}
		default:
			return refused(visit, 400, words.strange, '');
	}
}

type Wanted = Pick<ToDecide, 'decision' | 'personId' | 'personIds' | 'person' | 'seen'>;

async function concluded(visit: Visit, gift: Known, form: URLSearchParams, wanted: Wanted): Promise<Receipt> {
	const { ctx, store, seal, now, asked } = visit;
	// Before the gift itself is decided on: it is by what they share that the others are found.
	const others = form.get('together') === 'yes' ? await ofSamePayer(store, gift) : [];
	const first = await decideOn(visit, gift.id, wanted);
	if (!first.done) return told(visit, first);
	let count = 1;
	for (const id of others) {
		// The others may have candidates of their own; the one giver is theirs as well.
		const same: Wanted =
			first.personId === null
				? { decision: wanted.decision, ...(wanted.personIds ? { personIds: wanted.personIds } : {}) }
				: { decision: 'accepted', personId: first.personId };
		if ((await decideOn(visit, id, same)).done) count += 1;
	}
	ctx.log('info', JSON.stringify({ action: wanted.decision, gift: gift.id, count, by: visit.actor }));
	const leaves = wanted.decision !== 'reopened' && first.state !== 'review';
	const note = { decision: wanted.decision, gift: gift.id, seen: first.decisionId, count, leaves };
	const done = seal.close('done', note, now);
	// What is still to be looked at stays in view.
	const stays = wanted.decision === 'reopened' || first.state === 'review';
	const { older } = await besides(store, filterOf(asked, now), {
		receivedAt: gift.received_at,
		id: gift.id,
	});
	const next = stays ? gift.id : older;
	return seeOther(
		addressIn(asked, { done, ...(next === undefined ? {} : { show: 'gift', gift: String(next) }) }),
	);
}

function decideOn(visit: Visit, giftId: number, wanted: Wanted): Promise<Decided> {
	const { store, ctx, params, stepId, actor } = visit;
	return decide(store, ctx.clock, {
		giftId,
		...wanted,
		actor,
		step: { id: stepId, outputs: { identified: IDENTIFIED, unknown: UNKNOWN } },
		holdMs: params.options.undoSeconds * 1_000,
	});
}

function told(visit: Visit, not: Extract<Decided, { done: false }>): Receipt {
	const { own, words } = visit;
	switch (not.why) {
		case 'overtaken':
			return refused(
				visit,
				409,
				own.overtaken,
				own.overtakenBy(own.decisions[not.by?.decision ?? 'reopened'], not.by?.actor ?? ''),
			);
		case 'settled':
			return refused(visit, 409, own.overtaken, own.settled);
		case 'gone':
			return refused(visit, 410, words.old, own.gone);
		case 'personGone':
			return refused(visit, 409, words.old, own.personGone);
		case 'personRefused':
			return refused(visit, 400, words.broken, `${own.refused} ${not.reason ?? ''}`);
	}
}

const doneNote = z.object({
	decision: z.enum(['accepted', 'rejected', 'newPerson', 'anonymous', 'reopened']),
	gift: z.number(),
	seen: z.number(),
	count: z.number(),
	leaves: z.boolean(),
});

/** What has just been done, with the way back as long as nobody else has said anything since. */
export function noted(visit: Visit, text: string | undefined): Fragment {
	const { own, seal, now, params } = visit;
	const read = doneNote.safeParse(seal.open('done', text, now));
	if (!read.success) return '';
	const { decision, gift, seen, count, leaves } = read.data;
	const undoable: Decision[] = ['accepted', 'rejected', 'newPerson', 'anonymous'];
	return html`<div class="note" role="status">
		<p>
			${own.saved[decision]} ${count > 1 && own.savedMore(count, number(visit, count))}
			${leaves && params.options.undoSeconds > 0 && own.leaves(params.options.undoSeconds)}
		</p>
		${
			undoable.includes(decision) &&
			html`<form method="post">
				<input type="hidden" name="ticket" value="${seal.close('undo', { gift, seen }, now)}" />
				<button name="do" value="undo" data-key="u"><kbd>u</kbd> ${own.undo}</button>
			</form>`
		}
	</div>`;
}
