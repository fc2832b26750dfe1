/** Every way a comparison can come out has its words, in both languages. */
import type { Reason } from '../../../../core/gifts/finding';
import { defaultWeights } from '../../../../core/gifts/linkage/weights';
import { reasonWords } from '../../../../core/gifts/reasons';

const held = ['organisation', 'deceased', 'nameAlone', 'nameContradicts', 'severalPayers', 'severalPersons'];

test.each([
	...Object.entries(defaultWeights).flatMap(([name, levels]) =>
		Object.keys(levels).map((level) => `${name}.${level}`),
	),
	'order.couple',
	...held.map((code) => `heldBack.${code}`),
])('%s', (code) => {
	const reason: Reason = { code, weight: 1 };
	expect(reasonWords(reason, 'en')).not.toBe(code);
	expect(reasonWords(reason, 'nb')).not.toBe(code);
});
