/** How calls end: the words of dialers and agencies, and what they mean to us. */
import { z } from 'zod/v4';

export const dispositions = {
	yes: 'Yes',
	no: 'No',
	callBack: 'Call Back',
	noAnswer: 'No Answer',
	busy: 'Busy',
	voicemail: 'Voicemail',
	wrongNumber: 'Wrong Number',
	invalid: 'Number Out of Use',
	askedNotToBeCalled: 'Asked Not to Be Called',
	maxAttempts: 'Most Attempts Used',
	deceased: 'Deceased',
	moved: 'Moved',
	language: 'Language',
	unqualified: 'Not in the Target Group',
	expired: 'Time Is Up',
	removed: 'Taken Off the List',
	/** The dialer says that it is calling, or has the lead in its queue: no result yet. */
	underWay: 'Under Way',
} as const;
export type Disposition = keyof typeof dispositions;
export const dispositionNames = Object.keys(dispositions) as Disposition[];

/** By which output somebody leaves; `wait`: they are still to be called. */
export const callOutcomes = ['yes', 'no', 'notReached', 'leftOut', 'wait'] as const;
export type CallOutcome = (typeof callOutcomes)[number];

interface Meaning {
	outcome: CallOutcome;
	/** Somebody was spoken to: they count as reached. */
	reached: boolean;
}

export const meanings: Record<Disposition, Meaning> = {
	yes: { outcome: 'yes', reached: true },
	no: { outcome: 'no', reached: true },
	callBack: { outcome: 'wait', reached: true },
	noAnswer: { outcome: 'wait', reached: false },
	busy: { outcome: 'wait', reached: false },
	voicemail: { outcome: 'wait', reached: false },
	wrongNumber: { outcome: 'notReached', reached: false },
	invalid: { outcome: 'notReached', reached: false },
	askedNotToBeCalled: { outcome: 'no', reached: true },
	maxAttempts: { outcome: 'notReached', reached: false },
	deceased: { outcome: 'leftOut', reached: false },
	moved: { outcome: 'notReached', reached: false },
	language: { outcome: 'notReached', reached: true },
	unqualified: { outcome: 'no', reached: true },
	expired: { outcome: 'notReached', reached: false },
	removed: { outcome: 'notReached', reached: false },
	underWay: { outcome: 'wait', reached: false },
};

/**
 * Words that are known without a row in the form. VICIdial's status codes and Adversus' statuses are theirs (their
 * documentation); the Norwegian words are our assumption.
 */
const KNOWN: Partial<Record<Disposition, string>> = {
	yes: 'SALE, success, yes, ja, salg, fastgiver, avtale',
	no: 'NI, DEC, NP, not interested, notInterested, no, nei, ikke interessert, avslag',
	callBack: 'CALLBK, CBHOLD, callback, call back, ring igjen, ring tilbake, ring senere, privateCallback',
	noAnswer: 'N, NA, DAIR, DROP, PDROP, no answer, noAnswer, ikke svar, intet svar, ingen svar, svarer ikke',
	busy: 'B, AB, busy, opptatt',
	voicemail: 'A, AM, AL, voicemail, telefonsvarer, mobilsvar, answering machine',
	wrongNumber: 'wrong number, wrongNumber, feil nummer, feil person',
	invalid: 'DC, ADC, AFAX, invalid, invalid phone number, ugyldig nummer, nummer ikke i bruk, ute av bruk',
	askedNotToBeCalled:
		'DNC, DNCL, DNCC, reserved, do not call, in do-not-call, reservert, reservasjon, ikke ring, vil ikke ringes',
	maxAttempts: 'max attempts, maxAttempts, max. call attempts, maks forsøk, maks antall forsøk, abandoned',
	deceased: 'deceased, død, avdød',
	moved: 'moved, flyttet',
	language: 'language, språk, språkproblem',
	unqualified: 'unqualified, not qualified, utenfor målgruppen, ikke i målgruppen',
	expired: 'expired, utløpt',
	removed: 'removed, anonymized, fjernet, trukket',
	underWay: 'NEW, QUEUE, INCALL, XFER, under behandling, ny',
};

const keyOf = (word: string) => word.normalize('NFC').trim().toLowerCase().replace(/\s+/g, ' ');

const KNOWN_WORDS = new Map(
	(Object.entries(KNOWN) as Array<[Disposition, string]>).flatMap(([disposition, words]) =>
		words.split(', ').map((word): [string, Disposition] => [keyOf(word), disposition]),
	),
);
for (const name of dispositionNames) if (!KNOWN_WORDS.has(keyOf(name))) KNOWN_WORDS.set(keyOf(name), name);

export const dispositionRow = z.object({
	/** As the agency writes it; several separated by commas. */
	word: z.string().trim(),
	disposition: z.enum(dispositionNames as [Disposition, ...Disposition[]]),
	/** `default`: as the disposition says. */
	outcome: z.enum(['default', ...callOutcomes]).default('default'),
});
export type DispositionRow = z.infer<typeof dispositionRow>;

export interface Reading {
	disposition: Disposition;
	outcome: CallOutcome;
	reached: boolean;
}

/** What an agency's words mean, by its rows first; undefined for a word that nobody has told of. */
export function dispositionsBy(rows: readonly DispositionRow[]): (word: string) => Reading | undefined {
	const own = new Map<string, DispositionRow>();
	for (const row of rows)
		for (const word of row.word.split(/[,;\n]/)) if (word.trim() !== '') own.set(keyOf(word), row);
	return (word) => {
		const row = own.get(keyOf(word));
		const disposition = row?.disposition ?? KNOWN_WORDS.get(keyOf(word));
		if (!disposition) return undefined;
		const meaning = meanings[disposition];
		const outcome = row && row.outcome !== 'default' ? row.outcome : meaning.outcome;
		return { disposition, outcome, reached: meaning.reached };
	};
}
