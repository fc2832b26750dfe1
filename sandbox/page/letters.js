/** The letters of the person who is chosen: pages as pictures, and what the post does with them. */
import { now } from './clock.js';
import { ask, el, say } from './elements.js';
import { giroSlip } from './gifts.js';
import { dayTime, shortTime, words } from './texts.js';

let open = null;

/** @param draw draws the section anew */
export function letterbox(side, letters, draw) {
	if (letters.length === 0) return side.replaceChildren();
	if (!letters.some(({ id }) => id === open)) open = null;
	const shown = letters.find(({ id }) => id === open);
	side.replaceChildren(
		el('h2', {}, words().letterbox),
		el(
			'ul',
			{ class: 'mails' },
			letters.map((letter) =>
				el(
					'li',
					{},
					el(
						'button',
						{
							type: 'button',
							'aria-current': letter.id === open ? 'true' : undefined,
							onclick: () => {
								open = letter.id === open ? null : letter.id;
								draw();
							},
						},
						el('span', { class: 'subject' }, letter.batch),
						el('span', { class: 'when' }, shortTime(letter.history.at(-1).at, now())),
						el(
							'span',
							{ class: 'last' },
							`${words().pages(letter.pages)} · ${words().letterFrom[letter.from]}`,
						),
						el(
							'span',
							{ class: 'marks' },
							el('span', { class: `mark ${markOf(letter.state)}` }, words().letterState[letter.state]),
						),
					),
				),
			),
		),
		shown ? letterView(shown) : '',
	);
}

const markOf = (state) =>
	state === 'posted' ? 'good' : state === 'returned' || state === 'rejected' ? 'bad' : 'dim';

function letterView(letter) {
	const act = async (what) => {
		try {
			const { state } = await ask('POST', `/letters/${letter.id}/${what}`, what === 'move' ? undefined : {});
			if (what !== 'reject' && state !== 'returned') say(words().willReturn);
		} catch {
			say(words().tooLate);
		}
	};
	const { name, lines, postalCode, city } = letter.address;
	return el(
		'article',
		{ class: 'letter' },
		el(
			'p',
			{ class: 'quiet' },
			[name, ...lines, `${postalCode} ${city}`.trim()].filter(Boolean).join(' · '),
			letter.kid ? ` · KID ${letter.kid}` : null,
		),
		el(
			'div',
			{ class: 'pages', tabindex: 0, role: 'region', 'aria-label': words().letterbox },
			Array.from({ length: Math.min(letter.pages, 8) }, (_, index) => picture(letter, index + 1)),
		),
		el(
			'ol',
			{ class: 'history' },
			letter.history.map(({ state, at, reason, newAddress }) =>
				el(
					'li',
					{},
					el('span', { class: 'quiet' }, dayTime(at)),
					` ${words().letterState[state]}`,
					reason ? ` (${reason})` : null,
					newAddress ? ` → ${newAddress.street}, ${newAddress.postalCode} ${newAddress.city}` : null,
				),
			),
		),
		letter.kid ? giroSlip(letter) : null,
		el(
			'div',
			{ class: 'links' },
			el('a', { href: `/letters/${letter.id}/pdf`, target: '_blank', rel: 'noopener' }, words().openPdf),
			['rejected', 'returned'].includes(letter.state)
				? null
				: [
						el('button', { type: 'button', onclick: () => act('return') }, words().giveBack),
						el('button', { type: 'button', onclick: () => act('move') }, words().newAddress),
						letter.state === 'accepted'
							? el(
									'button',
									{ type: 'button', class: 'danger', onclick: () => act('reject') },
									words().rejectLetter,
								)
							: null,
					],
		),
	);
}

function picture(letter, page) {
	const image = el('img', {
		src: `/letters/${letter.id}/pages/${page}.png`,
		alt: words().page(page),
		loading: 'lazy',
		onerror: () => image.replaceWith(el('p', { class: 'empty' }, words().noPicture)),
	});
	return image;
}
