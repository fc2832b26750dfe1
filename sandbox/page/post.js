/** The printing house: its batches, its folders and its host key. */
import { ask, el } from './elements.js';
import { dayTime, words } from './texts.js';

export async function showPost(sheet) {
	const { port, fingerprint, batches, files } = await ask('GET', '/print/batches');
	sheet.replaceChildren(
		el('h2', {}, words().post),
		el('p', { class: 'lead' }, words().postIntro),
		batches.length === 0
			? el('p', { class: 'empty' }, words().noBatches)
			: el('ul', { class: 'ordered' }, batches.map(batchRow)),
		el('h2', {}, words().files),
		el(
			'dl',
			{ class: 'enter' },
			files.map(({ folder, files: names }) =>
				el(
					'div',
					{},
					el('dt', {}, folder),
					el(
						'dd',
						{},
						names.length === 0 ? el('span', { class: 'quiet' }, words().folderEmpty) : null,
						names.slice(-30).map((name) => el('code', { class: 'file' }, name)),
					),
				),
			),
		),
		el('h2', {}, words().hostKey),
		el('p', { class: 'lead' }, words().hostKeyIntro),
		el('p', {}, el('code', {}, fingerprint), el('span', { class: 'quiet' }, ` · port ${port}`)),
		el(
			'button',
			{
				type: 'button',
				onclick: async () => {
					await ask('POST', '/print/host-key');
					await showPost(sheet);
				},
			},
			words().changeHostKey,
		),
	);
}

function batchRow({ name, receivedAt, state, reason, letters, pages, states, rejected }) {
	const told = Object.entries({ ...states, ...(rejected ? { rejected } : {}) });
	return el(
		'li',
		{},
		el('strong', {}, name),
		el('span', { class: state === 'refused' ? 'chip turned' : 'chip' }, words().batchState[state]),
		el('span', {}, state === 'refused' ? reason : words().batchOf(letters, pages)),
		el(
			'span',
			{ class: 'quiet' },
			told.map(([one, count]) => `${count} ${words().letterState[one]}`).join(' · '),
		),
		el('span', { class: 'quiet' }, dayTime(receivedAt)),
	);
}
