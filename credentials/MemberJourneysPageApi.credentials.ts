import type { Icon, ICredentialType, INodeProperties } from 'n8n-workflow';

/** Who may open the page that the step Journey People Page serves. Tested by that step: nothing is reached for. */
export class MemberJourneysPageApi implements ICredentialType {
	name = 'memberJourneysPageApi';

	displayName = 'Journey People Page API';

	icon: Icon = {
		light: 'file:memberJourneysPageApi.svg',
		dark: 'file:memberJourneysPageApi.dark.svg',
	};

	documentationUrl =
		'https://github.com/member-journeys/member-journeys/blob/main/docs/steps/journeyPeoplePage.md#credential';

	properties: INodeProperties[] = [
		{
			displayName: 'User Name',
			name: 'userName',
			type: 'string',
			default: '',
			required: true,
			placeholder: 'e.g. kari',
			description: 'Asked for by the browser; stands in the log of what was done on the page',
		},
		{
			displayName: 'Password',
			name: 'password',
			type: 'string',
			typeOptions: { password: true },
			default: '',
			required: true,
			description:
				'At least 12 characters. Whoever knows it sees names and member numbers, and can let people go, move them or take them out.',
		},
	];
}
