import type { Icon, ICredentialType, INodeProperties } from 'n8n-workflow';

export class AdversusApi implements ICredentialType {
	name = 'adversusApi';

	displayName = 'Adversus API';

	icon: Icon = { light: 'file:adversusApi.svg', dark: 'file:adversusApi.dark.svg' };

	documentationUrl =
		'https://github.com/member-journeys/member-journeys/blob/main/docs/steps/callList.md#adversus';

	properties: INodeProperties[] = [
		{
			displayName: 'User Name',
			name: 'userName',
			type: 'string',
			default: '',
			required: true,
			description: 'A user of the account that may use the API',
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
			displayName: 'Base URL',
			name: 'baseUrl',
			type: 'string',
			default: 'https://api.adversus.io/v1',
			description: 'Change it only when Adversus has given you another one',
		},
	];
}
