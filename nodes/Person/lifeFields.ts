/** The parts of the Person form about a person's whole story: timeline, erasing, merging. */
import type { INodeProperties } from 'n8n-workflow';

const show = (operation: string) => ({ show: { operation: [operation] } });

export function lifeFields(): INodeProperties[] {
	return [
		{
			displayName: 'Return All',
			name: 'returnAll',
			type: 'boolean',
			default: true,
			description: 'Whether to return all results or only up to a given limit',
			displayOptions: show('timeline'),
		},
		{
			displayName: 'Limit',
			name: 'limit',
			type: 'number',
			typeOptions: { minValue: 1 },
			default: 50,
			description: 'Max number of results to return',
			displayOptions: { show: { operation: ['timeline'], returnAll: [false] } },
		},
		{
			displayName:
				'This cannot be undone. The person leaves the register, every journey and all that was written down about them; gifts stay without the person. What lies at LINK, Make and in n8n’s executions is not reached from here.',
			name: 'eraseNotice',
			type: 'notice',
			default: '',
			displayOptions: show('erase'),
		},
		{
			displayName: 'Member Number Again',
			name: 'confirmation',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. 100234',
			description: 'Of the person to be erased; their e-mail or phone when they have no member number',
			displayOptions: show('erase'),
		},
		{
			displayName: 'People at Most',
			name: 'mostPeople',
			type: 'number',
			typeOptions: { minValue: 1 },
			default: 1,
			description: 'When more people come in at once, nobody is erased',
			displayOptions: show('erase'),
		},
		{
			displayName:
				'The person that the item names stays. The other record becomes part of it, with journeys, messages and gifts, and goes. This cannot be undone.',
			name: 'mergeNotice',
			type: 'notice',
			default: '',
			displayOptions: show('merge'),
		},
		{
			displayName: 'Find Other Record By',
			name: 'otherBy',
			type: 'options',
			options: [
				{ name: 'Member Number', value: 'memberNumber' },
				{ name: 'Person ID', value: 'personId', description: 'The number by which Get shows the person' },
			],
			default: 'memberNumber',
			displayOptions: show('merge'),
		},
		{
			displayName: 'Other Record',
			name: 'otherRecord',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. 100235',
			description: 'The record of the same person that is to go',
			displayOptions: show('merge'),
		},
	];
}
