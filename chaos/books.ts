/**
 * Do the books balance? Held against each other: the store's tables, what the stand-ins of the providers have received,
 * and what the people were told. Nothing of the core is used.
 */
import type { Sandbox } from '../sandbox/server';
import { MAIL_LINK, ends } from './journey';
import type { Deeds } from './people';
import type { DispatchRow, EnrolmentRow, Tables } from './tables';

export interface Verdict {
	people: number;
	/** That reached the stand-ins. */
	messages: number;
	lost: number;
	duplicated: number;
	/** Dispatches of which nobody knows whether they went out: listed, with a reason. */
	unknown: number;
	/** People shown as stuck, with a reason. */
	stuck: number;
	balanced: boolean;
	/** Each entry that does not fit, in words. */
	findings: string[];
	/** By which way they left. */
	exits: Record<string, number>;
	/** Why people are stuck, as it is shown to an admin. */
	reasons: Record<string, number>;
}

const WAITING = 0;
const STUCK = 2;
const SENT = new Set(['accepted', 'delivered']);

interface Arrived {
	what: string;
	dispatches: DispatchRow[];
	/** Address and text: the same step's message. */
	same: string;
}

export function audit(tables: Tables, { world }: Sandbox, deeds: Deeds, phones: readonly string[]): Verdict {
	const lost: string[] = [];
	const twice: string[] = [];
	const wrong: string[] = [];

	const byEnrolment = new Map<number, DispatchRow[]>();
	for (const dispatch of tables.dispatches) {
		const list = byEnrolment.get(dispatch.enrolment_id ?? 0);
		if (list) list.push(dispatch);
		else byEnrolment.set(dispatch.enrolment_id ?? 0, [dispatch]);
	}

	people(tables, deeds, byEnrolment, lost, twice, wrong);
	const arrived = arrivals(tables, world, phones, wrong);
	messages(tables, arrived, world, lost, twice, wrong);
	responses(tables, deeds, lost);

	return {
		people: tables.enrolments.length,
		messages: arrived.length,
		lost: lost.length,
		duplicated: twice.length,
		unknown: tables.dispatches.filter((row) => row.state === 'unknown').length,
		stuck: tables.travellers.filter((row) => row.state === STUCK).length,
		balanced: lost.length + twice.length + wrong.length === 0,
		findings: [
			...lost.map((text) => `lost: ${text}`),
			...twice.map((text) => `twice: ${text}`),
			...wrong.map((text) => `wrong: ${text}`),
		],
		exits: counted(tables.enrolments.map((row) => row.exit_reason ?? '(inside)')),
		reasons: counted(
			tables.travellers
				.filter((row) => row.state === STUCK)
				.map((row) => `at '${row.step}': ${row.reason ?? 'no reason'}`),
		),
	};
}

function counted(names: readonly string[]): Record<string, number> {
	const counts: Record<string, number> = {};
	for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
	return counts;
}

/** Everybody who was let in is in one place, and came there by a way that leads there. */
function people(
	{ enrolments, travellers, responses, givers }: Tables,
	deeds: Deeds,
	dispatches: Map<number, DispatchRow[]>,
	lost: string[],
	twice: string[],
	wrong: string[],
): void {
	const inside = new Map(travellers.map((row) => [row.enrolment_id, row]));
	const enrolled = new Set(enrolments.map((row) => row.member_number));
	for (const number of deeds.taken)
		if (!enrolled.has(number)) lost.push(`member ${number} was let in, and is not enrolled`);
	for (const number of repeated(enrolments.map((row) => row.member_number)))
		twice.push(`member ${number} is enrolled twice in a journey for once`);

	const answered = new Set(responses.filter((row) => row.kind === 'replied').map((row) => row.person_id));
	const clicked = new Set(responses.filter((row) => row.kind === 'clicked').map((row) => row.person_id));
	const given = new Set(givers);
	for (const row of enrolments) {
		const traveller = inside.get(row.id);
		if (row.exited_at !== null && traveller)
			wrong.push(`${who(row)} is out, and stands at ${traveller.step}`);
		if (row.exited_at === null && !traveller) lost.push(`${who(row)} is neither out nor at any step`);
		if (row.exited_at === null && traveller && traveller.state !== STUCK)
			lost.push(
				`${who(row)} is still ${traveller.state === WAITING ? 'waiting' : 'under way'} at ${traveller.step} (attempts ${traveller.attempts}) after the journey has come to its end`,
			);
		if (traveller?.state === STUCK && !traveller.reason) wrong.push(`${who(row)} is stuck without a reason`);
		if (row.exited_at === null) continue;

		const had = (step: string) => (dispatches.get(row.id) ?? []).some((one) => one.step === step);
		switch (row.exit_reason) {
			case ends.goal:
				if (!given.has(row.member_number)) wrong.push(`${who(row)} left for a gift that is not there`);
				break;
			case ends.clicked:
				if (!clicked.has(row.person_id)) wrong.push(`${who(row)} left for a click that is not there`);
				break;
			case ends.answered:
				if (!answered.has(row.person_id)) wrong.push(`${who(row)} left for an answer that is not there`);
				if (!had('mail') || !had('sms') || !had('thanks'))
					lost.push(`${who(row)} answered, and the journey has passed over a message`);
				break;
			case ends.silent:
			case ends.unreachable:
				if (!had('mail') || !had('sms'))
					lost.push(`${who(row)} left as '${row.exit_reason}', and the journey has passed over a message`);
				break;
			default:
				lost.push(`${who(row)} fell out of the journey: ${row.exit_reason}`);
		}
	}
	for (const row of travellers)
		if (!enrolments.some((one) => one.id === row.enrolment_id))
			wrong.push(`somebody stands at ${row.step} without being enrolled`);
}

