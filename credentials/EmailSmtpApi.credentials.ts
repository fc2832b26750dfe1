import type { Icon, ICredentialType, INodeProperties } from 'n8n-workflow';

export class EmailSmtpApi implements ICredentialType {
	name = 'emailSmtpApi';

	displayName = 'E-Mail (SMTP) API';

	icon: Icon = { light: 'file:emailSmtpApi.svg', dark: 'file:emailSmtpApi.dark.svg' };

	documentationUrl =
		'https://github.com/member-journeys/member-journeys/blob/main/docs/steps/email.md#credential';

	properties: INodeProperties[] = [
		{
			displayName: 'Host',
			name: 'host',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. smtp.example.org',
			description: 'The mail server that mail leaves by. It signs with DKIM for your domain.',
		},
		{
			displayName: 'Port',
			name: 'port',
			type: 'number',
			typeOptions: { minValue: 1, maxValue: 65535 },
			default: 587,
			description: 'Usually 587 with STARTTLS, or 465 with TLS',
		},
		{
			displayName: 'Security',
			name: 'security',
			type: 'options',
			options: [
				{
					name: 'None',
					value: 'none',
					description: 'Nothing is encrypted: only for a server on this machine',
				},
				{ name: 'STARTTLS', value: 'starttls', description: 'Encrypted before anything is said' },
				{ name: 'TLS', value: 'tls', description: 'Encrypted from the start' },
			],
			default: 'starttls',
		},
		{
			displayName: 'User',
			name: 'user',
			type: 'string',
			default: '',
			description: 'Leave empty for a server that asks for none',
		},
		{
			displayName: 'Password',
			name: 'password',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			description: 'Many providers want an app password here',
		},
		{
			displayName: 'Messages per Second',
			name: 'messagesPerSecond',
			type: 'number',
			typeOptions: { minValue: 0, maxValue: 10000 },
			default: 0,
			description:
				'What may leave by this account at most, counted over all steps and processes; 0 for no limit',
		},
		{
			displayName: 'Certificate',
			name: 'ca',
			type: 'string',
			typeOptions: { rows: 4 },
			default: '',
			placeholder: 'e.g. -----BEGIN CERTIFICATE-----…',
			description: "Certificate (PEM) of the server, or of who issued it, when it is your organisation's own",
		},
		{
			displayName: 'Accept Self-Signed Certificates',
			name: 'selfSigned',
			type: 'boolean',
			default: false,
			description:
				'Whether any certificate is taken: somebody in between could read the mail. Pasting the certificate is better.',
		},
		{
			displayName: 'Bounce Address',
			name: 'bounceAddress',
			type: 'string',
			default: '',
			placeholder: 'e.g. bounces@example.org',
			description: "Where mail that cannot be delivered is returned to; the sender's own address when empty",
		},
		{
			displayName: 'Tag the Bounce Address',
			name: 'tagBounces',
			type: 'boolean',
			default: false,
			description:
				'Whether each mail is returned to an address of its own, such as bounces+d12-…@example.org. Most mail systems take them; then also bounces that quote nothing of the mail are understood.',
		},
		{
			displayName: 'Bounce Mailbox Host',
			name: 'imapHost',
			type: 'string',
			default: '',
			placeholder: 'e.g. imap.example.org',
			description:
				'IMAP server of the mailbox that bounces come to; the E-mail Trigger reads it. Nothing in it is changed.',
		},
		{
			displayName: 'Bounce Mailbox Port',
			name: 'imapPort',
			type: 'number',
			typeOptions: { minValue: 1, maxValue: 65535 },
			default: 993,
		},
		{
			displayName: 'Bounce Mailbox Security',
			name: 'imapSecurity',
			type: 'options',
			options: [
				{
					name: 'None',
					value: 'none',
					description: 'Nothing is encrypted: only for a server on this machine',
				},
				{ name: 'STARTTLS', value: 'starttls', description: 'Encrypted before anything is said' },
				{ name: 'TLS', value: 'tls', description: 'Encrypted from the start' },
			],
			default: 'tls',
		},
		{
			displayName: 'Bounce Mailbox User',
			name: 'imapUser',
			type: 'string',
			default: '',
		},
		{
			displayName: 'Bounce Mailbox Password',
			name: 'imapPassword',
			type: 'string',
			typeOptions: { password: true },
			default: '',
		},
		{
			displayName: 'Bounce Mailbox Folder',
			name: 'imapMailbox',
			type: 'string',
			default: 'INBOX',
			description: 'The folder that bounces lie in',
		},
	];
}
