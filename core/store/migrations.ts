/**
 * The schema, step by step from the first released version. A released entry is never edited: a change is a new entry.
 * One text serves both databases; what differs is written as `{id}`, `{ms}`, `{date}` and lines marked for one dialect.
 */
export type Dialect = 'sqlite' | 'postgres';

/** `dialect: statement` for one database only, else for both. */
type Statement = string | { only: Dialect; sql: string };

const first: Statement[] = [
	`create table person (
		id {id}, member_number text unique, given_name text not null, family_name text not null, name_key text not null,
		birth_date {date}, gender text, language text, zone text,
		street text, postal_code text, city text, country text, deceased_on {date},
		created_at {ms} not null, updated_at {ms} not null)`,
	// Giver identification and look-up by name.
	`create index person_name on person (name_key)`,
	// "Birthday today" reads the month and day of everybody.
	`create index person_birthday on person (substr(birth_date, 6, 5))`,
	// Segments leave out the dead: a few to strike off, where reading that column of everybody would read the whole table.
	{ only: 'postgres', sql: `create index person_dead on person (id) where deceased_on is not null` },

	`create table contact_point (
		id {id}, person_id {ms} not null references person on delete cascade, kind text not null, value text not null,
		is_primary smallint not null, invalid_reason text, created_at {ms} not null,
		unique (person_id, kind, value))`,
	// Whose number or address is this: every inbound message asks.
	`create index contact_point_value on contact_point (kind, value)`,

	`create table membership (
		id {id}, person_id {ms} not null references person on delete cascade, kind text not null, unit text not null,
		status text not null, started_on {date}, ended_on {date}, paid_on {date}, paid_until {date}, updated_at {ms} not null,
		unique (person_id, kind, unit))`,
	// Segments narrow by status first, then by when it began.
	`create index membership_status on membership (status, started_on, person_id)`,

	`create table employment (
		id {id}, person_id {ms} not null references person on delete cascade, employer text not null, title text not null,
		started_on {date}, ended_on {date}, unique (person_id, employer, title))`,

	`create table gift (
		id {id}, person_id {ms} references person on delete set null, source text not null, source_id text not null,
		amount_ore {ms} not null, currency text not null, given_at {ms} not null, campaign text, purpose text, channel text,
		reversed_at {ms}, unique (source, source_id))`,
	// A person's gifts in order of time. Holds all that sums and counts need, so that segments over millions of gifts
	// read this index alone, person by person, and never sort.
	`create index gift_person on gift (person_id, given_at, amount_ore, currency, reversed_at)`,
	// Segments on gifts "since": few recent gifts among millions.
	`create index gift_time on gift (given_at, person_id, amount_ore, currency, reversed_at)`,

	`create table label (
		person_id {ms} not null references person on delete cascade, label text not null, added_at {ms} not null,
		primary key (person_id, label))`,
	`create index label_people on label (label, person_id)`,

	`create table consent (
		person_id {ms} not null references person on delete cascade, channel text not null, purpose text not null,
		granted smallint not null, source text not null, at {ms} not null, primary key (person_id, channel, purpose))`,
	`create index consent_people on consent (channel, purpose, granted, person_id)`,

	`create table reservation (
		person_id {ms} not null references person on delete cascade, channel text not null, source text not null,
		at {ms} not null, primary key (person_id, channel))`,

	`create table attribute (
		person_id {ms} not null references person on delete cascade, key text not null, value text not null,
		primary key (person_id, key))`,
	`create index attribute_people on attribute (key, value, person_id)`,

	{
		only: 'sqlite',
		sql: `create table change (id {id}, person_id {ms} not null, kind text not null, subject text, value text, at {ms} not null)`,
	},
	{
		// tx: a reader must not pass a change whose transaction is still open, or it would never come back to it.
		only: 'postgres',
		sql: `create table change (id {id}, person_id {ms} not null, kind text not null, subject text, value text, at {ms} not null,
			tx bigint not null default (pg_current_xact_id()::text::bigint))`,
	},
	`create index change_person on change (person_id, at)`,
	// The feed is read in the order of the transactions, see there.
	{ only: 'postgres', sql: `create index change_order on change (tx, id)` },

	`create table journey (
		id {id}, key text not null unique, name text not null, state text not null, settings text not null,
		goal_kinds {ms} not null, stopped_at {ms}, created_at {ms} not null, updated_at {ms} not null)`,
	`create table step (
		id {id}, key text not null unique, journey_id {ms}, type text not null, name text not null, settings text not null,
		goal_kinds {ms} not null, updated_at {ms} not null)`,

	`create table enrolment (
		id {id}, journey_id {ms} not null references journey, person_id {ms} not null references person on delete cascade,
		entry_key text not null, enrolled_at {ms} not null, exited_at {ms}, exit_reason text)`,
	// One open trip per person, journey and entry key, whoever enrols at the same moment.
	`create unique index enrolment_open on enrolment (journey_id, person_id, entry_key) where exited_at is null`,
	// Re-entry asks for earlier trips; a person's timeline for all of them.
	`create index enrolment_person on enrolment (person_id, journey_id, enrolled_at)`,

	`create table traveller (
		enrolment_id {ms} primary key references enrolment on delete cascade, journey_id {ms} not null, person_id {ms} not null,
		step_id {ms} not null, hop integer not null, state smallint not null, since {ms} not null, arrived_at {ms} not null,
		due_at {ms} not null, goal_kinds {ms} not null, output smallint, dispatch_id {ms}, attempts smallint not null, reason text)`,
	// The tick: who is due at this gate. Stuck people are left out, gone people have no row.
	`create index traveller_due on traveller (step_id, due_at) where state < 2`,
	// A response arrives: where does this person wait.
	`create index traveller_person on traveller (person_id)`,
	// The few who are stuck, for the admin's list.
	`create index traveller_stuck on traveller (journey_id, step_id) where state = 2`,

	`create table dispatch (
		id {id}, key text not null unique, enrolment_id {ms}, step_id {ms}, person_id {ms} references person on delete cascade,
		channel text not null, provider text not null, provider_ref text, mailing_id {ms}, address text, state text not null,
		reason text, reserved_at {ms} not null, lease_until {ms}, settled_at {ms})`,
	// Reports name the provider's message.
	`create index dispatch_ref on dispatch (provider, provider_ref) where provider_ref is not null`,
	// The last message of this trip, for a gate's "since the previous dispatch".
	`create index dispatch_enrolment on dispatch (enrolment_id, id) where enrolment_id is not null`,
	// Frequency caps, segments on communications received, timelines.
	`create index dispatch_person on dispatch (person_id, reserved_at)`,
	// Opens and clicks of a mailing name a person and the mailing.
	`create index dispatch_mailing on dispatch (mailing_id, person_id) where mailing_id is not null`,
	// Reservations whose sender died.
	`create index dispatch_open on dispatch (lease_until) where state = 'reserved'`,

	`create table mailing (
		id {id}, key text not null unique, provider text not null, step_id {ms}, list_ref text, newsletter_ref text not null,
		sending_ref text, state text not null, created_at {ms} not null, sent_at {ms}, remove_after {ms})`,
	// Opens and clicks may name the provider's sending.
	`create index mailing_sending on mailing (provider, sending_ref) where sending_ref is not null`,
	`create index mailing_cleanup on mailing (remove_after) where list_ref is not null and state <> 'removed'`,

	`create table response (
		id {id}, source text not null, source_event_id text not null, kind text not null, dispatch_id {ms}, person_id {ms} references person on delete cascade,
		provider_ref text, subject text, machine smallint not null, at {ms} not null, received_at {ms} not null, detail text,
		unique (source, source_event_id))`,
	// Has this person answered since …: every goal, and segments on responses given.
	`create index response_person on response (person_id, kind, at)`,
	`create index response_dispatch on response (dispatch_id, kind) where dispatch_id is not null`,
	// Reports that came before their dispatch was settled.
	`create index response_early on response (source, provider_ref) where dispatch_id is null and provider_ref is not null`,

	`create table segment (id {id}, name text not null unique, definition text not null, updated_at {ms} not null)`,
	`create table setting (key text primary key, value text not null)`,
];

