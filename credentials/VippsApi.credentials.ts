import type { Icon, ICredentialType, INodeProperties } from 'n8n-workflow';

export class VippsApi implements ICredentialType {
	name = 'vippsApi';

	displayName = 'Vipps API';

	icon: Icon = { light: 'file:vippsApi.svg', dark: 'file:vippsApi.dark.svg' };

	documentationUrl = 'https://github.com/member-journeys/member-journeys/blob/main/docs/vipps.md#keys';

	properties: INodeProperties[] = [
		{
			displayName: 'Environment',
			name: 'environment',
			type: 'options',
			options: [
				{ name: 'Production', value: 'production', description: 'Real payments' },
				{ name: 'Test', value: 'test', description: 'Only test users of Vipps can pay' },
			],
			default: 'test',
			description: 'Each has its own keys',
		},
		{
			displayName: 'Client ID',
			name: 'clientId',
			type: 'string',
			default: '',
			required: true,
			description: 'From the Vipps portal, under For Developers: the keys of the sales unit, or of a partner',
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
			displayName: 'Subscription Key',
			name: 'subscriptionKey',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			required: true,
			description: 'Ocp-Apim-Subscription-Key, the primary or the secondary one',
		},
		{
			displayName: 'Merchant Serial Number',
			name: 'merchantSerialNumber',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. 123456',
			description: 'MSN of the sales unit; with the keys of a partner, the one that is acted for',
		},
		{
			displayName: 'Base URL',
			name: 'baseUrl',
			type: 'string',
			default: '',
			placeholder: 'e.g. https://api.vipps.no',
			description: 'Leave empty to use Vipps’s own for the environment',
		},
	];
}
