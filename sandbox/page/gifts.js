/** What a person has given, by Vipps and by bank, and giving more; and the organisation's side of it. */
import { ask, el, say } from './elements.js';
import { dayTime, words } from './texts.js';

const open = new Set();

const kroner = (ore) =>
	`${(ore / 100).toLocaleString('nb-NO', { minimumFractionDigits: ore % 100 ? 2 : 0 })} kr`;
const oreIn = (text) => Math.round(Number(text.replace(/\s/g, '').replace(',', '.')) * 100);

async function act(method, path, body) {
	try {
		return await ask(method, path, body);
	} catch (error) {
		say(error.message || words().notDone);
		return undefined;
	}
}

const button = (text, onclick, kind) => el('button', { type: 'button', class: kind, onclick }, text);

function field(label, attributes, kind) {
	return el('label', { class: kind }, label, el('input', { autocomplete: 'off', ...attributes }));
}

function choice(label, name, options) {
	return el(
		'label',
		{},
		label,
		el(
			'select',
			{ name },
			Object.entries(options).map(([value, text]) => el('option', { value }, text)),
		),
	);
}

function form(content, submit) {
	return el(
		'form',
		{
			class: 'row',
			onsubmit: async (event) => {
				event.preventDefault();
				const target = event.currentTarget;
				const answers = Object.fromEntries(new FormData(target));
				if (await submit(answers)) target.reset();
			},
		},
		content,
	);
}

function folded(name, heading, note, content) {
	return el(
		'details',
		{
			class: 'wallet',
			open: open.has(name),
			ontoggle: (event) => (event.currentTarget.open ? open.add(name) : open.delete(name)),
		},
		el('summary', {}, el('strong', {}, heading), ' ', el('span', { class: 'quiet' }, note)),
		content,
	);
}

/** The person's own side: below the phone's messages in the column of letters and mail. */
export function wallet(side, person) {
	if (!person) return side.replaceChildren();
	const { id, vipps, transfers } = person;
	side.replaceChildren(
		folded(
			'vipps',
			words().vipps,
			vipps ? words().vippsOf(vipps.payments.length) : words().noVipps,
			vipps ? vippsOf(id, vipps) : null,
		),
		folded('bank', words().bank, words().bankOf(transfers.length), bankOf(id, transfers)),
	);
}

function vippsOf(person, { payments, agreements, recurring, waiting }) {
	const giving = form(
		[
			field(words().kroner, { name: 'amount', inputmode: 'decimal', required: true, size: 6 }),
			choice(words().to, 'to', { donations: words().toDonations, number: words().toNumber }),
			choice(words().often, 'often', { once: words().once, monthly: words().monthly }),
			field(words().message, { name: 'message', maxlength: 150 }, 'wide'),
			field(words().reference, { name: 'reference', maxlength: 50, pattern: '[A-Za-z0-9 _\\-]+' }),
			el('button', { class: 'primary' }, words().give),
		],
		({ amount, to, often, message, reference }) =>
			act('POST', `/vippsApp/people/${person}/give`, {
				to,
				amountOre: oreIn(amount),
				...(message ? { message } : {}),
				...(to === 'donations' && reference ? { reference } : {}),
				...(to === 'donations' && often === 'monthly' ? { monthly: true } : {}),
			}),
	);
	return [
		giving,
		el(
			'ul',
			{ class: 'ordered' },
			waiting.map(({ token, amountOre, description }) =>
				el(
					'li',
					{},
					el('strong', {}, kroner(amountOre)),
					el('span', {}, description),
					el('span', { class: 'chip' }, words().waitingToPay),
					el(
						'a',
						{ href: `/vippsApp/pay?token=${encodeURIComponent(token)}`, target: '_blank', rel: 'noopener' },
						words().openApp,
					),
				),
			),
			agreements.map((one) =>
				agreementRow(words().eachMonth(kroner(one.amountOre)), one.stoppedAt !== null, one.startedAt, () =>
					act('POST', `/vippsApp/agreements/${one.id}/stop`),
				),
			),
			recurring.map((one) =>
				agreementRow(
					`${one.productName}${one.amountOre === null ? '' : `, ${kroner(one.amountOre)}`}`,
					one.status !== 'ACTIVE',
					one.startedAt,
					() => act('POST', `/vippsApp/recurring/${encodeURIComponent(one.id)}/stop`),
				),
			),
			payments.map(paymentRow),
		),
	];
}

function agreementRow(text, isStopped, startedAt, stop) {
	return el(
		'li',
		{},
		el('strong', {}, text),
		el('span', { class: 'quiet' }, dayTime(startedAt)),
		isStopped ? el('span', { class: 'chip turned' }, words().stopped) : button(words().stop, stop, 'danger'),
	);
}

