/** Tells a step its public address when its workflow is published: providers are given it to report to. */
import type { IHookFunctions } from 'n8n-workflow';
import type { Step } from '../../core/step';
import { openContext } from './context';
import { nodeError } from './errors';
import { parametersFor } from './parameters';

interface Lifecycle {
	checkExists(this: IHookFunctions): Promise<boolean>;
	create(this: IHookFunctions): Promise<boolean>;
	delete(this: IHookFunctions): Promise<boolean>;
}

export function webhookLifecycle<P>(step: Step<P>): Lifecycle {
	return {
		/** The address may have moved since last time: always told anew. */
		async checkExists() {
			return false;
		},
		async create() {
			const url = this.getNodeWebhookUrl('default');
			// A test call listens for two minutes at another address, which nobody should be given.
			if (!step.registered || !url || this.getMode() === 'manual') return true;
			let close: () => void = () => undefined;
			try {
				const opened = await openContext(this, { publicUrl: () => url });
				close = opened.close;
				const [params] = parametersFor(step, this.getNode(), (name) => this.getNodeParameter(name), 1);
				await step.registered(opened.context, params as P, url);
				return true;
			} catch (error) {
				throw nodeError(this.getNode(), error);
			} finally {
				close();
			}
		},
		/**
		 * The address stays known: what is under way still reports to it when the workflow comes back. What the step does
		 * about it is not waited for: n8n unpublishes each time before it publishes anew.
		 */
		async delete() {
			if (!step.unregistered || this.getMode() === 'manual') return true;
			const { context, close } = await openContext(this);
			void step
				.unregistered(context)
				.catch((cause: unknown) =>
					context.log('warn', cause instanceof Error ? cause.message : String(cause)),
				)
				.finally(close);
			return true;
		},
	};
}
