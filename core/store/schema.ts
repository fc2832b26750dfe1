/**
 * The tables, as both databases hold them. Dates of the calendar are text `YYYY-MM-DD`, moments are epoch
 * milliseconds (UTC), money is integer øre with its currency beside it, yes/no is 1/0.
 */
import type { Generated } from 'kysely';

type Ms = number;
/** `YYYY-MM-DD` */
type CalendarDate = string;

export interface PersonTable {
	id: Generated<number>;
	/** The organisation's own number for the person; the key that imports match on. */
	member_number: string | null;
	given_name: string;
	family_name: string;
	/** Lower case, æøå kept, marks and punctuation gone; for matching, never shown. */
	name_key: string;
	birth_date: CalendarDate | null;
	gender: string | null;
	language: string | null;
	/** IANA zone when another than the organisation's is known. */
	zone: string | null;
	street: string | null;
	postal_code: string | null;
	city: string | null;
	/** ISO 3166-1 alpha-2 */
	country: string | null;
	/** Why letters to street, postal code and city no longer go there; null while they arrive. Another address clears it. */
	address_invalid_reason: Generated<string | null>;
	deceased_on: CalendarDate | null;
	/** 1 = lives under address protection: contacted only where the contact rules say so. */
	protected: Generated<number>;
	created_at: Ms;
	updated_at: Ms;
}

export interface ContactPointTable {
	id: Generated<number>;
	person_id: number;
	kind: 'email' | 'phone';
	/** E-mail in lower case; phone as E.164. */
	value: string;
	/** 1 = the one that messages go to. */
	is_primary: number;
	/** Why messages no longer go here (bounced, number out of use …); null while it works. */
	invalid_reason: string | null;
	created_at: Ms;
}

export interface MembershipTable {
	id: Generated<number>;
	person_id: number;
	/** Kind of membership as the organisation names it. */
	kind: string;
	/** Local branch, may be empty. */
	unit: string;
	status: string;
	started_on: CalendarDate | null;
	ended_on: CalendarDate | null;
	paid_on: CalendarDate | null;
	paid_until: CalendarDate | null;
	updated_at: Ms;
}

export interface EmploymentTable {
	id: Generated<number>;
	person_id: number;
	employer: string;
	title: string;
	started_on: CalendarDate | null;
	ended_on: CalendarDate | null;
}

export interface GiftTable {
	id: Generated<number>;
	person_id: number | null;
	/** Where it came from, and its id there: a gift is registered once. */
	source: string;
	source_id: string;
	amount_ore: number;
	currency: string;
	given_at: Ms;
	campaign: string | null;
	purpose: string | null;
	channel: string | null;
	reversed_at: Ms | null;
	/** The row of `agreement` that it is a payment of. */
	agreement_id: Generated<number | null>;
	/** 1 = the giver wants it reported for a tax deduction, and the rules allow it. */
	deductible: Generated<number>;
	/** Number of the receipt, running without gaps; null: none was made. */
	receipt_no: Generated<number | null>;
}

/** Per person with gifts that stand (not reversed), kept by triggers of the database: never write to it. */
export interface GiftTotalTable {
	person_id: number;
	gifts: number;
	/** Sum of those in kroner. */
	kroner_ore: number;
	/** Largest of those in kroner. */
	largest_ore: number | null;
	first_at: Ms;
	last_at: Ms;
}

export interface LabelTable {
	person_id: number;
	label: string;
	added_at: Ms;
}

export interface ConsentTable {
	person_id: number;
	/** `email`, `sms`, `phone`, `letter` … */
	channel: string;
	purpose: string;
	granted: number;
	source: string;
	at: Ms;
}

export interface ReservationTable {
	person_id: number;
	/** A channel, or `*` for all. */
	channel: string;
	source: string;
	at: Ms;
}

export interface AttributeTable {
	person_id: number;
	key: string;
	value: string;
}

/** What has changed in the register, in order: triggers of journeys read it with a cursor. */
export interface ChangeTable {
	id: Generated<number>;
	person_id: number;
	kind: string;
	/** Which label, membership kind, consent … */
	subject: string | null;
	/** What it became. */
	value: string | null;
	at: Ms;
}

