import type { Icon, ICredentialType, INodeProperties } from 'n8n-workflow';

export class SftpApi implements ICredentialType {
	name = 'sftpApi';

	displayName = 'SFTP API';

	icon: Icon = { light: 'file:sftpApi.svg', dark: 'file:sftpApi.dark.svg' };

	documentationUrl = 'https://github.com/member-journeys/member-journeys/blob/main/docs/sftp.md';

	properties: INodeProperties[] = [
		{
			displayName: 'Host',
			name: 'host',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. sftp.example.org',
			description: 'The server that files are given to and fetched from',
		},
		{
			displayName: 'Port',
			name: 'port',
			type: 'number',
			typeOptions: { minValue: 1, maxValue: 65535 },
			default: 22,
		},
		{
			displayName: 'User Name',
			name: 'userName',
			type: 'string',
			default: '',
			required: true,
		},
		{
			displayName: 'Sign In With',
			name: 'authentication',
			type: 'options',
			options: [
				{ name: 'Password', value: 'password' },
				{ name: 'Private Key', value: 'privateKey' },
			],
			default: 'password',
		},
		{
			displayName: 'Password',
			name: 'password',
			type: 'string',
			typeOptions: { password: true },
			displayOptions: { show: { authentication: ['password'] } },
			default: '',
		},
		{
			displayName: 'Private Key',
			name: 'privateKey',
			type: 'string',
			typeOptions: { password: true, rows: 4 },
			displayOptions: { show: { authentication: ['privateKey'] } },
			default: '',
			placeholder: 'e.g. -----BEGIN OPENSSH PRIVATE KEY-----…',
			description:
				'The whole key file, as ssh-keygen made it. Its public half is given to those who run the server.',
		},
		{
			displayName: 'Passphrase',
			name: 'passphrase',
			type: 'string',
			typeOptions: { password: true },
			displayOptions: { show: { authentication: ['privateKey'] } },
			default: '',
			description: 'Of the private key, when it has one',
		},
		{
			displayName: 'Host Key Fingerprint',
			name: 'hostKey',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. SHA256:2Zp5…',
			description:
				'By this the server is known; to one with another key nothing is sent. Save without it once to see which one the server shows, and compare it with what those who run the server have told you. Several are parted by commas.',
		},
		{
			displayName: 'Folder',
			name: 'folder',
			type: 'string',
			default: '',
			placeholder: 'e.g. /organisation',
			description: 'All other folders are below it. Empty: the folder in which the server puts this user.',
		},
	];
}
