/** KIDs from a series, for the letters that are really to be printed: the payment is then known to be the person's. */
import { type KidFields, type KidSeries, checkSeries, giveKids } from '../../core/gifts/kidSeries';
import { composeKid } from '../../core/letters/kid';
import type { StepContext } from '../../core/step';
import type { Store } from '../../core/store/store';
import type { Parameters } from './form';
import type { Prepared } from './prepare';

const FIELDS: KidFields = {
	name: 'KID Series',
	prefix: 'KID Begins With',
	length: 'KID Length',
	method: 'Control Digit',
};

function seriesOf({ kidSeries, kidPrefix, kidLength, kidMethod, kidNumber }: Parameters): KidSeries {
	return { name: kidSeries, prefix: kidPrefix, length: kidLength, method: kidMethod, numbering: kidNumber };
}

/**
 * One as long as those of the series, to be looked over and tried out with: it belongs to nobody.
 * @throws {StepProblem} when the series cannot be one
 */
export function specimenKid(params: Parameters): string {
	const series = seriesOf(params);
	checkSeries(series, FIELDS);
	const digits = `${series.prefix}${'0'.repeat(series.length - 1 - series.prefix.length)}`;
	return composeKid([{ value: digits, length: digits.length }], 'mod10') ?? '';
}

/** Puts each person's own into their letter; who can have none is left out. The same person gets the same again. */
export async function putKids(
	{ clock }: Pick<StepContext, 'clock'>,
	store: Store,
	prepared: readonly Prepared[],
): Promise<void> {
	const groups = new Map<string, Array<Prepared & { series: KidSeries }>>();
	for (const one of prepared) {
		const { giro } = one.content;
		if (one.params.kidFrom !== 'kidSeries' || !giro || one.impossible) continue;
		if (one.who.personId === null) refuse(one, 'is not in the register');
		else {
			const series = seriesOf(one.params);
			const key = JSON.stringify(series);
			groups.set(key, [...(groups.get(key) ?? []), Object.assign(one, { series })]);
		}
	}
	for (const group of groups.values()) {
		const given = await giveKids(
			store,
			clock,
			group[0]!.series,
			group.map(({ who, params, content }) => ({
				personId: who.personId ?? 0,
				campaign: params.giftCampaign || null,
				purpose: params.giftPurpose || null,
				amountOre: content.giro?.amountOre ?? null,
			})),
			FIELDS,
		);
		for (const [place, one] of group.entries()) {
			const got = given[place];
			if (got?.kid && one.content.giro) one.content.giro.kid = got.kid;
			else refuse(one, got && got.kid === null ? got.reason : 'has no KID');
		}
	}
}

function refuse(one: Prepared, why: string): void {
	one.impossible = { reason: `can have no KID: ${why}`, code: 'paymentInvalid' };
}
