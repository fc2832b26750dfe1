/** A page for the admin: who waits where on the journeys, and what to do about those who go no further. */
import { z } from 'zod/v4';
import { leftInWords } from '../../core/journeys/byHand';
import { StepProblem } from '../../core/ports';
import { organisationOf } from '../../core/register/organisation';
import type { Choice, Json, Receipt, Received, Step, StepContext } from '../../core/step';
import { fromThisPage } from './access';
import { pageAddresses, rememberPage } from './address';
import { askedIn } from './asked';
import { csvOf } from './csv';
import { type Fragment, html } from './html';
import { found, list } from './list';
import { ask, backTo, filterIn, meantBy, operate, outcome } from './operate';
import { overview } from './overview';
import { type Visit, addressOf, messages, refusal, seeOther } from './page';
import { RULES, rules, save, tryOut } from './rules';
import { rulesWords } from './rulesWords';
import { type LetIn, signedIn } from './signIn';
import { timeline } from './timeline';
import { askUnknown, settle, unknown } from './unknown';
import { type Words, wordsFor } from './words';

const parameters = z.object({
	heading: z.string().trim().default(''),
	lookOnly: z.boolean().default(false),
});
type Parameters = z.infer<typeof parameters>;

export const journeyPeoplePage: Step<Parameters> = {
	name: 'journeyPeoplePage',
	parameters,
	outputs: ['Done by Hand'],

	async listen(ctx) {
		const address = ctx.publicUrl?.() ?? ctx.path?.();
		if (address) {
			await rememberPage(ctx, address);
			ctx.log('info', `The page is at ${address}`);
		}
		return async () => undefined;
	},

	registered: (ctx, _params, url) => rememberPage(ctx, url),

	async receive(ctx, params, request) {
		const words = wordsFor(request.headers['accept-language']);
		return signedIn(ctx, request, words, (who) => answered(ctx, params, request, { words, ...who }));
	},

	choices: {
		async address(ctx): Promise<Choice[]> {
			const pages = await pageAddresses(await ctx.store());
			return pages.length > 0
				? pages.map(({ address, name }) => ({ name: address, value: address, description: name }))
				: [{ name: 'Publish the Flow First', value: '', description: 'The address is shown here then' }];
		},
	},
};

interface Known extends LetIn {
	words: Words;
}

/** To somebody who has been let in. */
async function answered(
	ctx: StepContext,
	params: Parameters,
	request: Received,
	{ words, seal, now, userName }: Known,
): Promise<Receipt> {
	try {
		const posted = request.method === 'POST';
		if (posted && !fromThisPage(request, ctx.publicUrl?.()))
			return refusal(words, 403, words.foreign, words.foreignWhy);
		const organisation = organisationOf(await ctx.credentials('memberJourneysStoreApi'));
		const visit: Visit = {
			store: await ctx.store(),
			clock: ctx.clock,
			now,
			seal,
			words,
			zone: organisation.zone,
			heading: params.heading,
			lookOnly: params.lookOnly || ctx.testRun,
			actor: `${ctx.place.name} (${userName})`,
		};
		if (!posted) return await shown(visit, request.query);
		const form = new URLSearchParams(request.raw.toString('utf8'));
		return await done(ctx, visit, form, async () =>
			found(visit, organisation, form.get('wanted')?.trim() ?? ''),
		);
	} catch (cause) {
		if (cause instanceof StepProblem)
			return refusal(words, 400, words.broken, [cause.message, cause.hint].filter(Boolean).join(' '));
		ctx.log('error', cause instanceof Error ? cause.message : String(cause));
		return refusal(words, 503, words.broken, words.brokenWhy);
	}
}

async function shown(visit: Visit, query: Record<string, string | undefined>): Promise<Receipt> {
	const { words } = visit;
	const note = noteIn(visit, query.done);
	switch (query.show ?? '') {
		case '':
			return await overview(visit, note);
		case 'people':
			return await list(visit, askedIn(query), query.after, note);
		case 'unknown':
			return await unknown(visit, askedIn(query), query.after, note);
		case 'rules':
			return await rules(visit, note);
		case 'person':
			return (await timeline(visit, query.who, query.after)) ?? refusal(words, 410, words.old, words.oldWhy);
		default:
			return refusal(words, 404, words.strange, '');
	}
}

