/**
 * The journey that the trials run: a newsletter, a gate, an SMS, a gate, thanks. Every kind of moment in which a process
 * can die is in it, and each of its ends says by which way somebody came there.
 */
import type { WorkflowFile } from '../hosts/runtime/n8nApi';
import type { FlowNode } from '../sandbox/nodeRedFlow';
import { type NodeWish, step, workflow } from '../test/hosts/n8n/workflow';

/** Link of the stand-in's newsletter that people click. */
export const MAIL_LINK = 0;
export const NEWSLETTER = '5';
export const CHUNK = 20;

export const FIRST_TEXT = 'Hei {{ person.givenName }}, svar JA hvis du vil bidra.';
export const THANKS_TEXT = 'Takk, {{ person.givenName }}!';

/** The ways out, by the reason that is written down for them. */
export const ends = {
	clicked: 'Klikket',
	answered: 'Svarte',
	silent: 'Intet svar',
	unreachable: 'Kan ikke nås',
	/** The core's own word for who has reached the goal of the journey: a gift. */
	goal: 'goal',
} as const;

export const enrolParams = {
	journeyName: 'Prøve',
	journeyGoals: { goal: [{ kind: 'gift', minimum: 0, campaign: '' }] },
	reentry: 'once',
	restart: 'atOnce',
	chunk: CHUNK,
};
export const giftParams = { kind: 'gift', amount: 100 };
export const mailParams = {
	operation: 'send',
	strategy: 'list',
	newsletterId: NEWSLETTER,
	purpose: 'marketing',
};
/** The end of the wait falls into the hour that one night in spring does not have and one in autumn has twice. */
export const clickParams = {
	goals: { goal: [{ kind: 'clicked', link: '', countMachines: false }] },
	since: 'previousDispatch',
	wait: 'weekday',
	weekdays: [1, 2, 3, 4, 5, 6, 7],
	time: '02:30',
	chunk: CHUNK,
};
export const smsParams = { sender: 'Eksempel', text: FIRST_TEXT, purpose: 'marketing' };
export const answerParams = {
	goals: { goal: [{ kind: 'replied', keyword: '' }] },
	since: 'previousDispatch',
	wait: 'duration',
	amount: 1,
	unit: 'days',
	chunk: CHUNK,
};
export const thanksParams = { sender: 'Eksempel', text: THANKS_TEXT, purpose: 'marketing' };
export const linkInParams = { events: ['delivered', 'failed', 'inbound', 'stop'] };
export const makeInParams = {
	events: ['bounced', 'clicked', 'opened', 'unsubscribed'],
	pollMinutes: 5,
	// The people of the trials click in the moment of the sending.
	telling: { graceSeconds: 0, swiftSeconds: 0 },
};

