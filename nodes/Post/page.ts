/** The step's own page: its batches with each letter as a picture, to be released, thinned out or taken apart. */
import { z } from 'zod/v4';
import {
	type BatchSummary,
	batchesOf,
	cancelBatch,
	collectedAt,
	leaveOut,
	release,
} from '../../core/handoffs/batch';
import { nextCutOff } from '../../core/handoffs/cutOff';
import { stepId } from '../../core/journeys/journey';
import { pagePicture } from '../../core/letters/picture';
import { renderLetters } from '../../core/letters/renderLetters';
import { wordsOf } from '../../core/letters/findings';
import { attemptAsync } from '../../core/attempt';
import { organisationOf } from '../../core/register/organisation';
import type { Receipt, Received, StepContext } from '../../core/step';
import type { Store } from '../../core/store/store';
import { fromThisPage } from '../JourneyPeoplePage/access';
import { type Fragment, html } from '../JourneyPeoplePage/html';
import { addressOf, moment, number, pageOf, refusal, seeOther } from '../JourneyPeoplePage/page';
import type { Seal } from '../JourneyPeoplePage/sealed';
import { signedIn } from '../JourneyPeoplePage/signIn';
import type { Words } from '../JourneyPeoplePage/words';
import { batchSettings } from './batches';
import { LEFT_OUT } from './collect';
import { letterContent, lettersOf } from './content';
import { type Parameters, cutOffOf } from './form';
import { type LetterWords, letterWords } from './pageWords';

interface Visit {
	ctx: StepContext;
	store: Store;
	params: Parameters;
	words: Words;
	own: LetterWords;
	seal: Seal;
	now: number;
	zone: string;
	stepId: number;
	actor: string;
}

const PER_PAGE = 100;
const DPI = 90;

export async function lettersPage(ctx: StepContext, params: Parameters, request: Received): Promise<Receipt> {
	const { words, own } = letterWords(request.headers['accept-language']);
	return signedIn(ctx, request, words, async ({ seal, now, userName }) => {
		const tried = await attemptAsync(async () => {
			const store = await ctx.store();
			const { zone } = organisationOf(await ctx.credentials('memberJourneysStoreApi'));
			const id = (await stepId(store, ctx.place.step)) ?? 0;
			const actor = `${ctx.place.name} (${userName})`;
			const visit: Visit = { ctx, store, params, words, own, seal, now, zone, stepId: id, actor };
			if (request.method !== 'POST') return shown(visit, request.query);
			if (!fromThisPage(request, ctx.publicUrl?.()))
				return refused(visit, 403, words.foreign, words.foreignWhy);
			return done(visit, new URLSearchParams(request.raw.toString('utf8')));
		}, 0);
		if ('value' in tried) return tried.value;
		const { message, hint } = tried.problem;
		return refusal(words, 400, words.broken, [message, hint].filter(Boolean).join(' '), {
			links: links(words),
		});
	});
}

const links = (words: Words): Fragment => html`<nav><a href="?">${words.overview}</a></nav>`;

function refused({ words }: Visit, status: number, title: string, why: string): Receipt {
	return refusal(words, status, title, why, { links: links(words) });
}

async function shown(visit: Visit, query: Record<string, string | undefined>): Promise<Receipt> {
	const { words, seal, now } = visit;
	const tooOld = () => refused(visit, 410, words.old, words.oldWhy);
	switch (query.show ?? '') {
		case '':
			return overview(visit, query.done);
		case 'batch': {
			const id = Number(query.batch);
			return (await batchView(visit, id, Number(query.from ?? 0) || 0, query.done)) ?? tooOld();
		}
		case 'letter': {
			// Which letter it is stands in the address closed: it is somebody's.
			const which = letterTicket.safeParse(seal.open('letter', query.which, now));
			return which.success ? ((await letterView(visit, which.data)) ?? tooOld()) : tooOld();
		}
		default:
			return refused(visit, 404, words.strange, '');
	}
}

const letterTicket = z.object({ dispatch: z.number(), page: z.number() });

