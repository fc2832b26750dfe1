import type { Icon, ICredentialType, INodeProperties } from 'n8n-workflow';

export class MakeNewsletterApi implements ICredentialType {
	name = 'makeNewsletterApi';

	displayName = 'Make Newsletter API';

	icon: Icon = { light: 'file:make.svg', dark: 'file:make.dark.svg' };

	documentationUrl =
		'https://github.com/member-journeys/member-journeys/blob/main/docs/steps/makeNewsletter.md#credential';

	properties: INodeProperties[] = [
		{
			displayName: 'User ID',
			name: 'userId',
			type: 'string',
			default: '',
			required: true,
			description: 'The user ID that belongs to the API key, from the dashboard of Make (make.as)',
		},
		{
			displayName: 'API Key',
			name: 'apiKey',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			required: true,
			description: 'Made in the dashboard of Make (make.as)',
		},
		{
			displayName: 'Subscribers URL',
			name: 'subscribersUrl',
			type: 'string',
			default: 'https://subscribers.dialogapi.no/api/public/v2',
			description: 'Change it only when Make has given you another one',
		},
		{
			displayName: 'Newsletters URL',
			name: 'newslettersUrl',
			type: 'string',
			default: 'https://newsletters.dialogapi.no/api/public/v1',
			description: 'Change it only when Make has given you another one',
		},
		{
			displayName: 'Requests per Minute',
			name: 'requestsPerMinute',
			type: 'number',
			typeOptions: { minValue: 0, maxValue: 10000 },
			default: 0,
			description:
				'How often Make may be asked with this key at most, counted over all steps and processes; 0 for no limit. Make publishes no number.',
		},
		{
			displayName: 'Callback Secret',
			name: 'callbackSecret',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			description:
				'Own secret that Make may bring as ?token=… in the webhook address that you enter there. Leave empty to use the address that the Make Trigger shows.',
		},
	];
}
