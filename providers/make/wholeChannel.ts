/**
 * Newsletters to whole lists or segments, and recurring actions: whom they reach is Make's business, so one entry in the
 * ledger stands for all of them. Every call sends; after an answer that is missing or unclear nothing is asked again.
 */
import { StepProblem } from '../../core/ports';
import type { BatchAnswer, Channel } from '../../core/dispatch/channel';
import type { MakeClient } from './client';

export type WholeSending =
	| {
			kind: 'newsletter';
			newsletterId: string;
			to: { listIds: readonly string[] } | { segmentId: string };
			senderId?: string | undefined;
			/** ISO 8601 with an offset. */
			scheduledAt?: string | undefined;
	  }
	| { kind: 'recurring'; actionId: string; guids: readonly string[] };

export function makeWholeChannel(client: MakeClient): Channel<WholeSending> {
	return {
		channel: 'email',
		provider: 'make',
		batchSize: 1,
		async send([only]): Promise<BatchAnswer> {
			if (!only) return { kind: 'answered', sent: [] };
			const { dispatchId, message } = only;
			if (message.kind === 'recurring') {
				const answer = await client.trigger(message.actionId, message.guids);
				if (answer.kind === 'refused')
					throw new StepProblem(
						`Make did not start recurring action ${message.actionId}. ${answer.reason}.`,
						{
							field: 'Recurring Action Name or ID',
							hint: 'Choose one that Make lists, and check that it is switched on there.',
						},
					);
				return answer.kind === 'ok'
					? { kind: 'answered', sent: [{ dispatchId, state: 'accepted' }] }
					: answer;
			}
			const { newsletterId, to, senderId, scheduledAt } = message;
			const answer = await client.send(newsletterId, { ...to, senderId, scheduledAt });
			if (answer.kind === 'refused')
				throw new StepProblem(`Make did not send newsletter ${newsletterId}. ${answer.reason}.`, {
					field: 'Newsletter ID',
					hint: "Check in Make that the newsletter, and each list or the segment, is still there; then 'Sender ID' and 'Send At'.",
				});
			if (answer.kind !== 'ok') return answer;
			const { sending_id, id } = answer.value;
			const ref = sending_id ?? (id === newsletterId ? undefined : id) ?? undefined;
			return {
				kind: 'answered',
				sent: [{ dispatchId, state: 'accepted', ...(ref === undefined ? {} : { providerRef: ref }) }],
			};
		},
	};
}
