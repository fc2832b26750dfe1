/** Links by which a letter's reader can pay. */

/**
 * A donation link of Vipps (developer.vippsmobilepay.com, Donations API: donation links and QR). `reference` comes back
 * with the gift.
 * @param alias Vipps number, 1–6 digits; leading zeros count.
 */
export function vippsDonationLink(alias: string, reference?: string): string | undefined {
	if (!/^\d{1,6}$/.test(alias)) return undefined;
	const link = `https://qr.vipps.no/donations/${alias}`;
	return reference ? `${link}?reference=${encodeURIComponent(reference)}` : link;
}
