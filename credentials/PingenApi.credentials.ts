import type { Icon, ICredentialType, INodeProperties } from 'n8n-workflow';

export class PingenApi implements ICredentialType {
	name = 'pingenApi';

	displayName = 'Pingen API';

	icon: Icon = { light: 'file:pingenApi.svg', dark: 'file:pingenApi.dark.svg' };

	documentationUrl = 'https://github.com/member-journeys/member-journeys/blob/main/docs/pingen.md#credential';

	properties: INodeProperties[] = [
		{
			displayName: 'Environment',
			name: 'environment',
			type: 'options',
			options: [
				{ name: 'Staging', value: 'staging', description: 'Nothing is printed and nothing is charged' },
				{ name: 'Production', value: 'production', description: 'Letters are printed, posted and charged' },
			],
			default: 'staging',
			description: 'Each has its own client and organisation at Pingen',
		},
		{
			displayName: 'Client ID',
			name: 'clientId',
			type: 'string',
			default: '',
			required: true,
			description: 'Made in Pingen under API, with the grant type client credentials',
		},
		{
			displayName: 'Client Secret',
			name: 'clientSecret',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			required: true,
		},
		{
			displayName: 'Organisation ID',
			name: 'organisationId',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. 01234567-89ab-cdef-0123-456789abcdef',
			description: 'The organisation at Pingen that the letters are sent and charged by',
		},
		{
			displayName: 'Webhook Signing Key',
			name: 'signingKey',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			description:
				'A text of your own, at most 32 characters, that Pingen signs its reports with. Leave empty when Pingen is to be asked instead.',
		},
		{
			displayName: 'Base URL',
			name: 'baseUrl',
			type: 'string',
			default: '',
			placeholder: 'e.g. https://api.pingen.com',
			description: 'Leave empty to use Pingen’s own for the environment',
		},
		{
			displayName: 'Token URL',
			name: 'tokenUrl',
			type: 'string',
			default: '',
			placeholder: 'e.g. https://identity.pingen.com/auth/access-tokens',
			description: 'Leave empty to use Pingen’s own for the environment',
		},
	];
}
