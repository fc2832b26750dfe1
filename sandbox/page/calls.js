/** The log of calls in both directions. */
import { ask, el } from './elements.js';
import { names } from './names.js';
import { fullTime, words } from './texts.js';

export async function showCalls(sheet) {
	const { requests } = await ask('GET', '/requests?limit=200');
	const heads = [words().when, words().direction, words().call, words().rows, words().answer, words().tookMs];
	sheet.replaceChildren(
		el('h2', {}, words().calls),
		el('p', { class: 'lead' }, words().callsIntro),
		requests.length === 0
			? el('p', { class: 'empty' }, words().noCalls)
			: el(
					'div',
					{ class: 'scroll', tabindex: 0, role: 'region', 'aria-label': words().calls },
					el(
						'table',
						{},
						el(
							'thead',
							{},
							el(
								'tr',
								{},
								heads.map((head) => el('th', { scope: 'col' }, head)),
							),
						),
						el('tbody', {}, requests.map(line)),
					),
				),
	);
}

function line(call) {
	const good = call.status !== null && call.status < 400;
	return el(
		'tr',
		{},
		el('td', { class: 'quiet' }, fullTime(call.at)),
		el('td', {}, call.direction === 'in' ? `→ ${names[call.provider]}` : `${names[call.provider]} →`),
		el('td', { class: 'path' }, call.what ? `${call.what} → ${call.where}` : `${call.method} ${call.where}`),
		el('td', { class: 'number' }, call.items === undefined ? '' : String(call.items)),
		el(
			'td',
			{ class: good ? 'good' : 'bad' },
			call.status === null ? words().cut : String(call.status),
			call.fault ? el('span', { class: 'chip' }, call.fault) : null,
		),
		el('td', { class: 'number quiet' }, String(call.ms)),
	);
}