/** For Node-RED. `store`: what the config node of the Journey Store holds. */
export function nodeRedJourney(store: object): FlowNode[] {
	const node = (
		id: string,
		type: string,
		params: object,
		wires: string[][],
		more: object = {},
	): FlowNode => ({
		id,
		type,
		z: 'tab',
		name: id,
		store: 'store',
		params,
		wires,
		...more,
	});
	const exit = (id: string, reason: string) => node(id, 'mj-journey-exit', { reason }, [[]]);
	const door = (name: string, to: string): FlowNode[] => [
		{
			id: `${name}-in`,
			type: 'http in',
			z: 'tab',
			url: `/${name}`,
			method: 'post',
			wires: [[`${name}-items`]],
		},
		{
			id: `${name}-items`,
			type: 'change',
			z: 'tab',
			rules: [{ t: 'set', p: 'payload', pt: 'msg', to: 'payload.items', tot: 'msg' }],
			wires: [[to]],
		},
		// Told only after the step has done its work.
		{ id: `${name}-done`, type: 'complete', z: 'tab', scope: [to], wires: [[`${name}-ok`]] },
		{ id: `${name}-ok`, type: 'http response', z: 'tab', statusCode: '200', wires: [] },
		{ id: `${name}-catch`, type: 'catch', z: 'tab', scope: [to], wires: [[`${name}-no`]] },
		{ id: `${name}-no`, type: 'http response', z: 'tab', statusCode: '500', wires: [] },
	];
	return onTheSheet([
		{ id: 'tab', type: 'tab', label: 'Prøve' },
		{ id: 'store', type: 'mj-store', ...store, timeZone: 'Europe/Oslo', countryCode: '47' },
		{ id: 'link', type: 'mj-link' },
		{ id: 'make', type: 'mj-make' },
		...door('enrol', 'start'),
		node('start', 'mj-enrol', enrolParams, [['mail'], []]),
		node('mail', 'mj-make-newsletter', mailParams, [['clicks'], ['sms']], { make: 'make' }),
		node('clicks', 'mj-wait-for-goal', clickParams, [['out-clicked'], ['sms']]),
		exit('out-clicked', ends.clicked),
		node('sms', 'mj-link-sms', smsParams, [['answers'], ['out-unreachable']], { link: 'link' }),
		exit('out-unreachable', ends.unreachable),
		node('answers', 'mj-wait-for-goal', answerParams, [['thanks'], ['out-silent']]),
		node('thanks', 'mj-link-sms', thanksParams, [['out-answered'], ['out-answered']], { link: 'link' }),
		exit('out-answered', ends.answered),
		exit('out-silent', ends.silent),
		...door('gift', 'gift-step'),
		node('gift-step', 'mj-response', giftParams, [[], []]),
		node('link-in', 'mj-link-trigger', linkInParams, [[]], { link: 'link' }),
		node('make-in', 'mj-make-trigger', makeInParams, [[]], { make: 'make' }),
	]);
}

/** Node-RED takes a node without a place on the sheet for a config node. */
function onTheSheet(flow: FlowNode[]): FlowNode[] {
	return flow.map((node, i) => (node.z ? { ...node, x: 100, y: 40 * i } : node));
}

/** For n8n. */
export function n8nJourney(): WorkflowFile {
	const exit = (name: string, reason: string) => step(name, 'journeyExit', { reason });
	const door = (name: string, answers: object = { responseMode: 'onReceived' }): NodeWish[] => [
		{
			name: `${name}-in`,
			type: 'n8n-nodes-base.webhook',
			parameters: { httpMethod: 'POST', path: name, ...answers, options: {} },
			more: { typeVersion: 2, webhookId: name },
		},
		{
			name: `${name}-items`,
			type: 'n8n-nodes-base.splitOut',
			parameters: { fieldToSplitOut: 'body.items', options: {} },
		},
	];
	return workflow(
		'Prøve',
		[
			...door('enrol'),
			step('start', 'enrol', enrolParams),
			step('mail', 'makeNewsletter', mailParams),
			step('clicks', 'waitForGoal', clickParams),
			exit('out-clicked', ends.clicked),
			step('sms', 'linkSms', smsParams),
			exit('out-unreachable', ends.unreachable),
			step('answers', 'waitForGoal', answerParams),
			step('thanks', 'linkSms', thanksParams),
			exit('out-answered', ends.answered),
			exit('out-silent', ends.silent),
			// Told only after the step has done its work: n8n keeps nothing of a call that it has just received.
			...door('gift', { responseMode: 'lastNode', responseData: 'noData' }),
			step('gift-step', 'response', giftParams),
			step('link-in', 'linkTrigger', linkInParams, { webhookId: 'chaos-link' }),
			step('make-in', 'makeTrigger', makeInParams, { webhookId: 'chaos-make' }),
		],
		{
			'enrol-in': ['enrol-items'],
			'enrol-items': ['start'],
			start: ['mail'],
			mail: ['clicks', 'sms'],
			clicks: ['out-clicked', 'sms'],
			sms: ['answers', 'out-unreachable'],
			answers: ['thanks', 'out-silent'],
			thanks: ['out-answered', 'out-answered'],
			'gift-in': ['gift-items'],
			'gift-items': ['gift-step'],
		},
	);
}
