/** How the form's call list reaches the callers. */
import type { Dialer } from '../../core/calls/dialer';
import { dispositionsBy } from '../../core/calls/dispositions';
import type { ResultRules } from '../../core/calls/result';
import { StepProblem } from '../../core/ports';
import type { Organisation } from '../../core/register/organisation';
import type { StepContext } from '../../core/step';
import { ADVERSUS, adversusDialer } from '../../providers/dialer/adversus';
import { readAdversusSettings, readVicidialSettings } from '../../providers/dialer/settings';
import { VICIDIAL, vicidialDialer } from '../../providers/dialer/vicidial';
import type { Parameters } from './form';

/** What the ledger and the responses call it. */
export const CALL_FILES = 'callFile';

export function providerOf({ profile }: Pick<Parameters, 'profile'>): string {
	return profile === 'adversus' ? ADVERSUS : profile === 'vicidial' ? VICIDIAL : CALL_FILES;
}

/** @throws {StepProblem} naming the field that is missing. */
export function checkProfile(params: Parameters): void {
	const need = (ok: boolean, field: string, hint: string) => {
		if (!ok) throw new StepProblem(`'${field}' is empty.`, { field, hint });
	};
	if (params.profile === 'adversus') {
		need(params.campaignId > 0, 'Campaign ID', 'It stands in the address of the campaign in Adversus.');
		need(params.poolId > 0, 'Pool ID', 'The pool of contacts that the leads are put into.');
		need(
			params.masterFields.field.some(({ value, id }) => value === 'phone' && id > 0),
			'Fields at the Dialer',
			"Add a row that says which field of the account holds the phone number ('Phone').",
		);
	}
	if (params.profile === 'vicidial')
		need(/^\d{3,12}$/.test(params.listId), 'List ID', 'The number of the list, 3 to 12 digits.');
	if (params.profile !== 'file' && params.takenBack === 'status')
		need(
			params.profile === 'adversus' || /^\w{1,6}$/.test(takenBackStatusOf(params)),
			'Status When Taken Back',
			'Up to six letters or digits.',
		);
}

/** Adversus: one of its closed statuses. VICIdial: `DNC` would be about the number, this is about the lead. */
const takenBackStatusOf = ({ profile, takenBackStatus }: Parameters): string =>
	takenBackStatus || (profile === 'adversus' ? 'unqualified' : 'REMOVE');

/** Of the profiles that are reached over HTTP. @throws {StepProblem} when a credential or a field is missing. */
export async function dialerOf(
	ctx: StepContext,
	params: Parameters,
	{ zone, countryCode }: Organisation,
): Promise<Dialer> {
	checkProfile(params);
	if (params.profile === 'vicidial')
		return vicidialDialer(ctx.http, ctx.clock, readVicidialSettings(await ctx.credentials('vicidialApi')), {
			listId: params.listId,
			campaignId: params.dialerCampaign,
			dncCheck: params.options.dncCheck,
			duplicateCheck: params.options.duplicateCheck,
			addToHopper: params.options.addToHopper,
			customFields: params.options.customFields,
			takenBack: params.takenBack,
			takenBackStatus: takenBackStatusOf(params),
			countryCode,
			zone,
		});
	return adversusDialer(ctx.http, ctx.clock, readAdversusSettings(await ctx.credentials('adversusApi')), {
		campaignId: params.campaignId,
		poolId: params.poolId,
		masterFields: params.masterFields.field.filter(({ id }) => id > 0),
		resultFields: params.resultFields.field.filter(({ id }) => id > 0),
		takenBack: params.takenBack,
		takenBackStatus: takenBackStatusOf(params),
		zone,
	});
}

export function resultRules(
	params: Parameters,
	stepId: number,
	{ zone, countryCode }: Organisation,
): ResultRules {
	return {
		source: providerOf(params),
		stepId,
		read: dispositionsBy(params.dispositions.row),
		mostAttempts: params.mostAttempts,
		callBacks: params.callBacks,
		markDeceased: params.options.markDeceased,
		yesLabel: params.options.yesLabel,
		purpose: params.purpose,
		zone,
		countryCode,
	};
}
