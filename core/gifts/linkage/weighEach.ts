/** Everybody who could have given, weighed with an eye to who lives with whom. */
import type { NamesCompared } from './compareNames';
import type { Model } from './model';
import type { Known } from './people';
import type { Told } from './told';
import { type Weighed, weigh, weighAccount } from './weigh';

/**
 * @param accounts whose accounts are known, by their number
 * @param namesakes how many of the register have the given and the family name that agree
 */
export function weighEach(
	told: Told,
	people: readonly Known[],
	model: Model,
	accounts: ReadonlyMap<string, number[]>,
	namesakes: (compared: NamesCompared) => number,
): Weighed[] {
	const homes = homesOf(told, people);
	return people.map((person) => {
		const atHome = homes.size > 0 && homes.has(person.home);
		const weighed = weigh(told, person, model, atHome, namesakes);
		if (told.account !== undefined) weighAccount(weighed, model, accounts.get(told.account) ?? []);
		return weighed;
	});
}

/** Where those live whose number it is. */
function homesOf({ phone, phoneEnd }: Told, people: readonly Known[]): Set<string> {
	const homes = new Set<string>();
	if (phoneEnd === undefined) return homes;
	for (const person of people) {
		const { phones } = person;
		const isTheirs =
			phone !== undefined ? phones.includes(phone) : phones.some((own) => own.endsWith(phoneEnd));
		if (isTheirs && person.home !== '') homes.add(person.home);
	}
	return homes;
}
