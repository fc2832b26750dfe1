/** The list of persons, and the phone and inbox of the one that is chosen. */
import { now } from './clock.js';
import { ask, byId, el, say } from './elements.js';
import { wallet } from './gifts.js';
import { letterbox } from './letters.js';
import { clockTime, dayTime, shortTime, words } from './texts.js';

let person = null;
let mailOpen = null;
let latest = { total: 0, found: 0, people: [] };
const drafts = new Map();

export const chosen = () => person?.id;
const nameOf = (one) => one.name || one.email || one.phone || '?';
const initials = (one) =>
	nameOf(one)
		.replace(/[^\p{L}\p{N}\s-]/gu, '')
		.split(/[\s]+/)
		.filter(Boolean)
		.map((part) => part[0])
		.slice(0, 2)
		.join('')
		.toUpperCase();

export async function showPersons() {
	const search = byId('search').value.trim();
	latest = await ask('GET', `/people?limit=200&search=${encodeURIComponent(search)}`);
	list();
	if (!person && latest.people[0] && innerWidth > 820) await openPerson(latest.people[0].id);
	if (!person) sides();
}

function list() {
	const { total, found, people } = latest;
	byId('found').textContent =
		total === 0
			? ''
			: words().found(people.length, found, total) +
				(people.length < found ? words().onlyLatest(people.length) : '');
	const focused = document.activeElement?.dataset?.person;
	byId('persons').replaceChildren(
		...(people.length > 0
			? people.map(row)
			: [el('li', { class: 'empty' }, total === 0 ? words().nobody : words().noHits)]),
	);
	if (focused)
		byId('persons')
			.querySelector(`[data-person="${CSS.escape(focused)}"]`)
			?.focus();
}

function row(one) {
	return el(
		'li',
		{},
		el(
			'button',
			{
				type: 'button',
				class: 'person',
				'data-person': one.id,
				'aria-current': one.id === person?.id ? 'true' : undefined,
				onclick: () => openPerson(one.id),
				onkeydown: move,
			},
			el('span', { class: `face tint-${one.id % 6}`, 'aria-hidden': 'true' }, initials(one)),
			el('span', { class: 'name' }, nameOf(one)),
			el('span', { class: 'when' }, shortTime(one.lastAt, now())),
			el('span', { class: 'last' }, one.lastText),
			one.unread > 0 && one.id !== person?.id ? el('span', { class: 'unread' }, String(one.unread)) : null,
		),
	);
}

function move(event) {
	const to = { ArrowDown: 'nextElementSibling', ArrowUp: 'previousElementSibling' }[event.key];
	if (!to) return;
	event.preventDefault();
	event.currentTarget.parentElement[to]?.firstElementChild?.focus();
}

export async function openPerson(id) {
	if (person?.id !== id) mailOpen = null;
	person = await ask('GET', `/people/${id}`).catch(() => null);
	byId('phone').dataset.shown = '';
	byId('inbox').dataset.shown = '';
	byId('letters').dataset.shown = '';
	sides();
	list();
	if (person?.unread) await ask('POST', `/people/${id}/seen`);
}

export async function refreshPerson() {
	if (!person) return;
	const fresh = await ask('GET', `/people/${person.id}`).catch(() => null);
	if (fresh && fresh.id !== person?.id) return;
	person = fresh;
	sides();
	if (person?.unread) await ask('POST', `/people/${person.id}/seen`);
}

function sides() {
	// Redrawn only when something changed, so that neither a text being written nor an open mail is disturbed.
	draw(
		'phone',
		person && { id: person.id, phone: person.phone, messages: person.messages, repliesTo: person.repliesTo },
		phone,
	);
	draw('wallet', person && { id: person.id, vipps: person.vipps, transfers: person.transfers }, (side) =>
		wallet(side, person),
	);
	draw('letters', person && { id: person.id, letters: person.letters }, (side) =>
		letterbox(side, person?.letters ?? [], () => {
			byId('letters').dataset.shown = '';
			sides();
		}),
	);
	draw('inbox', person && { id: person.id, email: person.email, mails: person.mails, mailOpen }, inbox);
}