/** Operating people: which steps still stand in their flow, the way each person has come, and limits that all workers share. */
const second: Statement[] = [
	`alter table step add column flow text not null default ''`,
	`alter table step add column seen_at {ms}`,
	`alter table step add column removed_at {ms}`,
	`alter table step add column applied text`,
	`alter table journey add column settings_step_id {ms}`,
	`alter table traveller add column path text not null default ''`,
	`alter table enrolment add column path text not null default ''`,
	// Retention: the oldest finished trips.
	`create index enrolment_finished on enrolment (exited_at) where exited_at is not null`,
	// The admin's list of messages of which nobody knows whether they went out.
	`create index dispatch_unknown on dispatch (step_id, id) where state = 'unknown'`,
	`create table operation (
		id {id}, enrolment_id {ms} references enrolment on delete cascade, person_id {ms} references person on delete cascade,
		kind text not null, detail text, actor text not null, at {ms} not null)`,
	// A person's timeline, and erasing it.
	`create index operation_person on operation (person_id, at)`,
	`create index operation_enrolment on operation (enrolment_id) where enrolment_id is not null`,
	`create table rate (key text primary key, free_at {ms} not null)`,

	// What a person has given in all. Segments ask it of everybody: adding up millions of gifts takes seconds.
	`create table gift_total (person_id {ms} primary key, gifts {ms} not null, kroner_ore {ms} not null, largest_ore {ms},
		first_at {ms} not null, last_at {ms} not null)`,
	`insert into gift_total ${totals('gift')}`,
	...giftTotals(),
];

