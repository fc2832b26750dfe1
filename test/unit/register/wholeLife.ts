/** Somebody of whom the store holds a row in every table, and what to look for when they are to be gone. */
import { sql } from 'kysely';
import { enterGate } from '../../../core/journeys/gate';
import { deliver, journeyKey } from '../../../core/dispatch/deliver';
import type { Channel } from '../../../core/dispatch/channel';
import { upsertPersons } from '../../../core/register/upsert';
import { takeIn } from '../../../core/gifts/incoming';
import { learnFrom } from '../../../core/gifts/learn';
import { registerGifts } from '../../../core/register/gifts';
import { addLabels } from '../../../core/register/labels';
import { addReservations, setConsent } from '../../../core/register/consents';
import type { Store } from '../../../core/store/store';
import { type Story, until } from '../journeys/story';

export interface Human {
	number: string | null;
	given: string;
	family: string;
	email: string;
	phone: string;
}

export const kari: Human = {
	number: 'M-4711',
	given: 'Karianne',
	family: 'Eksempelsen',
	email: 'karianne@example.org',
	phone: '+4740000047',
};

export async function added(story: Story, human: Human): Promise<number> {
	const { ids } = await story.store.write((writing) =>
		upsertPersons(
			writing,
			story.store,
			story.clock.now(),
			[
				{
					...(human.number ? { memberNumber: human.number } : {}),
					givenName: human.given,
					familyName: human.family,
					emails: [human.email],
					phones: [human.phone],
				},
			],
			'test',
		),
	);
	return ids[0]!;
}

export const sms = (sent: Array<string | null> = []): Channel<string> => ({
	channel: 'sms',
	provider: 'link',
	batchSize: 100,
	send: async (batch) => {
		sent.push(...batch.map((one) => one.address));
		return {
			kind: 'answered',
			sent: batch.map((one) => ({
				dispatchId: one.dispatchId,
				state: 'accepted' as const,
				providerRef: `ref-${one.dispatchId}`,
			})),
		};
	},
});

/** Their trip so far: sent one message, now waiting at the gate. */
export async function sentAndWaiting(
	story: Story,
	gate: Awaited<ReturnType<Story['gate']>>,
	personIds: number[],
) {
	const journey = await story.journey();
	await story.enrol(journey, personIds);
	let parked = 0;
	await story.release(journey.stepId, async (people) => {
		await deliver(
			{ store: story.store, clock: story.clock, stepId: journey.stepId },
			sms(),
			people.map(({ person, journey: trip }, item) => ({
				item,
				key: journeyKey(trip.enrolment, journey.stepId, trip.hop),
				personId: person.id,
				enrolmentId: trip.enrolment,
				address: person.phone,
				message: 'Hei',
				purpose: '',
			})),
		);
		parked += (
			await enterGate(
				story.store,
				story.clock,
				gate,
				people.map(({ person, journey: trip }) => ({
					enrolmentId: trip.enrolment,
					hop: trip.hop,
					personId: person.id,
					journeyKey: trip.key,
					test: false,
				})),
			)
		).parked;
	});
	await until(() => parked === personIds.length);
	return journey;
}

/** Rows in the tables that nothing above fills. */
export async function theRest(story: Story, personId: number, human: Human): Promise<void> {
	const { store, clock } = story;
	const at = clock.now();
	await store.db
		.insertInto('membership')
		.values({
			person_id: personId,
			kind: 'Hovedmedlem',
			unit: 'Bergen',
			status: 'Aktiv',
			started_on: '2020-01-01',
			ended_on: null,
			paid_on: null,
			paid_until: '2026-12-31',
			updated_at: at,
		})
		.execute();
	await store.db
		.insertInto('employment')
		.values({
			person_id: personId,
			employer: 'Eksempel AS',
			title: 'sykepleier',
			started_on: null,
			ended_on: null,
		})
		.execute();
	await store.db
		.insertInto('attribute')
		.values({ person_id: personId, key: 'kallenavn', value: human.given })
		.execute();
	await store.write(async (writing) => {
		await registerGifts(writing, store, at, [
			{ personId, source: 'bank', sourceId: `g${personId}`, amountOre: 25_000, givenAt: at, campaign: 'vår' },
		]);
		await addLabels(writing, store, at, [personId], 'frivillig');
		await setConsent(writing, store, at, [personId], {
			channel: 'email',
			purpose: '*',
			granted: true,
			source: 'skjema',
		});
		await addReservations(writing, at, [personId], 'phone', 'register');
	});
	const trip = await store.db
		.selectFrom('enrolment')
		.select('id')
		.where('person_id', '=', personId)
		.executeTakeFirst();
	await store.db
		.insertInto('operation')
		.values({
			enrolment_id: trip?.id ?? null,
			person_id: personId,
			kind: 'moved',
			detail: `${human.given} ${human.family} asked for it on ${human.phone}`,
			actor: 'page',
			at,
		})
		.execute();
	await store.db
		.insertInto('charge')
		.values({
			dispatch_id: 900_000 + personId,
			person_id: personId,
			address: human.phone,
			kind: 'message',
			amount_ore: 10_000,
			currency: 'NOK',
			campaign: null,
			purpose: null,
			gift: 1,
			state: 'ordered',
			code: null,
			ordered_at: at,
			settled_at: null,
		})
		.execute();
	if (trip)
		await store.db
			.insertInto('question')
			.values({
				enrolment_id: trip.id,
				person_id: personId,
				step_id: 1,
				hop: 0,
				address: human.phone,
				state: 'answered',
				asked: 1,
				asked_at: at,
				dispatch_id: null,
				replies: JSON.stringify([`Ja, hilsen ${human.given}`]),
				response_id: null,
				outcome: null,
			})
			.onConflict((conflict) => conflict.doNothing())
			.execute();
	const message = await store.db
		.selectFrom('dispatch')
		.select('id')
		.where('person_id', '=', personId)
		.executeTakeFirst();
	await store.db
		.insertInto('handoff_item')
		.values({
			dispatch_id: 800_000 + personId,
			handoff_id: null,
			step_id: 1,
			enrolment_id: trip?.id ?? null,
			person_id: personId,
			ref: String(800_000 + personId),
			state: 'collected',
			content: JSON.stringify({ to: `${human.given} ${human.family}` }),
			outcome: null,
			reason: null,
			due_at: null,
			collected_at: at,
			handed_over_at: null,
			changed_at: at,
		})
		.onConflict((conflict) => conflict.doNothing())
		.execute();
	await gave(story, personId, human, trip?.id ?? null);
	await story.respond({
		kind: 'clicked',
		personId,
		...(message ? { dispatchId: message.id } : {}),
		subject: `https://example.org/?m=${human.email}`,
		detail: { mail: human.email },
	});
}

