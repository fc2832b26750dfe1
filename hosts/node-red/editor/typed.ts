/** Node-RED's typedInput, for values that may differ from person to person. */
import { type Lookup, isDynamic } from '../form/dynamic';
import type { Field, FieldType } from '../form/form';
import type { Control, Scope } from './control';
import { frameFor } from './frame';
import { widget } from './red';
import { say } from './texts';

const fixedType: Partial<Record<FieldType, string>> = { number: 'num', boolean: 'bool', json: 'json' };

export function typedControl(field: Field, value: unknown, scope: Scope): Control {
	const fixed = fixedType[field.type] ?? 'str';
	const input = $('<input type="text" class="mj-input">').attr('placeholder', say(field.placeholder));
	const frame = frameFor(field, input);
	// typedInput measures its parent, so it comes to life when the field is first seen.
	let alive = false;
	const awaken = () => {
		if (alive) return;
		alive = true;
		widget(input).typedInput({ types: [fixed, 'msg', 'flow', 'global', 'jsonata', 'env'], default: fixed });
		widget(input).typedInput('type', isDynamic(value) ? value.$from : fixed);
		widget(input).typedInput('value', isDynamic(value) ? value.value : written(value));
		widget(input).typedInput('width', '100%');
		frame.element.find('.red-ui-typedInput-input').attr('placeholder', say(field.placeholder));
		input.on('change', () => scope.changed());
	};
	const read = () => {
		if (!alive) return value;
		const type = widget(input).typedInput('type');
		const text = widget(input).typedInput('value');
		return type === fixed ? entered(field.type, text) : { $from: type as Lookup, value: text };
	};
	return { field, element: frame.element, read, refresh: awaken };
}

function written(value: unknown): string {
	if (value === undefined || value === null) return '';
	return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function entered(type: FieldType, text: string): unknown {
	if (type === 'number') return text.trim() === '' ? undefined : Number(text);
	if (type === 'boolean') return text === 'true';
	// n8n's JSON fields hold their text.
	return text;
}