export interface JourneyTable {
	id: Generated<number>;
	/** n8n workflow id or Node-RED flow id, unless the start step names another. */
	key: string;
	name: string;
	state: 'running' | 'stopped';
	/** JSON: re-entry policy, goal, restart policy. */
	settings: string;
	/** Bits of the response kinds that can meet the journey's goal; 0 = no goal. */
	goal_kinds: number;
	/** The start step that these settings were read from. */
	settings_step_id: Generated<number | null>;
	stopped_at: Ms | null;
	created_at: Ms;
	updated_at: Ms;
}

export interface StepTable {
	id: Generated<number>;
	/** {@link Place.step} */
	key: string;
	journey_id: number | null;
	type: string;
	name: string;
	/** JSON: what the gate waits for and how long. */
	settings: string;
	/** Bits of the response kinds that can meet the gate's goal. */
	goal_kinds: number;
	/** {@link Place.flow}; steps of one flow belong together. */
	flow: Generated<string>;
	/** Last sign that a host listens at this step; null until the first. */
	seen_at: Generated<Ms | null>;
	/** When a host said that the step was taken out of its flow. */
	removed_at: Generated<Ms | null>;
	/** The settings that the people waiting here go by; null = the present ones. Differs while an edit is brought to them. */
	applied: Generated<string | null>;
	updated_at: Ms;
}

/** One person's trip through one journey. History: what is hot stands in `traveller`. */
export interface EnrolmentTable {
	id: Generated<number>;
	journey_id: number;
	person_id: number;
	/** Tells several trips of one person apart; '' when a person has one at a time. */
	entry_key: string;
	enrolled_at: Ms;
	exited_at: Ms | null;
	exit_reason: string | null;
	/** {@link TravellerTable.path}, kept when they left. */
	path: Generated<string>;
}

/** States of a traveller. */
export const WAITING = 0;
export const MOVING = 1;
export const STUCK = 2;

/** Where each enrolled person who has not left is now: one narrow row. Deleted on exit. */
export interface TravellerTable {
	enrolment_id: number;
	journey_id: number;
	person_id: number;
	/** The gate (or start) where they wait, or from which they were last let go. */
	step_id: number;
	/** Counts arrivals at gates. With the step it names a visit; a late or repeated run has an old one. */
	hop: number;
	state: number;
	/** Responses count from here. */
	since: Ms;
	arrived_at: Ms;
	/** Waiting: when time is up. Moving: when the lease runs out. */
	due_at: Ms;
	goal_kinds: number;
	/** The output they leave by; null until that is decided. */
	output: number | null;
	/** The dispatch that responses must belong to, when the goal is tied to one. */
	dispatch_id: number | null;
	attempts: number;
	/** Stuck: why, in words. */
	reason: string | null;
	/** Ids of the gates they have come to, in order, each followed by a space: `12 15 12 `. The oldest go when it gets long. */
	path: Generated<string>;
	/** JSON: what the item held besides person and journey. Only of those who are held back in front of a message. */
	carried: Generated<string | null>;
}

/** `held`: not now; the person waits in front of the step and comes again, for another row. */
export type DispatchState =
	'reserved' | 'accepted' | 'delivered' | 'failed' | 'skipped' | 'held' | 'unknown' | 'cancelled';

export interface DispatchTable {
	id: Generated<number>;
	/** `e<enrolment>/<step id>/<hop>`, or the caller's own key: at most one dispatch ever has it. */
	key: string;
	enrolment_id: number | null;
	step_id: number | null;
	person_id: number | null;
	channel: string;
	provider: string;
	/** The provider's id of the message, once known. */
	provider_ref: string | null;
	/** Provider's id of the mailing that the message was part of, where it has no id of its own. */
	mailing_id: number | null;
	address: string | null;
	state: DispatchState;
	reason: string | null;
	/** Which rule or finding the reason is about, to be counted: `noConsent`, `quiet` … */
	code: Generated<string | null>;
	/** What the person must have said yes to; '' = a service message, which needs no consent and counts towards no cap. */
	purpose: Generated<string>;
	/** The class of the journey it belongs to. */
	class: Generated<string>;
	reserved_at: Ms;
	/** A reservation whose sender died before settling becomes `unknown` after this. */
	lease_until: Ms | null;
	settled_at: Ms | null;
}