/** A gift that came in, with all that is noted about its giver. */
async function gave(story: Story, personId: number, human: Human, enrolmentId: number | null): Promise<void> {
	const { store, clock } = story;
	const at = clock.now();
	const evidence = { name: `${human.given} ${human.family}`, phone: human.phone, email: human.email };
	await takeIn(store, clock, {
		gifts: [
			{
				source: 'vipps',
				sourceId: `p${personId}`,
				amountOre: 10_000,
				currency: 'NOK',
				receivedAt: at,
				channel: 'vipps',
				agreementRef: `a${personId}`,
				payerRef: `sub-${personId}`,
				evidence,
			},
			// Nobody has looked whose this one is.
			{
				source: 'vipps',
				sourceId: `q${personId}`,
				amountOre: 5_000,
				currency: 'NOK',
				receivedAt: at,
				channel: 'vipps',
				evidence,
			},
		],
		agreements: [
			{
				source: 'vipps',
				sourceId: `a${personId}`,
				status: 'active',
				amountOre: 10_000,
				currency: 'NOK',
				evidence,
			},
		],
		step: { id: 1, outputs: {} },
	});
	const { id } = await store.db
		.selectFrom('incoming_gift')
		.select('id')
		.where('source_id', '=', `p${personId}`)
		.executeTakeFirstOrThrow();
	await store.db
		.updateTable('incoming_gift')
		.set({ state: 'identified', person_id: personId, decided_by: 'linkage', decided_at: at })
		.where('id', '=', id)
		.execute();
	await store.write((writing) =>
		learnFrom(writing, store, at, [
			{ source: 'vipps', agreementRef: `a${personId}`, payerRef: `sub-${personId}`, personId },
		]),
	);
	await store.db
		.insertInto('gift_decision')
		.values({
			incoming_gift_id: id,
			decision: 'accepted',
			person_id: personId,
			compared: null,
			actor: 'page',
			at,
		})
		.execute();
	const link = await store.db
		.selectFrom('giver_key')
		.select('id')
		.where('person_id', '=', personId)
		.executeTakeFirstOrThrow();
	await store.db
		.insertInto('gift_payment')
		.values({
			reference: `gave-${personId}`,
			link_id: link.id,
			step_id: 1,
			enrolment_id: enrolmentId,
			amount_ore: 5_000,
			state: 'open',
			redirect_url: `https://example.org/betal?til=${human.phone}`,
			created_at: at,
			look_at: null,
		})
		.execute();
}

/** Every table of the store with its columns, as the database tells. */
export async function tablesOf(store: Store): Promise<Map<string, string[]>> {
	const rows =
		store.dialect === 'sqlite'
			? await sql<{ table: string; column: string }>`select m.name as "table", p.name as "column"
				from sqlite_master m, pragma_table_info(m.name) p where m.type = 'table' and m.name not like 'sqlite_%'`.execute(
					store.db,
				)
			: await sql<{ table: string; column: string }>`select table_name as "table", column_name as "column"
				from information_schema.columns where table_schema = 'public'`.execute(store.db);
	const tables = new Map<string, string[]>();
	for (const { table, column } of rows.rows) tables.set(table, [...(tables.get(table) ?? []), column]);
	return tables;
}

/** Where in the whole store any of these texts still stands, or the person's id in a column for it. */
export async function placesWith(
	store: Store,
	personId: number,
	texts: readonly string[],
): Promise<string[]> {
	const places: string[] = [];
	for (const [table, columns] of await tablesOf(store)) {
		const { rows } = await sql<Record<string, unknown>>`select * from ${sql.table(table)}`.execute(store.db);
		for (const row of rows) {
			for (const column of columns) {
				const value = row[column];
				if (column === 'person_id' && value === personId) places.push(`${table}.${column}`);
				if (table === 'person' && column === 'id' && value === personId) places.push('person.id');
				if (
					typeof value === 'string' &&
					texts.some((text) => value.toLowerCase().includes(text.toLowerCase()))
				)
					places.push(`${table}.${column}`);
			}
		}
	}
	return [...new Set(places)].sort();
}

/** Rows per table. */
export async function sizes(store: Store): Promise<Record<string, number>> {
	const counts: Record<string, number> = {};
	for (const table of (await tablesOf(store)).keys()) {
		const { rows } = await sql<{ n: number }>`select count(*) as n from ${sql.table(table)}`.execute(
			store.db,
		);
		counts[table] = Number(rows[0]!.n);
	}
	return counts;
}
