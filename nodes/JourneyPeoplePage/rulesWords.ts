/** Words of the contact rules' part of the page. */
import type { VerdictCode } from '../../core/dispatch/rules';
import type { ChannelName } from '../../core/dispatch/dryRun';

const english = {
	channels: {
		sms: 'SMS',
		email: 'E-mail',
		phone: 'Phone call',
		letter: 'Letter',
		chat: 'Chat',
	} satisfies Record<ChannelName, string>,
	intro:
		'These rules stand in front of every message, whatever the journey. A no that a person has said always stands.',
	unset:
		'No rules have been saved yet: nothing but consents and reservations holds. The values below are a recommendation.',
	quietFrom: 'Quiet from',
	quietTo: 'until',
	quietHelp: 'Where the person is. Messages wait for the first open minute. Empty: open at all hours.',
	weekends: 'Quiet on Saturdays and Sundays',
	holidays: 'Quiet on Norwegian holidays',
	most: 'At most (messages)',
	days: 'within (days)',
	existingRelation: 'An existing relation will do instead of consent',
	protectedPersons: 'Persons under address protection too',
	together: 'All channels together',
	classes: 'Kinds of journeys',
	classesHelp: 'The class is set at the Journey Start. Empty a name to take its cap away.',
	className: 'Journey class',
	whenFull: 'When somebody has had enough',
	skip: 'the message is skipped',
	hold: 'the message waits until there is room',
	between: 'Minutes between two messages to one person',
	spread: 'Messages that waited leave over so many minutes',
	service: 'Service messages (receipts, answers) keep the quiet hours too',
	relation: 'Who has an existing relation',
	memberships: 'Membership statuses, with commas between',
	months: 'Gave within so many months (0 = does not count)',
	purposes: 'Only for these purposes (empty = all)',
	label: 'Only who has this label (empty = not asked for)',
	save: 'Save the rules',
	saved: 'The rules have been saved. They hold from now on.',
	changedMeanwhile: 'The rules have been changed by somebody else meanwhile',
	changedWhy: 'Nothing has been saved. Open the rules again and look at what is new.',
	wrong: (field: string) => `“${field}” cannot be read`,
	wrongWhy: 'Nothing has been saved. Times are like 21:00, numbers are whole. Go back and correct it.',
	dryRun: 'Try it out',
	dryRunHelp: 'How many of a saved segment would get a message now, and why not the others. Nothing is sent.',
	noSegments: 'No segment has been saved yet.',
	segment: 'Segment',
	channel: 'Channel',
	purpose: 'Purpose (empty = service message)',
	tryIt: 'Try it out',
	outcome: (people: string, now: string) => `Of ${people} people ${now} would get it now.`,
	firstOf: (looked: string) =>
		`Only the first ${looked} of the segment were looked at. The Contact Rules step looks at all of them.`,
	later: 'later',
	never: 'not sent',
	people: 'People',
	reason: 'Reason',
	notSent: 'Not sent in the last 30 days',
	nothing: 'Everything that was to be sent in the last 30 days was sent.',
	outside: 'outside a journey',
	messages: 'Messages',
	back: 'Back to the rules',
	codes: {
		gone: 'no longer in the register',
		deceased: 'deceased',
		protected: 'under address protection',
		reserved: 'reserved',
		noConsent: 'no consent',
		denied: 'said no to this',
		brokenAddress: 'number or address does not work',
		cap: 'had enough messages',
		impossible: 'nothing to write to, or nothing to write',
		quiet: 'quiet hours',
		gap: 'wrote to them just now',
		time: 'planned for later',
	} satisfies Record<VerdictCode, string> as Record<string, string>,
	otherReason: 'other reasons',
};

export type RulesWords = typeof english;