/** What a message costs its recipient (payment by SMS). Kept like gifts, also when the message's own row has gone. */
export interface ChargeTable {
	dispatch_id: number;
	/** Null: somebody outside the register, or erased since. */
	person_id: number | null;
	/** E.164; null once they are erased. */
	address: string | null;
	/** `silent`: charged without a message. */
	kind: 'message' | 'silent';
	/** Hundredths of the currency. */
	amount_ore: number;
	currency: string;
	campaign: string | null;
	purpose: string | null;
	/** 1 = it becomes a gift when it is paid. */
	gift: number;
	state: 'ordered' | 'paid' | 'notPaid' | 'unknown';
	/** LINK's latest result code about it. */
	code: number | null;
	ordered_at: Ms;
	settled_at: Ms | null;
}

/** What is known of one part of a long SMS. Says nothing of who it was to; goes after some days. */
export interface SmsPartTable {
	provider: string;
	/** The provider's id of the whole message. */
	message_ref: string;
	/** From 0. */
	part: number;
	/** How many there are. */
	parts: number;
	/** LINK's result code. */
	code: number;
	/** How much the code says: a lower one never replaces a higher. */
	weight: number;
	at: Ms;
}

/** A message prepared at a provider and sent to a list made for it (Make). */
export interface MailingTable {
	id: Generated<number>;
	key: string;
	provider: string;
	step_id: number | null;
	list_ref: string | null;
	newsletter_ref: string;
	/** The provider's id of this sending of the newsletter, where its answer held one. */
	sending_ref: string | null;
	state: 'created' | 'filled' | 'sending' | 'sent' | 'unknown' | 'removed';
	created_at: Ms;
	sent_at: Ms | null;
	/** When the list made for it may go. */
	remove_after: Ms | null;
}

/** {@link ResponseTable.machine}: what comes in the next seconds will tell. */
export const UNDECIDED = 2;

export interface ResponseTable {
	id: Generated<number>;
	source: string;
	/** The source's own id of the event, or a hash of it: stored once. */
	source_event_id: string;
	kind: string;
	dispatch_id: number | null;
	person_id: number | null;
	provider_ref: string | null;
	/** Link clicked, keyword, event name. */
	subject: string | null;
	/** 1 = a machine did it (privacy proxy, link scanner): kept, not counted. {@link UNDECIDED}: not known yet, not counted. */
	machine: number;
	at: Ms;
	received_at: Ms;
	/** JSON: what else the source said; never the text of a message. */
	detail: string | null;
}

/**
 * `open`: asked, or being asked. `answered`: a reply has come, not yet read. `stopped`: they said stop. `failed`: the
 * message could not be delivered. `queued`: the number has another question to answer first. `closed`: `outcome` says how.
 */
export type QuestionState = 'open' | 'answered' | 'stopped' | 'failed' | 'queued' | 'closed';

/** A question to somebody on a journey, and what has come back, until they have left the step with it. */
export interface QuestionTable {
	enrolment_id: number;
	person_id: number;
	step_id: number;
	/** The hop they had when the question was asked (last); waiting for its answer they have the next. */
	hop: number;
	/** The number that is to answer, as E.164. */
	address: string;
	state: QuestionState;
	/** How many times it has been asked. */
	asked: number;
	/** When it was asked first: what was sent before is no answer to it. */
	asked_at: Ms;
	/** The message that asked (last), once it has been handed over. */
	dispatch_id: number | null;
	/** JSON list: the texts of the replies. Only until they have been read. */
	replies: string | null;
	/** The last of these replies in `response`. */
	response_id: number | null;
	/** JSON, of closed ones: by which output they leave, and with what; so that a repeated run does the same. */
	outcome: string | null;
}