/** One line per person from gifts of theirs; reversed gifts count as never given. */
function totals(gifts: string, whose = 'person_id is not null'): string {
	return `select person_id, count(*), coalesce(sum(case when currency = 'NOK' then amount_ore end), 0),
		max(case when currency = 'NOK' then amount_ore end), min(given_at), max(given_at)
		from ${gifts} where ${whose} and reversed_at is null group by person_id`;
}

/**
 * The databases keep the totals themselves, so that they are right whoever writes gifts, and in the same transaction.
 * A new gift is added to them; after any other change they are made anew from the person's gifts.
 */
function giftTotals(): Statement[] {
	const sum = (old: string, least: string, greatest: string) => `on conflict (person_id) do update set
		gifts = ${old}.gifts + excluded.gifts, kroner_ore = ${old}.kroner_ore + excluded.kroner_ore,
		largest_ore = ${greatest}(coalesce(${old}.largest_ore, excluded.largest_ore), coalesce(excluded.largest_ore, ${old}.largest_ore)),
		first_at = ${least}(${old}.first_at, excluded.first_at), last_at = ${greatest}(${old}.last_at, excluded.last_at)`;
	const sqlite = (sql: string): Statement => ({ only: 'sqlite', sql });
	const postgres = (sql: string): Statement => ({ only: 'postgres', sql });
	const again = (persons: string) => `delete from gift_total where person_id in (${persons});
		insert into gift_total ${totals('gift', `person_id in (${persons})`)};`;
	const counted = 'person_id, amount_ore, currency, given_at, reversed_at';
	return [
		sqlite(`create trigger gift_added after insert on gift when new.person_id is not null and new.reversed_at is null begin
			insert into gift_total values (new.person_id, 1, case when new.currency = 'NOK' then new.amount_ore else 0 end,
				case when new.currency = 'NOK' then new.amount_ore end, new.given_at, new.given_at) ${sum('gift_total', 'min', 'max')};
		end`),
		sqlite(
			`create trigger gift_changed after update of ${counted} on gift begin ${again('old.person_id, new.person_id')} end`,
		),
		sqlite(`create trigger gift_removed after delete on gift begin ${again('old.person_id')} end`),

		postgres(`create function gift_added() returns trigger language plpgsql as $$ begin
			insert into gift_total as t ${totals('added')} order by person_id ${sum('t', 'least', 'greatest')};
			return null;
		end $$`),
		// The row is locked before the gifts are read, so that two transactions on one person's gifts take turns and the
		// second reads what the first has written.
		postgres(`create function gift_totals_again(persons bigint[]) returns void language plpgsql as $$ begin
			insert into gift_total as t select distinct p.id, 0, 0, null::bigint, 0, 0 from unnest(persons) as p(id) where p.id is not null
				order by p.id on conflict (person_id) do update set gifts = t.gifts;
			update gift_total as t set gifts = s.gifts, kroner_ore = s.kroner_ore, largest_ore = s.largest_ore,
				first_at = s.first_at, last_at = s.last_at
			from (select p.id, count(g.id) as gifts, coalesce(sum(case when g.currency = 'NOK' then g.amount_ore end), 0) as kroner_ore,
					max(case when g.currency = 'NOK' then g.amount_ore end) as largest_ore,
					coalesce(min(g.given_at), 0) as first_at, coalesce(max(g.given_at), 0) as last_at
				from (select distinct id from unnest(persons) as u(id)) as p
				left join gift g on g.person_id = p.id and g.reversed_at is null group by p.id) as s
			where t.person_id = s.id;
			delete from gift_total where person_id = any(persons) and gifts = 0;
		end $$`),
		postgres(`create function gift_changed() returns trigger language plpgsql as $$ begin
			perform gift_totals_again(array(select person_id from (
				(select id, ${counted} from before except all select id, ${counted} from after)
				union all (select id, ${counted} from after except all select id, ${counted} from before)) as d));
			return null;
		end $$`),
		postgres(`create function gift_removed() returns trigger language plpgsql as $$ begin
			perform gift_totals_again(array(select person_id from before));
			return null;
		end $$`),
		postgres(
			'create trigger gift_added after insert on gift referencing new table as added for each statement execute function gift_added()',
		),
		postgres(
			'create trigger gift_changed after update on gift referencing old table as before new table as after for each statement execute function gift_changed()',
		),
		postgres(
			'create trigger gift_removed after delete on gift referencing old table as before for each statement execute function gift_removed()',
		),
	];
}

