/** What became of files, in words. */
import { kroner } from '../../providers/bank/broken';
import { leftOutReasons } from '../../providers/bank/payment';
import { type Taken, nothingTaken } from './takeFile';

export function together(all: readonly Taken[]): Taken {
	const sum = nothingTaken();
	for (const one of all) {
		for (const name of COUNTS) sum[name] += one[name];
		for (const [currency, ore] of one.sums) sum.sums.set(currency, (sum.sums.get(currency) ?? 0) + ore);
		for (const [reason, { count, ore }] of one.leftOut) {
			const before = sum.leftOut.get(reason) ?? { count: 0, ore: 0 };
			sum.leftOut.set(reason, { count: before.count + count, ore: before.ore + ore });
		}
	}
	return sum;
}

const COUNTS = [
	'gifts',
	'withoutKid',
	'wrongKid',
	'known',
	'reversals',
	'early',
	'agreements',
] as const satisfies ReadonlyArray<keyof Taken>;

/** `212 gifts, 84 350.00 kr, 3 without KID.` */
export function summaryOf(taken: Taken): string {
	if (taken.before) return 'This file has been read before: nothing was done.';
	const sums = [...taken.sums].map(
		([currency, ore]) => `${kroner(ore)} ${currency === 'NOK' ? 'kr' : currency}`,
	);
	const more: Array<[number, string]> = [
		[taken.withoutKid, 'without KID'],
		[taken.wrongKid, 'with a KID whose control digit is wrong'],
		[taken.known, 'known before'],
		[taken.reversals, taken.reversals === 1 ? 'reversal' : 'reversals'],
		[taken.early, 'of a gift that is not known'],
		[taken.agreements, taken.agreements === 1 ? 'agreement with news' : 'agreements with news'],
	];
	const said = [
		`${taken.gifts} ${taken.gifts === 1 ? 'gift' : 'gifts'}`,
		...sums,
		...more.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`),
	].join(', ');
	const left = [...taken.leftOut].map(
		([reason, { count, ore }]) => `${count} ${leftOutReasons[reason]} (${kroner(ore)})`,
	);
	return left.length === 0 ? `${said}.` : `${said}. Left out: ${left.join(', ')}.`;
}

/** For flows and logs. */
export function countsOf(taken: Taken) {
	return Object.fromEntries(COUNTS.map((name) => [name, taken[name]]));
}
