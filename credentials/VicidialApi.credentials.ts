import type { Icon, ICredentialType, INodeProperties } from 'n8n-workflow';

export class VicidialApi implements ICredentialType {
	name = 'vicidialApi';

	displayName = 'VICIdial API';

	icon: Icon = { light: 'file:vicidialApi.svg', dark: 'file:vicidialApi.dark.svg' };

	documentationUrl =
		'https://github.com/member-journeys/member-journeys/blob/main/docs/steps/callList.md#vicidial';

	properties: INodeProperties[] = [
		{
			displayName: 'API Address',
			name: 'url',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. https://dialer.example.org/vicidial/non_agent_api.php',
			description: "Of the dialer's non-agent API; user and password go with every request, so use https",
		},
		{
			displayName: 'User',
			name: 'userName',
			type: 'string',
			default: '',
			required: true,
			description: 'Of level 8 or higher, allowed to modify leads',
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
			displayName: 'Source',
			name: 'source',
			type: 'string',
			default: 'memberjourneys',
			description: 'What the dialer notes as the origin of each request; up to 20 letters and digits',
		},
	];
}
