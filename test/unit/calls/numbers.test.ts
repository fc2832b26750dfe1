/** Which numbers are called. */
import { numberAgainst } from '../../../core/calls/numbers';
import { dispositionsBy } from '../../../core/calls/dispositions';

const rules = { landlines: false, foreign: false, countryCode: '47' };

test.each([
	['+4740012345', undefined],
	['+4792345678', undefined],
	['+4759012345', undefined],
	['+4722334455', 'landline'],
	['+4780012345', 'serviceNumber'],
	['+4781500000', 'serviceNumber'],
	['+4782912345', 'serviceNumber'],
	['+46701234567', 'foreignNumber'],
	['+472', 'wrongNumber'],
] as const)('%s: %s', (number, against) => {
	expect(numberAgainst(number, rules)).toBe(against);
});

test('landlines and foreign numbers are called where the form says so, foreign service numbers never', () => {
	expect(numberAgainst('+4722334455', { ...rules, landlines: true })).toBeUndefined();
	expect(numberAgainst('+46701234567', { ...rules, foreign: true })).toBeUndefined();
	expect(numberAgainst('+4620100100', { ...rules, foreign: true })).toBe('serviceNumber');
});

test('words of VICIdial, Adversus and Norwegian agencies are known; rows of the form come first', () => {
	const read = dispositionsBy([
		{ word: 'NI, FOR DYRT', disposition: 'no', outcome: 'wait' },
		{ word: 'salg', disposition: 'unqualified', outcome: 'default' },
	]);
	expect(read('SALE')).toMatchObject({ disposition: 'yes', outcome: 'yes', reached: true });
	expect(read(' notInterested ')?.disposition).toBe('no');
	expect(read('Reservert')).toMatchObject({ disposition: 'askedNotToBeCalled', outcome: 'no' });
	expect(read('ni')).toMatchObject({ disposition: 'no', outcome: 'wait' });
	expect(read('Salg')?.disposition).toBe('unqualified');
	expect(read('Avdød')?.outcome).toBe('leftOut');
	expect(read('noe annet')).toBeUndefined();
});
