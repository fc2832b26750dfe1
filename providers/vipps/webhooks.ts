/** Webhooks API v1: what Vipps is to tell of, and where. A registration's secret is told once, when it is made. */
import { z } from 'zod/v4';
import type { Told, VippsClient } from './client';

/** Of single payments. Sent by ePayment. */
export const paymentEventNames = [
	'epayments.payment.authorized.v1',
	'epayments.payment.captured.v1',
	'epayments.payment.refunded.v1',
] as const;

export const recurringEventNames = [
	'recurring.agreement-activated.v1',
	'recurring.agreement-stopped.v1',
	'recurring.agreement-expired.v1',
	'recurring.charge-captured.v1',
	'recurring.charge-refunded.v1',
] as const;

export const donationEventNames = {
	started: 'donations.agreement.started.v1',
	stopped: 'donations.agreement.stopped.v1',
	withdrawalDay: 'donations.agreement.withdrawal-day-changed.v1',
	amount: 'donations.agreement.amount-changed.v1',
} as const;

const listed = z.object({
	webhooks: z
		.array(z.object({ id: z.string().min(1), url: z.string(), events: z.array(z.string()).catch([]) }))
		.nullish(),
});
export interface Registration {
	id: string;
	url: string;
	events: string[];
}

const made = z.object({ id: z.string().min(1), secret: z.string().min(1) });
const path = '/webhooks/v1/webhooks';

/** @throws as {@link VippsClient.read} */
export async function listWebhooks(client: VippsClient): Promise<Registration[]> {
	return (await client.read({ path }, listed))?.webhooks ?? [];
}

/** @param url https, reachable from the world, without redirects. @throws as {@link VippsClient.change} */
export function registerWebhook(
	client: VippsClient,
	url: string,
	events: readonly string[],
): Promise<Told<{ id: string; secret: string }>> {
	return client.change({ method: 'POST', path, json: { url, events } }, made);
}

/** Accepted also when it is gone already. @throws as {@link VippsClient.change} */
export async function removeWebhook(client: VippsClient, id: string): Promise<Told<unknown>> {
	const told = await client.change(
		{ method: 'DELETE', path: `${path}/${encodeURIComponent(id)}` },
		z.unknown(),
	);
	return told.kind === 'refused' && told.status === 404 ? { kind: 'accepted', answer: undefined } : told;
}
