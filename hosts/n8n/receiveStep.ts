/** `webhook()` of a step: answers what comes to its public address, then starts a run with what came of it. */
import type { INodeExecutionData, IWebhookFunctions, IWebhookResponseData } from 'n8n-workflow';
import type { Emit, Received, Step } from '../../core/step';
import { sendReceipt } from '../sendReceipt';
import { openContext } from './context';
import { emission } from './emission';
import { nodeError } from './errors';
import { keptForRequests } from './keptCredentials';
import { parametersFor } from './parameters';

/** n8n's request keeps the bytes it has read (`rawBody`), or reads them when asked. */
interface RawRequest {
	method: string;
	headers: Record<string, string | string[] | undefined>;
	query: Record<string, unknown>;
	rawBody?: Buffer;
	readRawBody?(): Promise<void>;
}

export async function receiveStep<P>(n8n: IWebhookFunctions, step: Step<P>): Promise<IWebhookResponseData> {
	if (!step.receive) return { noWebhookResponse: true };
	let close: () => void = () => undefined;
	try {
		const opened = await openContext(n8n, {
			publicUrl: () => n8n.getNodeWebhookUrl('default'),
			kept: keptForRequests(n8n.getWorkflow().id ?? '', n8n.getNode()),
		});
		close = opened.close;
		const [params] = parametersFor(step, n8n.getNode(), (name) => n8n.getNodeParameter(name), 1);
		const received = await read(n8n.getRequestObject() as unknown as RawRequest);
		const receipt = await step.receive(opened.context, params as P, received);
		const response = n8n.getResponseObject();
		await sendReceipt(response, receipt).catch((cause: unknown) => {
			// Half of it has been sent: there is no other answer to give, and what was done has been done.
			if (!response.headersSent) throw cause;
			n8n.logger.warn(`${n8n.getNode().name}: ${cause instanceof Error ? cause.message : String(cause)}`);
		});
		const came: INodeExecutionData[][] = [];
		// A run that leads nowhere costs as much as any other: with a report on every message that adds up.
		const leadsOn = n8n.getMode() === 'manual' || n8n.getChildNodes(n8n.getNode().name).length > 0;
		// n8n starts one run per request, after this function has returned: how it ends cannot be told here.
		const emit: Emit = async (outputs) => {
			for (const [output, items] of emission(step, outputs).entries())
				came[output] = [...(came[output] ?? []), ...items];
			return { end: 'unfinished' };
		};
		await receipt.after?.(emit);
		return leadsOn && came.some((items) => items.length > 0)
			? { noWebhookResponse: true, workflowData: came }
			: { noWebhookResponse: true };
	} catch (error) {
		throw nodeError(n8n.getNode(), error);
	} finally {
		close();
	}
}

async function read(request: RawRequest): Promise<Received> {
	// A multipart form n8n has read to its end before this, and kept nothing of its bytes: there is nothing left to read.
	const isForm = /^multipart\/form-data\b/i.test(String(request.headers['content-type'] ?? ''));
	if (!request.rawBody && !isForm) await request.readRawBody?.();
	return {
		method: request.method,
		headers: flat(request.headers),
		query: flat(request.query),
		raw: request.rawBody ?? Buffer.alloc(0),
	};
}

function flat(values: Record<string, unknown>): Record<string, string> {
	const pairs = Object.entries(values).flatMap(([name, value]) => {
		if (Array.isArray(value)) return [[name.toLowerCase(), value.map(String).join(', ')] as const];
		return typeof value === 'string' ? [[name.toLowerCase(), value] as const] : [];
	});
	return Object.fromEntries(pairs);
}
