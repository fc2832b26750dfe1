/** A step's public address under Node-RED's HTTP node root. */
import type { Request, Response, Router } from 'express';
import type { IncomingMessage, Server } from 'node:http';
import type { Node } from 'node-red';
import type { Emit, Receipt, Received } from '../../../core/step';
import { sendReceipt } from '../../sendReceipt';
import { RECEIVE_PATH } from './context';
import type { Host } from './host';

const LARGEST_BODY = 5 * 1024 * 1024;

/** Answers until the returned function is called. The body is read raw: signatures are checked on its bytes. */
export function answerAt(
	host: Host,
	node: Node,
	receive: (received: Received) => Promise<Receipt>,
	emit: Emit,
): () => void {
	const path = `${RECEIVE_PATH}/${node.id}`;
	const forget = keepRawBodies(host.RED.server, path);
	const handle = async (request: Request, response: Response) => {
		try {
			const raw = await bytes(request);
			if (!raw) return void response.status(413).end();
			const receipt = await receive(asReceived(request, raw));
			await sendReceipt(response, receipt);
			await receipt.after?.(emit);
		} catch (cause) {
			node.error(cause instanceof Error ? cause.message : String(cause));
			// The sender tries again later: nothing has been taken in.
			if (!response.headersSent) response.status(503).end();
		}
	};
	host.RED.httpNode.all(path, (request, response) => void handle(request, response));
	return () => {
		forget();
		removeRoute(host.RED.httpNode as unknown as { _router?: Router; router?: Router }, path);
	};
}

function asReceived(request: Request, raw: Buffer): Received {
	const headers = Object.entries(request.headers).map(([name, value]) => [
		name,
		Array.isArray(value) ? value.join(', ') : (value ?? ''),
	]);
	const query = [...new URL(request.originalUrl, 'http://localhost').searchParams];
	return {
		method: request.method,
		headers: Object.fromEntries(headers) as Record<string, string>,
		query: Object.fromEntries(query) as Record<string, string>,
		raw,
	};
}

const rawBodies = new WeakMap<IncomingMessage, Buffer[]>();

/**
 * With the editor and the flows' pages under one root, which is Node-RED's default, the editor's body parsers read
 * every request before it comes here, and keep only what they made of it. What they read is kept as it passes by.
 */
function keepRawBodies(server: Server, path: string): () => void {
	const keep = (request: IncomingMessage) => {
		const [asked] = (request.url ?? '').split('?');
		if (!asked?.endsWith(path) || rawBodies.has(request)) return;
		const chunks: Buffer[] = [];
		rawBodies.set(request, chunks);
		const { emit } = request;
		request.emit = (event: string | symbol, ...given: unknown[]) => {
			if (event === 'data' && Buffer.isBuffer(given[0])) chunks.push(given[0]);
			return emit.call(request, event, ...given);
		};
	};
	server.prependListener('request', keep);
	return () => void server.off('request', keep);
}

/** @returns undefined when the body is larger than any provider sends. */
async function bytes(request: Request): Promise<Buffer | undefined> {
	if (request.readableEnded) {
		const read = Buffer.concat(rawBodies.get(request) ?? []);
		return read.length > LARGEST_BODY ? undefined : read;
	}
	const chunks: Buffer[] = [];
	let size = 0;
	for await (const chunk of request as AsyncIterable<Buffer>) {
		size += chunk.length;
		if (size > LARGEST_BODY) return undefined;
		chunks.push(chunk);
	}
	return Buffer.concat(chunks);
}

/** As Node-RED's own HTTP In node does: Express has no way to take a route back. */
function removeRoute(app: { _router?: Router; router?: Router }, path: string): void {
	const router = app._router ?? app.router;
	if (!router) return;
	router.stack = router.stack.filter((layer) => layer.route?.path !== path);
}
