import type { Icon, ICredentialType, INodeProperties } from 'n8n-workflow';

/** What LINK is to bring besides the token in the address. Tested by the LINK Trigger: nothing is reached for. */
export class LinkCallbackApi implements ICredentialType {
	name = 'linkCallbackApi';

	displayName = 'LINK Callback Access API';

	icon: Icon = { light: 'file:link.svg', dark: 'file:link.dark.svg' };

	documentationUrl =
		'https://github.com/member-journeys/member-journeys/blob/main/docs/steps/linkTrigger.md#credential';

	properties: INodeProperties[] = [
		{
			displayName: 'Callers Bring',
			name: 'kind',
			type: 'options',
			options: [
				{ name: 'User Name and Password', value: 'basic', description: 'HTTP Basic' },
				{ name: 'A Header', value: 'header', description: 'As it is entered in the MyLINK portal' },
			],
			default: 'basic',
		},
		{
			displayName: 'User Name',
			name: 'userName',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. link',
			displayOptions: { show: { kind: ['basic'] } },
		},
		{
			displayName: 'Password',
			name: 'password',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			required: true,
			description: 'At least 16 characters',
			displayOptions: { show: { kind: ['basic'] } },
		},
		{
			displayName: 'Header Name',
			name: 'headerName',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. x-link-secret',
			displayOptions: { show: { kind: ['header'] } },
		},
		{
			displayName: 'Header Value',
			name: 'headerValue',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			required: true,
			description: 'At least 16 characters',
			displayOptions: { show: { kind: ['header'] } },
		},
	];
}