/** Contact rules in front of every message: what counts towards a cap, whom to leave alone, and who is held back till later. */
const third: Statement[] = [
	`alter table person add column protected smallint not null default 0`,
	`alter table dispatch add column purpose text not null default ''`,
	`alter table dispatch add column class text not null default ''`,
	`alter table dispatch add column code text`,
	`alter table traveller add column carried text`,
	// Why not sent, counted by step and reason over the last month.
	`create index dispatch_not_sent on dispatch (reserved_at, step_id, code) where state = 'skipped'`,
	// Opens and clicks of which it is not known yet whether a machine did them.
	`create index response_undecided on response (received_at) where machine = 2`,
	// What a message costs its recipient, until LINK says that it is paid. No key to its dispatch: history of messages goes
	// after a while, and with who is erased, but money that is on its way must still find its gift.
	`create table charge (
		dispatch_id {ms} primary key, person_id {ms} references person on delete set null, address text, kind text not null,
		amount_ore {ms} not null, currency text not null, campaign text, purpose text, gift smallint not null,
		state text not null, code integer, ordered_at {ms} not null, settled_at {ms})`,
	`create index charge_person on charge (person_id) where person_id is not null`,
	// Has this number been charged silently before.
	`create index charge_silent on charge (address) where kind = 'silent' and address is not null`,
	// Delivery reports on the parts of long messages, until all are there.
	`create table sms_part (
		provider text not null, message_ref text not null, part integer not null, parts integer not null,
		code integer not null, weight smallint not null, at {ms} not null, primary key (provider, message_ref, part))`,
	`create index sms_part_old on sms_part (at)`,

	// A question that somebody waits with. It goes when they leave the journey, whatever takes them out of it.
	`create table question (
		enrolment_id {ms} primary key references traveller on delete cascade, person_id {ms} not null references person on delete cascade,
		step_id {ms} not null, hop integer not null, address text not null, state text not null, asked smallint not null,
		asked_at {ms} not null, dispatch_id {ms}, replies text, response_id {ms}, outcome text)`,
	// One question at a time to one number: a reply is to that one. Every reply asks.
	`create unique index question_open on question (address) where state in ('open', 'answered')`,
	// Those whose turn comes when it has been answered.
	`create index question_queued on question (address) where state = 'queued'`,
	`create index question_person on question (person_id)`,
];

