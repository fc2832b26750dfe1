/** The answer of a step's public address, over the response that both hosts give. */
import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Receipt } from '../core/step';

/**
 * Sent by the step itself, not by way of the host: n8n's own answers bring a content security policy that takes from a
 * page the origin that its forms are checked by.
 * @throws when the caller goes away in the middle, or what was to be sent cannot be read to its end.
 */
export async function sendReceipt(
	response: ServerResponse,
	{ status, headers = {}, body = '' }: Receipt,
): Promise<void> {
	response.statusCode = status;
	response.setHeader('content-type', 'text/plain; charset=utf-8');
	for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
	if (typeof body === 'string') response.end(body);
	else await pipeline(Readable.from(body), response);
}
