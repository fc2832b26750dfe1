/** How the form says that files are read, and which payments are gifts. */
import { createHash } from 'node:crypto';
import { StepProblem } from '../../core/ports';
import { organisationOf } from '../../core/register/organisation';
import type { Choice, StepContext } from '../../core/step';
import type { Store } from '../../core/store/store';
import type { BankFormat } from '../../providers/bank/bankFile';
import type { GiftRules, KidOfGifts } from '../../providers/bank/gifts';
import type { Parameters } from './form';

export interface Rules {
	gifts: GiftRules;
	format: BankFormat;
	sumsNeeded: boolean;
	/** IANA zone of the organisation. */
	zone: string;
	/** Changes when a file would be read otherwise. */
	mark: string;
}

/** @throws {StepProblem} naming the field */
export async function rulesOf(ctx: StepContext, store: Store, params: Parameters): Promise<Rules> {
	const { zone } = organisationOf(await ctx.credentials('memberJourneysStoreApi'));
	for (const prefix of params.giftKids)
		if (!/^\d{1,24}$/.test(prefix))
			throw new StepProblem("'Gift KIDs Begin With' has something that is not digits.", {
				field: 'Gift KIDs Begin With',
				hint: 'Write the first digits of the KIDs that are for gifts, parted by commas. Leave it empty when all are.',
			});
	for (const account of params.giftAccounts)
		if (!/^\w{1,34}$/.test(account))
			throw new StepProblem("'Gift Accounts' has something that is no account.", {
				field: 'Gift Accounts',
				hint: 'Write account numbers, parted by commas. Leave it empty when all are for gifts.',
			});
	const gifts: GiftRules = {
		kids: [...params.giftKids.map((prefix) => ({ prefix })), ...(await seriesOf(store, params.series))],
		accounts: params.giftAccounts,
		withoutKid: params.withoutKid,
		lumpSums: params.options.lumpSums,
	};
	const { format } = params;
	const sumsNeeded = params.options.settlementSums === 'needed';
	const mark = createHash('sha256')
		.update(JSON.stringify([gifts, format, zone]))
		.digest('hex')
		.slice(0, 12);
	return { gifts, format, sumsNeeded, zone, mark };
}

async function seriesOf(store: Store, ids: readonly string[]): Promise<KidOfGifts[]> {
	if (ids.length === 0) return [];
	const rows = await store.db
		.selectFrom('kid_series')
		.select(['id', 'prefix', 'length', 'method'])
		.where(
			'id',
			'in',
			ids.map(Number).filter((id) => Number.isSafeInteger(id)),
		)
		.execute();
	if (rows.length < new Set(ids).size)
		throw new StepProblem("'Gift KID Series' names a series that is no longer there.", {
			field: 'Gift KID Series',
			hint: 'Choose anew from the list.',
		});
	return rows.map(({ prefix, length, method }) => ({ prefix, length, method }));
}

export async function seriesChoices(ctx: StepContext): Promise<Choice[]> {
	const { db } = await ctx.store();
	const rows = await db.selectFrom('kid_series').select(['id', 'name', 'prefix']).orderBy('name').execute();
	return rows.map(({ id, name, prefix }) => ({
		name,
		value: String(id),
		...(prefix === '' ? {} : { description: `${prefix}…` }),
	}));
}