/** Hand-offs: letters and calls that leave in batches, and what the printing house or the callers tell of them. */
const fourth: Statement[] = [
	`create table handoff (
		id {id}, step_id {ms} not null, kind text not null, name text not null unique, profile text not null, state text not null,
		items {ms} not null, pages {ms}, settings text not null, progress text, reason text,
		opened_at {ms} not null, released_at {ms}, released_by text, handed_over_at {ms}, lease_until {ms})`,
	// What of a batch lies at the other end, or is about to: whoever goes on with it after a crash knows its own.
	`create table handoff_file (
		handoff_id {ms} not null, name text not null, sha256 text not null, size {ms} not null, state text not null, at {ms} not null,
		primary key (handoff_id, name))`,
	// Letters to the address came back.
	`alter table person add column address_invalid_reason text`,
	// The batches of a step that are still on their way, and its latest ones.
	`create index handoff_step on handoff (step_id, id)`,
	`create table handoff_item (
		dispatch_id {ms} primary key, handoff_id {ms}, step_id {ms} not null, enrolment_id {ms},
		person_id {ms} references person on delete cascade, ref text not null unique, state text not null, content text,
		outcome text, reason text, due_at {ms}, collected_at {ms} not null, handed_over_at {ms}, changed_at {ms} not null,
		news text, news_at {ms})`,
	// About whom the register says something new since they were collected.
	`create index handoff_item_news on handoff_item (step_id, news_at) where news_at is not null`,
	// What the next batch takes; and what is out there, by step.
	`create index handoff_item_state on handoff_item (step_id, state, dispatch_id)`,
	`create index handoff_item_batch on handoff_item (handoff_id) where handoff_id is not null`,
	`create index handoff_item_person on handoff_item (person_id) where person_id is not null`,
	// Who has left the journey takes theirs back.
	`create index handoff_item_enrolment on handoff_item (enrolment_id) where enrolment_id is not null`,
	// When the register was last washed against a register of reservations, and by a file of which day.
	`create table wash (
		id {id}, register text not null, file_name text not null, file_hash text not null, washed_on {date} not null,
		entries {ms} not null, matched {ms} not null, imported_at {ms} not null)`,
	`create index wash_register on wash (register, washed_on)`,
	// The questions of one step: it forgets those of whoever has gone on.
	`create index question_step on question (step_id)`,
];

