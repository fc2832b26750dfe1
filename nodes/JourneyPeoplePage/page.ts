/** The frame that every view of the page stands in, and the headers it goes out with. */
import { createHash, randomBytes } from 'node:crypto';
import { DateTime } from 'luxon';
import type { StepContext, Receipt } from '../../core/step';
import type { Store } from '../../core/store/store';
import { type Fragment, Html, html } from './html';
import type { Seal } from './sealed';
import { style } from './style';
import type { Words } from './words';

/** One request of somebody who has been let in. */
export interface Visit {
	store: Store;
	clock: StepContext['clock'];
	now: number;
	seal: Seal;
	words: Words;
	/** IANA zone of the moments shown. */
	zone: string;
	/** Whose page it is, as the step's form says. */
	heading: string;
	lookOnly: boolean;
	/** Stands in people's timelines beside what is done from the page. */
	actor: string;
}

interface Framed {
	words: Words;
	heading?: string;
	title: string;
	/** The page's own links; not for who has not been let in. */
	inside?: boolean;
	/** Other links than those of Journey People Page. */
	links?: Fragment;
	/** Pictures that stand in the page itself are shown. */
	pictures?: boolean;
	/** More looks than all pages share. */
	style?: string;
	/** The one script of the page, such as for its keys: always the same text, nothing of it from data. */
	script?: string;
	body: Fragment;
	status?: number;
	headers?: Record<string, string>;
}

/**
 * No script runs on the page, not even one that somebody's name would smuggle in: none is allowed, and `sandbox` would
 * stop it all the same. Where a page has one of its own, it is allowed by what it says, word for word, and can reach
 * nothing. `allow-same-origin` lets the browser say where a form was sent from.
 */
const policy = (nonce: string, pictures: boolean, script: string | undefined) =>
	[
		"default-src 'none'",
		...(script === undefined
			? []
			: [`script-src 'sha256-${createHash('sha256').update(script).digest('base64')}'`]),
		...(pictures ? ['img-src data:'] : []),
		`style-src 'nonce-${nonce}'`,
		"form-action 'self'",
		"base-uri 'none'",
		"frame-ancestors 'none'",
		`sandbox allow-forms allow-downloads allow-same-origin allow-popups${script === undefined ? '' : ' allow-scripts'}`,
	].join('; ');

/** For whatever the page answers: kept by nobody on the way, framed by nobody, and telling nobody where it was. */
const careful = {
	'cache-control': 'no-store',
	'x-content-type-options': 'nosniff',
	'x-frame-options': 'DENY',
	// Not `no-referrer`: browsers then leave out where a form was sent from as well.
	'referrer-policy': 'same-origin',
	'cross-origin-opener-policy': 'same-origin',
	'cross-origin-resource-policy': 'same-origin',
	'x-robots-tag': 'noindex, nofollow',
};

export function pageOf({
	words,
	heading,
	title,
	inside = true,
	links,
	pictures = false,
	style: more = '',
	script,
	body,
	status = 200,
	headers,
}: Framed): Receipt {
	const nonce = randomBytes(16).toString('base64');
	// By itself: its hash counts every space.
	const run = script === undefined ? '' : new Html(`<script>${script}</script>`);
	const whole = html`<!doctype html>
		<html lang="${words.language}">
			<head>
				<meta charset="utf-8" />
				<meta name="viewport" content="width=device-width, initial-scale=1" />
				<title>${title === words.title ? title : `${title} · ${words.title}`}</title>
				<style nonce="${new Html(nonce)}">
					${new Html(style + more)}
				</style>
			</head>
			<body>
				<header>
					<h1>${words.title}</h1>
					${heading ? html`<p>${heading}</p>` : ''}${inside ? (links ?? html`<nav><a href="?">${words.overview}</a><a href="?show=unknown">${words.unknownMessages}</a><a href="?show=rules">${words.contactRules}</a></nav>`) : ''}
				</header>
				<main>${body}</main>
				${run}
			</body>
		</html> `;
	return {
		status,
		headers: {
			...careful,
			'content-type': 'text/html; charset=utf-8',
			'content-language': words.language,
			'content-security-policy': policy(nonce, pictures, script),
			vary: 'Accept-Language',
			...headers,
		},
		body: whole.text,
	};
}

/** A file to save. */
export function download(name: string, type: string, body: Receipt['body']): Receipt {
	return {
		status: 200,
		headers: {
			...careful,
			'content-type': type,
			'content-disposition': `attachment; filename="${name}"`,
			'content-security-policy': "default-src 'none'; sandbox allow-downloads",
		},
		body,
	};
}

/** After something was done: the browser asks for the list anew, and reloading that does it no second time. */
export function seeOther(address: string): Receipt {
	return { status: 303, headers: { ...careful, location: address } };
}

/** Something that the person at the page can put right, or has to wait for. */
export function refusal(
	words: Words,
	status: number,
	title: string,
	why: string,
	more: { inside?: boolean; links?: Fragment; headers?: Record<string, string> } = {},
): Receipt {
	const inside = more.inside ?? true;
	return pageOf({
		words,
		title,
		status,
		inside,
		links: more.links,
		headers: more.headers,
		body: html`<div class="note bad" role="alert">
				<h2>${title}</h2>
				<p>${why}</p>
			</div>
			${inside ? html`<p><a href="?">${words.back}</a></p>` : ''}`,
	});
}

/** An address on this page, wherever the host has put it. */
export function addressOf(query: Record<string, string | undefined>): string {
	const given = Object.entries(query).filter((pair): pair is [string, string] => Boolean(pair[1]));
	return `?${new URLSearchParams(given).toString()}`;
}

export function moment(
	{ words, zone }: Pick<Visit, 'words' | 'zone'>,
	at: number | null | undefined,
): Fragment {
	if (at === null || at === undefined) return '';
	const time = DateTime.fromMillis(at, { zone });
	return html`<time datetime="${time.toISO() ?? ''}"
		>${time.toFormat(words.language === 'nb' ? 'dd.MM.yyyy HH:mm' : 'yyyy-MM-dd HH:mm')}</time
	>`;
}

export const momentText = ({ words, zone }: Pick<Visit, 'words' | 'zone'>, at: number): string =>
	DateTime.fromMillis(at, { zone }).toFormat(
		words.language === 'nb' ? 'dd.MM.yyyy HH:mm' : 'yyyy-MM-dd HH:mm',
	);

export const number = ({ words }: Pick<Visit, 'words'>, count: number): string =>
	new Intl.NumberFormat(words.language).format(count);

export const people = (visit: Pick<Visit, 'words'>, count: number): string =>
	visit.words.people(count, number(visit, count));
export const messages = (visit: Pick<Visit, 'words'>, count: number): string =>
	visit.words.messages(count, number(visit, count));
