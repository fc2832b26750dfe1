/** Who is not called, and why: what the contact rules do not know of by themselves. */
import { NATIONAL_REGISTER } from '../register/consents';
import { dayIn, yearsBetween } from '../register/calendar';
import type { Db, Store } from '../store/store';
import { type NumberCode, type NumberRules, numberAgainst, numberCodes } from './numbers';

export interface Wash {
	/** `YYYY-MM-DD`: the day that the register's file is of. */
	washedOn: string;
	fileName: string;
	/** Epoch ms: whoever has come into our register since has not been checked. */
	importedAt: number;
}

/** The newest file of the national reservation register that was read in. */
export async function newestWash(db: Db): Promise<Wash | undefined> {
	const row = await db
		.selectFrom('wash')
		.where('register', '=', NATIONAL_REGISTER)
		.orderBy('washed_on', 'desc')
		.orderBy('imported_at', 'desc')
		.select(['washed_on', 'file_name', 'imported_at'])
		.executeTakeFirst();
	return row && { washedOn: row.washed_on, fileName: row.file_name, importedAt: row.imported_at };
}

/** Registers are to be washed in the month in which people are contacted. */
export const isOfThisMonth = ({ washedOn }: Pick<Wash, 'washedOn'>, today: string): boolean =>
	washedOn.slice(0, 7) >= today.slice(0, 7);

/** In words what is wrong with the wash, naming its date; undefined when it is good. */
export function washAgainst(wash: Wash | undefined, today: string): string | undefined {
	if (!wash) return 'The register has not been washed against the reservation register yet.';
	if (isOfThisMonth(wash, today)) return undefined;
	return `The register was last washed against a reservation register of ${wash.washedOn}; it has to be one of this month (${today.slice(0, 7)}).`;
}

export const leftOutCodes = {
	...numberCodes,
	underAge: 'under age',
	notWashed: 'not checked against the reservation register',
	noTime: 'no lawful hour left to call in',
	refused: 'refused by the callers',
} as const;
export type LeftOutCode = NumberCode | Exclude<keyof typeof leftOutCodes, NumberCode>;

export interface Against {
	code: LeftOutCode;
	/** In words, as the person's timeline shows it. */
	reason: string;
}

export interface Washed {
	key: string;
	personId: number | null;
	/** As the item has it; E.164 when it could be read. */
	given: string;
	phone: string | undefined;
}

export interface WashRules {
	numbers: NumberRules;
	/** Years; 0 = whatever their age. Whose birth date is unknown is called. */
	adultFrom: number;
	/** The wash that people must have been part of; null where the callers wash by themselves. */
	wash: Wash | null;
	zone: string;
}

/**
 * What stands against calling each, by their key. Deceased, protected, reserved and refused people are left out by the
 * contact rules (`core/dispatch/rules`), which every message passes.
 */
export async function washPeople(
	db: Db,
	store: Store,
	now: number,
	rules: WashRules,
	people: readonly Washed[],
): Promise<Map<string, Against>> {
	const against = new Map<string, Against>();
	const ids = people.flatMap(({ personId }) => (personId === null ? [] : [personId]));
	const persons = new Map(
		(
			await db
				.selectFrom('person')
				.where(store.among('id', ids))
				.select(['id', 'birth_date', 'created_at', 'zone'])
				.execute()
		).map((row) => [row.id, row]),
	);
	const since = rules.wash ? await numbersSince(db, store, ids, rules.wash.importedAt) : new Set<string>();
	for (const { key, personId, given, phone } of people) {
		const wrong =
			given === ''
				? 'noNumber'
				: phone === undefined
					? 'unreadableNumber'
					: numberAgainst(phone, rules.numbers);
		if (wrong) {
			against.set(key, { code: wrong, reason: `has ${numberCodes[wrong]}` });
			continue;
		}
		const person = personId === null ? undefined : persons.get(personId);
		if (!person) continue;
		const today = dayIn(now, person.zone ?? rules.zone);
		if (person.birth_date && yearsBetween(person.birth_date, today) < rules.adultFrom) {
			against.set(key, { code: 'underAge', reason: `is under ${rules.adultFrom}` });
			continue;
		}
		if (rules.wash && (person.created_at > rules.wash.importedAt || since.has(`${person.id} ${phone}`)))
			against.set(key, {
				code: 'notWashed',
				reason: `came into the register after the wash of ${rules.wash.washedOn}`,
			});
	}
	return against;
}

/** Numbers that the register has got to know since. */
async function numbersSince(db: Db, store: Store, ids: number[], moment: number): Promise<Set<string>> {
	const rows = await db
		.selectFrom('contact_point')
		.where(store.among('person_id', ids))
		.where('kind', '=', 'phone')
		.where('created_at', '>', moment)
		.select(['person_id', 'value'])
		.execute();
	return new Set(rows.map((row) => `${row.person_id} ${row.value}`));
}