function paymentRow({ id, to, amountOre, refundedOre, disputedOre, leftOre, at, message, payer }) {
	return el(
		'li',
		{},
		el('strong', {}, kroner(amountOre)),
		payer ? el('span', {}, payer) : null,
		el('span', { class: 'quiet' }, `${to} · ${dayTime(at)}`),
		message ? el('span', {}, `«${message}»`) : null,
		refundedOre > 0 ? el('span', { class: 'chip turned' }, words().refunded(kroner(refundedOre))) : null,
		disputedOre > 0 ? el('span', { class: 'chip turned' }, words().disputed(kroner(disputedOre))) : null,
		leftOre > 0 ? button(words().refund, () => act('POST', `/vippsApp/payments/${id}/refund`, {})) : null,
	);
}

function bankOf(person, transfers) {
	const paying = form(
		[
			field(words().kroner, { name: 'amount', inputmode: 'decimal', required: true, size: 6 }),
			field(words().kid, { name: 'kid', inputmode: 'numeric', maxlength: 40 }),
			field(words().message, { name: 'text', maxlength: 140 }, 'wide'),
			el('button', { class: 'primary' }, words().payBank),
		],
		({ amount, kid, text }) =>
			act('POST', '/bank/pay', {
				person,
				amountOre: oreIn(amount),
				...(kid ? { kid } : {}),
				...(text ? { text } : {}),
			}),
	);
	return [paying, el('ul', { class: 'ordered' }, transferRows(transfers))];
}

function transferRows(transfers) {
	const gone = new Set(transfers.map(({ takesBack }) => takesBack));
	return transfers.map((one) => transferRow(one, gone.has(one.id)));
}

function transferRow({ id, name, amountOre, kid, text, at, takesBack, personId }, gone) {
	return el(
		'li',
		{},
		el('strong', {}, `${takesBack === null ? '' : '−'}${kroner(amountOre)}`),
		el('span', {}, name),
		el('span', { class: 'quiet' }, [kid ? `KID ${kid}` : text, dayTime(at)].filter(Boolean).join(' · ')),
		takesBack === null
			? personId === null || gone
				? null
				: button(words().takeBack, () => act('POST', `/bank/transfers/${id}/back`))
			: el('span', { class: 'chip turned' }, words().takenBack),
	);
}

/** Of a letter with a giro slip. */
export function giroSlip({ personId, kid }) {
	return form(
		[
			field(words().kroner, { name: 'amount', inputmode: 'decimal', required: true, size: 6 }),
			el('button', {}, words().giro),
		],
		({ amount }) => act('POST', '/bank/pay', { person: personId, amountOre: oreIn(amount), kid }),
	);
}

/** The organisation's side: what came in, and the bank's files. */
export async function showGifts(sheet) {
	const [{ payments, alias }, bank] = await Promise.all([
		ask('GET', '/vippsApp/payments'),
		ask('GET', '/bank'),
	]);
	const waiting = bank.transfers.filter(({ file }) => file === null).length;
	const link = `${location.origin}/donations/${alias}`;
	const set = (wish) => act('POST', '/bank/profile', wish);
	sheet.replaceChildren(
		el('h2', {}, words().gifts),
		el('p', { class: 'lead' }, words().giftsIntro),
		el(
			'p',
			{},
			`${words().donationLink}: `,
			el('a', { href: link, target: '_blank', rel: 'noopener' }, link),
		),
		payments.length === 0
			? el('p', { class: 'empty' }, words().noGifts)
			: el('ul', { class: 'ordered' }, payments.map(paymentRow)),
		el(
			'p',
			{ class: 'links' },
			words().settlements,
			['300001', '300002', '300003'].map((ledger, at) =>
				el('a', { href: `/vippsApp/settlements/${ledger}.csv`, download: true }, words().settlementOf[at]),
			),
		),
		el('h2', {}, words().bank),
		el('ul', { class: 'ordered' }, transferRows(bank.transfers)),
		el(
			'div',
			{ class: 'row' },
			picked(words().kidsIn, words().kidsInChoices, bank.profile.kidsIn, (kidsIn) => set({ kidsIn })),
			picked(words().camtVersion, { '02': '.02', '08': '.08' }, bank.profile.camt, (camt) => set({ camt })),
		),
		el('h2', {}, words().bankFiles),
		waiting > 0
			? el(
					'p',
					{ class: 'lead' },
					words().waitingTransfers(waiting),
					' ',
					button(words().closeDay, () => act('POST', '/bank/close')),
				)
			: '',
		bank.files.length === 0
			? el('p', { class: 'empty' }, words().noBankFiles)
			: el(
					'ul',
					{ class: 'ordered' },
					bank.files.map((path) =>
						el('li', {}, el('a', { href: path.replace('/bank/', '/bank/files/'), download: true }, path)),
					),
				),
	);
}

function picked(label, options, value, change) {
	const select = el(
		'select',
		{ onchange: (event) => change(event.target.value) },
		Object.entries(options).map(([one, text]) => el('option', { value: one, selected: one === value }, text)),
	);
	return el('label', {}, label, select);
}
