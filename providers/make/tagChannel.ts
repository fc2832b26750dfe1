/**
 * A tag that starts an automation in Make: each person gets it, and Make does the rest. That adding the tag starts the
 * automation, and that adding it again does not, is our assumption.
 *
 * One call per person: Make documents that bulk updates fire no webhooks, which makes it doubtful whether they start
 * automations, and what became of each row of a bulk call is not documented.
 */
import { StepProblem } from '../../core/ports';
import type { BatchAnswer, Channel } from '../../core/dispatch/channel';
import type { MakeClient, MakeSubscriber } from './client';

export function makeTagChannel(
	client: MakeClient,
	wish: { tag: string; listId: string },
): Channel<MakeSubscriber> {
	return {
		channel: 'email',
		provider: 'make',
		batchSize: 1,
		async send(batch): Promise<BatchAnswer> {
			const sent = [];
			for (const { dispatchId, message } of batch) {
				const answer = await client.upsert([wish.listId], { ...message, tags: [wish.tag] });
				if (answer.kind === 'refused' && answer.status === 404)
					throw new StepProblem('The list is not in Make any more, or was never there (404).', {
						field: 'List Name or ID',
						hint: 'Choose another list. Nobody was written to; the people who came in can be sent to after that.',
					});
				if (answer.kind !== 'ok') return answer;
				sent.push({ dispatchId, state: 'accepted' as const });
			}
			return { kind: 'answered', sent };
		},
	};
}
