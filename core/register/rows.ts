/** Many rows in one statement: each batch of the register's writes is one bound text, whatever its length. */
import { type RawBuilder, sql } from 'kysely';
import type { Db, Store } from '../store/store';

export type ColumnKind = 'whole' | 'text';
export type Columns = Record<string, ColumnKind>;
export type Row<C extends Columns> = { [K in keyof C]: C[K] extends 'whole' ? number | null : string | null };

/** The rows as a table named `alias` with the given columns, to select from or join with. */
export function givenRows<C extends Columns>(
	store: Pick<Store, 'dialect'>,
	alias: string,
	columns: C,
	rows: ReadonlyArray<Row<C>>,
): RawBuilder<unknown> {
	const names = Object.keys(columns);
	if (store.dialect === 'postgres') {
		const lists = names.map((name) => {
			const values = rows.map((row) => row[name]);
			return columns[name] === 'whole' ? sql`${values}::bigint[]` : sql`${values}::text[]`;
		});
		return sql`unnest(${sql.join(lists)}) as ${sql.ref(alias)}(${sql.join(names.map((name) => sql.ref(name)))})`;
	}
	// Arrays, not objects: SQLite then looks a value up by its place instead of comparing names.
	const picked = names.map(
		(name, place) => sql`json_extract(value, ${sql.lit(`$[${place}]`)}) as ${sql.ref(name)}`,
	);
	const list = JSON.stringify(rows.map((row) => names.map((name) => row[name])));
	return sql`(select ${sql.join(picked)} from json_each(${list})) as ${sql.ref(alias)}`;
}

/** What happens to a row that is there already: left alone, or these columns take the new values. */
export type OnConflict = { on: string[]; set?: string[] };

export async function insertRows<C extends Columns>(
	db: Db,
	store: Pick<Store, 'dialect'>,
	table: string,
	columns: C,
	rows: ReadonlyArray<Row<C>>,
	conflict?: OnConflict,
): Promise<void> {
	if (rows.length === 0) return;
	const names = sql.join(Object.keys(columns).map((name) => sql.ref(name)));
	await sql`insert into ${sql.table(table)} (${names})
		select ${names} from ${givenRows(store, 'given', columns, rows)} where true ${conflictClause(conflict)}`.execute(
		db,
	);
}

/** Sets every column but the keys on the rows that the keys name. */
export async function updateRows<C extends Columns>(
	db: Db,
	store: Pick<Store, 'dialect'>,
	table: string,
	columns: C,
	keys: string[],
	rows: ReadonlyArray<Row<C>>,
): Promise<void> {
	if (rows.length === 0) return;
	const settings = Object.keys(columns)
		.filter((name) => !keys.includes(name))
		.map((name) => sql`${sql.ref(name)} = ${sql.ref(`given.${name}`)}`);
	const found = keys.map((name) => sql`${sql.ref(`${table}.${name}`)} = ${sql.ref(`given.${name}`)}`);
	await sql`update ${sql.table(table)} set ${sql.join(settings)}
		from ${givenRows(store, 'given', columns, rows)} where ${sql.join(found, sql` and `)}`.execute(db);
}

/** Deletes the rows that the keys name. */
export async function deleteRows<C extends Columns>(
	db: Db,
	store: Pick<Store, 'dialect'>,
	table: string,
	keys: C,
	rows: ReadonlyArray<Row<C>>,
): Promise<void> {
	if (rows.length === 0) return;
	const names = Object.keys(keys);
	const own = sql.join(names.map((name) => sql.ref(name)));
	await sql`delete from ${sql.table(table)} where (${own}) in
		(select ${own} from ${givenRows(store, 'given', keys, rows)})`.execute(db);
}

function conflictClause(conflict: OnConflict | undefined): RawBuilder<unknown> {
	if (!conflict) return sql``;
	const on = sql.join(conflict.on.map((name) => sql.ref(name)));
	if (!conflict.set) return sql`on conflict (${on}) do nothing`;
	const settings = conflict.set.map((name) => sql`${sql.ref(name)} = ${sql.ref(`excluded.${name}`)}`);
	return sql`on conflict (${on}) do update set ${sql.join(settings)}`;
}
