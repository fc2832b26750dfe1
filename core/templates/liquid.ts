/** Texts with personal details, in Liquid: sandboxed, strict about unknown names, bounded in work. */
import { Liquid, type Template } from 'liquidjs';
import { StepProblem } from '../ports';

const settings = {
	// A name that does not exist is a spelling mistake nobody should get a message with.
	strictVariables: true,
	// … unless the text itself says what to do without it: `| default` and `{% if %}`.
	lenientIf: true,
	strictFilters: true,
	// Only what was put in is reachable: no prototypes, no files.
	ownPropertyOnly: true,
	templates: {},
	parseLimit: 100_000,
	renderLimit: 200,
	memoryLimit: 1_000_000,
	timezoneOffset: 'Europe/Oslo',
	dateFormat: '%d.%m.%Y',
} as const;
const engine = new Liquid(settings);
/** What is filled in stands in HTML: `<` and the like are shown as they are, unless the text says `| raw`. */
const escaping = new Liquid({ ...settings, outputEscape: 'escape' });

export interface CompiledTemplate {
	/**
	 * @throws {StepProblem} naming the field and the unknown name.
	 */
	render(scope: Record<string, unknown>): string;
}

/**
 * @param field the field's name as the form shows it, for messages.
 * @param into `html`: values are escaped.
 * @throws {StepProblem} when the text is not valid Liquid; the message has the line.
 */
export function compileTemplate(
	text: string,
	field: string,
	into: 'text' | 'html' = 'text',
): CompiledTemplate {
	const liquid = into === 'html' ? escaping : engine;
	let parsed: Template[];
	try {
		parsed = liquid.parse(text);
	} catch (cause) {
		throw new StepProblem(`'${field}' cannot be read as a Liquid text: ${firstLine(cause)}`, {
			field,
			hint: 'Look for a {{ or {% without its closing part, or a tag or filter that Liquid does not have.',
			cause,
		});
	}
	return {
		render(scope) {
			try {
				return String(liquid.renderSync(parsed, scope));
			} catch (cause) {
				const line = firstLine(cause);
				const unknown = /undefined variable: ([^\s,]+)/.exec(line)?.[1];
				throw new StepProblem(
					unknown
						? `'${field}' uses the name '${unknown}', which this person does not have.`
						: `'${field}' cannot be filled in: ${line}`,
					{
						field,
						hint: unknown
							? `Check the spelling, or say what to write when it is missing: {{ ${unknown} | default: "…" }}. Known names start with ${Object.keys(
									scope,
								)
									.map((name) => `'${name}.'`)
									.join(', ')}.`
							: 'Simplify the text: loops and nested tags are limited.',
						cause,
					},
				);
			}
		},
	};
}

function firstLine(cause: unknown): string {
	return (cause instanceof Error ? cause.message : String(cause)).split('\n')[0] ?? '';
}
