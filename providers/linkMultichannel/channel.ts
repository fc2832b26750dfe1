/** SMS, RCS and WhatsApp through MyLINK Multichannel, as the ledger sends them. */
import { StepProblem } from '../../core/ports';
import type { BatchAnswer, Channel, Outgoing, Sent } from '../../core/dispatch/channel';
import type { Rate } from '../../core/dispatch/pace';
import { dispatchOf, referenceOf } from '../link/reference';
import { LARGEST_BATCH, type MultichannelAccepted, type MultichannelClient } from './client';
import { REFERENCE, type Rich, multichannelMessage } from './message';

/** `provider` of its dispatches, and `source` of the responses to them. */
export const PROVIDER = 'linkMultichannel';

/**
 * @param mark the store's own, see `storeMark`
 * @param consents the channel that consents, reservations and caps are looked up for
 */
export function multichannelChannel(
	client: MultichannelClient,
	mark: string,
	{ consents = 'sms', rate }: { consents?: string; rate?: Rate | undefined } = {},
): Channel<Rich> {
	return {
		channel: consents,
		provider: PROVIDER,
		batchSize: LARGEST_BATCH,
		rate,
		async send(batch): Promise<BatchAnswer> {
			const messages = batch.map(({ dispatchId, address, message }) => {
				if (address === null) throw new StepProblem('A message without a number cannot be sent.');
				return multichannelMessage(address, message, referenceOf(mark, dispatchId));
			});
			const result = await client.send(messages);
			return result.kind === 'accepted'
				? { kind: 'answered', sent: receipts(batch, result.answer, mark) }
				: result;
		},
	};
}

/**
 * Who is who in the receipt: by our reference, since LINK does not keep to the order of the request. A single message is
 * known without it. What the receipt leaves out is left out here too; the ledger then shows it as unknown.
 */
function receipts(batch: Array<Outgoing<Rich>>, { messages }: MultichannelAccepted, mark: string): Sent[] {
	const wanted = new Set(batch.map(({ dispatchId }) => dispatchId));
	const sent = new Map<number, Sent>();
	for (const { messageId, context } of messages) {
		const told = dispatchOf(mark, context?.[REFERENCE]);
		const alone = batch.length === 1 && messages.length === 1 ? batch[0]?.dispatchId : undefined;
		const dispatchId = told ?? alone;
		if (dispatchId !== undefined && wanted.has(dispatchId))
			sent.set(dispatchId, { dispatchId, state: 'accepted', providerRef: messageId });
	}
	return [...sent.values()];
}
