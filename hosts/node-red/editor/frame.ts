/** A field's frame: label above, the control, the hint below. */
import type { Field } from '../form/form';
import { editorSay, say } from './texts';

let made = 0;

export interface Frame {
	element: JQuery;
	/** Links the label to the control, for mouse and screen reader. */
	id: string;
	hint(text: string): void;
}

export function frameFor(
	field: Field,
	control: JQuery,
	options: { labelFor?: boolean; idPrefix?: string } = {},
): Frame {
	const id = options.idPrefix ? `${options.idPrefix}${field.name}` : `mj-${++made}`;
	const labelled = options.labelFor ?? true;
	if (labelled) control.attr('id', id);
	else control.attr({ role: 'group', 'aria-labelledby': `${id}-label` });
	const label = $(labelled ? '<label>' : '<div>')
		.addClass('mj-label')
		.attr('id', `${id}-label`)
		.text(say(field.displayName));
	if (labelled) label.attr('for', id);
	if (field.required)
		label.append($('<span class="mj-required">').attr('title', editorSay('required')).text(' *'));
	const own = field.description ?? field.hint ?? '';
	const hint = $('<div class="mj-hint">').text(say(own));
	const element = $('<div class="mj-field">')
		.attr('data-field', field.name)
		.append(label, control, $('<div class="mj-wrong-text">'), hint);
	return {
		element,
		id,
		hint(text) {
			const sentences = [say(own), text].filter(Boolean).map((one) => one.replace(/\.$/, ''));
			hint.text(sentences.join('. '));
		},
	};
}