/** What the stand-ins have received, and which rows of the ledger name it. */
function arrivals(
	{ dispatches, mark }: Tables,
	world: Sandbox['world'],
	phones: readonly string[],
	wrong: string[],
): Arrived[] {
	const byId = new Map(dispatches.map((row) => [row.id, row]));
	const arrived: Arrived[] = [];
	for (const phone of phones) {
		for (const sms of world.link.phones.of(phone)) {
			if (sms.from !== 'organisation') continue;
			const [, sender, id] = /^mj-(.+)-(\d+)$/.exec(sms.referenceId ?? '') ?? [];
			const row = sender === mark ? byId.get(Number(id)) : undefined;
			if (row && row.address !== phone)
				wrong.push(`the SMS of dispatch ${row.id} came to another number than the ledger says`);
			arrived.push({
				what: `SMS ${sms.referenceId} to ${phone}`,
				dispatches: row ? [row] : [],
				same: `${phone}: ${sms.text}`,
			});
		}
	}
	const byList = new Map<string, DispatchRow[]>();
	for (const row of dispatches) {
		if (row.channel !== 'email' || row.list_ref === null) continue;
		const key = `${row.list_ref}/${row.address}`;
		byList.set(key, [...(byList.get(key) ?? []), row]);
	}
	for (const mail of world.make.mails.values()) {
		const lists = world.make.sendings.get(mail.sendingId)?.listIds ?? [];
		arrived.push({
			what: `mail ${mail.id} to ${mail.email} by list ${lists.join()}`,
			dispatches: lists.flatMap((list) => byList.get(`${list}/${mail.email}`) ?? []),
			same: `${mail.email}: newsletter ${mail.newsletterId}`,
		});
	}
	return arrived;
}

/** Each message has its one row, each row that says "sent" its message, and nobody got a step's message twice. */
function messages(
	{ dispatches, travellers }: Tables,
	arrived: readonly Arrived[],
	world: Sandbox['world'],
	lost: string[],
	twice: string[],
	wrong: string[],
): void {
	const of = new Map<number, number>();
	const stuck = new Set(travellers.filter((row) => row.state === STUCK).map((row) => row.enrolment_id));
	for (const { what, dispatches: rows } of arrived) {
		if (rows.length !== 1) wrong.push(`${what} has ${rows.length} rows in the ledger`);
		for (const row of rows) of.set(row.id, (of.get(row.id) ?? 0) + 1);
	}
	for (const [id, times] of of)
		if (times > 1) twice.push(`the message of dispatch ${id} came ${times} times`);
	// The journey has no loop: one visit of each step, so one message of each step.
	for (const same of repeated(arrived.map((one) => one.same))) twice.push(`came twice: ${same}`);
	for (const key of repeated(dispatches.map((row) => `${row.enrolment_id}/${row.step}`)))
		twice.push(`two dispatches of one visit: ${key}`);

	for (const row of dispatches) {
		const came = of.has(row.id);
		if (SENT.has(row.state) && !came) lost.push(`dispatch ${row.id} says ${row.state}, and nothing came`);
		if (row.state === 'skipped' && came) wrong.push(`dispatch ${row.id} says skipped, and it came`);
		if (row.state === 'failed' && came && !reportedFailed(row, world))
			wrong.push(`dispatch ${row.id} says failed (${row.reason}), and it came`);
		// Of somebody who is shown as stuck the next try finds out.
		if (row.state === 'reserved' && !stuck.has(row.enrolment_id ?? 0))
			wrong.push(
				`dispatch ${row.id} of ${row.step} is still reserved (it ${came ? 'came' : 'did not come'})`,
			);
		if (['unknown', 'skipped', 'held', 'failed'].includes(row.state) && !row.reason)
			wrong.push(`dispatch ${row.id} says ${row.state} without a reason`);
	}
}

const reportedFailed = (row: DispatchRow, world: Sandbox['world']) =>
	row.channel === 'sms' &&
	world.link.phones
		.of(row.address ?? '')
		.some((sms) => sms.referenceId?.endsWith(`-${row.id}`) && sms.status === 'failed');

/** What was taken with "thank you" is kept. */
function responses({ responses: rows, enrolments, givers }: Tables, deeds: Deeds, lost: string[]): void {
	const having = (kind: string) =>
		new Set(rows.filter((row) => row.kind === kind).map((row) => row.member_number));
	const replied = having('replied');
	const clicked = having('clicked');
	const given = new Set(givers);
	for (const row of enrolments) {
		if (row.phone && deeds.answered.has(row.phone) && !replied.has(row.member_number))
			lost.push(`the answer of ${who(row)} was received, and is not there`);
		if (row.email && deeds.clicked.has(row.email) && !clicked.has(row.member_number))
			lost.push(`the click of ${who(row)} on link ${MAIL_LINK} is not there`);
		if (deeds.given.has(row.member_number) && !given.has(row.member_number))
			lost.push(`the gift of ${who(row)} was received, and is not there`);
	}
}

const who = (row: EnrolmentRow) => `enrolment ${row.id} (member ${row.member_number})`;

function repeated<T>(values: readonly T[]): T[] {
	const seen = new Set<T>();
	const again = new Set<T>();
	for (const value of values) {
		if (seen.has(value)) again.add(value);
		seen.add(value);
	}
	return [...again];
}
