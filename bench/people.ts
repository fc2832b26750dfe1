/** Fictional people by the hundred thousand, written by the database itself. */
import { sql } from 'kysely';
import type { Store } from '../core/store/store';

/** `n(i)`: the numbers 1 … `count`, on both databases. */
export function numbers(count: number) {
	return sql`with recursive n(i) as (select cast(1 as bigint) union all select i + 1 from n where i < ${sql.lit(count)})`;
}

/** Persons with the ids 1 … `count`, each with a mobile number and an e-mail address that plainly are made up. */
export async function addPeople(store: Store, count: number, now: number): Promise<void> {
	const born = store.dialect === 'sqlite' ? sql`printf('%04d', 1930 + i % 80)` : sql`(1930 + i % 80)::text`;
	const padded = (expression: ReturnType<typeof sql>, width: number) =>
		store.dialect === 'sqlite'
			? sql`printf(${sql.lit(`%0${width}d`)}, ${expression})`
			: sql`lpad((${expression})::text, ${sql.lit(width)}, '0')`;
	await store.write(async ({ db }) => {
		await sql`insert into person (id, member_number, given_name, family_name, name_key, birth_date, postal_code, city, created_at, updated_at)
			${numbers(count)} select i, 'M' || i, 'Kari', 'Eksempel ' || i, 'kari eksempel ' || i,
				${born} || '-' || ${padded(sql`1 + i % 12`, 2)} || '-' || ${padded(sql`1 + i % 28`, 2)},
				${padded(sql`i % 9999`, 4)}, 'Sted ' || (i % 350), ${sql.lit(now)}, ${sql.lit(now)} from n`.execute(db);
		for (const [kind, value] of [
			['phone', sql`'+4740' || ${padded(sql`i`, 6)}`],
			['email', sql`'person' || i || '@example.org'`],
		] as const) {
			await sql`insert into contact_point (person_id, kind, value, is_primary, created_at)
				${numbers(count)} select i, ${sql.lit(kind)}, ${value}, 1, ${sql.lit(now)} from n`.execute(db);
		}
		await sql`insert into consent (person_id, channel, purpose, granted, source, at)
			${numbers(count)} select i, 'sms', 'journey', 1, 'bench', ${sql.lit(now)} from n where i % 4 <> 0`.execute(
			db,
		);
		await sql`insert into consent (person_id, channel, purpose, granted, source, at)
			${numbers(count)} select i, 'email', 'journey', 1, 'bench', ${sql.lit(now)} from n`.execute(db);
		if (store.dialect === 'postgres') {
			await sql`select setval(pg_get_serial_sequence('person', 'id'), ${sql.lit(count)})`.execute(db);
		}
	});
}

/** Fresh statistics, as a register that has lived for a while has them. */
export async function analyze(store: Store): Promise<void> {
	await sql.raw(store.dialect === 'sqlite' ? 'analyze' : 'vacuum analyze').execute(store.db);
}
