/** What holds for the whole organisation unless a person's own data say otherwise. */
import { IANAZone } from 'luxon';
import { z } from 'zod/v4';
import { StepProblem } from '../ports';

export interface Organisation {
	/** IANA zone in which days begin and end. */
	zone: string;
	/** Calling code of phone numbers given without one, digits only. */
	countryCode: string;
}

export const defaultOrganisation: Organisation = { zone: 'Europe/Oslo', countryCode: '47' };

const settings = z.object({
	timeZone: z.string().optional(),
	countryCode: z.union([z.string(), z.number()]).optional(),
});

/** Reads zone and country code out of the Journey Store credential. @throws {StepProblem} naming the field. */
export function organisationOf(credential: unknown): Organisation {
	const read = settings.safeParse(credential ?? {});
	const zone = (read.success && read.data.timeZone?.trim()) || defaultOrganisation.zone;
	const countryCode = String(
		(read.success && read.data.countryCode) || defaultOrganisation.countryCode,
	).replace(/^(\+|00)/, '');
	if (!IANAZone.isValidZone(zone)) {
		throw new StepProblem(`“${zone}” is not a time zone.`, {
			field: 'Time Zone',
			hint: 'Use a name such as Europe/Oslo in the Journey Store credential.',
		});
	}
	if (!/^\d{1,3}$/.test(countryCode)) {
		throw new StepProblem(`“${countryCode}” is not a country calling code.`, {
			field: 'Country Code',
			hint: 'Use digits such as 47 in the Journey Store credential.',
		});
	}
	return { zone, countryCode };
}