async function overview(visit: Visit, note: string | undefined): Promise<Receipt> {
	const { own, params, store, zone } = visit;
	const batches = await batchesOf(store, visit.stepId);
	const collected = await collectedAt(store, visit.stepId);
	const cutOff = collected.oldest === null ? undefined : nextCutOff(cutOffOf(params), collected.oldest, zone);
	return framed(visit, own.title, [
		noted(visit, note),
		html`<section>
			<h2>${own.collected}</h2>
			<p>
				${own.letters(collected.count, number(visit, collected.count))}${cutOff !== undefined && html` · ${own.leave} ${moment(visit, cutOff)}`}
			</p>
		</section>`,
		html`<section>
			<h2>${own.batches}</h2>
			${
				batches.length === 0
					? html`<p class="quiet">${own.none}</p>`
					: html`<div class="wide">
							<table>
								<thead>
									<tr>
										<th>${own.batch}</th>
										<th>${own.state}</th>
										<th class="n">${own.count}</th>
										<th>${own.became}</th>
										<th>${own.made}</th>
										<th>${own.over}</th>
									</tr>
								</thead>
								<tbody>
									${batches.map(
										(batch) =>
											html`<tr>
												<th scope="row">
													<a href="${addressOf({ show: 'batch', batch: String(batch.id) })}">${batch.name}</a>
												</th>
												<td class="${batch.state === 'failed' ? 'bad' : ''}">
													${own.states[batch.state]}${batch.reason && html`<br /><span class="quiet">${batch.reason}</span>`}
												</td>
												<td class="n">${number(visit, batch.items)}</td>
												<td>${became(visit, batch)}</td>
												<td>${moment(visit, batch.openedAt)}</td>
												<td>${moment(visit, batch.handedOverAt)}</td>
											</tr>`,
									)}
								</tbody>
							</table>
						</div>`
			}
		</section>`,
	]);
}

function became(visit: Visit, { states }: BatchSummary): string {
	return Object.entries(states)
		.map(([state, count]) => `${number(visit, count)} ${visit.own.items[state] ?? state}`)
		.join(', ');
}

async function batchView(
	visit: Visit,
	id: number,
	from: number,
	note: string | undefined,
): Promise<Receipt | undefined> {
	const { own, seal, now, store } = visit;
	const batch = await batchBy(visit, id);
	if (!batch) return undefined;
	const rows = await store.db
		.selectFrom('handoff_item as i')
		.leftJoin('person as p', 'p.id', 'i.person_id')
		.where('i.handoff_id', '=', id)
		.where('i.dispatch_id', '>', from)
		.orderBy('i.dispatch_id')
		.limit(PER_PAGE)
		.select(['i.dispatch_id', 'i.state', 'i.reason', 'i.content', 'i.ref', 'p.given_name', 'p.family_name'])
		.execute();
	const open = batch.state === 'ready' || batch.state === 'released';
	const last = rows.at(-1)?.dispatch_id;
	const button = (what: string, label: string, explained: string) =>
		html`<form method="post" class="card">
			<input type="hidden" name="do" value="${what}" /><input
				type="hidden"
				name="ticket"
				value="${seal.close(what, { id }, now)}"
			/>
			<p>${explained}</p>
			<button>${label}</button>
		</form>`;
	return framed(visit, batch.name, [
		noted(visit, note),
		html`<section>
			<h2>${batch.name}</h2>
			<p>
				${own.states[batch.state]}${batch.releasedBy && html` · ${own.releasedBy(batch.releasedBy)}`} ·
				${own.letters(batch.items, number(visit, batch.items))} · ${became(visit, batch)}
			</p>
			${batch.reason && html`<p class="bad">${batch.reason}</p>`}
		</section>`,
		batch.state === 'ready' && button('release', own.release, own.releaseWhy),
		html`<form method="post" class="card">
			<input type="hidden" name="do" value="leaveOut" /><input
				type="hidden"
				name="ticket"
				value="${seal.close('leaveOut', { id }, now)}"
			/>
			<div class="wide">
				<table>
					<thead>
						<tr>
							<th></th>
							<th>${own.letter}</th>
							<th>${own.to}</th>
							<th>${own.state}</th>
						</tr>
					</thead>
					<tbody>
						${rows.map((row) => {
							const to =
								recipientIn(row.content) ?? `${row.given_name ?? ''} ${row.family_name ?? ''}`.trim();
							const which = seal.close('letter', { dispatch: row.dispatch_id, page: 1 }, now);
							const mayLeave = open && row.state === 'batched';
							return html`<tr>
								<td>
									${mayLeave && html`<input type="checkbox" name="one" value="${row.dispatch_id}" aria-label="${own.tick(row.ref)}" />`}
								</td>
								<td>
									${row.content === null ? row.ref : html`<a href="${addressOf({ show: 'letter', which })}">${row.ref}</a>`}
								</td>
								<td>${to}</td>
								<td>${own.items[row.state] ?? row.state}${row.reason && html` · ${row.reason}`}</td>
							</tr>`;
						})}
					</tbody>
				</table>
			</div>
			${open && rows.length > 0 && html`<div class="row"><button>${own.leaveOut}</button><span class="quiet">${own.leaveOutWhy}</span></div>`}
		</form>`,
		rows.length === PER_PAGE &&
			html`<p>
				<a href="${addressOf({ show: 'batch', batch: String(id), from: String(last ?? 0) })}" rel="next"
					>${visit.words.next}</a
				>
			</p>`,
		open && button('cancel', own.cancelBatch, own.cancelWhy),
	]);
}

function recipientIn(content: string | null): string | undefined {
	if (content === null) return undefined;
	const read = letterContent.safeParse(JSON.parse(content));
	if (!read.success) return undefined;
	const { name, postalCode, city } = read.data.recipient;
	return `${name}, ${postalCode} ${city}`.trim();
}

