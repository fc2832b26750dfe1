import type { Icon, ICredentialType, INodeProperties } from 'n8n-workflow';

export class LinkCommonApi implements ICredentialType {
	name = 'linkCommonApi';

	displayName = 'LINK Common API';

	icon: Icon = { light: 'file:link.svg', dark: 'file:link.dark.svg' };

	documentationUrl =
		'https://github.com/member-journeys/member-journeys/blob/main/docs/steps/linkPayment.md#credential';

	properties: INodeProperties[] = [
		{
			displayName: 'Assigned Host',
			name: 'baseUrl',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. https://no.linkmobility.io',
			description: "The address that LINK's support has given you, with or without /sms at its end",
		},
		{
			displayName: 'Authentication',
			name: 'authentication',
			type: 'options',
			options: [
				{ name: 'Basic', value: 'basic', description: 'User name and password' },
				{ name: 'OAuth2', value: 'oAuth2', description: 'Client ID and secret' },
			],
			default: 'basic',
		},
		{
			displayName: 'User Name',
			name: 'userName',
			type: 'string',
			default: '',
			displayOptions: { show: { authentication: ['basic'] } },
			description: "From LINK's support",
		},
		{
			displayName: 'Password',
			name: 'password',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			displayOptions: { show: { authentication: ['basic'] } },
			description: "From LINK's support",
		},
		{
			displayName: 'Client ID',
			name: 'clientId',
			type: 'string',
			default: '',
			displayOptions: { show: { authentication: ['oAuth2'] } },
			description: "From LINK's support",
		},
		{
			displayName: 'Client Secret',
			name: 'clientSecret',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			displayOptions: { show: { authentication: ['oAuth2'] } },
			description: "From LINK's support",
		},
		{
			displayName: 'Token URL',
			name: 'tokenUrl',
			type: 'string',
			default: '',
			displayOptions: { show: { authentication: ['oAuth2'] } },
			description: 'Empty: /auth/token at the assigned host',
		},
		{
			displayName: 'Platform ID',
			name: 'platformId',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. COMMON_API',
			description: "From LINK's support",
		},
		{
			displayName: 'Platform Partner ID',
			name: 'platformPartnerId',
			type: 'string',
			default: '',
			required: true,
			description: "From LINK's support",
		},
		{
			displayName: 'Gate IDs for Delivery Reports',
			name: 'gateIds',
			type: 'string',
			default: '',
			placeholder: 'e.g. BVldZyQt',
			description:
				'Gates that lead to the LINK Trigger, with commas between them. Leave empty when the LINK Trigger sets up its own gate.',
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
