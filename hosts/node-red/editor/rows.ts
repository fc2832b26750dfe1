/** Repeated rows in Node-RED's editableList; each row is a group of fields. */
import { type Field, type FieldGroup, groupsOf } from '../form/form';
import type { Values } from '../form/values';
import type { Control, Scope } from './control';
import { type Fields, fieldsOf } from './fields';
import { frameFor } from './frame';
import { widget } from './red';
import { say } from './texts';

export function rowsControl(field: Field, value: unknown, scope: Scope): Control {
	const box = $('<div class="mj-groups">');
	const frame = frameFor(field, box, { labelFor: false });
	frame.element.addClass('mj-wide');
	const groups = groupsOf(field);
	const lists = groups.map((group) => rowList(field, group, groups.length > 1, value, scope));
	for (const { element } of lists) box.append(element);
	return {
		field,
		element: frame.element,
		read: () => {
			const filled = lists
				.map(({ group, read }) => [group.name, read()] as const)
				.filter(([, rows]) => rows.length > 0);
			return Object.fromEntries(filled);
		},
		refresh: () => {
			for (const list of lists) list.refresh();
		},
	};
}

function rowList(field: Field, group: FieldGroup, several: boolean, value: unknown, scope: Scope) {
	const element = $('<div class="mj-group">');
	if (several) element.append($('<div class="mj-group-title">').text(say(group.displayName)));
	const list = $('<ol>').appendTo(element);
	const stored = ((value as Values | undefined)?.[group.name] ?? []) as Values | Values[];
	let alive = false;
	const awaken = () => {
		if (alive) return;
		alive = true;
		widget(list).editableList({
			addButton: say(
				several
					? group.displayName
					: (field.typeOptions?.multipleValueButtonText ?? field.placeholder ?? group.displayName),
			),
			height: 'auto',
			removable: true,
			sortable: true,
			addItem(container, _index, data) {
				const row = fieldsOf(group.values, data as Values, scope);
				row.element.addClass('mj-row');
				container.append(row.element).data('row', row);
				// A new row is drawn before it hangs in the list; its widgets need a width.
				setTimeout(() => {
					row.refresh();
					scope.changed();
				});
			},
			removeItem: () => scope.changed(),
			sortItems: () => scope.changed(),
		});
		for (const row of asList(stored)) widget(list).editableList('addItem', row);
	};
	const rows = (): Fields[] =>
		widget(list)
			.editableList('items')
			.toArray()
			.map(
				(item) =>
					($(item).data('row') ?? $(item).find('.red-ui-editableList-item-content').data('row')) as
						Fields | undefined,
			)
			.filter((row): row is Fields => row !== undefined);
	return {
		group,
		element,
		read: (): Values[] => (alive ? rows().map((row) => row.read()) : asList(stored)),
		refresh() {
			awaken();
			for (const row of rows()) row.refresh();
		},
	};
}

const asList = (rows: Values | Values[]): Values[] => (Array.isArray(rows) ? rows : [rows]);
