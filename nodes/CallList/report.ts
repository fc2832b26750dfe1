/** The result report of a call list: for a span of days, or each day by itself. */
import { DateTime } from 'luxon';
import { type CallReport, callReport } from '../../core/calls/report';
import { StepProblem } from '../../core/ports';
import { readDay } from '../../core/register/calendar';
import { organisationOf } from '../../core/register/organisation';
import type { Choice, Given, Json, Out, Outputs, StepContext } from '../../core/step';
import type { Store } from '../../core/store/store';
import type { Parameters } from './form';
import { today } from './prepare';

export async function getReports(
	ctx: StepContext,
	items: ReadonlyArray<Given<Parameters>>,
): Promise<Outputs> {
	const store = await ctx.store();
	const { zone } = organisationOf(await ctx.credentials('memberJourneysStoreApi'));
	const done: Out[] = [];
	for (const { params, index } of items) {
		const from = dayOf(params.reportFrom, 'From', index) ?? today(ctx, zone);
		const to = dayOf(params.reportTo, 'To', index) ?? from;
		const stepId = params.callList === '' ? undefined : Number(params.callList);
		done.push({ json: await reportOn(store, params, { stepId, from, to, zone }), from: index });
	}
	return [done];
}

function dayOf(text: string, field: string, item: number): string | undefined {
	if (text === '') return undefined;
	const day = readDay(text);
	if (day) return day;
	throw new StepProblem(`'${field}' is no date.`, { field, item, hint: 'Write it as 2026-11-23.' });
}

/** @param span days of the calendar, both included */
export async function reportOn(
	store: Store,
	{ options }: Parameters,
	{ stepId, from, to, zone }: { stepId: number | undefined; from: string; to: string; zone: string },
): Promise<Json> {
	const start = DateTime.fromISO(from, { zone });
	const end = DateTime.fromISO(to, { zone }).plus({ days: 1 });
	const report: CallReport = await callReport(store, {
		...(stepId === undefined ? {} : { stepId }),
		from: start.toMillis(),
		to: end.toMillis(),
		costPerCall: options.costPerCall,
		costPerHour: options.costPerHour,
	});
	const list =
		stepId === undefined
			? undefined
			: await store.db.selectFrom('step').where('id', '=', stepId).select('name').executeTakeFirst();
	return { callReport: { callList: list?.name ?? null, from, to, ...report } };
}

/** The call lists of this store, by name. */
export async function callListChoices(ctx: StepContext): Promise<Choice[]> {
	const store = await ctx.store();
	const rows = await store.db
		.selectFrom('step')
		.where('type', '=', 'callList')
		.orderBy('name')
		.select(['id', 'name'])
		.execute();
	return [{ name: 'All', value: '' }, ...rows.map(({ id, name }) => ({ name, value: String(id) }))];
}
