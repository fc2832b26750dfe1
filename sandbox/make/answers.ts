/** How Make answers what it refuses. Clients read `message`, else `status`; success bodies have been seen with `status: "200 Success"`. */
import type { Request, Response } from 'express';
import type { ErrorShape } from '../faults';

const names: Record<number, string> = {
	200: 'Success',
	400: 'Bad Request',
	401: 'Unauthorized',
	403: 'Forbidden',
	404: 'Not Found',
	422: 'Unprocessable Entity',
	429: 'Too Many Requests',
	500: 'Internal Server Error',
	502: 'Bad Gateway',
	503: 'Service Unavailable',
};

export const statusText = (status: number) => `${status} ${names[status] ?? ''}`.trim();

export const makeErrors: ErrorShape = (status) => ({
	status: statusText(status),
	message: names[status] ?? 'Error',
});

export function refuse(response: Response, status: number, message: string): void {
	response.status(status).json({ status: statusText(status), message });
}

export const success = { status: statusText(200) };

/** The ids of `key[]=1&key[]=2`, `key=1` or both; undefined when one is no number. */
export function ids(request: Request, key: string): number[] | undefined {
	const given = [request.query[`${key}[]`], request.query[key]].flat().filter((value) => value !== undefined);
	const numbers = given.map(Number);
	return numbers.every((number) => Number.isInteger(number)) ? numbers : undefined;
}

/** One value of the query, when there is exactly one and it is text. */
export function text(request: Request, key: string): string | undefined {
	const value = request.query[key];
	return typeof value === 'string' && value !== '' ? value : undefined;
}