const norwegian: RulesWords = {
	channels: { sms: 'SMS', email: 'E-post', phone: 'Telefon', letter: 'Brev', chat: 'Chat' },
	intro:
		'Disse reglene står foran hver eneste melding, samme hvilken reise. Et nei personen har sagt, gjelder alltid.',
	unset:
		'Ingen regler er lagret ennå: bare samtykker og reservasjoner gjelder. Verdiene nedenfor er en anbefaling.',
	quietFrom: 'Stille fra',
	quietTo: 'til',
	quietHelp: 'Der personen er. Meldinger venter til første åpne minutt. Tomt: åpent hele døgnet.',
	weekends: 'Stille lørdag og søndag',
	holidays: 'Stille på norske helligdager',
	most: 'Høyst (meldinger)',
	days: 'innen (dager)',
	existingRelation: 'Et bestående forhold holder i stedet for samtykke',
	protectedPersons: 'Også personer med adressesperre',
	together: 'Alle kanaler til sammen',
	classes: 'Slag av reiser',
	classesHelp: 'Klassen settes i Reisestart. Tøm navnet for å fjerne taket.',
	className: 'Reiseklasse',
	whenFull: 'Når noen har fått nok',
	skip: 'hoppes meldingen over',
	hold: 'venter meldingen til det er plass',
	between: 'Minutter mellom to meldinger til én person',
	spread: 'Meldinger som ventet, går over så mange minutter',
	service: 'Også servicemeldinger (kvitteringer, svar) følger de stille timene',
	relation: 'Hvem som har et bestående forhold',
	memberships: 'Medlemsstatuser, med komma mellom',
	months: 'Ga innen så mange måneder (0 = teller ikke)',
	purposes: 'Bare for disse formålene (tomt = alle)',
	label: 'Bare den som har denne etiketten (tomt = spørres ikke om)',
	save: 'Lagre reglene',
	saved: 'Reglene er lagret. De gjelder fra nå.',
	changedMeanwhile: 'Noen andre har endret reglene i mellomtiden',
	changedWhy: 'Ingenting er lagret. Åpne reglene på nytt og se hva som er endret.',
	wrong: (field) => `«${field}» lar seg ikke lese`,
	wrongWhy: 'Ingenting er lagret. Klokkeslett skrives 21:00, tall er hele tall. Gå tilbake og rett det.',
	dryRun: 'Prøv ut',
	dryRunHelp:
		'Hvor mange i et lagret segment som ville fått en melding nå, og hvorfor ikke de andre. Ingenting sendes.',
	noSegments: 'Ingen segmenter er lagret ennå.',
	segment: 'Segment',
	channel: 'Kanal',
	purpose: 'Formål (tomt = servicemelding)',
	tryIt: 'Prøv ut',
	outcome: (people, now) => `Av ${people} personer ville ${now} fått den nå.`,
	firstOf: (looked) =>
		`Bare de første ${looked} i segmentet ble vurdert. Steget Kontaktregler vurderer alle.`,
	later: 'senere',
	never: 'ikke sendt',
	people: 'Personer',
	reason: 'Grunn',
	notSent: 'Ikke sendt de siste 30 dagene',
	nothing: 'Alt som skulle sendes de siste 30 dagene, ble sendt.',
	outside: 'utenfor en reise',
	messages: 'Meldinger',
	back: 'Tilbake til reglene',
	codes: {
		gone: 'ikke lenger i registeret',
		deceased: 'død',
		protected: 'adressesperre',
		reserved: 'reservert',
		noConsent: 'mangler samtykke',
		denied: 'har sagt nei til dette',
		brokenAddress: 'nummer eller adresse virker ikke',
		cap: 'har fått nok meldinger',
		impossible: 'ingenting å skrive til, eller ingenting å skrive',
		quiet: 'stille timer',
		gap: 'fikk nettopp en melding',
		time: 'planlagt til senere',
	},
	otherReason: 'andre grunner',
};

export const rulesWords = (language: string): RulesWords => (language === 'nb' ? norwegian : english);

/** Why a message was not sent or had to wait. What the store holds is English; where it says more than its rule, both stand. */
export function whyInWords(
	language: string,
	code: string | undefined,
	reason: string | undefined,
): string | undefined {
	const named = language === 'nb' && code ? norwegian.codes[code] : undefined;
	if (named === undefined) return reason;
	return code === 'brokenAddress' || code === 'impossible' ? `${named} (${reason ?? ''})` : named;
}

/** How the reason of each rule begins for which somebody is held back. */
const heldBecause: ReadonlyArray<[beginning: string, code: VerdictCode]> = [
	['quiet hours for ', 'quiet'],
	['has had ', 'cap'],
	['was written to a moment ago', 'gap'],
	['is planned for later', 'time'],
];

/** The reason why somebody is stuck, or held back in front of a message. */
export function whyHere(language: string, reason: string | null): string | null {
	const code = heldBecause.find(([beginning]) => reason?.startsWith(beginning))?.[1];
	return whyInWords(language, code, reason ?? undefined) ?? null;
}