/** Gifts from the moment they come in: who gave, what went back, agreements, and by what givers are known. */
const fifth: Statement[] = [
	`alter table gift add column agreement_id {ms}`,
	`alter table gift add column deductible smallint not null default 0`,
	`alter table gift add column receipt_no {ms}`,
	`create unique index gift_receipt on gift (receipt_no) where receipt_no is not null`,
	`create table incoming_gift (
		id {id}, source text not null, source_id text not null, also text, amount_ore {ms} not null, reversed_ore {ms} not null,
		currency text not null, received_at {ms} not null, channel text not null, campaign text, purpose text, kid text,
		reference text, agreement_ref text, payer_ref text, evidence text not null, state text not null,
		person_id {ms} references person on delete set null, probability {real}, candidates text, decided_by text,
		decided_at {ms}, gift_id {ms}, step_id {ms}, created_at {ms} not null, unique (source, source_id))`,
	// Another report of the same source tells of the same payment; a refund names it so.
	`create index incoming_gift_also on incoming_gift (source, also) where also is not null`,
	// The review page, and whatever has yet to be looked at or booked: booked and reversed ones cost nothing.
	`create index incoming_gift_open on incoming_gift (state, received_at) where state in ('new', 'identified', 'review', 'unknown')`,
	// Sums of a period.
	`create index incoming_gift_received on incoming_gift (received_at)`,
	// What was said about givers and has served: forgotten in time.
	`create index incoming_gift_evidence on incoming_gift (received_at) where evidence <> '{}' and state in ('booked', 'reversed')`,
	`create index incoming_gift_person on incoming_gift (person_id) where person_id is not null`,
	`create table gift_reversal (
		id {id}, source text not null, source_id text not null, of text not null, amount_ore {ms} not null, at {ms} not null,
		reason text not null, incoming_gift_id {ms}, unique (source, source_id))`,
	`create index gift_reversal_gift on gift_reversal (incoming_gift_id) where incoming_gift_id is not null`,
	`create index gift_reversal_early on gift_reversal (source, of) where incoming_gift_id is null`,
	`create table giver_key (
		id {id}, kind text not null, value text not null, person_id {ms} references person on delete cascade, campaign text,
		purpose text, amount_ore {ms}, detail text, created_at {ms} not null, expires_at {ms}, unique (kind, value))`,
	`create index giver_key_person on giver_key (person_id) where person_id is not null`,
	`create table agreement (
		id {id}, source text not null, source_id text not null, person_id {ms} references person on delete set null,
		amount_ore {ms}, currency text not null, interval text, status text not null, campaign text, started_at {ms},
		stopped_at {ms}, stopped_by text, evidence text not null, updated_at {ms} not null, unique (source, source_id))`,
	`create index agreement_person on agreement (person_id) where person_id is not null`,
	`create table gift_decision (
		id {id}, incoming_gift_id {ms} not null references incoming_gift on delete cascade, decision text not null,
		person_id {ms} references person on delete set null, compared text, actor text not null, at {ms} not null)`,
	`create index gift_decision_gift on gift_decision (incoming_gift_id)`,
	`create table outbox (
		id {id}, step_id {ms} not null, output smallint not null, kind text not null, subject_id {ms} not null,
		state text not null, attempts integer not null, due_at {ms} not null, lease_until {ms}, reason text)`,
	// What a step may let out now.
	`create index outbox_step on outbox (step_id, state, due_at)`,
	`create table kid_series (
		id {id}, name text not null unique, campaign text, purpose text, prefix text not null, length integer not null,
		method text not null, next_no {ms} not null, created_at {ms} not null)`,
	`create table gift_payment (
		id {id}, reference text not null unique, link_id {ms} not null, step_id {ms} not null, enrolment_id {ms},
		amount_ore {ms} not null, state text not null, redirect_url text, created_at {ms} not null, look_at {ms})`,
	`create index gift_payment_link on gift_payment (link_id)`,
	// What a step has yet to ask Vipps about.
	`create index gift_payment_open on gift_payment (step_id, look_at) where look_at is not null`,
	// Several rows for each person: where it can be, the table is its own index.
	...(['sqlite', 'postgres'] as const).map((only) => ({
		only,
		sql: `create table giver_block (
			key {date} not null, person_id {ms} not null references person on delete cascade,
			primary key (key, person_id))${only === 'sqlite' ? ' without rowid' : ''}`,
	})),
	`create index giver_block_person on giver_block (person_id)`,
];

/** Version n of the schema is reached by running the first n entries. */
export const migrations: readonly Statement[][] = [first, second, third, fourth, fifth];

/** The statements of one migration for one database. */
export function statements(migration: readonly Statement[], dialect: Dialect): string[] {
	const words =
		dialect === 'sqlite'
			? { id: 'integer primary key autoincrement', ms: 'integer', date: 'text', real: 'real' }
			: {
					id: 'bigint generated by default as identity primary key',
					ms: 'bigint',
					date: 'text collate "C"',
					real: 'double precision',
				};
	return migration
		.map((statement) => (typeof statement === 'string' ? { only: dialect, sql: statement } : statement))
		.filter((statement) => statement.only === dialect)
		.map((statement) =>
			statement.sql.replace(/\{(id|ms|date|real)\}/g, (_, word: keyof typeof words) => words[word]),
		);
}
