/** The calling agency's list: somebody's phone rings, and they say what you choose. */
import { now } from './clock.js';
import { ask, el, say } from './elements.js';
import { dayTime, words } from './texts.js';

let chosen = null;
const DAY = 86_400_000;
const typed = { amount: '200', frequency: 'monthly', paymentForm: 'avtalegiro', reason: '' };

export async function showLeads(sheet) {
	const { total, waiting, leads, lists } = await ask('GET', '/leads?limit=200');
	// The card stays as it is while somebody writes in it.
	if (sheet.contains(document.activeElement) && /^(INPUT|SELECT)$/.test(document.activeElement.tagName))
		return;
	const lead = leads.find(({ id }) => id === chosen) ?? null;
	const draw = (id) => {
		chosen = id;
		document.activeElement?.blur();
		void showLeads(sheet);
	};
	sheet.replaceChildren(
		el('h2', {}, words().leads),
		el('p', { class: 'lead' }, words().leadsIntro),
		total === 0
			? el('p', { class: 'empty' }, words().noLeads)
			: el('p', { class: 'quiet' }, words().waitingOf(waiting, total)),
		el(
			'ul',
			{ class: 'ordered leads' },
			leads.map((one) =>
				el(
					'li',
					{ 'aria-current': one.id === chosen ? 'true' : undefined },
					el(
						'button',
						{ type: 'button', class: 'who', onclick: () => draw(one.id === chosen ? null : one.id) },
						one.name,
					),
					el('span', { class: 'quiet' }, one.phone),
					el(
						'span',
						{ class: one.state === 'waiting' ? 'chip' : 'chip turned' },
						words().leadState[one.state],
					),
					el(
						'span',
						{ class: 'quiet' },
						[words().leadBy[one.by], one.campaign, one.status].filter(Boolean).join(' · '),
					),
					el('span', { class: 'quiet' }, windowOf(one)),
					one === lead ? card(one, () => draw(chosen)) : null,
				),
			),
		),
		lists.length === 0 ? '' : el('h2', {}, words().lists),
		el(
			'ul',
			{ class: lists.length === 0 ? '' : 'ordered' },
			lists.map((list) =>
				el(
					'li',
					{},
					el('code', {}, list.name),
					el('span', {}, words().listOf(list)),
					el('span', { class: 'quiet' }, dayTime(list.at)),
				),
			),
		),
	);
}

function windowOf({ from, to, calls, state }) {
	return [
		calls.length > 0 ? words().attempts(calls.length) : null,
		state === 'waiting' && from !== null && from > now() ? words().notBefore(dayTime(from)) : null,
		state === 'waiting' && to !== null ? words().notAfter(dayTime(to)) : null,
	]
		.filter(Boolean)
		.join(' · ');
}

const scriptOf = ({ fields }) => fields.script ?? fields.comments ?? '';

function card(lead, after) {
	const ring = async (outcome) => {
		const said = {
			outcome,
			...(outcome === 'yes'
				? {
						...(Number(typed.amount) > 0 ? { amount: Number(typed.amount) } : {}),
						frequency: typed.frequency,
						paymentForm: typed.paymentForm,
					}
				: {}),
			...(outcome === 'no' && typed.reason ? { reason: typed.reason } : {}),
			...(outcome === 'callBack' ? { callBackAt: now() + DAY } : {}),
			...(outcome === 'moved'
				? { newAddress: { street: 'Nyveien 1', postalCode: '0150', city: 'OSLO' } }
				: {}),
		};
		const answer = await ask('POST', `/leads/${lead.id}/ring`, said);
		say(
			answer.rung
				? words().rung(words().outcomes[outcome])
				: words().notRung[answer.why](answer.from === null ? '' : dayTime(answer.from)),
		);
		after();
	};
	const field = (name, input) => {
		input.addEventListener('input', () => {
			typed[name] = input.value;
		});
		return el('label', {}, words()[name], input);
	};
	const frequency = el(
		'select',
		{},
		Object.entries(words().frequencies).map(([value, text]) =>
			el('option', { value, selected: value === typed.frequency }, text),
		),
	);
	const script = scriptOf(lead);
	return el(
		'div',
		{ class: 'call' },
		script ? el('blockquote', {}, el('span', { class: 'quiet' }, words().script), el('p', {}, script)) : null,
		lead.state !== 'waiting'
			? null
			: [
					el(
						'div',
						{ class: 'row' },
						field('amount', el('input', { type: 'number', min: 1, value: typed.amount })),
						field('frequency', frequency),
						field('paymentForm', el('input', { type: 'text', value: typed.paymentForm })),
						field('reason', el('input', { type: 'text', value: typed.reason })),
					),
					el(
						'div',
						{ class: 'quick' },
						Object.entries(words().outcomes).map(([outcome, text]) =>
							el(
								'button',
								{
									type: 'button',
									class: outcome === 'yes' ? 'primary' : undefined,
									onclick: () => ring(outcome),
								},
								text,
							),
						),
					),
				],
		el(
			'ol',
			{ class: 'history' },
			lead.calls.map((call) =>
				el(
					'li',
					{},
					el('span', { class: 'quiet' }, dayTime(call.at)),
					` ${words().outcomes[call.outcome]}`,
					call.amount ? ` ${call.amount} kr ${call.frequency ?? ''}` : null,
					call.reason ? ` (${call.reason})` : null,
				),
			),
		),
	);
}
