/** What a file would give, for runs that only try the flow: nothing is written down. */
import { giftItem } from '../../core/gifts/item';
import type { Outputs, StepContext } from '../../core/step';
import { readBankFile } from '../../providers/bank/bankFile';
import { sortGifts } from '../../providers/bank/gifts';
import type { Rules } from './rules';

/** So many gifts are shown. */
const MOST = 100;

/** @throws {StepProblem} when the file is broken */
export function preview(ctx: StepContext, rules: Rules, bytes: Uint8Array, from?: number): Outputs {
	const now = ctx.clock.now();
	const file = readBankFile(bytes, { ...rules, now });
	const { gifts } = sortGifts(file, rules.gifts);
	ctx.hint(`${gifts.length} gifts in the file. This is a trial: none of them was taken in.`);
	const shown = gifts.slice(0, MOST).map((gift) => ({
		json: {
			...giftItem(
				{
					// No row has it: steps that follow find no gift.
					id: 0,
					source: gift.source,
					source_id: gift.sourceId,
					also: gift.also ?? null,
					amount_ore: gift.amountOre,
					reversed_ore: 0,
					currency: gift.currency,
					received_at: gift.receivedAt,
					channel: gift.channel,
					campaign: null,
					purpose: null,
					kid: gift.kid ?? null,
					reference: null,
					agreement_ref: gift.agreementRef ?? null,
					payer_ref: null,
					evidence: JSON.stringify(gift.evidence),
					state: 'new',
					person_id: null,
					probability: null,
					candidates: null,
					decided_by: null,
					decided_at: null,
					gift_id: null,
					step_id: null,
					created_at: now,
				},
				null,
			),
			test: true,
		},
		...(from === undefined ? {} : { from }),
	}));
	return [shown, []];
}
