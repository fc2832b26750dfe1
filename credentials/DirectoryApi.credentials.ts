import type { Icon, ICredentialType, INodeProperties } from 'n8n-workflow';

export class DirectoryApi implements ICredentialType {
	name = 'directoryApi';

	displayName = 'Directory Service API';

	icon: Icon = { light: 'file:directoryApi.svg', dark: 'file:directoryApi.dark.svg' };

	documentationUrl =
		'https://github.com/member-journeys/member-journeys/blob/main/docs/directory.md#credential';

	properties: INodeProperties[] = [
		{
			displayName: 'Service',
			name: 'service',
			type: 'options',
			options: [
				{
					name: 'Nrop.no',
					value: 'nrop',
					description: 'Names and addresses of Norwegian phone numbers, by Front Invest',
				},
			],
			default: 'nrop',
			description: 'The directory that you have an agreement with',
		},
		{
			displayName: 'User Name',
			name: 'userName',
			type: 'string',
			default: '',
			required: true,
			description: 'Given by the service together with the password',
		},
		{
			displayName: 'Password',
			name: 'password',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			required: true,
		},
		{
			displayName: 'Look-Ups per Minute',
			name: 'perMinute',
			type: 'number',
			typeOptions: { minValue: 1, maxValue: 6000 },
			default: 60,
			description:
				'The most that may be asked, over all flows and processes on the store. The service tells of no limit: agree on one with it.',
		},
		{
			displayName: 'Base URL',
			name: 'baseUrl',
			type: 'string',
			default: 'https://api.nrop.no',
			description: 'Change it only when the service has given you another one',
		},
	];
}
