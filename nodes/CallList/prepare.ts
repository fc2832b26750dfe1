/** One lead per item, as the callers would get it: washed, with its lawful hours, before anybody is told. */
import { DateTime } from 'luxon';
import { attempt } from '../../core/attempt';
import { type CallHours, type CallWindow, callWindow, lawfulHours } from '../../core/calls/hours';
import type { LeadContent } from '../../core/calls/lead';
import { type Against, type Wash, leftOutCodes, washPeople } from '../../core/calls/wash';
import { StepProblem } from '../../core/ports';
import { dayIn, readDay } from '../../core/register/calendar';
import { readPhone } from '../../core/register/contact';
import type { Given, Json, Out, StepContext } from '../../core/step';
import type { Store } from '../../core/store/store';
import { type CompiledTemplate, compileTemplate } from '../../core/templates/liquid';
import { type Addressee, detailOf } from '../addressees';
import type { Parameters } from './form';

export interface Prepared {
	who: Addressee;
	params: Parameters;
	/** Null when there is none that can be read. */
	phone: string | null;
	lead: LeadContent;
	/** When they are given up (epoch ms). */
	dueAt: number;
	against?: Against;
}

export interface Preparing {
	ctx: StepContext;
	store: Store;
	zone: string;
	countryCode: string;
	/** Null where the callers wash by themselves. */
	wash: Wash | null;
}

/** The same for all of a run: templates are read once, and holidays are slow to reckon. */
interface Known {
	templates: Map<string, CompiledTemplate>;
	windows: Map<string, CallWindow | undefined>;
}

/**
 * @returns also what could not be prepared, where the run is to go on without it
 * @throws {StepProblem} otherwise, before anybody is handed over
 */
export async function prepareLeads(
	preparing: Preparing,
	here: readonly Addressee[],
	items: ReadonlyArray<Given<Parameters>>,
): Promise<{ prepared: Prepared[]; problems: Out[] }> {
	const { ctx, store, zone, countryCode, wash } = preparing;
	const now = ctx.clock.now();
	const byIndex = new Map(items.map((item) => [item.index, item]));
	const known: Known = { templates: new Map(), windows: new Map() };
	const prepared: Prepared[] = [];
	const problems: Out[] = [];
	for (const who of here) {
		const given = byIndex.get(who.index);
		if (!given) continue;
		const tried = attempt(() => prepare(preparing, known, now, who, given), who.index);
		if ('value' in tried) prepared.push(tried.value);
		else if (!ctx.continueOnFail) throw tried.problem;
		else problems.push({ json: who.json, from: who.index, problem: tried.problem });
	}
	const against = new Map<string, Against>();
	for (const part of bySettings(prepared)) {
		const { foreign, landlines, adultFrom } = part[0]!.params.options;
		const found = await washPeople(
			store.db,
			store,
			now,
			{ numbers: { foreign, landlines, countryCode }, adultFrom, wash, zone },
			part.map(({ who, phone }) => ({
				key: who.key,
				personId: who.personId,
				given: detailOf(who.json, 'phone'),
				phone: phone ?? undefined,
			})),
		);
		for (const [key, why] of found) against.set(key, why);
	}
	for (const one of prepared) one.against ??= against.get(one.who.key);
	return { prepared, problems };
}

/** Nearly always one: expressions in those fields are rare. */
function bySettings(prepared: readonly Prepared[]): Prepared[][] {
	const parts = new Map<string, Prepared[]>();
	for (const one of prepared) {
		const { foreign, landlines, adultFrom } = one.params.options;
		const key = `${foreign} ${landlines} ${adultFrom}`;
		const part = parts.get(key);
		if (part) part.push(one);
		else parts.set(key, [one]);
	}
	return [...parts.values()];
}

