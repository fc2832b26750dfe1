/** What each item asks for: checked before anything is made for anybody. */
import { attemptAsync } from '../../core/attempt';
import type { KidFields } from '../../core/gifts/kidSeries';
import { checkSeries } from '../../core/gifts/kidSeries';
import type { LinkTerms } from '../../core/gifts/giftLinks';
import { StepProblem } from '../../core/ports';
import type { Given, Json, Out, StepContext } from '../../core/step';
import { type CompiledTemplate, compileTemplate } from '../../core/templates/liquid';
import type { Addressee } from '../addressees';
import { kronerText, oreOf } from '../LinkPayment/kroner';
import type { Parameters } from './form';

export interface Prepared {
	who: Addressee;
	params: Parameters;
	/** Øre. */
	amountOre: number | null;
	/** Of a payment. */
	terms: LinkTerms;
	/** Of a donation link with a text for its reference. */
	reference: string;
	/** Why there is no link for this one. */
	impossible?: string;
}

export const KID_FIELDS: KidFields = {
	name: 'KID Series',
	prefix: 'KID Begins With',
	length: 'KID Length',
	method: 'Control Digit',
};

/** Donation links: letters A–Z, digits, `-`, `_` and space, at most 50 (Vipps, donation links and QR). */
const REFERENCE = /^[A-Za-z0-9_ -]{1,50}$/;

/**
 * @returns also what could not be prepared, where the run is to go on without it
 * @throws {StepProblem} otherwise
 */
export async function prepareAll(
	ctx: StepContext,
	here: readonly Addressee[],
	items: ReadonlyArray<Given<Parameters>>,
): Promise<{ prepared: Prepared[]; problems: Out[] }> {
	const byIndex = new Map(items.map((item) => [item.index, item]));
	const templates = new Map<string, CompiledTemplate>();
	const fill = (source: string, field: string, scope: Json) => {
		if (!/\{[{%]/.test(source)) return source.trim();
		const key = `${field} ${source}`;
		const template = templates.get(key) ?? compileTemplate(source, field);
		templates.set(key, template);
		return template.render(scope).trim();
	};
	const [first] = items;
	/** A person's own value, not the form's: what is wrong with it is wrong for this one alone. */
	const personal = (params: Parameters, field: 'amount' | 'reference') =>
		/\{[{%]/.test(params[field]) || items.some((item) => item.params[field] !== first?.params[field]);
	const prepared: Prepared[] = [];
	const problems: Out[] = [];
	for (const who of here) {
		const given = byIndex.get(who.index);
		if (!given) continue;
		const tried = await attemptAsync(
			async () => prepare(who, given, fill, (field) => personal(given.params, field)),
			who.index,
		);
		if ('value' in tried) prepared.push(tried.value);
		else if (!ctx.continueOnFail) throw tried.problem;
		else problems.push({ json: who.json, from: who.index, problem: tried.problem });
	}
	return { prepared, problems };
}

function prepare(
	who: Addressee,
	{ json, params }: Given<Parameters>,
	fill: (source: string, field: string, scope: Json) => string,
	personal: (field: 'amount' | 'reference') => boolean,
): Prepared {
	const scope: Json = { ...json, item: json };
	const written = params.operation === 'donationLink' ? '' : fill(params.amount, 'Amount', scope);
	const ore = written === '' ? undefined : oreOf(written);
	let impossible: string | undefined;
	if (written !== '' && ore === undefined) {
		const problem = new StepProblem("'Amount' is no amount in kroner.", {
			field: 'Amount',
			hint: 'Write it like 250 or 249,50; leave it empty for the giver to choose.',
		});
		if (!personal('amount')) throw problem;
		impossible = problem.message;
	}
	const one: Prepared = {
		who,
		params,
		amountOre: ore ?? null,
		terms: termsOf(params, ore),
		reference: '',
	};
	if (params.operation === 'vippsPayment') impossible ??= checkPayment(params, one, personal('amount'));
	if (params.operation === 'kid')
		checkSeries(
			{
				name: params.kidSeries,
				prefix: params.kidPrefix,
				length: params.kidLength,
				method: params.kidMethod,
				numbering: params.kidNumber,
			},
			KID_FIELDS,
		);
	if (params.operation === 'donationLink') {
		checkDonation(params);
		if (params.referenceFrom === 'text') {
			one.reference = fill(params.reference, 'Reference', scope);
			if (!REFERENCE.test(one.reference)) {
				const problem = new StepProblem("'Reference' cannot stand in a donation link.", {
					field: 'Reference',
					hint: 'Use at most 50 of the letters A to Z, digits, hyphens, underscores and spaces.',
				});
				if (!personal('reference')) throw problem;
				impossible ??= problem.message;
			}
		}
	}
	return { ...one, ...(impossible === undefined ? {} : { impossible }) };
}

function termsOf(
	{ organisation, description, mayChange, suggested, book, options }: Parameters,
	ore: number | undefined,
): LinkTerms {
	const [least, most] = [Math.round(options.smallest * 100), Math.round(options.largest * 100)];
	const amounts = suggested
		.split(/[,;\n]/)
		.map((one) => oreOf(one.trim()))
		.filter((one) => one !== undefined)
		.filter((one) => one >= least && one <= most);
	return {
		organisation,
		description,
		open: ore === undefined || mayChange,
		least,
		most,
		suggested: [...new Set(amounts)].slice(0, 8),
		scope: options.askFor.join(' '),
		book,
	};
}

/** @returns why this one person can have none */
function checkPayment(params: Parameters, { terms, amountOre }: Prepared, own: boolean): string | undefined {
	if (params.organisation === '')
		throw new StepProblem("'Organisation' is empty.", {
			field: 'Organisation',
			hint: 'Write whose gift it is: the page that the link leads to shows it.',
		});
	if (params.description.length < 3 || params.description.length > 100)
		throw new StepProblem("'Text in Vipps' is not 3 to 100 characters long.", {
			field: 'Text in Vipps',
			hint: 'Write in a few words what the giver pays for, e.g. Gave til ungdomsarbeidet.',
		});
	if (terms.least > terms.most)
		throw new StepProblem("'Smallest Amount (NOK)' is above 'Largest Amount (NOK)'.", {
			field: 'Smallest Amount (NOK)',
			hint: 'Change one of them.',
		});
	if (amountOre === null || (amountOre >= terms.least && amountOre <= terms.most)) return undefined;
	const what = `'Amount' is not between ${kronerText(terms.least)} and ${kronerText(terms.most)} kroner.`;
	if (own) return what;
	throw new StepProblem(what, {
		field: 'Amount',
		hint: "Change it, or the limits under 'Options'.",
	});
}

function checkDonation({ vippsNumber, options }: Parameters): void {
	if (!/^\d{1,6}$/.test(vippsNumber))
		throw new StepProblem("'Vipps Number' is not one to six digits.", {
			field: 'Vipps Number',
			hint: 'Write the number that people give to in Vipps, with its leading zeros.',
		});
	if (!isSafe(options.donationHost))
		throw new StepProblem("'Donation Link Host' is no address that begins with https://.", {
			field: 'Donation Link Host',
			hint: 'Leave it as it was: https://qr.vipps.no.',
		});
}

/** A machine's own address is for trying out. */
function isSafe(address: string): boolean {
	if (!URL.canParse(address)) return false;
	const { protocol, hostname } = new URL(address);
	return protocol === 'https:' || ['127.0.0.1', 'localhost', '[::1]'].includes(hostname);
}
