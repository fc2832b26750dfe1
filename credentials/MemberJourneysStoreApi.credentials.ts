import type { Icon, ICredentialType, INodeProperties } from 'n8n-workflow';

/** Where people and their journeys are kept. Tested by the nodes that use it, which open the store. */
export class MemberJourneysStoreApi implements ICredentialType {
	name = 'memberJourneysStoreApi';

	displayName = 'Journey Store API';

	icon: Icon = {
		light: 'file:memberJourneysStoreApi.svg',
		dark: 'file:memberJourneysStoreApi.dark.svg',
	};

	documentationUrl = 'https://github.com/member-journeys/member-journeys/blob/main/docs/admins.md';

	properties: INodeProperties[] = [
		{
			displayName: 'Kept In',
			name: 'kind',
			type: 'options',
			options: [
				{
					name: 'Embedded File',
					value: 'embedded',
					description: 'One file beside this n8n or Node-RED; nothing to install',
				},
				{
					name: 'PostgreSQL',
					value: 'postgres',
					description: 'A database that several processes can share',
				},
			],
			default: 'embedded',
		},
		{
			displayName: 'File',
			name: 'file',
			type: 'string',
			default: 'member-journeys.db',
			placeholder: 'e.g. member-journeys.db',
			description: 'A name without a folder lies in the user folder of n8n or Node-RED',
			displayOptions: { show: { kind: ['embedded'] } },
		},
		{
			displayName: 'PostgreSQL URL',
			name: 'url',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			placeholder: 'e.g. postgres://journeys:secret@db.example.org:5432/journeys',
			description: 'Address of the database with user and password',
			displayOptions: { show: { kind: ['postgres'] } },
		},
		{
			displayName: 'Time Zone',
			name: 'timeZone',
			type: 'string',
			default: 'Europe/Oslo',
			placeholder: 'e.g. Europe/Oslo',
			description: 'Where days begin and end for people whose own time zone is not known',
		},
		{
			displayName: 'Country Code',
			name: 'countryCode',
			type: 'string',
			default: '47',
			placeholder: 'e.g. 47',
			description: 'Calling code of phone numbers that are given without one',
		},
		{
			displayName: 'Keep Finished Journeys (Days)',
			name: 'keepFinishedDays',
			type: 'number',
			typeOptions: { minValue: 0, maxValue: 36500 },
			default: 0,
			description:
				'Finished trips, and messages, responses and changes older than this are deleted every night; 0 keeps them for ever',
		},
		{
			displayName: 'Keep Gift Evidence (Days)',
			name: 'keepGiftEvidenceDays',
			type: 'number',
			typeOptions: { minValue: 0, maxValue: 36500 },
			default: 0,
			description:
				'What Vipps and banks say about who paid (name, number, message) is forgotten every night for gifts in the books that came in longer ago; 0 keeps it for ever',
		},
		{
			displayName: 'Clock URL',
			name: 'clockUrl',
			type: 'string',
			default: '',
			placeholder: 'e.g. http://127.0.0.1:8787/clock',
			description: 'Address of the sandbox’s clock when trying out; empty for real time',
		},
	];
}
