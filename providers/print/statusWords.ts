/** What printing houses call what became of a letter. Nobody publishes theirs: these are our assumption, to be added to. */
import type { ItemWord } from '../../core/handoffs/events';

const words: Record<ItemWord, readonly string[]> = {
	accepted: ['accepted', 'received', 'approved', 'ok', 'mottatt', 'akseptert', 'godkjent', 'i produksjon'],
	rejected: [
		'rejected',
		'refused',
		'failed',
		'invalid',
		'error',
		'avvist',
		'feil',
		'feilet',
		'ugyldig',
		'stoppet',
	],
	printed: ['printed', 'produced', 'printet', 'trykket', 'trykt', 'utskrevet', 'skrevet ut', 'produsert'],
	posted: [
		'posted',
		'mailed',
		'sent',
		'dispatched',
		'postet',
		'postlagt',
		'innlevert',
		'postlevert',
		'sendt',
	],
	returned: [
		...['returned', 'return', 'undeliverable', 'shredded', 'destroyed'],
		...['retur', 'returnert', 'i retur', 'ubesørget', 'ikke levert', 'makulert', 'destruert'],
	],
	addressUpdated: [
		...['address updated', 'addressupdated', 'forwarded', 'new address'],
		...['ny adresse', 'adresse endret', 'adresseendring', 'omadressert', 'ettersendt', 'videresendt'],
	],
};

/** Reasons that say that the person has died. */
const died = /(^|[^\p{L}])(død|avdød|doed|deceased|dead)($|[^\p{L}])/iu;

const plain = (word: string) =>
	word
		.toLowerCase()
		.normalize('NFC')
		.replace(/[^\p{L}\p{N}]+/gu, '');

const known = new Map(
	Object.entries(words).flatMap(([means, all]) =>
		all.map((word) => [plain(word), means as ItemWord] as const),
	),
);

/** Own words first. Undefined when nobody knows it. */
export function meaningOf(
	word: string,
	own: ReadonlyArray<{ word: string; means: ItemWord }>,
): ItemWord | undefined {
	const wanted = plain(word);
	return own.find((one) => plain(one.word) === wanted)?.means ?? known.get(wanted);
}

/** They were not delivered, and will not come back either: said with the reason. */
export const isDestroyed = (word: string) => /shred|destroy|makul|destru/i.test(word);

export const saysDeceased = (reason: string) => died.test(reason);