/**
 * `ready`: made, waits for a person's release or for its turn. `sending`: on its way, as far as `progress` says.
 * `failed`: came to nothing, its items have been taken back.
 */
export type HandoffState = 'ready' | 'released' | 'sending' | 'handedOver' | 'cancelled' | 'failed';

/** A batch given to a printing house or to callers. */
export interface HandoffTable {
	id: Generated<number>;
	step_id: number;
	kind: 'letter' | 'call';
	/** Unique, and safe as part of a file name; what the other end knows it by. */
	name: string;
	/** Which description of the other end it was made by. */
	profile: string;
	state: HandoffState;
	/** How many letters or people, once it was made. */
	items: number;
	/** Sheets' pages in all, of letters. */
	pages: number | null;
	/** JSON: the settings it was made by; the batch goes by them whatever the form says later. Never secrets. */
	settings: string;
	/** JSON: which files are over there, with their checksums. */
	progress: string | null;
	reason: string | null;
	opened_at: Ms;
	released_at: Ms | null;
	/** Who released it, where a person did. */
	released_by: string | null;
	handed_over_at: Ms | null;
	/**
	 * While it is handed over: until when whoever does so keeps it from others. Also the mark of whose it is: whoever takes
	 * it over writes another.
	 */
	lease_until: Generated<Ms | null>;
}

/** One file of a batch at the other end, or one letter given to it by itself. */
export interface HandoffFileTable {
	handoff_id: number;
	name: string;
	/** Hexadecimal. */
	sha256: string;
	/** Bytes. */
	size: number;
	/**
	 * `sending`: may lie there in part, under its temporary name. `placing`: whole, and was just about to get its own: when it
	 * lies there under neither, the other end has taken it. `there`: it lies there, or did.
	 */
	state: 'sending' | 'placing' | 'there';
	at: Ms;
}

/**
 * `collected`: waits for the next batch. `batched`: in one that has not been handed over. `handedOver`: over there.
 * `accepted`, `rejected`, `printed`, `posted`, `returned`: of letters, as the printing house tells. `done`: a call's result
 * is in. `withdrawn`: taken back, its person has left the journey. `leftOut`: a rule or a finding kept it back.
 */
export type HandoffItemState =
	| 'collected'
	| 'batched'
	| 'handedOver'
	| 'accepted'
	| 'rejected'
	| 'printed'
	| 'posted'
	| 'returned'
	| 'done'
	| 'withdrawn'
	| 'leftOut';

/** One letter or one person to call. */
export interface HandoffItemTable {
	dispatch_id: number;
	/** The batch it left in; null while it is collected, and where people are handed over one by one. */
	handoff_id: number | null;
	step_id: number;
	/** Null outside journeys. */
	enrolment_id: number | null;
	person_id: number | null;
	/** What the other end knows it by: digits, unique in the store. */
	ref: string;
	state: HandoffItemState;
	/** JSON: what is printed or said; forgotten when it is no longer needed. */
	content: string | null;
	/** JSON: what came back (disposition, new address …). */
	outcome: string | null;
	reason: string | null;
	/** Of calls: when it is taken back if nothing has come (epoch ms). */
	due_at: Ms | null;
	collected_at: Ms;
	handed_over_at: Ms | null;
	changed_at: Ms;
	/** JSON: what the register has got to say about the person since, which the other end may not know. */
	news: string | null;
	/** When to look at it (epoch ms); null while there is nothing new. */
	news_at: Ms | null;
}

/** One file of a register of reservations that was read in. */
export interface WashTable {
	id: Generated<number>;
	/** Which register: `national reservation register` … */
	register: string;
	file_name: string;
	file_hash: string;
	/** The day that the file says it is of, or that the admin gave. */
	washed_on: CalendarDate;
	entries: number;
	matched: number;
	imported_at: Ms;
}

/**
 * `new`: in, nobody has looked who gave it. `identified`: it is known who; not yet in the books. `review`: somebody has to
 * look. `unknown`: nobody fits. `booked`: registered as a gift, of a person or anonymous. `reversed`: all of it went back.
 */
export type IncomingGiftState = 'new' | 'identified' | 'review' | 'unknown' | 'booked' | 'reversed';

