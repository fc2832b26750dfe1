import type { Icon, ICredentialType, INodeProperties } from 'n8n-workflow';

export class LinkMultichannelApi implements ICredentialType {
	name = 'linkMultichannelApi';

	displayName = 'LINK Multichannel API';

	icon: Icon = { light: 'file:link.svg', dark: 'file:link.dark.svg' };

	documentationUrl =
		'https://github.com/member-journeys/member-journeys/blob/main/docs/steps/linkTrigger.md#credential';

	properties: INodeProperties[] = [
		{
			displayName: 'Authentication',
			name: 'authentication',
			type: 'options',
			options: [
				{
					name: 'OAuth2 (v2)',
					value: 'oauth2',
					description: 'Client ID and secret; what LINK gives new customers',
				},
				{ name: 'API Key (v1)', value: 'apiKey', description: 'For accounts that have one already' },
			],
			default: 'oauth2',
		},
		{
			displayName: 'API Key',
			name: 'apiKey',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			required: true,
			displayOptions: { show: { authentication: ['apiKey'] } },
		},
		{
			displayName: 'Client ID',
			name: 'clientId',
			type: 'string',
			default: '',
			required: true,
			displayOptions: { show: { authentication: ['oauth2'] } },
		},
		{
			displayName: 'Client Secret',
			name: 'clientSecret',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			required: true,
			displayOptions: { show: { authentication: ['oauth2'] } },
		},
		{
			displayName: 'Token URL',
			name: 'tokenUrl',
			type: 'string',
			default: 'https://sso.linkmobility.com/auth/realms/CPaaS/protocol/openid-connect/token',
			description: 'Change it only when LINK has given you another one',
			displayOptions: { show: { authentication: ['oauth2'] } },
		},
		{
			displayName: 'Base URL',
			name: 'baseUrl',
			type: 'string',
			default: 'https://ocm.linkmobility.solutions',
			description: 'Change it only when LINK has given you another one',
		},
		{
			displayName: 'Address of the Signing Keys',
			name: 'jwksUrl',
			type: 'string',
			default: '',
			placeholder: 'e.g. https://ocm.linkmobility.solutions/.well-known/ocm-cb/jwks.json',
			description: 'Where LINK publishes the keys it signs callbacks with; empty for the one at the base URL',
		},
		{
			displayName: 'Messages per Second',
			name: 'messagesPerSecond',
			type: 'number',
			typeOptions: { minValue: 0, maxValue: 10000 },
			default: 0,
			description:
				'What may leave through this account at most, counted over all steps and processes; 0 for no limit. LINK publishes no number: ask them for yours.',
		},
	];
}
