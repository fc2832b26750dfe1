/** A run by hand calls nobody: it shows what would be sent, to whom not and why, and what it would weigh and cost. */
import { randomUUID } from 'node:crypto';
import { deliver } from '../../core/dispatch/deliver';
import { judge } from '../../core/dispatch/rules';
import { StepProblem } from '../../core/ports';
import { readPhone } from '../../core/register/contact';
import type { Out, Outputs, StepContext } from '../../core/step';
import type { Store } from '../../core/store/store';
import type { Parameters } from './form';
import { type Prepared, wantedOf } from './prepare';
import { inZone } from './send';
import { apis } from './through';
import { costInWords, foreignIn, weightOf } from './weight';

/** So many messages really go to the test number at most. */
const MOST_TEST_MESSAGES = 5;

export async function preview(
	ctx: StepContext,
	store: Store,
	params: Parameters,
	prepared: readonly Prepared[],
	{ countryCode, zone }: { countryCode: string; zone: string },
): Promise<Outputs> {
	if (prepared.length === 0) return [[], []];
	const { pricePerPart } = params.options;
	const verdicts = await judge(
		store.db,
		store,
		{ channel: 'sms', now: ctx.clock.now(), zone },
		prepared.map((one) => ({ ...wantedOf(one), key: `${one.who.index}` })),
	);
	const would: Out[] = [];
	const wouldNot: Out[] = [];
	const foreign = new Set<string>();
	let parts = 0;
	for (const one of prepared) {
		const verdict = verdicts.get(`${one.who.index}`);
		// A message that would leave later would leave: only why not at all keeps it from the preview.
		const reason = one.impossible ?? (verdict?.verdict === 'skip' ? verdict.reason : undefined);
		const planned = one.moment.kind === 'later' ? one.moment.at : undefined;
		const at = Math.max(planned ?? 0, verdict?.until ?? 0);
		const weight = weightOf(one.sms, pricePerPart);
		const sms = {
			state: 'preview',
			...(reason ? { reason } : at > 0 ? { sendAt: inZone(at, zone) } : {}),
			...(!reason && verdict ? { because: verdict.reason } : {}),
			to: one.address,
			from: one.sms.sender,
			text: one.sms.text,
			...weight,
		};
		if (!reason) {
			parts += weight.parts;
			for (const character of foreignIn(one.sms)) foreign.add(character);
		}
		(reason ? wouldNot : would).push({ json: { ...one.who.json, sms }, from: one.who.index });
	}
	const dear =
		foreign.size > 0
			? ` More than twice the parts because of: ${[...foreign].slice(0, 10).join(' ')} (not in the GSM alphabet).`
			: '';
	ctx.hint(
		`Test run: ${would.length} would get an SMS, ${parts} parts in all${costInWords(parts, pricePerPart)} (LINK bills each), ${wouldNot.length} would not.${dear}`,
	);
	if (params.options.sendInTestRuns) await sendToTestNumber(ctx, store, params, prepared, would, countryCode);
	return [would, wouldNot];
}

async function sendToTestNumber(
	ctx: StepContext,
	store: Store,
	params: Parameters,
	prepared: readonly Prepared[],
	would: Out[],
	countryCode: string,
): Promise<void> {
	const address = readPhone(params.options.testNumber, countryCode);
	if (address === undefined) {
		throw new StepProblem("'Test Number' is no phone number.", {
			field: 'Test Number',
			hint: "Fill in your own number with country code, e.g. +47 400 00 000, or switch 'Send in Test Runs' off.",
		});
	}
	const chosen = new Set(would.slice(0, MOST_TEST_MESSAGES).map(({ from }) => from));
	const sent = await deliver(
		{ store, clock: ctx.clock },
		await apis[params.api].channel(ctx, store),
		prepared
			.filter(({ who }) => chosen.has(who.index))
			.map(({ who, sms }) => ({
				item: who.index,
				key: `${ctx.place.step}/test/${randomUUID()}`,
				personId: null,
				enrolmentId: null,
				address,
				purpose: '',
				// Whoever tries a text wants to see it now.
				message: { ...sms, schedule: undefined },
			})),
	);
	const stateOf = new Map(sent.map((one) => [one.item, one]));
	for (const out of would) {
		const result = stateOf.get(out.from ?? -1);
		if (result)
			Object.assign(out.json.sms as object, {
				testMessage: { state: result.state, reason: result.reason, to: address },
			});
	}
}
