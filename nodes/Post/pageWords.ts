/** Every word of the page, in the language that the browser asks for. */
import type { HandoffState } from '../../core/store/schema';
import { type Words, wordsFor } from '../JourneyPeoplePage/words';

const english = {
	title: 'Letters',
	collected: 'Collected',
	letters: (count: number, shown: string) => `${shown} ${count === 1 ? 'letter' : 'letters'}`,
	leave: 'leave as a batch at',
	batches: 'Batches',
	none: 'No batch has been made yet.',
	batch: 'Batch',
	state: 'State',
	count: 'Letters',
	became: 'What became of them',
	made: 'Made',
	over: 'Handed over',
	letter: 'Letter',
	to: 'To',
	tick: (ref: string) => `Choose letter ${ref}`,
	tickFirst: 'No letter was ticked. Go back and tick those you mean.',
	states: {
		ready: 'waits to be released',
		released: 'released',
		sending: 'is being handed over',
		handedOver: 'handed over',
		cancelled: 'cancelled',
		failed: 'could not be handed over',
	} as Record<HandoffState, string>,
	items: {
		batched: 'in it',
		handedOver: 'handed over',
		accepted: 'accepted',
		rejected: 'rejected',
		printed: 'printed',
		posted: 'posted',
		returned: 'came back',
		done: 'done',
		withdrawn: 'withdrawn',
		leftOut: 'left out',
		collected: 'collected',
	} as Record<string, string>,
	releasedBy: (who: string) => `released by ${who}`,
	release: 'Release',
	releaseWhy: 'The batch is handed over to be printed.',
	leaveOut: 'Leave Out',
	leaveOutWhy: 'Those who are ticked get no letter, and go on by Left Out.',
	cancelBatch: 'Cancel the Batch',
	cancelWhy: 'The batch is taken apart. Its letters are collected again, and leave with the next one.',
	cancelledBy: (who: string) => `Cancelled by ${who}.`,
	page: (page: number, of: number) => `Page ${page} of ${of}`,
	before: 'Page before',
	after: 'Page after',
	done: {
		release: (count: number, _shown: string): string =>
			count > 0 ? 'The batch is released.' : 'The batch did not wait to be released.',
		cancel: (_count: number, _shown: string): string => 'The batch is cancelled.',
		leaveOut: (count: number, shown: string): string =>
			`${shown} ${count === 1 ? 'letter' : 'letters'} left out.`,
	},
};
export type LetterWords = typeof english;

const norwegian: LetterWords = {
	title: 'Brev',
	collected: 'Samlet',
	letters: (_count, shown) => `${shown} brev`,
	leave: 'går som en bunke',
	batches: 'Bunker',
	none: 'Ingen bunke er laget ennå.',
	batch: 'Bunke',
	state: 'Tilstand',
	count: 'Brev',
	became: 'Hva som ble av dem',
	made: 'Laget',
	over: 'Overlevert',
	letter: 'Brev',
	to: 'Til',
	tick: (ref) => `Velg brev ${ref}`,
	tickFirst: 'Ingen brev var krysset av. Gå tilbake og kryss av dem du mener.',
	states: {
		ready: 'venter på å bli frigitt',
		released: 'frigitt',
		sending: 'overleveres',
		handedOver: 'overlevert',
		cancelled: 'avlyst',
		failed: 'kunne ikke overleveres',
	},
	items: {
		batched: 'i den',
		handedOver: 'overlevert',
		accepted: 'mottatt',
		rejected: 'avslått',
		printed: 'trykket',
		posted: 'postlagt',
		returned: 'kom i retur',
		done: 'ferdig',
		withdrawn: 'trukket tilbake',
		leftOut: 'utelatt',
		collected: 'samlet',
	},
	releasedBy: (who) => `frigitt av ${who}`,
	release: 'Frigi',
	releaseWhy: 'Bunken overleveres til trykking.',
	leaveOut: 'Utelat',
	leaveOutWhy: 'De avkryssede får ikke brev, og går videre av Utelatt.',
	cancelBatch: 'Avlys bunken',
	cancelWhy: 'Bunken løses opp. Brevene samles igjen og går med den neste.',
	cancelledBy: (who) => `Avlyst av ${who}.`,
	page: (page, of) => `Side ${page} av ${of}`,
	before: 'Forrige side',
	after: 'Neste side',
	done: {
		release: (count) => (count > 0 ? 'Bunken er frigitt.' : 'Bunken ventet ikke på å bli frigitt.'),
		cancel: () => 'Bunken er avlyst.',
		leaveOut: (_count, shown) => `${shown} brev utelatt.`,
	},
};

/** Those of this page, and those that all pages share, under this page's title. */
export function letterWords(acceptLanguage: string | undefined): { words: Words; own: LetterWords } {
	const shared = wordsFor(acceptLanguage);
	const own = shared.language === 'nb' ? norwegian : english;
	return { words: { ...shared, title: own.title }, own };
}
