/** What dialers tell by themselves: Adversus' webhook `lead_saved`, VICIdial's Dispo Call URL and No Agent Call URL. */
import { takeResults, type CallResult } from '../../core/calls/result';
import { organisationOf } from '../../core/register/organisation';
import { stepId } from '../../core/journeys/journey';
import type { Choice, Receipt, Received, StepContext } from '../../core/step';
import { keepSetting, settingOf } from '../../core/store/setting';
import type { Store } from '../../core/store/store';
import { callbackToken, knowsSecret } from '../../providers/callback';
import { fieldBy, readResultRow, type ResultField } from '../../providers/dialer/resultRow';
import type { Parameters } from './form';
import { resultRules } from './profile';

/** A dialer sends one call at a time; nobody has more than this to say of it. */
const LARGEST = 1_000_000;
const MOST_RESULTS = 5_000;

export async function receiveResults(
	ctx: StepContext,
	params: Parameters,
	request: Received,
): Promise<Receipt> {
	const store = await ctx.store();
	if (!(await knowsSecret(store, 'calls', request.query.token, undefined)))
		return { status: 401, body: 'Unauthorized' };
	if (request.raw.length > LARGEST) return { status: 413, body: 'Too large' };
	const told = rowsOf(request);
	if (!told || told.length > MOST_RESULTS) return { status: 400, body: 'Expected results' };
	const organisation = organisationOf(await ctx.credentials('memberJourneysStoreApi'));
	const fieldOf = fieldBy(params.options.columns.column.map(({ heading, field }) => ({ heading, field })));
	const results: CallResult[] = [];
	const refused: string[] = [];
	for (const one of told) {
		const row: Partial<Record<ResultField, string>> = {};
		for (const [name, value] of Object.entries(one)) {
			const field = fieldOf(name);
			// A variable that the dialer has not filled in stays as its name.
			if (field && value !== '' && !/^--A--|^\[\w+\]$/.test(value)) row[field] = value;
		}
		const read = readResultRow(row, organisation.zone);
		if ('result' in read) results.push(read.result);
		else refused.push(`'${read.refused.field}' ${read.refused.reason}`);
	}
	const id = await stepId(store, ctx.place.step);
	if (id === undefined) return { status: 503, body: 'The flow has not begun yet, tell it again' };
	const taken = await takeResults(store, ctx.clock, resultRules(params, id, organisation), results);
	sayUnread(ctx, taken.unread);
	if (refused.length > 0) ctx.log('warn', `Results could not be read: ${[...new Set(refused)].join('; ')}.`);
	if (taken.unmatched > 0) ctx.log('warn', `${taken.unmatched} results are about leads that are not known.`);
	// Some were taken in all the same; telling them again does no harm.
	if (refused.length > 0 || taken.unread.length > 0)
		return { status: 422, body: 'Some results were not read' };
	return { status: 200, body: 'OK' };
}

/** Which words the form should say the meaning of; what looks like more than a word is not repeated. */
export function sayUnread(ctx: StepContext, unread: readonly string[]): void {
	if (unread.length === 0) return;
	const words = [
		...new Set(unread.map((word) => (/^[\p{L}\p{N} _.-]{1,30}$/u.test(word) ? `'${word}'` : 'another'))),
	];
	ctx.log(
		'warn',
		`${unread.length} results end in words that 'Meaning of Results' does not say: ${words.slice(0, 10).join(', ')}. Add rows for them, and have the results told again.`,
	);
}

/** The body's results: JSON (what a template of Adversus makes stands under `data`), a form, or the address itself. */
function rowsOf({ method, headers, query, raw }: Received): Array<Record<string, string>> | undefined {
	const { token: _, ...asked } = query;
	if (method === 'GET' || raw.length === 0) return Object.keys(asked).length > 0 ? [asked] : undefined;
	const type = headers['content-type'] ?? '';
	if (/x-www-form-urlencoded/i.test(type))
		return [{ ...asked, ...Object.fromEntries(new URLSearchParams(raw.toString('utf8'))) }];
	let body: unknown;
	try {
		body = JSON.parse(raw.toString('utf8'));
	} catch {
		return undefined;
	}
	const list = (Array.isArray(body) ? body : [body]) as unknown[];
	const rows = list.map((one) => flat(one));
	return rows.every((row) => row !== undefined) ? rows : undefined;
}

function flat(one: unknown): Record<string, string> | undefined {
	if (typeof one !== 'object' || one === null) return undefined;
	if ('data' in one && typeof one.data === 'object' && one.data !== null) return flat(one.data);
	return Object.fromEntries(
		Object.entries(one).flatMap(([name, value]): Array<[string, string]> =>
			typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
				? [[name, String(value)]]
				: [],
		),
	);
}

const keyOf = (step: string) => `calls:address ${step}`;

/** Its public address, with the token that callers of it must bring. */
export async function keepAddress(ctx: StepContext, url: string): Promise<void> {
	if (!URL.canParse(url)) return;
	const store = await ctx.store();
	const address = new URL(url);
	address.searchParams.set('token', await callbackToken(store, 'calls'));
	await store.write(({ db }) => keepSetting(db, keyOf(ctx.place.step), address.href));
}

function addressOf(store: Store, step: string): Promise<string | undefined> {
	return settingOf(store.db, keyOf(step));
}

export async function addressChoices(ctx: StepContext): Promise<Choice[]> {
	const address = await addressOf(await ctx.store(), ctx.place.step);
	return address
		? [{ name: address, value: 'shown' }]
		: [{ name: 'Publish the Flow First', value: '', description: 'The address is shown here then' }];
}