/** Money that came in as a gift, from the moment it is heard of. A payment is one row, however many sources tell of it. */
export interface IncomingGiftTable {
	id: Generated<number>;
	/** `vipps`, `ocr`, `camt054` … and its id there: what was taken in once is not taken in again. */
	source: string;
	source_id: string;
	/** What the same payment is called by another report of the same source (Vipps: reference); null: nothing more. */
	also: string | null;
	/** What was paid, øre (hundredths of the currency). */
	amount_ore: number;
	/** How much of that has gone back, øre. */
	reversed_ore: number;
	currency: string;
	received_at: Ms;
	channel: string;
	campaign: string | null;
	purpose: string | null;
	/** By what it can be known exactly: a KID, our own reference, the source's agreement, its id of the payer. */
	kid: string | null;
	reference: string | null;
	agreement_ref: string | null;
	payer_ref: string | null;
	/** JSON (`Evidence`): what the source says about the payer. */
	evidence: string;
	state: IncomingGiftState;
	person_id: number | null;
	/** From 0 to 1 that it is `person_id`, or the best candidate in `review`. */
	probability: number | null;
	/** JSON: the best candidates with their reasons, best first. */
	candidates: string | null;
	/** `key:kid` …, `phone`, `linkage`, `person` (decided by hand), `rule`, `erased` (its person was: nobody is looked for). */
	decided_by: string | null;
	decided_at: Ms | null;
	/** The row of `gift` that it is booked as. */
	gift_id: number | null;
	/** The step that looked who gave it: it lets the gift out once somebody has decided. */
	step_id: number | null;
	created_at: Ms;
}

/** Money of a gift that went back: refund, dispute. May come before the gift itself. */
export interface GiftReversalTable {
	id: Generated<number>;
	source: string;
	source_id: string;
	/** The gift's `also`, or its `source_id`. */
	of: string;
	/** Øre, positive; negative: a reversal was undone. */
	amount_ore: number;
	at: Ms;
	reason: string;
	/** Null until the gift itself has come. */
	incoming_gift_id: number | null;
}

/** By what a giver is known exactly. */
export interface GiverKeyTable {
	id: Generated<number>;
	/** `kid`, `reference` (our own payment), `link` (to pay by; the value is what it was made for), `agreement`, `payer` (Vipps `sub` within a sales unit), `account`. */
	kind: string;
	value: string;
	person_id: number | null;
	campaign: string | null;
	purpose: string | null;
	/** Suggested or agreed, øre. */
	amount_ore: number | null;
	/** JSON: where it was made (enrolment, step, dispatch, address to pay at …). */
	detail: string | null;
	created_at: Ms;
	expires_at: Ms | null;
}

/** An agreement to give regularly. */
export interface AgreementTable {
	id: Generated<number>;
	source: string;
	source_id: string;
	person_id: number | null;
	amount_ore: number | null;
	currency: string;
	/** `month` …, as the source says. */
	interval: string | null;
	status: 'active' | 'stopped';
	campaign: string | null;
	started_at: Ms | null;
	stopped_at: Ms | null;
	/** `user`, `merchant`, `admin` where the source tells. */
	stopped_by: string | null;
	/** JSON (`Evidence`): what the source says about the payer. */
	evidence: string;
	updated_at: Ms;
}

/** What somebody has said about who gave. Later ones count; none is ever changed. */
export interface GiftDecisionTable {
	id: Generated<number>;
	incoming_gift_id: number;
	decision: 'accepted' | 'rejected' | 'newPerson' | 'anonymous' | 'reopened';
	person_id: number | null;
	/** JSON: how gift and person compared at that moment, for the training. Holds no names. */
	compared: string | null;
	/** Who decided, as signed in. */
	actor: string;
	at: Ms;
}