function draw(id, state, content) {
	const side = byId(id);
	const shown = JSON.stringify([state, document.documentElement.lang]);
	if (side.dataset.shown === shown) return;
	side.dataset.shown = shown;
	content(side);
}

const channels = { rcs: 'RCS', whatsapp: 'WhatsApp', viber: 'Viber' };

function phone(side) {
	if (!person) return side.replaceChildren(el('p', { class: 'empty' }, words().choose));
	const { phone: number, messages } = person;
	const typing = side.contains(document.activeElement) && document.activeElement.tagName === 'INPUT';
	const last = messages.findLast((sms) => sms.from === 'organisation');
	const lastFrom = last?.organisation;
	// What can be tapped is gone once it is answered, as on a phone.
	const tappable = (messages.at(-1) === last && last?.buttons) || [];
	const named = lastFrom !== undefined && !/^\+?\d+$/.test(lastFrom);
	const bubbles = el('ol', { class: 'bubbles', tabindex: 0, 'aria-label': words().phone });
	let before = null;
	for (const sms of messages) {
		if (!before || sms.at - before.at > 3_600_000)
			bubbles.append(el('li', { class: 'time' }, dayTime(sms.at)));
		before = sms;
		bubbles.append(
			el(
				'li',
				{ class: sms.from === 'person' ? 'mine' : 'theirs' },
				el('p', {}, sms.buttons?.length > 0 ? sms.text.replace(/\n\[[^\n]*\]$/, '') : sms.text),
				el(
					'small',
					{ class: sms.status === 'failed' || sms.status === 'rejected' ? 'bad' : undefined },
					[
						clockTime(sms.at),
						channels[sms.channel],
						sms.from === 'organisation' ? words().sms[sms.status] : null,
						sms.segments > 1 ? words().parts(sms.segments) : null,
					]
						.filter(Boolean)
						.join(' · '),
				),
			),
		);
	}
	const answer = async (text, postback) => {
		if (!text.trim()) return;
		drafts.delete(number);
		const { told } = await ask('POST', `/phones/${encodeURIComponent(number)}/reply`, {
			text,
			...(postback === undefined ? {} : { postback }),
		});
		say(told === null ? words().told.nobody : told < 300 ? words().told.taken : words().told.refused(told));
	};
	const field = el('input', {
		type: 'text',
		name: 'reply',
		maxlength: 1600,
		autocomplete: 'off',
		placeholder: words().reply,
		'aria-label': words().reply,
		oninput: (event) => drafts.set(number, event.target.value),
	});
	field.value = drafts.get(number) ?? '';
	side.replaceChildren(
		el('h2', {}, words().phone, number ? el('span', { class: 'quiet' }, spaced(number)) : null),
		!number
			? el('p', { class: 'empty' }, words().noPhone)
			: el(
					'div',
					{ class: 'handset' },
					el('div', { class: 'top' }, el('span', { class: 'speaker' }), el('strong', {}, lastFrom ?? ' ')),
					messages.length === 0 ? el('p', { class: 'empty' }, words().noSms) : bubbles,
					el(
						'div',
						{ class: 'quick' },
						tappable.map(({ caption, postback }) =>
							el(
								'button',
								{ type: 'button', class: 'suggestion', onclick: () => answer(caption, postback) },
								caption,
							),
						),
						(tappable.length > 0 ? ['STOPP'] : ['JA', 'NEI', 'STOPP']).map((text) =>
							el('button', { type: 'button', onclick: () => answer(text) }, text),
						),
					),
					el(
						'form',
						{
							onsubmit: (event) => {
								event.preventDefault();
								void answer(field.value);
								field.value = '';
							},
						},
						field,
						el('button', { class: 'send', 'aria-label': words().send, title: words().send }, '↑'),
					),
				),
		number && named ? el('p', { class: 'quiet note' }, words().senderIsName(lastFrom, person.repliesTo)) : '',
	);
	bubbles.scrollTop = bubbles.scrollHeight;
	if (typing) {
		field.focus();
		field.setSelectionRange(field.value.length, field.value.length);
	}
}

