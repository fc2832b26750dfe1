/** A run by hand writes to nobody: it shows what would be sent, and to whom not and why. */
import { randomUUID } from 'node:crypto';
import { judge } from '../../core/dispatch/rules';
import { StepProblem } from '../../core/ports';
import { readEmail } from '../../core/register/contact';
import type { Out, Outputs, StepContext } from '../../core/step';
import type { Store } from '../../core/store/store';
import { textOf } from '../../providers/smtp/html';
import { WAY_OUT } from '../../providers/smtp/mail';
import type { Parameters } from './parameters';
import type { Prepared } from './prepare';
import { deliverAll, wanted } from './send';

/** In a run by hand, so many messages really go to the test address at most. */
const MOST_TEST_MESSAGES = 5;
const EXAMPLE = 'https://unsubscribe.example/';

export async function preview(
	ctx: StepContext,
	store: Store,
	params: Parameters,
	prepared: readonly Prepared[],
	zone: string,
	base: string | undefined,
): Promise<Outputs> {
	if (prepared.length === 0) return [[], []];
	const verdicts = await judge(
		store.db,
		store,
		{ channel: 'email', now: ctx.clock.now(), zone },
		prepared.map(({ who, mail, address }) => ({
			key: `${who.index}`,
			personId: who.personId,
			purpose: mail.purpose,
			address,
		})),
	);
	const would: Out[] = [];
	const wouldNot: Out[] = [];
	for (const one of prepared) {
		const verdict = verdicts.get(`${one.who.index}`);
		// A message that would leave later would leave.
		const reason = one.impossible ?? (verdict?.verdict === 'skip' ? verdict.reason : undefined);
		const { from, subject, html, text, track } = one.mail;
		const shown = (part: string) => part.replaceAll(WAY_OUT, EXAMPLE);
		const email = {
			state: 'preview',
			...(reason ? { reason } : {}),
			to: one.address,
			from: from.address,
			subject,
			...(html === undefined ? {} : { html: shown(html) }),
			text: shown(text ?? textOf(html ?? '')),
			tracked: track,
		};
		(reason ? wouldNot : would).push({ json: { ...one.who.json, email }, from: one.who.index });
	}
	ctx.hint(`Test run: ${would.length} would get the mail, ${wouldNot.length} would not.`);
	if (params.options.sendInTestRuns) await sendToTestAddress(ctx, store, params, prepared, would, base);
	return [would, wouldNot];
}

async function sendToTestAddress(
	ctx: StepContext,
	store: Store,
	params: Parameters,
	prepared: readonly Prepared[],
	would: Out[],
	base: string | undefined,
): Promise<void> {
	const address = readEmail(params.options.testAddress);
	if (address === undefined) {
		throw new StepProblem("'Test Address' is no e-mail address.", {
			field: 'Test Address',
			hint: "Fill in your own address, or switch 'Send in Test Runs' off.",
		});
	}
	const chosen = new Set(would.slice(0, MOST_TEST_MESSAGES).map(({ from }) => from));
	const sent = await deliverAll(
		ctx,
		store,
		{},
		prepared
			.filter(({ who }) => chosen.has(who.index))
			.map((one) => ({
				...wanted(one),
				key: `${ctx.place.step}/test/${randomUUID()}`,
				personId: null,
				enrolmentId: null,
				hold: undefined,
				address,
				purpose: '',
				// Whoever tries it out must not unsubscribe or be counted as the person it is about.
				message: { ...one.mail, personId: null, track: false },
			})),
		base,
	);
	const byItem = new Map(sent.map((one) => [one.item, one]));
	for (const out of would) {
		const result = byItem.get(out.from ?? -1);
		if (result)
			Object.assign(out.json.email as object, {
				testMessage: { state: result.state, reason: result.reason, to: address },
			});
	}
}
