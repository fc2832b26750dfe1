import type { Icon, ICredentialType, INodeProperties } from 'n8n-workflow';

export class VippsReportApi implements ICredentialType {
	name = 'vippsReportApi';

	displayName = 'Vipps Report API';

	icon: Icon = { light: 'file:vippsReportApi.svg', dark: 'file:vippsReportApi.dark.svg' };

	documentationUrl = 'https://github.com/member-journeys/member-journeys/blob/main/docs/vipps.md#keys';

	properties: INodeProperties[] = [
		{
			displayName: 'Client ID',
			name: 'clientId',
			type: 'string',
			default: '',
			required: true,
			description:
				'Of merchant-level keys (Donations and Report) or accounting keys (Report). These APIs are in production only.',
		},
		{
			displayName: 'Client Secret',
			name: 'clientSecret',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			required: true,
			description: 'Shown once in the Vipps portal',
		},
		{
			displayName: 'Token Path',
			name: 'signInPath',
			type: 'string',
			default: '/miami/v1/token',
			description: 'Where tokens are given. Vipps has said that it may be renamed.',
		},
		{
			displayName: 'Base URL',
			name: 'baseUrl',
			type: 'string',
			default: '',
			placeholder: 'e.g. https://api.vipps.no',
			description: 'Leave empty to use Vipps’s own',
		},
	];
}
