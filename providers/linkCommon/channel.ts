/** SMS through LINK's Common API, as the ledger sends it. */
import type { BatchAnswer, Channel, Outgoing, Sent } from '../../core/dispatch/channel';
import type { Rate } from '../../core/dispatch/pace';
import { StepProblem } from '../../core/ports';
import { isUndelivered } from '../link/results';
import { dispatchOf, referenceOf } from '../link/reference';
import { type CommonClient, type CommonReceipt, LARGEST_BATCH } from './client';
import { type CommonSms, batchMessage, sameBatch } from './message';
import { commonResult, refusalOf } from './results';

/** Name of this provider in the ledger, and of its responses. */
export const COMMON = 'linkCommon';

export interface Through {
	/** Gates that delivery reports go to, see `reportGates`; none: no reports. */
	gates: readonly string[];
	rate?: Rate;
}

/** @param mark the store's own, see `storeMark` */
export function commonChannel(
	client: CommonClient,
	mark: string,
	{ gates, rate }: Through,
): Channel<CommonSms> {
	return {
		channel: 'sms',
		provider: COMMON,
		batchSize: LARGEST_BATCH,
		rate,
		async send(batch): Promise<BatchAnswer> {
			const [first] = batch;
			// The ledger halves a refused batch, and so parts what cannot stand together. Nothing has left.
			if (!first || !sameBatch(batch.map(({ message }) => message)))
				return { kind: 'refused', reason: 'Messages that differ in validity or priority go separately.' };
			const { validityMs, priority } = first.message;
			const answer = await client.send({
				gates,
				validityMs,
				priority,
				messages: batch.map(({ dispatchId, address, message }) => {
					if (address === null) throw new StepProblem('A message without a number cannot be sent.');
					return batchMessage(address, message, referenceOf(mark, dispatchId));
				}),
			});
			return answer.kind === 'accepted'
				? { kind: 'answered', sent: sentOf(batch, answer.receipts, mark) }
				: answer;
		},
	};
}

/**
 * Who is who in the receipt: by our reference, else by position where the length agrees (the answer names no number). A
 * message that the receipt leaves out is left out here too; the ledger then shows it as unknown.
 */
function sentOf(
	batch: ReadonlyArray<Outgoing<CommonSms>>,
	receipts: readonly CommonReceipt[],
	mark: string,
): Sent[] {
	// "204: message sent, no response".
	if (receipts.length === 0) return batch.map(({ dispatchId }) => ({ dispatchId, state: 'accepted' }));
	const wanted = new Set(batch.map((one) => one.dispatchId));
	const sent = new Map<number, Sent>();
	receipts.forEach((receipt, position) => {
		const named = dispatchOf(mark, receipt.refId);
		const there =
			receipts.length === batch.length && !receipt.refId ? batch[position]?.dispatchId : undefined;
		const dispatchId = named !== undefined && wanted.has(named) ? named : there;
		if (dispatchId !== undefined && !sent.has(dispatchId))
			sent.set(dispatchId, outcomeOf(dispatchId, receipt));
	});
	return [...sent.values()];
}

function outcomeOf(dispatchId: number, { messageId, resultCode }: CommonReceipt): Sent {
	const code = resultCode ?? null;
	const refused = refusalOf(code);
	const result = commonResult(code);
	const providerRef = messageId ?? undefined;
	if (refused) return { dispatchId, state: 'failed', reason: `${refused.words} (${code})`, providerRef };
	if (result.final && isUndelivered(result))
		return { dispatchId, state: 'failed', reason: `${result.words} (${code})`, providerRef };
	return { dispatchId, state: 'accepted', providerRef };
}
