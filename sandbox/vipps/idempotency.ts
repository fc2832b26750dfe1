/** The same `Idempotency-Key` is the same answer; with another body it is a conflict. What went wrong by itself may be tried again. */
import type { Request, Response } from 'express';
import { problemOf } from './answers';

export interface Answer {
	status: number;
	body: unknown;
}

export const wrong = (
	status: number,
	title: string,
	detail: string,
	extraDetails: Array<{ name: string; reason: string }> = [],
): Answer => ({ status, body: problemOf(status, title, detail, extraDetails) });

export class Idempotency {
	private readonly answered = new Map<string, { asked: string; answer: Answer }>();

	/** @param needed whether a call without a key is refused */
	answer(
		request: Request,
		response: Response,
		needed: boolean,
		make: (key: string | undefined) => Answer,
	): void {
		const key = request.get('idempotency-key');
		if (!key && needed)
			return send(response, wrong(400, 'Bad Request', 'The header Idempotency-Key is required'));
		// 50 by the specification of ePayment, 40 by that of Recurring, where a colon was refused as well.
		if (key && !/^[^#?/\\:]{1,50}$/.test(key))
			return send(response, wrong(400, 'Bad Request', 'Invalid value for Idempotency-Key'));
		const place = `${request.method} ${request.baseUrl}${request.path} ${key ?? ''}`;
		const asked = JSON.stringify(request.body ?? null);
		const before = key ? this.answered.get(place) : undefined;
		if (before && before.asked !== asked)
			return send(response, wrong(409, 'Conflict', 'The Idempotency-Key was used with another body'));
		const answer = before?.answer ?? make(key);
		if (key && answer.status < 500) this.answered.set(place, { asked, answer });
		send(response, answer);
	}

	empty(): void {
		this.answered.clear();
	}
}

export function send(response: Response, { status, body }: Answer): void {
	const type = status < 400 ? 'application/json' : 'application/problem+json';
	if (body === undefined) response.status(status).end();
	else response.status(status).type(type).send(JSON.stringify(body));
}
