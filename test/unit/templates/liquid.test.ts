import { compileTemplate } from '../../../core/templates/liquid';

const person = { givenName: 'Kari', attributes: {} };

describe('a personal text', () => {
	test('is filled in', () => {
		expect(compileTemplate('Hei {{ person.givenName | upcase }}!', 'Text').render({ person })).toBe(
			'Hei KARI!',
		);
	});
	test('with a slip in its syntax names the field and the line', () => {
		expect(() => compileTemplate('Hei\n{{ person.givenName ', 'Text')).toThrow(
			/'Text' cannot be read as a Liquid text: .*line:2/,
		);
	});
	test('with a name nobody has says which, and what to do', () => {
		try {
			compileTemplate('Hei {{ person.givenNam }}', 'Text').render({ person });
			throw new Error('it went through');
		} catch (problem) {
			expect(problem).toMatchObject({
				message: expect.stringContaining('givenNam'),
				hint: expect.stringContaining("'person.'"),
			});
		}
	});
	test('may say what to write when something is missing', () => {
		expect(
			compileTemplate('{{ person.attributes.kurs | default: "kurset" }}', 'Text').render({ person }),
		).toBe('kurset');
	});
	test.each([
		'{{ person.constructor.name }}',
		'{{ person.__proto__.x }}',
		'{% include "/etc/passwd" %}',
		'{% render "../secrets" %}',
	])('reaches nothing outside: %s', (text) => {
		expect(() => compileTemplate(text, 'Text').render({ person })).toThrow();
	});
	test('cannot run for ever', () => {
		expect(() =>
			compileTemplate('{% for i in (1..100000000) %}x{% endfor %}', 'Text').render({ person }),
		).toThrow(/cannot be filled in/);
	});
});
