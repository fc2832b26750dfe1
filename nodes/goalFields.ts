/** The part of a form in which a goal is put together, shared by every step that has one. */
import type { INodeProperties } from 'n8n-workflow';

const kinds = [
	{
		name: 'Agreement Started',
		value: 'agreementStarted',
		description: 'The person has agreed to give regularly',
	},
	{
		name: 'Agreement Stopped',
		value: 'agreementStopped',
		description: 'An agreement to give regularly was stopped',
	},
	{ name: 'Call Result', value: 'called', description: 'A call has ended in this way' },
	{ name: 'Clicked', value: 'clicked', description: 'A link in the message was clicked' },
	{ name: 'Custom Event', value: 'event', description: 'An event that a Response or Person step recorded' },
	{ name: 'Delivered', value: 'delivered', description: 'The message was delivered' },
	{ name: 'Gift Received', value: 'gift', description: 'A gift was registered' },
	{ name: 'Label Added', value: 'label', description: 'The person has a label' },
	{ name: 'Letter Posted', value: 'posted', description: 'The letter is in the post' },
	{ name: 'Letter Returned', value: 'returned', description: 'The letter came back' },
	{ name: 'Membership Paid', value: 'paid', description: 'A membership fee was paid' },
	{ name: 'Membership Status Is', value: 'status', description: 'A membership has this status' },
	{ name: 'Opened', value: 'opened', description: 'The message was opened by the person' },
	{ name: 'Replied', value: 'replied', description: 'The person answered by SMS' },
];

/** How a call ends, as the Call List step has it; the agencies' own words are mapped to these. */
const dispositions = [
	{ name: 'Any', value: '' },
	{ name: 'Asked Not to Be Called', value: 'askedNotToBeCalled' },
	{ name: 'Busy', value: 'busy' },
	{ name: 'Call Back', value: 'callBack' },
	{ name: 'Deceased', value: 'deceased' },
	{ name: 'Invalid Number', value: 'invalid' },
	{ name: 'Language', value: 'language' },
	{ name: 'Most Attempts Reached', value: 'maxAttempts' },
	{ name: 'Moved', value: 'moved' },
	{ name: 'No', value: 'no' },
	{ name: 'No Answer', value: 'noAnswer' },
	{ name: 'Unqualified', value: 'unqualified' },
	{ name: 'Voicemail', value: 'voicemail' },
	{ name: 'Wrong Number', value: 'wrongNumber' },
	{ name: 'Yes', value: 'yes' },
];

const whenKind = (...kind: string[]) => ({ show: { kind } });

/** @param name of the parameter; `{ goal: [{ kind, … }] }` in n8n's shape. */
export function goalFields(name: string, displayName: string, description: string): INodeProperties {
	return {
		displayName,
		name,
		type: 'fixedCollection',
		typeOptions: { multipleValues: true },
		placeholder: 'Add Goal',
		default: {},
		description,
		options: [
			{
				displayName: 'Goal',
				name: 'goal',
				// What the goal is, then what belongs to it.
				// eslint-disable-next-line n8n-nodes-base/node-param-fixed-collection-type-unsorted-items
				values: [
					{
						displayName: 'Goal',
						name: 'kind',
						type: 'options',
						options: kinds,
						default: 'clicked',
					},
					{
						displayName: 'Link Contains',
						name: 'link',
						type: 'string',
						default: '',
						placeholder: 'e.g. /bli-fast-giver',
						description: 'Part of the address of the link; any link when empty',
						displayOptions: whenKind('clicked'),
					},
					{
						displayName: 'Count Machines',
						name: 'countMachines',
						type: 'boolean',
						default: false,
						description: 'Whether opens and clicks by privacy proxies and link scanners count as well',
						displayOptions: whenKind('opened', 'clicked'),
					},
					{
						displayName: 'Keyword',
						name: 'keyword',
						type: 'string',
						default: '',
						placeholder: 'e.g. JA',
						description: 'First word of the answer; any answer when empty',
						displayOptions: whenKind('replied'),
					},
					{
						displayName: 'Minimum Amount (NOK)',
						name: 'minimum',
						type: 'number',
						typeOptions: { minValue: 0 },
						default: 0,
						description: 'Smallest gift that counts, in kroner',
						displayOptions: whenKind('gift'),
					},
					{
						displayName: 'Campaign',
						name: 'campaign',
						type: 'string',
						default: '',
						placeholder: 'e.g. Julegave 2026',
						description: 'Only gifts to this campaign; any when empty',
						displayOptions: whenKind('gift'),
					},
					{
						displayName: 'Only by Their Gift Link',
						name: 'ownLink',
						type: 'boolean',
						default: false,
						description:
							'Whether only a gift counts that was paid by the link that a Gift Link step made for them on this journey',
						displayOptions: whenKind('gift'),
					},
					{
						displayName: 'Status',
						name: 'status',
						type: 'string',
						default: '',
						placeholder: 'e.g. Aktiv',
						description: 'Status of the membership as the register has it',
						displayOptions: whenKind('status'),
					},
					{
						displayName: 'Label',
						name: 'label',
						type: 'string',
						default: '',
						placeholder: 'e.g. engasjert',
						description: 'Label as the register has it',
						displayOptions: whenKind('label'),
					},
					{
						displayName: 'Event',
						name: 'event',
						type: 'string',
						default: '',
						placeholder: 'e.g. kurs fullført',
						description: 'Name of the event',
						displayOptions: whenKind('event'),
					},
					{
						displayName: 'Disposition',
						name: 'disposition',
						type: 'options',
						options: dispositions,
						default: '',
						description: 'How the call ended',
						displayOptions: whenKind('called'),
					},
				],
			},
		],
	};
}