function prepare(
	{ zone, countryCode, wash }: Preparing,
	{ templates, windows }: Known,
	now: number,
	who: Addressee,
	{ params }: Given<Parameters>,
): Prepared {
	const { json } = who;
	const scope = { ...json, item: json };
	const filled = (text: string, field: string) => {
		let template = templates.get(`${field} ${text}`);
		if (!template) {
			template = compileTemplate(text, field);
			templates.set(`${field} ${text}`, template);
		}
		return template.render(scope).trim();
	};
	const hours = hoursOf(params);
	const dueAt = dueOf(params, now, zone);
	const number = detailOf(json, 'phone');
	const phone = number ? (readPhone(number, countryCode) ?? null) : null;
	const windowKey = `${hours.from} ${hours.to} ${dueAt}`;
	if (!windows.has(windowKey)) windows.set(windowKey, callWindow(now, dueAt, hours, zone));
	const window = windows.get(windowKey);
	const hidden = isProtected(json);
	const lead: LeadContent = {
		phone: phone ?? '',
		firstName: detailOf(json, 'givenName'),
		lastName: detailOf(json, 'familyName'),
		postalCode: hidden ? '' : detailOf(json, 'postalCode'),
		city: hidden ? '' : detailOf(json, 'city'),
		campaign: params.campaign,
		why: params.why,
		priority: params.priority,
		script: filled(params.script, 'Script'),
		callFrom: window?.from ?? now,
		callTo: window?.to ?? dueAt,
		hoursFrom: hours.from,
		hoursTo: hours.to,
		mostAttempts: params.mostAttempts,
		washedOn: wash?.washedOn ?? null,
		data: Object.fromEntries(
			params.data.field
				.filter(({ name }) => name !== '')
				.map(({ name, value }) => [name, filled(value, 'Tell the Callers')]),
		),
	};
	const late: Against | undefined = window
		? undefined
		: { code: 'noTime', reason: `has ${leftOutCodes.noTime} before the list ends` };
	return { who, params, phone, lead, dueAt, ...(late ? { against: late } : {}) };
}

function isProtected({ person }: Json): boolean {
	return typeof person === 'object' && person !== null && 'protected' in person && person.protected === true;
}

const TIME = /^([01]\d|2[0-3]):[0-5]\d$/;

/** The list's hours inside the law's. @throws {StepProblem} when nothing is left of them. */
export function hoursOf({ hoursFrom, hoursTo }: Pick<Parameters, 'hoursFrom' | 'hoursTo'>): CallHours {
	for (const [field, value] of [
		['Best Hours From', hoursFrom],
		['Best Hours To', hoursTo],
	] as const) {
		if (value !== '' && !TIME.test(value))
			throw new StepProblem(`'${field}' is no time of day.`, {
				field,
				hint: 'Write it as 16:00, or leave it empty.',
			});
	}
	const hours = lawfulHours({
		...(hoursFrom ? { from: hoursFrom } : {}),
		...(hoursTo ? { to: hoursTo } : {}),
	});
	if (hours) return hours;
	throw new StepProblem("No hour of the day is left between 'Best Hours From' and 'Best Hours To'.", {
		field: 'Best Hours From',
		hint: 'People may be called from 09:00 to 21:00.',
	});
}

/** When they are given up: after so many days, at the latest when the last day is over. */
function dueOf({ callBefore, giveUpDays }: Parameters, now: number, zone: string): number {
	const after = DateTime.fromMillis(now, { zone }).plus({ days: giveUpDays }).toMillis();
	if (callBefore === '') return after;
	const day = readDay(callBefore);
	if (!day)
		throw new StepProblem("'Call Before' is no date.", {
			field: 'Call Before',
			hint: 'Write it as 2026-12-04, or leave it empty.',
		});
	const end = DateTime.fromISO(day, { zone }).plus({ days: 1 }).toMillis();
	return Math.min(after, Math.max(end, now));
}

/** Only for words: today in the organisation's zone. */
export const today = (ctx: Pick<StepContext, 'clock'>, zone: string): string => dayIn(ctx.clock.now(), zone);
