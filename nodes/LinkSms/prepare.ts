/** One SMS per item, as it would leave: checked here as far as it can be before anybody is called. */
import { DateTime } from 'luxon';
import { attempt } from '../../core/attempt';
import { StepProblem } from '../../core/ports';
import { readPhone } from '../../core/register/contact';
import type { Given, Out, StepContext } from '../../core/step';
import type { Wanted } from '../../core/dispatch/deliver';
import { type CompiledTemplate, compileTemplate } from '../../core/templates/liquid';
import { tidyForGsm } from '../../providers/link/gsm';
import { type Sms, wrongTag } from '../../providers/link/sms';
import { type Addressee, detailOf } from '../addressees';
import { holdOf } from '../heldBack';
import type { Parameters } from './form';
import type { Api } from './through';
import { type Moment, momentOf } from './when';

export interface Prepared {
	who: Addressee;
	purpose: string;
	/** Null when there is none. */
	address: string | null;
	sms: Sms;
	moment: Moment;
	/** Has waited in front of this step. */
	released: boolean;
	impossible?: string;
}

export interface Preparing {
	zone: string;
	countryCode: string;
	callback: Sms['callback'];
	api: Api;
}

/**
 * @returns also what could not be prepared, where the run is to go on without it
 * @throws {StepProblem} otherwise, before anything has left
 */
export function prepareAll(
	ctx: StepContext,
	preparing: Preparing,
	here: readonly Addressee[],
	items: ReadonlyArray<Given<Parameters>>,
): { prepared: Prepared[]; problems: Out[] } {
	const byIndex = new Map(items.map((item) => [item.index, item]));
	const templates = new Map<string, CompiledTemplate>();
	const now = ctx.clock.now();
	const prepared: Prepared[] = [];
	const problems: Out[] = [];
	here.forEach((who, place) => {
		const given = byIndex.get(who.index);
		if (!given) return;
		const tried = attempt(
			() => prepare(preparing, templates, now, who, given, { place, of: here.length }),
			who.index,
		);
		if ('value' in tried) prepared.push(tried.value);
		else if (!ctx.continueOnFail) throw tried.problem;
		else problems.push({ json: who.json, from: who.index, problem: tried.problem });
	});
	return { prepared, problems };
}

function prepare(
	{ zone, countryCode, callback, api }: Preparing,
	templates: Map<string, CompiledTemplate>,
	now: number,
	who: Addressee,
	{ json, params, released }: Given<Parameters>,
	among: { place: number; of: number },
): Prepared {
	const { sender, options } = params;
	refuseSender(api, sender, who.index);
	const text = worded(params, templates, { ...json, item: json });
	const moment = momentOf(params, { zone, ahead: api.ahead }, now, {
		who,
		released: released !== undefined,
		...among,
	});
	const tag = options.scheduleTag ? checkedTag(options.scheduleTag, who.index) : undefined;
	const number = params.to || detailOf(json, 'phone');
	const address = number ? readPhone(number, countryCode) : undefined;
	const impossible = () => {
		if (!number) return 'has no phone number';
		if (address === undefined)
			return `${params.to ? "'To'" : 'the phone'} [Item ${who.index + 1}] is no phone number; write it with country code, e.g. +47 400 00 000`;
		const wrong = api.wrongText(text, options.encoding);
		if (wrong) return `'Text' ${wrong}`;
		return moment.kind === 'tooLate'
			? `the time to send it ended ${DateTime.fromMillis(moment.ended, { zone }).toFormat('d.M.yyyy HH:mm')}`
			: undefined;
	};
	return {
		who,
		purpose: params.purpose,
		address: address ?? null,
		impossible: impossible(),
		moment,
		released: released !== undefined,
		sms: {
			text,
			sender,
			encoding: options.encoding,
			obfuscate: options.obfuscate === 'none' ? undefined : options.obfuscate,
			priority: options.priority === 'Normal' ? undefined : options.priority,
			validityMs: options.validityHours === 48 ? undefined : Math.round(options.validityHours * 3_600_000),
			...(moment.kind === 'later' && !waitsHere(who) ? { schedule: { at: moment.at, tag } } : {}),
			callback,
		},
	};
}

/** Travellers wait in the journey store, where a goal they reach meanwhile finds them; all else waits at LINK. */
const waitsHere = ({ enrolmentId, test }: Addressee) => enrolmentId !== null || test;

function refuseSender({ wrongSender, senderHint }: Api, sender: string, item: number): void {
	const wrong = wrongSender(sender);
	if (!wrong) return;
	throw new StepProblem(`'Sender' ${wrong}.`, {
		field: 'Sender',
		item,
		hint: senderHint,
	});
}

function checkedTag(tag: string, item: number): string {
	const wrong = wrongTag(tag);
	if (!wrong) return tag;
	throw new StepProblem(`'Schedule Tag' ${wrong}.`, {
		field: 'Schedule Tag',
		item,
		hint: "Use something like 'reminder-2026'.",
	});
}

function worded(
	{ text, options }: Parameters,
	templates: Map<string, CompiledTemplate>,
	scope: Record<string, unknown>,
): string {
	if (text === '') throw new StepProblem("'Text' is empty.", { field: 'Text', hint: 'Write what to send.' });
	let template = templates.get(text);
	if (!template) {
		template = compileTemplate(text, 'Text');
		templates.set(text, template);
	}
	const filled = template.render(scope);
	return options.cleanUp && options.encoding !== 'UCS2'
		? tidyForGsm(filled, options.encoding === 'GSM')
		: filled;
}

export function wantedOf({ who, address, sms, moment, purpose, impossible }: Prepared): Wanted<Sms> {
	const { index: item, key, personId, enrolmentId } = who;
	const at = moment.kind === 'later' ? moment.at : undefined;
	return {
		item,
		key,
		personId,
		enrolmentId,
		address,
		message: sms,
		purpose,
		impossible,
		hold: holdOf(who),
		...(at === undefined ? {} : waitsHere(who) ? { notBefore: at } : { leavesAt: at }),
	};
}
