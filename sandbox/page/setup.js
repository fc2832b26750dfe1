/** What to enter in the hosts, whom to tell, and emptying the sandbox. */
import { ask, el, say } from './elements.js';
import { words } from './texts.js';

/** Of Adversus' webhook: the numbers are those of the sandbox's own result fields. */
const template = {
	status: '[status]',
	leadId: '[lead_id]',
	reason: '[9001]',
	amount: '[9002]',
	frequency: '[9003]',
	paymentForm: '[9004]',
	callBackAt: '[9005]',
	newStreet: '[9006]',
	newPostalCode: '[9007]',
	newCity: '[9008]',
};

export async function showSetup(sheet) {
	const [profile, hooks, prepared, keys, urls, print] = await Promise.all([
		ask('GET', '/link/profile'),
		ask('GET', '/make/webhooks'),
		ask('GET', '/make/prepared'),
		ask('GET', '/credentials'),
		ask('GET', '/dialer/urls'),
		ask('GET', '/print/batches'),
	]);
	const here = location.origin;
	const enter = [
		['LINK · Client ID', keys.link.id],
		['LINK · Client Secret', keys.link.secret],
		['LINK · Token URL', `${here}/link/token`],
		['LINK · Base URL', `${here}/link`],
		['LINK Common · Assigned Host', `${here}/linkCommon`],
		['LINK Common · User Name', keys.linkCommon.id],
		['LINK Common · Password', keys.linkCommon.secret],
		['LINK Common · Platform ID', keys.linkCommon.platformId],
		['LINK Common · Platform Partner ID', keys.linkCommon.platformPartnerId],
		['Make · User ID', keys.make.id],
		['Make · API Key', keys.make.secret],
		['Make · Subscribers URL', `${here}/make/subscribers/api/public/v2`],
		['Make · Newsletters URL', `${here}/make/newsletters/api/public/v1`],
		['SFTP · Host', location.hostname],
		['SFTP · Port', String(print.port)],
		['SFTP · User Name', keys.sftp.userName],
		['SFTP · Password', keys.sftp.password],
		['SFTP · Host Key Fingerprint', print.fingerprint],
		['Pingen · Client ID', keys.pingen.id],
		['Pingen · Client Secret', keys.pingen.secret],
		['Pingen · Organisation ID', keys.pingen.organisationId],
		['Pingen · Webhook Signing Key', keys.pingen.signingKey],
		['Pingen · Base URL', `${here}/pingen/api`],
		['Pingen · Token URL', `${here}/pingen/auth/access-tokens`],
		['Adversus · User Name', keys.adversus.id],
		['Adversus · Password', keys.adversus.secret],
		['Adversus · Base URL', `${here}/adversus/v1`],
		['VICIdial · User', keys.vicidial.id],
		['VICIdial · Password', keys.vicidial.secret],
		['VICIdial · API Address', `${here}/vicidial/non_agent_api.php`],
		['Vipps · Client ID', keys.vipps.id],
		['Vipps · Client Secret', keys.vipps.secret],
		['Vipps · Subscription Key', keys.vipps.subscriptionKey],
		['Vipps · Merchant Serial Number', keys.vipps.merchantSerialNumber],
		['Vipps · Base URL', `${here}/vipps`],
		['Vipps Report · Client ID', keys.vippsReport.id],
		['Vipps Report · Client Secret', keys.vippsReport.secret],
		['Vipps Report · Base URL', `${here}/vipps`],
		['Journey Store · Clock URL', `${here}/clock`],
	];
	const told = [
		['moUrl', profile.moUrl, (url) => ask('POST', '/link/profile', { moUrl: url })],
		['dlrUrl', profile.dlrUrl, (url) => ask('POST', '/link/profile', { dlrUrl: url })],
		['hookUrl', hooks.urls[0], (url) => ask('POST', '/make/webhooks', { url })],
		[
			'leadSaved',
			urls.leadSaved?.url,
			(url) => ask('POST', '/dialer/urls', { leadSaved: url && { url, template } }),
		],
		['dispoCallUrl', urls.dispoCallUrl, (url) => ask('POST', '/dialer/urls', { dispoCallUrl: url })],
		['noAgentCallUrl', urls.noAgentCallUrl, (url) => ask('POST', '/dialer/urls', { noAgentCallUrl: url })],
	];
	sheet.replaceChildren(
		el('h2', {}, words().hostsAddresses),
		el('p', { class: 'lead' }, words().setupIntro),
		el(
			'dl',
			{ class: 'enter' },
			enter.map(([name, value]) => el('div', {}, el('dt', {}, name), el('dd', {}, el('code', {}, value)))),
		),
		el('h2', {}, words().callbacks),
		el('p', { class: 'lead' }, words().callbacksIntro),
		...told.map(([key, value, save]) => addressForm(words()[key], value, save)),
		el('h2', {}, words().prepared),
		el(
			'ul',
			{ class: 'ordered' },
			prepared.map(({ id, title, links }) =>
				el(
					'li',
					{},
					el('code', {}, String(id)),
					el('strong', {}, title),
					el('span', { class: 'quiet' }, links.map(({ text }) => text).join(' · ')),
				),
			),
		),
		el('h2', {}, words().reset),
		el('p', { class: 'lead' }, words().resetIntro),
		el(
			'button',
			{
				type: 'button',
				class: 'danger',
				onclick: async () => {
					if (!confirm(words().resetAsk)) return;
					await ask('POST', '/reset');
					say(words().resetDone);
				},
			},
			words().reset,
		),
	);
}

function addressForm(name, value, save) {
	const field = el('input', { type: 'url', placeholder: 'http://127.0.0.1:1880/…', value: value ?? '' });
	return el(
		'form',
		{
			class: 'row',
			onsubmit: async (event) => {
				event.preventDefault();
				await save(field.value.trim() || null).then(
					() => say(words().saved),
					() => say(words().refused),
				);
			},
		},
		el('label', { class: 'wide' }, name, field),
		el('button', {}, words().save),
	);
}
