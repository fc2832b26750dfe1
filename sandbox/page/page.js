/** The page: follows the sandbox by server-sent events and shows what changed. */
import { showCalls } from './calls.js';
import { now, offset, setOffset } from './clock.js';
import { ask, byId, el, say } from './elements.js';
import { showFaults } from './faults.js';
import { showGifts } from './gifts.js';
import { showLeads } from './leads.js';
import { showPersons, openPerson, refreshPerson, chosen } from './people.js';
import { showPost } from './post.js';
import { showSetup } from './setup.js';
import { languageTag, longTime, otherLanguage, words } from './texts.js';

const views = {
	people: () => showPersons(),
	post: () => showPost(byId('view-post')),
	leads: () => showLeads(byId('view-leads')),
	gifts: () => showGifts(byId('view-gifts')),
	faults: () => showFaults(byId('view-faults')),
	calls: () => showCalls(byId('view-calls')),
	setup: () => showSetup(byId('view-setup')),
};
let view = location.hash.slice(1) in views ? location.hash.slice(1) : 'people';
let counters = {};

function texts() {
	document.documentElement.lang = languageTag();
	for (const element of document.querySelectorAll('[data-text]'))
		element.textContent = words()[element.dataset.text];
	for (const element of document.querySelectorAll('[data-label]'))
		element.setAttribute('aria-label', words()[element.dataset.label]);
	byId('search').placeholder = words().search;
	byId('language').textContent = words().language;
	theme();
	tabs();
	turns();
	showCounters();
	tick();
}

function theme() {
	const dark = document.documentElement.dataset.theme
		? document.documentElement.dataset.theme === 'dark'
		: matchMedia('(prefers-color-scheme: dark)').matches;
	byId('theme').textContent = dark ? words().themeLight : words().themeDark;
	return dark;
}

function tabs() {
	byId('tabs').replaceChildren(
		...Object.keys(views).map((name) =>
			el(
				'button',
				{
					type: 'button',
					role: 'tab',
					id: `tab-${name}`,
					'aria-selected': String(name === view),
					'aria-controls': `view-${name}`,
					tabindex: name === view ? 0 : -1,
					onclick: () => choose(name),
					onkeydown: (event) => {
						const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
						if (!step) return;
						const names = Object.keys(views);
						choose(names[(names.indexOf(view) + step + names.length) % names.length]);
						byId(`tab-${view}`).focus();
					},
				},
				words()[name],
			),
		),
	);
}

function choose(name) {
	view = name;
	history.replaceState(null, '', `#${name}`);
	for (const other of Object.keys(views)) {
		byId(`view-${other}`).hidden = other !== name;
		byId(`view-${other}`).setAttribute('aria-labelledby', `tab-${other}`);
	}
	tabs();
	void views[name]();
}

const HOUR = 3_600_000;
function turns() {
	const steps = [
		['hour', HOUR],
		['day', 24 * HOUR],
		['threeDays', 72 * HOUR],
		['fiveDays', 120 * HOUR],
	];
	byId('turns').replaceChildren(
		...steps.map(([name, forwardMs]) =>
			el('button', { type: 'button', onclick: () => ask('POST', '/clock', { forwardMs }) }, words()[name]),
		),
	);
}

function tick() {
	byId('now').textContent = longTime(now());
	byId('now').dateTime = new Date(now()).toISOString();
	const minutes = Math.round(offset() / 60_000);
	const [days, hours, rest] = [Math.trunc(minutes / 1_440), Math.trunc((minutes % 1_440) / 60), minutes % 60];
	const text = [days, hours, rest]
		.map((count, index) => (count ? `${count} ${words().units[index]}` : ''))
		.filter(Boolean)
		.join(' ');
	byId('offset').textContent = minutes === 0 ? words().realTime : words().ahead(text);
	byId('offset').classList.toggle('turned', minutes !== 0);
}

function showCounters() {
	byId('counters').replaceChildren(
		...Object.entries(words().counters).map(([key, text]) =>
			el('div', {}, el('dd', {}, (counters[key] ?? 0).toLocaleString('nb-NO')), el('dt', {}, text)),
		),
	);
}

/** One fetch at a time, a breath between them, and one more when something changed meanwhile. */
function calm(show) {
	let running = false;
	let again = false;
	return async function run() {
		if (running) {
			again = true;
			return;
		}
		running = true;
		try {
			await show();
		} catch {
			// Away: the next event brings it.
		}
		await new Promise((resolve) => setTimeout(resolve, 250));
		running = false;
		if (again) {
			again = false;
			void run();
		}
	};
}
const refresh = calm(() => {
	if (view !== 'setup') return views[view]();
	return undefined;
});
const refreshChosen = calm(() => refreshPerson());

function follow() {
	const events = new EventSource('/live');
	events.onopen = () => say('');
	events.onerror = () => say(words().away, true);
	events.onmessage = ({ data }) => {
		const event = JSON.parse(data);
		setOffset(event.clock.offset);
		counters = event.counters;
		showCounters();
		tick();
		const parts = new Set(event.parts);
		if (
			parts.has('people') ||
			(parts.has('faults') && view === 'faults') ||
			(parts.has('requests') && view === 'calls') ||
			(parts.has('letters') && view === 'post') ||
			(parts.has('leads') && view === 'leads') ||
			(parts.has('bank') && view === 'gifts')
		)
			void refresh();
		if (parts.has('people') && (event.many || event.persons?.includes(chosen()))) void refreshChosen();
	};
}

byId('language').addEventListener('click', () => {
	otherLanguage();
	texts();
	void views[view]();
	if (chosen()) void openPerson(chosen());
});
byId('theme').addEventListener('click', () => {
	const next = theme() ? 'light' : 'dark';
	document.documentElement.dataset.theme = next;
	localStorage.setItem('theme', next);
	theme();
});
const kept = localStorage.getItem('theme');
if (kept) document.documentElement.dataset.theme = kept;
document.addEventListener('keydown', (event) => {
	if (event.key === '/' && !/^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement?.tagName ?? '')) {
		event.preventDefault();
		choose('people');
		byId('search').focus();
	}
});

texts();
choose(view);
setInterval(tick, 1_000);
follow();
