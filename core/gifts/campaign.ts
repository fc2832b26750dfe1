/** Which campaign a gift is booked on. */

/** Parts the campaign from what sent the gift: `Jul 2026/Brev A`. */
const SUB = '/';

export interface CampaignOf {
	campaign: string | null;
	kid: string | null;
	reference: string | null;
}

/**
 * What is suggested by a form or a rule loses its sub-campaign unless the gift has a KID, or came by a payment link of
 * ours: without them nobody knows which letter or message made somebody give. What came with the gift itself stays.
 */
export function campaignFor(gift: CampaignOf, suggested: string | undefined): string | null {
	if (!suggested) return gift.campaign;
	if (gift.kid !== null || gift.reference !== null) return suggested;
	return suggested.split(SUB)[0]?.trim() || null;
}
