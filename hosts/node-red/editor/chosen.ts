/** A section of optional fields, added one by one: n8n's collections, and fixed collections whose groups come once. */
import { type Field, type FieldGroup, groupsOf, membersOf } from '../form/form';
import type { Values } from '../form/values';
import type { Control, Scope } from './control';
import { type Fields, fieldsOf } from './fields';
import { frameFor } from './frame';
import { editorSay, say } from './texts';

interface Part {
	name: string;
	title: string;
	fields: Field[];
	/** The value of a group is an object, that of a single field the field's own. */
	group: boolean;
}

export function chosenControl(field: Field, value: unknown, scope: Scope): Control {
	const parts: Part[] = [
		...membersOf(field).map((one): Part => ({
			name: one.name,
			title: one.displayName,
			fields: [one],
			group: false,
		})),
		...groupsOf(field).map((one: FieldGroup): Part => ({
			name: one.name,
			title: one.displayName,
			fields: one.values,
			group: true,
		})),
	];
	const stored = (value ?? {}) as Values;
	const added = new Map<string, { fields: Fields; element: JQuery; part: Part }>();
	const body = $('<div class="mj-section-body">');
	const adder = $('<select class="mj-input mj-adder">').attr(
		'aria-label',
		field.placeholder ? say(field.placeholder) : editorSay('addField'),
	);
	const section = $('<details class="mj-section">').append(
		$('<summary>').append($('<span>').text(say(field.displayName)), $('<span class="mj-count">')),
		body,
		adder,
	);
	const frame = frameFor(field, section, { labelFor: false });
	frame.element.addClass('mj-wide').children('.mj-label').remove();

	const add = (part: Part, from: Values) => {
		const fields = fieldsOf(part.fields, from, scope);
		const remove = $('<a href="#" class="mj-remove">')
			.attr('title', editorSay('remove'))
			.append($('<i class="fa fa-times">'));
		const element = $('<div class="mj-part">');
		if (part.group && parts.length > 1)
			element.append($('<div class="mj-group-title">').text(say(part.title)));
		element.append(fields.element, remove);
		remove.on('click', (event) => {
			event.preventDefault();
			added.delete(part.name);
			element.remove();
			offer();
			scope.changed();
		});
		added.set(part.name, { fields, element, part });
		body.append(element);
		fields.refresh();
	};
	const offer = () => {
		const left = parts.filter(({ name }) => !added.has(name));
		adder
			.empty()
			.append(
				$('<option value="">').text(field.placeholder ? say(field.placeholder) : editorSay('addField')),
			);
		for (const { name, title } of left) adder.append($('<option>').val(name).text(say(title)));
		adder.toggle(left.length > 0);
		section.find('> summary .mj-count').text(added.size > 0 ? `(${added.size})` : '');
	};
	adder.on('change', () => {
		const part = parts.find(({ name }) => name === adder.val());
		if (!part) return;
		add(part, {});
		offer();
		scope.changed();
	});
	for (const part of parts) {
		if (!(part.name in stored)) continue;
		add(part, part.group ? (stored[part.name] as Values) : stored);
	}
	offer();
	section.prop('open', added.size > 0);
	section.on('toggle', () => scope.changed());

	return {
		field,
		element: frame.element,
		read: () => {
			const values: Values = {};
			for (const { part, fields } of added.values()) {
				const read = fields.read();
				if (part.group) values[part.name] = read;
				else if (part.name in read) values[part.name] = read[part.name];
			}
			return values;
		},
		refresh: () => {
			for (const { fields } of added.values()) fields.refresh();
		},
	};
}
