/** Orders faults and forged calls. */
import { ask, el, say } from './elements.js';
import { names } from './names.js';
import { words } from './texts.js';

const calls = [
	'429',
	'503',
	'500',
	'502',
	'400',
	'401',
	'403',
	'html',
	'slow',
	'reset-before',
	'reset-after',
	'no-answer',
];
const reports = [
	'report-twice',
	'report-late',
	'report-early',
	'report-failed',
	'report-contradictory',
	'report-lost',
];
const amounts = [{ next: 1 }, { next: 5 }, { next: 50 }, { share: 0.1 }, { share: 0.5 }, { share: 1 }];
const sftp = ['login-refused', 'cut', 'disk-full'];
const print = [
	'letter-rejected',
	'letter-returned',
	'letter-moved',
	'status-half',
	'status-twice',
	'status-garbage',
];
const vipps = ['event-twice', 'event-late', 'event-lost', 'event-forged', 'payment-late'];
const bank = ['file-half', 'file-twice', 'file-garbage'];
const kindsOf = (provider) =>
	({
		link: [...calls, ...reports],
		linkMultichannel: [...calls, ...reports],
		vipps: [...calls, ...vipps],
		sftp,
		print,
		bank,
	})[provider] ?? calls;
const amountText = ({ next, share }) =>
	[share !== undefined ? words().shareOf(share) : null, next !== undefined ? words().nextCalls(next) : null]
		.filter(Boolean)
		.join(', ');

export async function showFaults(sheet) {
	const faults = await ask('GET', '/faults');
	const ordered = el(
		'ul',
		{ class: 'ordered' },
		faults.length === 0
			? el('li', { class: 'empty' }, words().noFaults)
			: faults.map((fault) =>
					el(
						'li',
						{},
						el('strong', {}, names[fault.provider]),
						el('span', {}, words().kinds[fault.kind]),
						el('span', { class: 'chip' }, amountText(fault)),
						el('span', { class: 'quiet' }, words().hits(fault.hits)),
						el(
							'button',
							{ type: 'button', onclick: () => ask('DELETE', `/faults/${fault.id}`) },
							words().callOff,
						),
					),
				),
	);
	// The forms stay as they are filled in; only what is ordered is drawn anew.
	const form = sheet.querySelector('.order');
	if (form && form.dataset.lang === document.documentElement.lang)
		return sheet.querySelector('.ordered').replaceWith(ordered);
	sheet.replaceChildren(
		el('h2', {}, words().faults),
		el('p', { class: 'lead' }, words().faultsIntro),
		orderForm(),
		ordered,
		el('h2', {}, words().forge),
		el('p', { class: 'lead' }, words().forgeIntro),
		forgeForm(),
	);
}

function orderForm() {
	const kind = el('select', { name: 'kind' });
	const fill = (provider) =>
		kind.replaceChildren(...kindsOf(provider).map((one) => el('option', { value: one }, words().kinds[one])));
	fill('link');
	const provider = el(
		'select',
		{ name: 'provider', onchange: (event) => fill(event.target.value) },
		Object.entries(names).map(([value, name]) => el('option', { value }, name)),
	);
	const amount = el(
		'select',
		{ name: 'amount' },
		amounts.map((one, index) => el('option', { value: index }, amountText(one))),
	);
	return el(
		'form',
		{
			class: 'order row',
			'data-lang': document.documentElement.lang,
			onsubmit: (event) => {
				event.preventDefault();
				void ask('POST', '/faults', {
					provider: provider.value,
					kind: kind.value,
					...amounts[Number(amount.value)],
				});
			},
		},
		el('label', {}, words().provider, provider),
		el('label', { class: 'wide' }, words().kind, kind),
		el('label', {}, words().amount, amount),
		el('button', { class: 'primary' }, words().order),
	);
}

function forgeForm() {
	const forge = async (what) => {
		try {
			const { host, status } = await ask('POST', '/forge', {
				provider: what === 'unsubscribe' ? 'make' : 'link',
				what,
			});
			say(words().forged(host, status));
		} catch {
			say(words().noAddress);
		}
	};
	return el(
		'div',
		{ class: 'buttons' },
		Object.entries(words().forgeWhat).map(([what, text]) =>
			el('button', { type: 'button', onclick: () => forge(what) }, text),
		),
	);
}
