/** What payers agreed to share, for 168 hours: `GET /vipps-userinfo-api/userinfo/{sub}`. */
import { type Response, Router } from 'express';
import { type Payer, subOf } from './payers';
import { gateway, problem } from './answers';
import type { VippsTokens } from './tokens';
import { MSN } from './units';

const SHARED_FOR = 168 * 3_600_000;

export const scopeNames = ['name', 'phoneNumber', 'email', 'address', 'birthDate', 'nin'] as const;
export type Scope = (typeof scopeNames)[number];

/** Those of the wanted that there are. What a sales unit may not ask for is left out in silence; nobody here may ask for `nin`. */
export function scopesIn(wanted: string | undefined): Scope[] {
	const words = (wanted ?? '').split(/\s+/);
	return scopeNames.filter((name) => name !== 'nin' && words.includes(name));
}

interface Consent {
	payer: Payer;
	scopes: Set<Scope>;
	/** Sandbox time. */
	at: number;
}

export class Consents {
	private readonly bySub = new Map<string, Consent>();

	constructor(private readonly now: () => number) {}

	/** @returns the payer's `sub` at this sales unit */
	agree(payer: Payer, scopes: readonly Scope[]): string {
		const sub = subOf(payer, MSN);
		this.bySub.set(sub, { payer, scopes: new Set(scopes), at: this.now() });
		return sub;
	}

	routes(tokens: VippsTokens, key: () => 'either' | 'refused' | 'required'): Router {
		const routes = Router();
		routes.use(tokens.only(['standard'], { keyless: true }));
		routes.get('/userinfo/:sub', (request, response) => {
			const given = request.get('ocp-apim-subscription-key') !== undefined;
			const rule = key();
			if ((rule === 'refused' && given) || (rule === 'required' && !given))
				return gateway(response, 401, 'Unauthorized');
			const consent = this.bySub.get(request.params.sub);
			if (!consent) return problem(response, 404, 'Not Found', 'No such user');
			// That it ends is documented, how is not.
			if (this.now() - consent.at > SHARED_FOR)
				return problem(response, 403, 'Forbidden', 'The consent is older than 168 hours');
			shown(request.params.sub, consent, response);
		});
		return routes;
	}

	empty(): void {
		this.bySub.clear();
	}
}

function shown(sub: string, { payer, scopes }: Consent, response: Response): void {
	const { name, givenName, familyName, msisdn, email } = payer;
	response.json({
		sub,
		sid: sub.slice(-12),
		...(scopes.has('name') ? { name, given_name: givenName, family_name: familyName } : {}),
		...(scopes.has('phoneNumber') ? { phone_number: msisdn, phone_number_verified: true } : {}),
		...(scopes.has('email') && email ? { email, email_verified: true } : {}),
		...(scopes.has('address') ? { address: addressOf(payer), other_addresses: [] } : {}),
	});
}

/** Without one: an address of empty texts. The town is called region. */
function addressOf({ address }: Payer) {
	const { street = '', postalCode = '', city = '' } = address ?? {};
	return {
		address_type: address ? 'home' : '',
		street_address: street,
		postal_code: postalCode,
		region: city,
		country: address ? 'NO' : '',
		formatted: address ? `${street}\n${postalCode} ${city}\nNO` : '',
	};
}
