/** Inputs for values that are the same for everybody. */
import { isDynamic } from '../form/dynamic';
import type { Field } from '../form/form';
import type { Control, Scope } from './control';
import { frameFor } from './frame';
import { say } from './texts';
import { typedControl } from './typed';

const KEPT_SECRET = '__PWRD__';

export function plainInput(field: Field, value: unknown, scope: Scope): Control {
	const { password, minValue, maxValue } = field.typeOptions ?? {};
	const type = password ? 'password' : field.type === 'number' ? 'number' : 'text';
	const input = $<HTMLInputElement>('<input class="mj-input">').attr({
		type,
		placeholder: say(field.placeholder),
		autocomplete: 'off',
	});
	if (minValue !== undefined) input.attr('min', minValue);
	if (maxValue !== undefined) input.attr('max', maxValue);
	input.val(value === undefined || value === null ? '' : String(value));
	if (value === KEPT_SECRET) input.on('focus', () => void input.trigger('select'));
	input.on('input change', () => scope.changed());
	const read = () => {
		const text = String(input.val() ?? '');
		if (field.type !== 'number') return text;
		return text.trim() === '' ? undefined : Number(text.replace(',', '.'));
	};
	return { field, element: frameFor(field, input, scope).element, read, refresh: () => undefined };
}

export function textArea(field: Field, value: unknown, scope: Scope): Control {
	// Long texts are templates and speak to each person by themselves; one that an import reads from `msg` keeps doing so.
	if (isDynamic(value)) return typedControl(field, value, scope);
	const area = $('<textarea class="mj-input mj-text">').attr({
		rows: field.typeOptions?.rows ?? 4,
		placeholder: say(field.placeholder),
		spellcheck: 'true',
	});
	area.val(typeof value === 'string' ? value : '');
	area.on('input change', () => scope.changed());
	return {
		field,
		element: frameFor(field, area).element,
		read: () => String(area.val() ?? ''),
		refresh: () => undefined,
	};
}

export function yesNo(field: Field, value: unknown, scope: Scope): Control {
	const box = $('<input type="checkbox">').prop('checked', value === true);
	box.on('change', () => scope.changed());
	const frame = frameFor(field, box, scope);
	frame.element.addClass('mj-yes-no');
	frame.element.prepend(box);
	return {
		field,
		element: frame.element,
		read: () => box.prop('checked') === true,
		refresh: () => undefined,
	};
}
