/** One request of somebody who has been let in, and the frame that its answer stands in. */
import type { OpenState, ReviewFilter } from '../../core/gifts/review';
import type { Organisation } from '../../core/register/organisation';
import type { Receipt, StepContext } from '../../core/step';
import type { Store } from '../../core/store/store';
import { type Fragment, html } from '../JourneyPeoplePage/html';
import { addressOf, pageOf, refusal } from '../JourneyPeoplePage/page';
import type { Seal } from '../JourneyPeoplePage/sealed';
import type { Words } from '../JourneyPeoplePage/words';
import type { Parameters } from './form';
import { keys } from './keys';
import { look } from './look';
import type { GiftWords } from './pageWords';

export interface Visit {
	ctx: StepContext;
	store: Store;
	params: Parameters;
	words: Words;
	own: GiftWords;
	seal: Seal;
	now: number;
	zone: string;
	organisation: Organisation;
	stepId: number;
	actor: string;
	asked: Asked;
}

export const ages = ['any', 'day', 'week', 'month', 'older'] as const;
export type Age = (typeof ages)[number];
export const openStates = ['review', 'unknown', 'identified'] as const satisfies readonly OpenState[];

/** Which gifts a view is about: what stands in an address. Nothing of a person ever does. */
export interface Asked {
	state: OpenState;
	source?: string;
	age: Age;
	/** Kroner. */
	from?: string;
	to?: string;
}

export function askedIn(query: Record<string, string | undefined>): Asked {
	const kroner = (text: string | undefined) => (/^\d{1,9}$/.test(text ?? '') ? text : undefined);
	const [from, to] = [kroner(query.from), kroner(query.to)];
	return {
		state: openStates.find((one) => one === query.state) ?? 'review',
		age: ages.find((one) => one === query.age) ?? 'any',
		...(query.source ? { source: query.source.slice(0, 50) } : {}),
		...(from === undefined ? {} : { from }),
		...(to === undefined ? {} : { to }),
	};
}

const DAY = 86_400_000;

export function filterOf({ state, source, age, from, to }: Asked, now: number): ReviewFilter {
	const days = { any: undefined, day: 1, week: 7, month: 30, older: undefined }[age];
	return {
		state,
		...(source === undefined ? {} : { source }),
		...(days === undefined ? {} : { from: now - days * DAY }),
		...(age === 'older' ? { to: now - 30 * DAY } : {}),
		...(from === undefined ? {} : { fromOre: Number(from) * 100 }),
		...(to === undefined ? {} : { toOre: Number(to) * 100 }),
	};
}

export const addressIn = (asked: Asked, more: Record<string, string | undefined>): string =>
	addressOf({ ...asked, ...more });

export const links = (words: Words, own: GiftWords): Fragment =>
	html`<nav><a href="?">${words.overview}</a><a href="?show=decided">${own.decidedList}</a></nav>`;

export function framed({ words, own, params, ctx }: Visit, title: string, body: Fragment): Receipt {
	return pageOf({
		words,
		heading: params.options.heading || ctx.place.name,
		title,
		links: links(words, own),
		style: look,
		script: keys,
		body: [body, html`<p class="quiet">${own.keysHelp}: ${own.keysWords}</p>`],
	});
}

export function refused({ words, own }: Visit, status: number, title: string, why: string): Receipt {
	return refusal(words, status, title, why, { links: links(words, own) });
}

/** Øre as an amount of money. */
export function money({ words }: Pick<Visit, 'words'>, ore: number, currency = 'NOK'): string {
	const whole = ore % 100 === 0;
	const format = (code: string) =>
		new Intl.NumberFormat(words.language === 'nb' ? 'nb-NO' : 'en-GB', {
			style: 'currency',
			currency: code,
			minimumFractionDigits: whole ? 0 : 2,
		}).format(ore / 100);
	// What a source calls a currency need not be one.
	return /^[A-Z]{3}$/.test(currency) ? format(currency) : `${ore / 100} ${currency}`;
}

export function percent({ words }: Pick<Visit, 'words'>, probability: number): string {
	// Never rounded up to certainty.
	const shown = Math.floor(probability * 10_000) / 100;
	return `${new Intl.NumberFormat(words.language === 'nb' ? 'nb-NO' : 'en-GB', { maximumFractionDigits: 2 }).format(shown)} %`;
}
