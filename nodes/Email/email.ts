/** Sends each person a personal mail over SMTP, and reads bounces that another step has fetched. */
import { attempt } from '../../core/attempt';
import { knownStep } from '../../core/journeys/journey';
import { StepProblem } from '../../core/ports';
import { organisationOf } from '../../core/register/organisation';
import type { Given, Out, Outputs, Step, StepContext } from '../../core/step';
import type { Store } from '../../core/store/store';
import { addressees } from '../addressees';
import { listenForHeld } from '../heldBack';
import { triggerAddress } from '../../providers/smtp/links';
import { takesOneClick } from '../../providers/smtp/mail';
import { type Parameters, parameters } from './parameters';
import { type Prepared, Texts, prepare } from './prepare';
import { preview } from './preview';
import { readBounces } from './readBounces';
import { send } from './send';
import { whoMayBeTracked } from './tracking';

export const email: Step<Parameters> = {
	name: 'email',
	parameters,
	outputs: ['Sent', 'Not Sent'],
	reenters: true,

	async run(ctx, params, items) {
		const store = await ctx.store();
		if (params.operation === 'readBounce') return readBounces(ctx, store, items);
		const { zone } = organisationOf(await ctx.credentials('memberJourneysStoreApi'));
		const { id: stepId } = await knownStep(store, ctx.clock, {
			key: ctx.place.step,
			name: ctx.place.name,
			type: 'email',
			settings: {},
		});
		const { here, movedOn } = await addressees(
			store,
			{ id: stepId, key: ctx.place.step },
			items.map(({ json, index, params }) => ({ json, index, messageKey: params.options.messageKey })),
		);
		const base = await triggerAddress(store);
		checkWayOut(ctx, items, base);
		const { prepared, problems } = await prepareAll(ctx, store, here, items);
		const byHand = prepared.filter(({ who }) => ctx.testRun || who.test);
		const real = prepared.filter(({ who }) => !ctx.testRun && !who.test);
		const previews = await preview(ctx, store, params, byHand, zone, base);
		const outputs = await send(ctx, store, { stepId, zone }, real, base);
		if (movedOn > 0) ctx.hint(`${movedOn} had left the journey or moved on before.`);
		return [
			[...(previews[0] ?? []), ...(outputs[0] ?? [])],
			[...(previews[1] ?? []), ...(outputs[1] ?? []), ...problems],
		] satisfies Outputs;
	},

	async listen(ctx, _params, emit) {
		return listenForHeld(ctx, 'email', emit);
	},
};

/** Nothing that needs a yes goes out without a way to say no (RFC 8058, and what Gmail and Yahoo ask for). */
function checkWayOut(
	ctx: StepContext,
	items: ReadonlyArray<Given<Parameters>>,
	base: string | undefined,
): void {
	const needing = items.find(({ params }) => params.purpose !== '');
	if (!needing) return;
	if (base === undefined) {
		if (ctx.testRun) {
			ctx.hint('Publish a flow with an E-mail Trigger first: people need an address to unsubscribe at.');
			return;
		}
		throw new StepProblem('There is no address at which people can unsubscribe.', {
			field: 'Purpose',
			hint: "Publish a flow with an E-mail Trigger on this Journey Store; or leave 'Purpose' empty when the mail is a receipt or an answer, which needs none.",
		});
	}
	if (!takesOneClick(base))
		ctx.hint(
			'The E-mail Trigger has no https address: mail programs will not offer to unsubscribe with one click.',
		);
}

async function prepareAll(
	ctx: StepContext,
	store: Store,
	here: Awaited<ReturnType<typeof addressees>>['here'],
	items: ReadonlyArray<Given<Parameters>>,
): Promise<{ prepared: Prepared[]; problems: Out[] }> {
	const byIndex = new Map(items.map((item) => [item.index, item]));
	const texts = new Texts();
	const tracked = await whoMayBeTracked(
		store,
		here.flatMap((who) => {
			const given = byIndex.get(who.index);
			return given?.params.track && who.personId !== null
				? [{ personId: who.personId, purpose: given.params.options.trackingPurpose }]
				: [];
		}),
	);
	const prepared: Prepared[] = [];
	const problems: Out[] = [];
	for (const who of here) {
		const given = byIndex.get(who.index);
		if (!given) continue;
		const { trackingPurpose } = given.params.options;
		const tried = await prepare(who, given, texts, (personId) => tracked(personId, trackingPurpose)).then(
			(value) => ({ value }),
			(cause: unknown) => attempt<Prepared>(() => raise(cause), who.index),
		);
		if ('value' in tried) prepared.push(tried.value);
		// Before anything has left: a text that cannot be filled in stops the run, unless it is to go on without.
		else if (!ctx.continueOnFail) throw tried.problem;
		else problems.push({ json: who.json, from: who.index, problem: tried.problem });
	}
	return { prepared, problems };
}

function raise(cause: unknown): never {
	throw cause;
}
