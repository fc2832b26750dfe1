/** A person as templates, travellers and the editor show them. */
import type { Store } from '../store/store';

export interface PersonView {
	id: number;
	memberNumber: string | null;
	givenName: string;
	familyName: string;
	name: string;
	email: string | null;
	/** E.164 */
	phone: string | null;
	/** `YYYY-MM-DD` */
	birthDate: string | null;
	/** Whole years today in the person's zone; null when the birth date is unknown. */
	age: number | null;
	gender: string | null;
	language: string | null;
	street: string | null;
	postalCode: string | null;
	city: string | null;
	country: string | null;
	/** The newest membership that has not ended, else the newest. */
	membership: { kind: string; unit: string; status: string; startedOn: string | null; paidUntil: string | null } | null;
	labels: string[];
	attributes: Record<string, string>;
}

/** The given persons by id; ids that no longer exist are left out. One query per kind of detail, whatever the number. */
export async function personViews(store: Store, ids: readonly number[], now: number): Promise<Map<number, PersonView>> {
	void store, void ids, void now;
	throw new Error('not built yet');
}
