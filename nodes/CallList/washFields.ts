/** The part of the Call List form that says how a file of the reservation register is read. */
import type { INodeProperties } from 'n8n-workflow';

const show = { resource: ['wash'], operation: ['importFile'] };

export function washFields(): INodeProperties[] {
	return [
		{
			displayName: 'File Is Of',
			name: 'washedOn',
			type: 'string',
			default: '',
			placeholder: 'e.g. 2026-11-02',
			description: 'The day on which the register made it; today when empty',
			displayOptions: { show },
		},
		{
			displayName: 'The File Holds',
			name: 'fileHolds',
			type: 'options',
			options: [
				{ name: 'Additions', value: 'more', description: 'Nobody’s reservation is taken back' },
				{
					name: 'The Whole Register',
					value: 'all',
					description: 'Who is not in it is no longer reserved there',
				},
			],
			default: 'all',
			displayOptions: { show },
		},
		{
			displayName: 'Reservations Against',
			name: 'reservedAgainst',
			type: 'multiOptions',
			options: [
				{ name: 'Calls', value: 'phone' },
				{ name: 'Letters', value: 'letter' },
			],
			default: ['letter', 'phone'],
			description: 'What an entry is a no to',
			displayOptions: { show },
		},
		{
			displayName: 'Columns of the File',
			name: 'washColumns',
			type: 'fixedCollection',
			typeOptions: { multipleValues: true },
			placeholder: 'Add Column',
			default: {},
			description:
				'The layout of the register’s file is not published. Usual headings are known; say here what the others hold.',
			displayOptions: { show },
			options: [
				{
					displayName: 'Column',
					name: 'column',
					// The heading, then what it holds.

					values: [
						{
							displayName: 'Heading',
							name: 'heading',
							type: 'string',
							default: '',
							placeholder: 'e.g. TLFNR',
						},
						{
							displayName: 'Holds',
							name: 'place',
							type: 'options',
							options: [
								{ name: 'Birth Date', value: 'birthDate' },
								{ name: 'Family Name', value: 'familyName' },
								{ name: 'Given Name', value: 'givenName' },
								{ name: 'Name', value: 'name' },
								{ name: 'Phone', value: 'phone' },
								{ name: 'Postal Code', value: 'postalCode' },
								{
									name: 'Whom It Covers',
									value: 'covers',
									description: 'Voluntary organisations too, or not',
								},
							],
							default: 'phone',
						},
					],
				},
			],
		},
		{
			displayName: 'Covers Us When',
			name: 'coversWords',
			type: 'string',
			default: '',
			placeholder: 'e.g. J, ja, 1',
			description:
				'What stands in the column “Whom It Covers” where the no is to voluntary organisations as well; every entry counts when empty',
			displayOptions: { show },
		},
		{
			displayName: 'File Name',
			name: 'fileName',
			type: 'string',
			default: '',
			placeholder: 'e.g. reservasjon-2026-11.csv',
			description: 'What the wash is noted under, where the file comes with the item',
			displayOptions: { show: { ...show, fileFrom: ['content'] } },
		},
	];
}
