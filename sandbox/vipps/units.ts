/** What an organisation has in Vipps: a sales unit for its own payments, a Vippsnummer, and Donasjoner. */

export interface Unit {
	/** As the reports call it: `api:` and the sales unit's number, or `NO:` and the Vippsnummer. */
	handle: string;
	name: string;
	ledgerId: string;
	/** Payments to a Vippsnummer come with name, masked phone and message, when asked for. */
	namesPayers: boolean;
}

export const ORGANISATION = 'Foreningen (sandkasse)';
/** No such organisation number: it would have to begin with 8 or 9. */
export const ORGANISATION_NUMBER = '012345678';
export const MSN = '123456';
/** Of the donation links; its leading zero counts. */
export const DONATION_ALIAS = '0123';

export const units = {
	api: { handle: `api:${MSN}`, name: `${ORGANISATION} nett`, ledgerId: '300001', namesPayers: false },
	number: {
		handle: 'NO:654321',
		name: `${ORGANISATION} Vippsnummer`,
		ledgerId: '300002',
		namesPayers: true,
	},
	donations: {
		handle: `NO:${DONATION_ALIAS}`,
		name: `${ORGANISATION} Donasjoner`,
		ledgerId: '300003',
		namesPayers: true,
	},
} as const satisfies Record<string, Unit>;