/** Every form brings a ticket that only this page gives out, and only to who has been let in. */
async function done(
	ctx: StepContext,
	visit: Visit,
	form: URLSearchParams,
	find: () => Promise<Receipt>,
): Promise<Receipt> {
	const { words, seal, now } = visit;
	const tooOld = refusal(words, 403, words.old, words.oldWhy);
	const ticket = (purpose: string) => seal.open(purpose, form.get('ticket') ?? undefined, now);
	const what = form.get('do') ?? '';

	if (what === 'find') return ticket('find') === undefined ? tooOld : await find();
	if (what === 'dryRun') return ticket('dryRun') === undefined ? tooOld : await tryOut(visit, form);
	if (what === 'csv') {
		const filter = filterIn.safeParse(ticket('people'));
		if (!filter.success) return tooOld;
		const chosen =
			form.get('whom') === 'ticked' && form.has('one') ? meantBy(visit, filter.data, form) : undefined;
		return csvOf(visit, chosen ?? filter.data);
	}
	if (visit.lookOnly) return refusal(words, 403, words.onlyLook, '');
	switch (what) {
		case 'release':
		case 'move':
		case 'retry':
		case 'exit': {
			const filter = filterIn.safeParse(ticket('people'));
			if (!filter.success) return tooOld;
			const meant = meantBy(visit, filter.data, form);
			return meant ? await ask(visit, what, meant) : refusal(words, 400, words.tickFirst, '');
		}
		case 'agreed': {
			const operated = await operate(visit, ticket('agreed'), form);
			if (!operated) return tooOld;
			const { action, filter, result } = operated;
			const left = result.left.map(({ reason, count }) => ({ reason: leftInWords[reason], count }));
			const note = seal.close('done', { action, result }, now);
			return told(ctx, seeOther(`${backTo(filter)}&done=${note}`), {
				action: recorded[action],
				journey: filter.journey ?? null,
				step: filter.step ?? null,
				people: result.done,
				left,
				by: visit.actor,
				at: new Date(now).toISOString(),
			});
		}
		case 'saveRules': {
			const mark = ticket('rules');
			if (mark === undefined) return tooOld;
			const refused = await save(visit, form, mark);
			if (refused) return refused;
			const note = seal.close('done', { rules: true }, now);
			return told(ctx, seeOther(`${RULES}&done=${note}`), {
				action: 'contactRules',
				by: visit.actor,
				at: new Date(now).toISOString(),
			});
		}
		case 'sent':
		case 'notSent': {
			const ids = form.getAll('one').map(Number).filter(Number.isSafeInteger);
			if (ticket('unknown') === undefined) return tooOld;
			return ids.length > 0
				? askUnknown(visit, what === 'sent', ids)
				: refusal(words, 400, words.tickFirst, '');
		}
		case 'said': {
			const settled = await settle(visit, ticket('said'));
			if (!settled) return tooOld;
			const note = seal.close('done', { settled: settled.done }, now);
			return told(ctx, seeOther(`${addressOf({ show: 'unknown' })}&done=${note}`), {
				action: settled.sent ? 'sent' : 'notSent',
				messages: settled.done,
				by: visit.actor,
				at: new Date(now).toISOString(),
			});
		}
		default:
			return refusal(words, 400, words.strange, '');
	}
}

/** What was done starts a run of the flow: to tell a channel, or to write it in a log. Counts, and nobody's name. */
function told(ctx: StepContext, receipt: Receipt, item: Json): Receipt {
	ctx.log('info', JSON.stringify(item));
	return {
		...receipt,
		async after(emit) {
			await emit([[{ json: item }]]);
		},
	};
}

/** As people's timelines have it. */
const recorded = { release: 'released', move: 'moved', retry: 'retried', exit: 'exited' } as const;

const noted = z.union([
	z.object({
		action: z.enum(['release', 'move', 'retry', 'exit']),
		result: z.object({
			done: z.number(),
			left: z.array(
				z.object({
					reason: z.enum(Object.keys(leftInWords) as Array<keyof typeof leftInWords>),
					count: z.number(),
				}),
			),
		}),
	}),
	z.object({ settled: z.number() }),
	z.object({ rules: z.literal(true) }),
]);

/** What has just been done, from an address that only this page can make. */
function noteIn(visit: Visit, text: string | undefined): Fragment {
	const read = noted.safeParse(visit.seal.open('done', text, visit.now));
	if (!read.success) return '';
	if ('action' in read.data) return outcome(visit, read.data.action, read.data.result);
	const { words } = visit;
	const said =
		'rules' in read.data
			? rulesWords(words.language).saved
			: words.settled(messages(visit, read.data.settled));
	return html`<div class="note" role="status">
		<p>${said}</p>
	</div>`;
}
