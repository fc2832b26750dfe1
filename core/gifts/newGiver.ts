/** Who a giver is that the register does not have: only when the source says it in full. */
import { DateTime } from 'luxon';
import type { RegisterPerson } from '../register/given';
import type { Evidence } from './evidence';

/** Attributes under which the register keeps where such a person comes from. */
export const CAME_FROM = 'giverSource';
export const LOOKED_UP = 'lookedUp';

/** Words that no person is called: the name is that of a firm, a household or nobody. */
const NOT_A_PERSON =
	/(^|[\s,])(as|asa|sa|ans|da|enk|nuf|stiftelse[nr]?|forening(en)?|borettslag(et)?|sameie(t)?|kirke(n)?|menighet(en)?|og|and|v\/|c\/o|dødsbo(et)?|bo|ukjent|anonym|unknown|anonymous)([\s,.]|$)|[&/+@\d]/iu;
const MASKED = /[*•…]|x{2,}|^\p{L}\.?$/iu;

/** A name of one person with given and family name, in the case it is usually written in; undefined: it is not. */
export function wholeName(evidence: Evidence): { givenName: string; familyName: string } | undefined {
	const { given, family } = parts(evidence);
	const both = `${given} ${family}`;
	if (given === '' || family === '' || NOT_A_PERSON.test(both)) return undefined;
	if (MASKED.test(given) || MASKED.test(family)) return undefined;
	return { givenName: cased(given), familyName: cased(family) };
}

function parts({ name = '', givenName = '', familyName = '' }: Evidence): { given: string; family: string } {
	if (givenName && familyName) return { given: givenName.trim(), family: familyName.trim() };
	const comma = name.indexOf(',');
	if (comma >= 0) return { given: name.slice(comma + 1).trim(), family: name.slice(0, comma).trim() };
	const words = name.trim().split(/\s+/);
	return { given: words.slice(0, -1).join(' '), family: words.at(-1) ?? '' };
}

/** Banks write in capitals. What is written in both cases is left as its owner wrote it. */
function cased(name: string): string {
	if (name !== name.toUpperCase()) return name;
	return name.toLowerCase().replace(/(^|[\s'’-])(\p{L})/gu, (_, before: string, letter: string) => {
		return before + letter.toUpperCase();
	});
}

/**
 * The giver as a new person: a whole name, and a whole phone number or an e-mail address; undefined when the source does
 * not say as much, masks a part of it, or names several. @param source which source says so @param at epoch ms
 */
export function newGiver(
	evidence: Evidence,
	source: string,
	at: number,
	zone: string,
): RegisterPerson | undefined {
	const name = wholeName(evidence);
	const phone = /^\+\d{8,15}$/.test(evidence.phone ?? '') ? evidence.phone : undefined;
	const email = evidence.email?.includes('@') && !MASKED.test(evidence.email) ? evidence.email : undefined;
	if (!name || (!phone && !email)) return undefined;
	return personOf(evidence, name, source, at, zone, { phone, email });
}

/** The same when somebody has filled in or looked over what the source says. */
export function personOf(
	evidence: Evidence,
	name: { givenName: string; familyName: string },
	source: string,
	at: number,
	zone: string,
	{ phone, email }: { phone: string | undefined; email: string | undefined },
): RegisterPerson {
	const moment = (ms: number) => DateTime.fromMillis(ms, { zone }).toFormat('yyyy-MM-dd HH:mm');
	const { street, postalCode, city, country, lookedUp } = evidence;
	const attributes: Record<string, string> = { [CAME_FROM]: `${source} ${moment(at)}` };
	for (const field of lookedUp?.fields ?? [])
		attributes[`${LOOKED_UP}.${field}`] = `${lookedUp!.source} ${moment(lookedUp!.at)}`;
	return {
		...name,
		...(phone ? { phones: [phone] } : {}),
		...(email ? { emails: [email.toLowerCase()] } : {}),
		...(street ? { street } : {}),
		...(postalCode ? { postalCode } : {}),
		...(city ? { city } : {}),
		...(country ? { country } : {}),
		...(/^\d{4}-\d{2}-\d{2}$/.test(evidence.birthDate ?? '') ? { birthDate: evidence.birthDate! } : {}),
		attributes,
	};
}
