/** What goes wrong in a step, as n8n shows it: the message names field and item, the description says how to go on. */
import { type INode, type JsonObject, NodeApiError, NodeOperationError } from 'n8n-workflow';
import { AnswerLost, NotSent, StepProblem } from '../../core/ports';

export type NodeError = NodeApiError | NodeOperationError;

export function nodeError(node: INode, error: unknown, items = 1): NodeError {
	if (error instanceof NodeApiError || error instanceof NodeOperationError) return error;
	if (error instanceof StepProblem) {
		const { item } = error.details;
		const shown = item === undefined || items < 2 ? error.message : `${error.message} [Item ${item}]`;
		return new NodeOperationError(node, shown, {
			description: error.hint,
			itemIndex: item,
			// The person at the editor can put it right: nothing for n8n's own error reports.
			level: 'warning',
		});
	}
	if (error instanceof NotSent || error instanceof AnswerLost) {
		const description =
			error instanceof NotSent
				? 'Nothing was sent. Check the address in the credential, and that this n8n may reach it; then run the step again.'
				: 'It may have been received all the same. Look there before the step is run again.';
		return new NodeApiError(node, { message: error.message } as JsonObject, {
			message: error.message,
			description,
			level: 'warning',
		});
	}
	return new NodeOperationError(node, error instanceof Error ? error : new Error(String(error)));
}
