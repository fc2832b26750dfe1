/** Which payments of a bank file are gifts. */
import { type GiftRules, rightKid, saysLike, sortGifts } from '../../../providers/bank/gifts';
import { readCamt054 } from '../../../providers/bank/camt054';
import { type Given, camt } from './camt';
import { CALENDAR, kid11Of, kidOf } from './samples';

const ALL: GiftRules = { kids: [], accounts: [], withoutKid: true, lumpSums: ['Utb. * Vippsnr *'] };
const sort = (transactions: Given[], rules: Partial<GiftRules> = {}) =>
	sortGifts(readCamt054(Buffer.from(camt('02', [{ transactions }])), CALENDAR), { ...ALL, ...rules });

test('a payout of Vipps is no gift, however it is written', () => {
	const { gifts, leftOut } = sort([
		{ ore: 1_234_500, text: 'Utb. 2000810 Vippsnr 117703' },
		{ ore: 1_234_500, text: 'UTB.  2000810\nVIPPSNR 117703' },
		{ ore: 100, more: '<AddtlTxInf>Utb. 2000810 Vippsnr 117703</AddtlTxInf>' },
		{ ore: 100, text: 'Utbytte av loddsalg' },
		{ ore: 100, text: 'Vippsnr 117703 virker ikke. Utb. skjer hvordan?' },
	]);
	expect(leftOut).toEqual([
		{ reason: 'lumpSum', amountOre: 1_234_500 },
		{ reason: 'lumpSum', amountOre: 1_234_500 },
		{ reason: 'lumpSum', amountOre: 100 },
	]);
	expect(gifts.map(({ evidence }) => evidence.message)).toEqual([
		'Utbytte av loddsalg',
		'Vippsnr 117703 virker ikke. Utb. skjer hvordan?',
	]);
	expect(sort([{ ore: 1, text: 'Utb. 1 Vippsnr 2' }], { lumpSums: [] }).gifts).toHaveLength(1);
});

test('a pattern is found anywhere, in any case; stars alone are none', () => {
	expect(saysLike('Betaling fra KLARNA uke 7', 'klarna')).toBe(true);
	expect(saysLike('Vippsnr 1 Utb. 2', 'Utb. * Vippsnr *')).toBe(false);
	for (const none of ['', '*', ' * * ']) expect(saysLike('hva som helst', none)).toBe(false);
	const long = 'a'.repeat(5_000);
	expect(saysLike(long, `${'a*'.repeat(200)}b`)).toBe(false);
});

test('a KID is right by either method, and zeros are none', () => {
	expect(rightKid(kidOf('001001'))).toBe('0010017');
	expect(rightKid(kid11Of('12345678'))).toBe('123456785');
	expect(rightKid('0010018')).toBeUndefined();
	expect(rightKid('')).toBeUndefined();
	expect(rightKid('0000000')).toBeUndefined();
});

test('a KID is of a series by its first digits, its length and its method', () => {
	const kids = [{ prefix: '77', length: 6, method: 'mod10' as const }];
	const { gifts, leftOut } = sort(
		[
			{ ore: 1, kid: kidOf('77123') },
			{ ore: 2, kid: kidOf('7712') },
			{ ore: 3, kid: kidOf('78123') },
			{ ore: 4, kid: kid11Of('77124') },
			{ ore: 5, text: 'Gave' },
		],
		{ kids },
	);
	expect(gifts.map(({ amountOre }) => amountOre)).toEqual([1, 5]);
	expect(leftOut.map(({ reason, amountOre }) => [reason, amountOre])).toEqual([
		['otherKid', 2],
		['otherKid', 3],
		['otherKid', 4],
	]);
});

test('what stands for a KID and is none goes with the message', () => {
	const { gifts, withoutKid, wrongKid } = sort([
		{ ore: 1, kid: '0010018', text: 'Hilsen Ada' },
		{ ore: 2, text: 'Hilsen Per' },
	]);
	expect(gifts.map(({ kid, evidence }) => [kid, evidence.message])).toEqual([
		[undefined, 'KID 0010018\nHilsen Ada'],
		[undefined, 'Hilsen Per'],
	]);
	expect([withoutKid, wrongKid]).toEqual([2, 1]);
});
