/** How Vipps says no: RFC 7807 throughout, but for the gateway in front (401, 403, 429) and the Report API's own shapes. */
import { randomBytes } from 'node:crypto';
import type { Response } from 'express';
import type { z } from 'zod/v4';
import type { ErrorShape } from '../faults';

export interface ExtraDetail {
	name: string;
	reason: string;
}

export function problem(
	response: Response,
	status: number,
	title: string,
	detail: string,
	extraDetails: ExtraDetail[] = [],
): void {
	response
		.status(status)
		.type('application/problem+json')
		.send(JSON.stringify(problemOf(status, title, detail, extraDetails, response.req.path)));
}

export function problemOf(
	status: number,
	title: string,
	detail: string,
	extraDetails: ExtraDetail[] = [],
	instance = '',
) {
	return {
		type: `https://httpstatuses.io/${status}`,
		title,
		detail,
		status,
		...(instance ? { instance } : {}),
		traceId: `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`,
		...(extraDetails.length > 0 ? { extraDetails } : {}),
	};
}

export function invalid(response: Response, error: z.ZodError): void {
	const details = error.issues.map(({ path, message }) => ({ name: path.join('.'), reason: message }));
	problem(response, 400, 'Bad Request', 'One or more validation errors occurred.', details);
}

/** As the gateway in front of the APIs answers. */
export function gateway(response: Response, statusCode: number, message: string): void {
	response.status(statusCode).json({ statusCode, message });
}

/** Bodies of ordered faults. */
export const vippsErrors: ErrorShape = (status, path) => {
	const report = /\/(report|settlement)\//.test(path);
	if (report && status === 401) return { code: 'Unauthorized', message: 'Please check your API keys' };
	if (report && status === 500)
		return { errorCode: 100001, errorMessage: 'Ordered in the sandbox', contextId: 'sandbox' };
	if ([401, 403, 429].includes(status)) return { statusCode: status, message: 'Ordered in the sandbox' };
	return problemOf(status, 'Ordered in the sandbox', 'Ordered in the sandbox');
};