const spaced = (number) => number.replace(/^\+47(\d{3})(\d{2})(\d{3})$/, '+47 $1 $2 $3');

function inbox(side) {
	if (!person) return side.replaceChildren();
	const { email, mails } = person;
	// The open mail keeps its frame: drawing it anew would load its picture and count another open.
	const frame = side.querySelector('iframe');
	const open = mails.find((mail) => mail.id === mailOpen);
	const head = el('h2', {}, words().inbox, email ? el('span', { class: 'quiet' }, email) : null);
	if (!email || mails.length === 0) {
		side.replaceChildren(head, el('p', { class: 'empty' }, email ? words().noMail : words().noInbox));
		return;
	}
	const rows = el('ul', { class: 'mails' }, mails.map(mailRow));
	if (open && frame?.dataset.mail === String(open.id) && side.querySelector('.mail')) {
		side.querySelector('h2').replaceWith(head);
		side.querySelector('.mails').replaceWith(rows);
		side.querySelector('.mail header').replaceWith(mailHead(open));
		side.querySelector('.links').replaceWith(links(open));
		return;
	}
	side.replaceChildren(head, rows, open ? mailView(open) : '');
}

function mailRow(mail) {
	return el(
		'li',
		{},
		el(
			'button',
			{
				type: 'button',
				class: mail.opens.length === 0 ? 'new' : undefined,
				'aria-current': mail.id === mailOpen ? 'true' : undefined,
				onclick: () => {
					mailOpen = mail.id === mailOpen ? null : mail.id;
					sides();
				},
			},
			el('span', { class: 'subject' }, mail.subject),
			el('span', { class: 'when' }, shortTime(mail.at, now())),
			el('span', { class: 'last' }, mail.from.replace(/\s*<.*$/, '')),
			marks(mail),
		),
	);
}

function marks(mail) {
	const found = [
		mail.opens.length > 0 ? ['mark', words().opened(mail.opens.length)] : ['mark dim', words().unopened],
		mail.clicks.length > 0 ? ['mark good', words().clicked(mail.clicks.length)] : null,
		mail.unsubscribedAt !== null ? ['mark bad', words().unsubscribed] : null,
	].filter(Boolean);
	return el(
		'span',
		{ class: 'marks' },
		found.map(([kind, text]) => el('span', { class: kind }, text)),
	);
}

function links(mail) {
	const act = (what, body) =>
		ask('POST', `/inboxes/${encodeURIComponent(mail.email)}/${mail.id}/${what}`, body);
	return el(
		'div',
		{ class: 'links' },
		mail.links.map((link, index) =>
			el(
				'button',
				{ type: 'button', title: link.url, onclick: () => act('click', { link: index }) },
				`${words().click}: ${link.text}`,
			),
		),
		el(
			'button',
			{
				type: 'button',
				class: 'danger',
				disabled: mail.unsubscribedAt !== null,
				onclick: () => act('unsubscribe'),
			},
			words().unsubscribe,
		),
	);
}

function mailHead(mail) {
	const shut = () => {
		mailOpen = null;
		sides();
	};
	return el(
		'header',
		{},
		el('h3', {}, mail.subject),
		el('p', { class: 'quiet' }, `${words().from} ${mail.from}`, el('br'), dayTime(mail.at)),
		marks(mail),
		el(
			'button',
			{ type: 'button', class: 'shut', 'aria-label': words().close, title: words().close, onclick: shut },
			'×',
		),
	);
}

function mailView(mail) {
	return el(
		'article',
		{ class: 'mail' },
		mailHead(mail),
		el('iframe', {
			title: mail.subject,
			sandbox: 'allow-popups allow-popups-to-escape-sandbox',
			src: `/inboxes/${encodeURIComponent(mail.email)}/${mail.id}/html`,
			'data-mail': mail.id,
		}),
		links(mail),
	);
}

let typing;
byId('search').addEventListener('input', () => {
	clearTimeout(typing);
	typing = setTimeout(showPersons, 120);
});
byId('search').addEventListener('keydown', (event) => {
	if (event.key === 'ArrowDown') byId('persons').querySelector('button')?.focus();
});