/** Something that a step has yet to let out: written in the write that it tells of, gone when the run it starts is done. */
export interface OutboxTable {
	id: Generated<number>;
	step_id: number;
	output: number;
	/** What it is about: the row of `incoming_gift`, `gift_reversal` or `agreement`. */
	kind: 'gift' | 'reversal' | 'agreement';
	subject_id: number;
	state: 'waiting' | 'out' | 'stuck';
	attempts: number;
	/** When it may go (epoch ms). */
	due_at: Ms;
	/** While a run is at work with it: until when it is kept from others. Null also while the run waits inside the host. */
	lease_until: Ms | null;
	reason: string | null;
}

/** Numbers for KIDs: which digits stand where, and the next free number. */
export interface KidSeriesTable {
	id: Generated<number>;
	name: string;
	campaign: string | null;
	purpose: string | null;
	/** Digits that every KID of the series begins with. */
	prefix: string;
	/** Digits in all, with the control digit. */
	length: number;
	method: 'mod10' | 'mod11';
	next_no: number;
	created_at: Ms;
}

/**
 * `ordering`: Vipps is being asked for it, and may have it. `open`: the giver can pay it. `approved`: approved, not yet
 * captured as far as we know. `captured`: the money is taken, not yet in the ledger. `received`: in the ledger. `ended`:
 * nothing was paid.
 */
export type GiftPaymentState = 'ordering' | 'open' | 'approved' | 'captured' | 'received' | 'ended';

/** A payment made at Vipps from somebody's own link, under a reference of ours (`giver_key` of kind `reference`). */
export interface GiftPaymentTable {
	id: Generated<number>;
	reference: string;
	/** The link, a row of `giver_key`. */
	link_id: number;
	/** The step that made the link. */
	step_id: number;
	/** The trip that the link was made on; null outside journeys. */
	enrolment_id: number | null;
	amount_ore: number;
	state: GiftPaymentState;
	/** Where the giver pays, once Vipps has said so. */
	redirect_url: string | null;
	created_at: Ms;
	/** When Vipps is asked about it next; null: there is nothing left to ask. */
	look_at: Ms | null;
}

/** By what a gift meets its candidates: short keys made of names, numbers and places of persons. */
export interface GiverBlockTable {
	key: string;
	person_id: number;
}

export interface SegmentTable {
	id: Generated<number>;
	name: string;
	definition: string;
	updated_at: Ms;
}

/** What an admin did with a person on a journey: part of the timeline. */
export interface OperationTable {
	id: Generated<number>;
	enrolment_id: number | null;
	person_id: number | null;
	kind: 'released' | 'moved' | 'retried' | 'exited' | 'merged' | 'settled';
	/** Where to, by which output, or why. */
	detail: string | null;
	/** Which step or page it was done from; with the admin's name where that is known. */
	actor: string;
	at: Ms;
}

/** A limit that all processes on the store share: the moment from which the next one may go. */
export interface RateTable {
	key: string;
	free_at: Ms;
}

export interface SettingTable {
	key: string;
	value: string;
}

export interface Tables {
	person: PersonTable;
	contact_point: ContactPointTable;
	membership: MembershipTable;
	employment: EmploymentTable;
	gift: GiftTable;
	gift_total: GiftTotalTable;
	label: LabelTable;
	consent: ConsentTable;
	reservation: ReservationTable;
	attribute: AttributeTable;
	change: ChangeTable;
	journey: JourneyTable;
	step: StepTable;
	enrolment: EnrolmentTable;
	traveller: TravellerTable;
	dispatch: DispatchTable;
	charge: ChargeTable;
	sms_part: SmsPartTable;
	mailing: MailingTable;
	response: ResponseTable;
	question: QuestionTable;
	handoff: HandoffTable;
	handoff_item: HandoffItemTable;
	handoff_file: HandoffFileTable;
	wash: WashTable;
	incoming_gift: IncomingGiftTable;
	gift_reversal: GiftReversalTable;
	giver_key: GiverKeyTable;
	agreement: AgreementTable;
	gift_decision: GiftDecisionTable;
	outbox: OutboxTable;
	kid_series: KidSeriesTable;
	gift_payment: GiftPaymentTable;
	giver_block: GiverBlockTable;
	segment: SegmentTable;
	operation: OperationTable;
	rate: RateTable;
	setting: SettingTable;
}
