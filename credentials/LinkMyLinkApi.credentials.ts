import type { Icon, ICredentialType, INodeProperties } from 'n8n-workflow';

export class LinkMyLinkApi implements ICredentialType {
	name = 'linkMyLinkApi';

	displayName = 'LINK MyLINK API';

	icon: Icon = { light: 'file:link.svg', dark: 'file:link.dark.svg' };

	documentationUrl =
		'https://github.com/member-journeys/member-journeys/blob/main/docs/steps/linkSms.md#credential';

	properties: INodeProperties[] = [
		{
			displayName: 'Client ID',
			name: 'clientId',
			type: 'string',
			default: '',
			required: true,
			description: 'Made in the MyLINK portal: SMS API product, Create Credentials',
		},
		{
			displayName: 'Client Secret',
			name: 'clientSecret',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			required: true,
			description: 'Shown once in the MyLINK portal, together with the client ID',
		},
		{
			displayName: 'Token URL',
			name: 'tokenUrl',
			type: 'string',
			default: 'https://sso.linkmobility.com/auth/realms/CPaaS/protocol/openid-connect/token',
			description: 'Change it only when LINK has given you another one',
		},
		{
			displayName: 'Base URL',
			name: 'baseUrl',
			type: 'string',
			default: 'https://api.linkmobility.com',
			description: 'Change it only when LINK has given you another one',
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
		{
			displayName: 'Callback Secret',
			name: 'callbackSecret',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			description:
				'Own secret that callers of the LINK Trigger may bring as ?token=… when you enter its address in the MyLINK portal. Not needed for delivery reports.',
		},
	];
}
