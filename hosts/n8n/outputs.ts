/** Outputs that follow the form, as n8n wants them: an expression that its canvas evaluates on every change. */
import type { INodeTypeDescription } from 'n8n-workflow';
import { type OutputRule, outputNames } from '../../core/outputs';
import type { Json, Step } from '../../core/step';

/** As {@link outputNames} does it. n8n cuts expressions at `}}`, so no two braces may stand together. */
const CODE = `((rule, values) => {
	const names = rule.cases[values[rule.by]] ?? Object.values(rule.cases)[0] ?? [];
	const rows = Array.isArray(names) ? names : ((values[names.rows] ?? {})[names.list] ?? []).map((row, index) => String(row[names.name] ?? '').trim() || String(index + 1));
	return [...rule.always, ...rows].map((displayName) => ({ type: 'main', displayName }));
})`;

const BEFORE = `={{ ${CODE}(`;
const AFTER = ', $parameter) }}';

export function outputsExpression(rule: OutputRule): INodeTypeDescription['outputs'] {
	return `${BEFORE}${JSON.stringify(rule).replace(/}(?=})/g, '} ')}${AFTER}` as INodeTypeDescription['outputs'];
}

/** The rule in such an expression; undefined for any other. */
export function ruleIn(outputs: INodeTypeDescription['outputs']): OutputRule | undefined {
	if (typeof outputs !== 'string' || !outputs.startsWith(BEFORE) || !outputs.endsWith(AFTER))
		return undefined;
	return JSON.parse(outputs.slice(BEFORE.length, -AFTER.length)) as OutputRule;
}

/** How many the step has with these parameters. */
export function outputCount<P>({ outputs, outputsBy }: Step<P>, parameters: object): number {
	return outputsBy ? outputNames(outputsBy, parameters as Json).length : outputs.length;
}
