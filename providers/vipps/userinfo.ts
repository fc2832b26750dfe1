/** What a payer has agreed to share, for a week after the approval. */
import { z } from 'zod/v4';
import type { Evidence } from '../../core/gifts/evidence';
import { readEmail, readPhone } from '../../core/register/contact';
import type { VippsClient } from './client';

/** "168 hours after the consent." */
export const SHARED_FOR_MS = 168 * 3_600_000;

const text = z.string().trim().min(1).optional().catch(undefined);

/** Any of them may be missing: what the payer was not asked for, and what the merchant may not ask for. */
const userinfo = z.object({
	name: text,
	given_name: text,
	family_name: text,
	phone_number: text,
	email: text,
	birthdate: text,
	address: z
		.object({ street_address: text, postal_code: text, region: text, country: text })
		.nullish()
		.catch(null),
});

/**
 * @param sub the payer within the sales unit of these keys
 * @returns undefined once it is no longer shared
 * @throws as {@link VippsClient.read}
 */
export async function sharedProfile(client: VippsClient, sub: string): Promise<Evidence | undefined> {
	const path = `/vipps-userinfo-api/userinfo/${encodeURIComponent(sub)}`;
	// Vipps says both: "do not send the subscription key, it gives 401", and that it is a header of this call.
	const bare = await client.answer({
		method: 'GET',
		path,
		withoutSubscriptionKey: true,
		reads: [400, 401, 403, 410],
	});
	const answer =
		bare.status === 401 ? await client.answer({ method: 'GET', path, reads: [400, 401, 403, 410] }) : bare;
	if (answer.status >= 400) return undefined;
	const read = userinfo.safeParse(answer.body);
	if (!read.success) return undefined;
	// What is not shared says nothing against what is known otherwise.
	const told = Object.entries(evidenceOf(read.data)).filter(([, value]) => value !== undefined);
	return Object.fromEntries(told) as Evidence;
}

function evidenceOf(info: z.infer<typeof userinfo>): Evidence {
	const { address } = info;
	return {
		name: info.name,
		givenName: info.given_name,
		familyName: info.family_name,
		phone: msisdn(info.phone_number),
		email: info.email === undefined ? undefined : readEmail(info.email),
		// Floor and flat come on a line of their own; the town is called region.
		street: address?.street_address?.replace(/\s*\n\s*/g, ', '),
		postalCode: address?.postal_code,
		city: address?.region,
		country: address?.country,
		birthDate: info.birthdate,
	};
}

/** Vipps writes numbers with their country and without a plus: `4712345678`. */
export function msisdn(digits: string | undefined): string | undefined {
	if (digits === undefined) return undefined;
	const dense = digits.replace(/[\s+]/g, '');
	return readPhone(dense.length === 8 ? dense : `+${dense}`, '47');
}
