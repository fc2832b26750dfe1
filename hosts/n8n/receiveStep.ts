/** `webhook()` of a step: answers what comes to its public address, then starts a run with what came of it. */
import type { IWebhookFunctions, IWebhookResponseData } from 'n8n-workflow';
import type { Emit, Receipt, Received, Step } from '../../core/step';
import { openContext } from './context';
import { marked } from './emission';
import { nodeError } from './errors';
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
		const opened = await openContext(n8n, { publicUrl: () => n8n.getNodeWebhookUrl('default') });
		close = opened.close;
		const [params] = parametersFor(step, n8n.getNode(), (name) => n8n.getNodeParameter(name), 1);
		const received = await read(n8n.getRequestObject() as unknown as RawRequest);
		const receipt = await step.receive(opened.context, params as P, received);
		answer(n8n, receipt);
		const came: ReturnType<typeof marked> = [];
		// n8n starts one run per request, after this function has returned: how it ends cannot be told here.
		const emit: Emit = async (outputs) => {
			came.push(...marked(outputs, step.outputs.length));
			return { end: 'unfinished' };
		};
		await receipt.after?.(emit);
		return came.length > 0 ? { noWebhookResponse: true, workflowData: [came] } : { noWebhookResponse: true };
	} catch (error) {
		throw nodeError(n8n.getNode(), error);
	} finally {
		close();
	}
}

async function read(request: RawRequest): Promise<Received> {
	if (!request.rawBody) await request.readRawBody?.();
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

/** Sent by the step itself: n8n's own answers bring a content security policy that takes a page's origin from it. */
function answer(n8n: IWebhookFunctions, { status, headers = {}, body = '' }: Receipt): void {
	n8n.getResponseObject().status(status).type('text/plain').set(headers).send(body);
}
