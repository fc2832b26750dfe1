/** SMS through LINK, as the ledger sends it. */
import { StepProblem } from '../../core/ports';
import type { BatchAnswer, Channel, Outgoing, Sent } from '../../core/dispatch/channel';
import type { Rate } from '../../core/dispatch/pace';
import { LARGEST_BATCH, type LinkAccepted, type LinkClient } from './client';
import { dispatchOf, referenceOf } from './reference';
import { type Sms, linkMessage } from './sms';

/** @param mark the store's own, see `storeMark` */
export function linkChannel(client: LinkClient, mark: string, rate?: Rate): Channel<Sms> {
	return {
		channel: 'sms',
		provider: 'link',
		batchSize: LARGEST_BATCH,
		rate,
		async send(batch): Promise<BatchAnswer> {
			const messages = batch.map(({ dispatchId, address, message }) => {
				if (address === null) throw new StepProblem('A message without a number cannot be sent.');
				return linkMessage(address, message, referenceOf(mark, dispatchId));
			});
			const result = await client.send(messages);
			return result.kind === 'accepted'
				? { kind: 'answered', sent: receipts(batch, result.answer, mark) }
				: result;
		},
	};
}

/**
 * Who is who in the receipt: by our reference, else by position where number and length agree. A message that the
 * receipt leaves out is left out here too; the ledger then shows it as unknown.
 */
function receipts(batch: Array<Outgoing<Sms>>, answer: LinkAccepted, mark: string): Sent[] {
	const sent = new Map<number, Sent>();
	const accepted = (dispatchId: number, providerRef: string) =>
		sent.set(dispatchId, { dispatchId, state: 'accepted', providerRef });
	const wanted = new Set(batch.map((one) => one.dispatchId));
	answer.messages.forEach(({ messageId, referenceId, recipient }, position) => {
		const dispatchId = dispatchOf(mark, referenceId);
		if (dispatchId !== undefined && wanted.has(dispatchId)) return accepted(dispatchId, messageId);
		const there = answer.messages.length === batch.length ? batch[position] : undefined;
		if (there && (recipient ?? there.address) === there.address && !sent.has(there.dispatchId))
			accepted(there.dispatchId, messageId);
	});
	return [...sent.values()];
}
