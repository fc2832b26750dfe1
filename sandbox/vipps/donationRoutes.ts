/** The Donations API: `/donations/v1/…`, for merchant-level keys. */
import { type Request, type Response, Router } from 'express';
import { problem } from './answers';
import type { Agreement, Donation, Donations } from './donations';
import type { VippsTokens } from './tokens';
import { units } from './units';

export function donationRoutes(
	donations: Donations,
	tokens: VippsTokens,
	{ now, pageSize }: { now(): number; pageSize(): number },
): Router {
	const routes = Router();
	routes.use(tokens.only(['specialized']));

	/** By time and not by cursor: `from` is the last moment of the page before, whose payments therefore repeat. */
	routes.get('/reports/payments', (request, response) => {
		const from = momentIn(request, 'from', 'fromDateTimeUtc');
		const to = momentIn(request, 'to', 'toDateTimeUtc');
		if (from === undefined || to === undefined) {
			const details = [{ name: 'from, to', reason: 'Both are required, as ISO 8601 date-times.' }];
			return problem(response, 400, 'Bad Request', 'One or more validation errors occurred.', details);
		}
		const handles = [request.query.recipientHandles ?? []].flat(2).map(String);
		if (handles.some((handle) => handle !== units.donations.handle))
			return problem(response, 403, 'Forbidden', 'No access to one of the recipient handles.');
		const payments = donations.donations
			.filter(({ payment, seenFrom }) => payment.at >= from && payment.at <= to && seenFrom <= now())
			.sort((a, b) => a.payment.at - b.payment.at || a.payment.id - b.payment.id)
			.slice(0, pageSize());
		response.json({
			from: new Date(from).toISOString(),
			to: new Date(to).toISOString(),
			payments: payments.map((one) => shown(one, request.query.includeGDPRSensitiveData === 'true')),
		});
	});

	const find = (request: Request, response: Response): Agreement | undefined =>
		donations.agreements.get(String(request.params.agreement)) ??
		void problem(response, 404, 'Not Found', 'No such agreement');
	routes.get('/agreements/:agreement', (request, response) => {
		const agreement = find(request, response);
		if (agreement) response.json(agreementShown(agreement));
	});
	/** 200 also when it is stopped already. */
	routes.post('/agreements/:agreement/stop', (request, response) => {
		const agreement = find(request, response);
		if (!agreement) return;
		donations.stop(agreement, 'MERCHANT');
		response.status(200).end();
	});
	return routes;
}

function momentIn({ query }: Request, ...names: string[]): number | undefined {
	const text = names.map((name) => query[name]).find((value) => typeof value === 'string');
	const at = /^\d{4}-\d{2}-\d{2}T/.test(text ?? '') ? Date.parse(text!) : NaN;
	return Number.isNaN(at) ? undefined : at;
}

function shown({ payment, agreementId, externalReference }: Donation, everything: boolean) {
	const { payer, at, pspReference, reference, amountOre, message } = payment;
	return {
		...(externalReference ? { externalReference } : {}),
		...(agreementId ? { agreementId } : {}),
		payer: { name: payer.name, phoneNumber: payer.msisdn },
		capturedAt: new Date(at).toISOString().replace('.000Z', 'Z'),
		pspReference,
		transactionReference: reference,
		recipientHandle: units.donations.handle,
		// Text here and a number in the agreement, as the examples have them.
		amount: String(amountOre),
		currency: 'NOK',
		// The message is documented, its key is not.
		...(everything && !agreementId && message ? { message } : {}),
	};
}

function agreementShown({ id, payer, amountOre, day, externalReference, startedAt }: Agreement) {
	return {
		id,
		recipientHandle: units.donations.handle,
		// With seven digits of a second, as in the documents.
		startedAt: new Date(startedAt).toISOString().replace('Z', '8789+00:00'),
		...(externalReference ? { externalReference } : {}),
		schedule: { interval: 'MONTHLY', withdrawalDay: day },
		amount: { value: amountOre, currency: 'NOK' },
		payer: {
			firstName: payer.givenName,
			lastName: payer.familyName,
			phoneNumber: payer.msisdn,
			...(payer.address
				? {
						address: {
							addressLine1: payer.address.street,
							addressLine2: '',
							region: payer.address.city,
							country: 'NO',
							postalCode: payer.address.postalCode,
						},
					}
				: {}),
			...(payer.email ? { email: payer.email, emailVerified: true } : {}),
		},
	};
}
