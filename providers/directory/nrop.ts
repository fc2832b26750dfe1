/**
 * The Norwegian directory of nrop.no (Front Invest), "updated daily by all operators": `GET /nrop/{+47…}`, HTTP Basic,
 * version 1.2 (its api_doc of September 2022). A number that is hidden from directories comes back with its fields empty.
 */
import { z } from 'zod/v4';
import { evidence } from '../../core/gifts/evidence';
import type { HttpAnswer, HttpRequest } from '../../core/ports';
import type { DirectoryProfile } from './profile';
import type { DirectorySettings } from './settings';

const text = z.string().trim().catch('');
const answered = z.object({
	/** `P`: a private person. */
	customerType: text,
	phone: text,
	firstName: text,
	middleName: text,
	lastName: text,
	address: text,
	postalCode: text,
	city: text,
	country: text,
	/** Whether whoever has the number lets it be looked up by machines. */
	electronicQuery: z.boolean().default(true).catch(true),
});

export const nrop: DirectoryProfile = {
	name: 'nrop.no',

	request({ baseUrl, userName, password }: DirectorySettings, phone: string): HttpRequest {
		return {
			method: 'GET',
			url: `${baseUrl}/nrop/${encodeURIComponent(phone)}`,
			headers: { 'Accept-Version': '1.2.*' },
			basic: { username: userName, password },
			timeoutMs: 15_000,
		};
	},

	read({ body }: HttpAnswer, phone: string) {
		const read = answered.safeParse(body);
		if (!read.success) return { kind: 'unreadable' };
		const found = read.data;
		if (found.customerType !== 'P' || !found.electronicQuery) return { kind: 'nobody' };
		// An answer about another number says nothing of this one.
		if (found.phone !== '' && found.phone !== phone) return { kind: 'unreadable' };
		const givenName = [found.firstName, found.middleName].filter((one) => one !== '').join(' ');
		const name = [givenName, found.lastName].filter((one) => one !== '').join(' ');
		if (name === '') return { kind: 'nobody' };
		return {
			kind: 'found',
			// Empty texts are left out by its shape.
			evidence: evidence.parse({
				phone,
				name,
				givenName,
				familyName: found.lastName,
				street: found.address,
				postalCode: found.postalCode,
				city: found.city,
				country: found.country,
			}),
		};
	},
};