async function batchBy({ store, stepId: step }: Visit, id: number): Promise<BatchSummary | undefined> {
	if (!Number.isSafeInteger(id)) return undefined;
	return (await batchesOf(store, step, 1_000)).find((batch) => batch.id === id);
}

async function letterView(
	visit: Visit,
	{ dispatch, page }: z.infer<typeof letterTicket>,
): Promise<Receipt | undefined> {
	const { own, store, seal, now } = visit;
	const row = await store.db
		.selectFrom('handoff_item as i')
		.innerJoin('handoff as h', 'h.id', 'i.handoff_id')
		.where('i.dispatch_id', '=', dispatch)
		.where('i.step_id', '=', visit.stepId)
		.select(['i.ref', 'i.content', 'h.id as batch', 'h.name', 'h.settings'])
		.executeTakeFirst();
	if (!row?.content) return undefined;
	const { letters: options } = batchSettings.parse(JSON.parse(row.settings));
	const content: unknown = JSON.parse(row.content);
	const spec = await lettersOf(store, options).specOf({ ref: row.ref, content });
	const { files, refused: no } = await renderLetters([spec], options);
	const pdf = files[0]?.pdf;
	const back = html`<p>
		<a href="${addressOf({ show: 'batch', batch: String(row.batch) })}">${row.name}</a>
	</p>`;
	if (!pdf)
		return framed(visit, row.ref, [
			back,
			html`<div class="note bad">
				${(no[0]?.findings ?? []).map((one) => html`<p>${wordsOf(one, visit.words.language === 'nb' ? 'nb' : 'en')}</p>`)}
			</div>`,
		]);
	const { envelopes, windowSide } = options;
	const picture = await pagePicture(pdf, {
		page,
		dpi: DPI,
		...(page === 1 ? { envelopes, windowSide } : {}),
	});
	const to = (other: number) =>
		addressOf({ show: 'letter', which: seal.close('letter', { dispatch, page: other }, now) });
	const image = `data:image/png;base64,${Buffer.from(picture.png).toString('base64')}`;
	return framed(visit, row.ref, [
		back,
		html`<p>
			${own.page(page, picture.pages)}${page > 1 && html` · <a href="${to(page - 1)}" rel="prev">${own.before}</a>`}${page < picture.pages && html` · <a href="${to(page + 1)}" rel="next">${own.after}</a>`}
		</p>`,
		html`<p>
			<img
				src="${image}"
				width="${picture.width}"
				height="${picture.height}"
				alt="${own.page(page, picture.pages)}"
			/>
		</p>`,
	]);
}

function framed({ words, params, ctx }: Visit, title: string, body: Fragment): Receipt {
	return pageOf({
		words,
		heading: params.batchName || ctx.place.name,
		title,
		links: links(words),
		pictures: true,
		body,
	});
}

const about = z.object({ id: z.number() });

async function done(visit: Visit, form: URLSearchParams): Promise<Receipt> {
	const { ctx, store, words, own, seal, now } = visit;
	const what = form.get('do') ?? '';
	if (what !== 'release' && what !== 'cancel' && what !== 'leaveOut')
		return refused(visit, 400, words.strange, '');
	const ticket = about.safeParse(seal.open(what, form.get('ticket') ?? undefined, now));
	if (!ticket.success) return refused(visit, 403, words.old, words.oldWhy);
	if (ctx.testRun) return refused(visit, 403, words.onlyLook, '');
	const { id } = ticket.data;
	let count = 0;
	if (what === 'release') count = (await release(store, ctx.clock, id, visit.actor)) ? 1 : 0;
	else if (what === 'cancel') {
		await cancelBatch(store, ctx.clock, id, own.cancelledBy(visit.actor));
		count = 1;
	} else {
		const ids = form.getAll('one').map(Number).filter(Number.isSafeInteger);
		if (ids.length === 0) return refused(visit, 400, own.tickFirst, '');
		const out = ids.map((dispatchId) => ({
			dispatchId,
			reason: `left out by hand (${visit.actor})`,
			code: 'byHand',
		}));
		count = await leaveOut(store, ctx.clock, id, out, LEFT_OUT);
	}
	ctx.log('info', JSON.stringify({ action: what, batch: id, count, by: visit.actor }));
	const note = seal.close('done', { what, count }, now);
	return seeOther(addressOf({ show: 'batch', batch: String(id), done: note }));
}

const doneNote = z.object({ what: z.enum(['release', 'cancel', 'leaveOut']), count: z.number() });

function noted(visit: Visit, text: string | undefined): Fragment {
	const read = doneNote.safeParse(visit.seal.open('done', text, visit.now));
	if (!read.success) return '';
	const { what, count } = read.data;
	return html`<div class="note" role="status">
		<p>${visit.own.done[what](count, number(visit, count))}</p>
	</div>`;
}
