/** What a column of a result file, or a field at the dialer, can hold. */
import type { INodePropertyOptions } from 'n8n-workflow';

export const resultFieldOptions: INodePropertyOptions[] = [
	{ name: 'Agreed Amount (NOK)', value: 'amount' },
	{ name: 'Attempts', value: 'attempts' },
	{ name: 'Call Back At', value: 'callBackAt' },
	{ name: 'Called At', value: 'at' },
	{ name: 'Consent to Calls', value: 'consentPhone' },
	{ name: 'Consent to E-Mail', value: 'consentEmail' },
	{ name: 'Consent to Letters', value: 'consentLetter' },
	{ name: 'Consent to SMS', value: 'consentSms' },
	{ name: 'Dialer’s ID of the Lead', value: 'providerRef' },
	{ name: 'Frequency', value: 'frequency' },
	{ name: 'How the Call Ended', value: 'disposition' },
	{ name: 'New City', value: 'newCity' },
	{ name: 'New Phone', value: 'newPhone' },
	{ name: 'New Postal Code', value: 'newPostalCode' },
	{ name: 'New Street', value: 'newStreet' },
	{ name: 'Payment Form', value: 'paymentForm' },
	{ name: 'Phone', value: 'phone' },
	{ name: 'Reason', value: 'reason', description: 'A word of a list, never a note' },
	{ name: 'Reference', value: 'ref', description: 'As the lead had it' },
	{ name: 'Starts On', value: 'startsOn' },
	{ name: 'Talk Time (Seconds)', value: 'talkSeconds' },
];
