/** A list of fields with live visibility: the whole form, a row, or a section of it. */
import { isDynamic } from '../form/dynamic';
import type { Field } from '../form/form';
import { complaint } from '../form/check';
import { isShown } from '../form/display';
import { type Values, shownFields } from '../form/values';
import { chosenControl } from './chosen';
import { checkboxes, dropdown } from './dropdown';
import type { Control, Scope } from './control';
import { plainInput, textArea, yesNo } from './inputs';
import { rowsControl } from './rows';
import { editorSay, say } from './texts';
import { typedControl } from './typed';

export interface Fields {
	element: JQuery;
	controls: Control[];
	/** Everything entered, also in fields that are hidden at this moment. */
	read(): Values;
	refresh(): void;
}

/** `stored` may hold values of fields that are hidden now; they are kept until the dialog is saved. */
export function fieldsOf(
	fields: readonly Field[],
	stored: Values,
	outer: Omit<Scope, 'beside'>,
	typed = true,
): Fields {
	const element = $('<div class="mj-fields">');
	const controls: Control[] = [];
	const scope: Scope = { ...outer, beside: () => readAll() };
	// Fields that share a name show one at a time; the shown one's value counts.
	const readAll = (): Values => {
		const values: Values = {};
		for (const control of controls) {
			const hidden = control.element.hasClass('mj-hidden');
			const value = control.read();
			if (value !== undefined && (!hidden || !(control.field.name in values)))
				values[control.field.name] = value;
		}
		return values;
	};
	const refresh = () => {
		const shown = new Set(shownFields(fields, readAll(), outer.root()));
		for (const control of controls) {
			const visible =
				control.field.type === 'notice'
					? noticeShown(control.field, readAll(), outer.root())
					: shown.has(control.field);
			control.element.toggleClass('mj-hidden', !visible);
			if (visible) control.refresh();
			const wrong = visible ? complaint(control.field, control.read()) : undefined;
			control.element.toggleClass('mj-wrong', wrong !== undefined);
			control.element
				.children('.mj-wrong-text')
				.text(wrong ? editorSay(`wrong.${wrong.what}`, { ...wrong }) : '');
		}
	};
	for (const [index, field] of fields.entries()) {
		if (field.type === 'hidden') continue;
		const control = controlFor(field, stored[field.name] ?? structuredCopy(field.default), scope, typed);
		// A number and its unit read as one line.
		const besideNumber = field.type === 'options' && fields[index - 1]?.type === 'number';
		control.element.toggleClass('mj-half', field.type === 'number' || besideNumber);
		controls.push(control);
		element.append(control.element);
	}
	return { element, controls, read: readAll, refresh };
}

const noticeShown = (field: Field, values: Values, root: Values) =>
	isShown(field.displayOptions, values, root);

const structuredCopy = (value: unknown): unknown =>
	value === undefined ? undefined : JSON.parse(JSON.stringify(value));

function controlFor(field: Field, value: unknown, scope: Scope, typed: boolean): Control {
	switch (field.type) {
		case 'notice':
			return notice(field);
		case 'options':
			return dropdown(field, value, scope);
		case 'multiOptions':
			return checkboxes(field, value, scope);
		case 'fixedCollection':
			return field.typeOptions?.multipleValues
				? rowsControl(field, value, scope)
				: chosenControl(field, value, scope);
		case 'collection':
			return chosenControl(field, value, scope);
		case 'boolean':
			// A tick reads better than a typed value; one that an import reads from `msg` keeps doing so.
			return isDynamic(value) ? typedControl(field, value, scope) : yesNo(field, value, scope);
		case 'string':
		case 'number':
		case 'json':
		case 'dateTime':
		case 'hidden':
			return valueControl(field, value, scope, typed);
	}
}

function valueControl(field: Field, value: unknown, scope: Scope, typed: boolean): Control {
	const { rows = 1, password } = field.typeOptions ?? {};
	if (field.type === 'string' && rows > 1) return textArea(field, value, scope);
	const fixed = !typed || field.noDataExpression || password;
	return fixed && !isDynamic(value) ? plainInput(field, value, scope) : typedControl(field, value, scope);
}

/** n8n's notices may hold simple HTML of our own making: bold, links, line breaks. */
function notice(field: Field): Control {
	const element = $('<div class="mj-field mj-notice">').append(
		$('<i class="fa fa-info-circle">'),
		$('<span>').html(say(field.displayName)),
	);
	return { field, element, read: () => undefined, refresh: () => undefined };
}
