/** Node-RED's editor, as the browser has it. */
import type { EditorRED } from 'node-red';

/** The widgets of Node-RED's editor on jQuery, as far as the forms use them. */
interface Widgets {
	typedInput(options: { types: readonly unknown[]; default?: string }): JQuery;
	typedInput(action: 'type' | 'value'): string;
	typedInput(action: 'type' | 'value' | 'width', value: string): JQuery;
	editableList(options: {
		addButton: string;
		header?: JQuery;
		height?: string;
		removable: boolean;
		sortable: boolean;
		addItem(container: JQuery, index: number, data: Record<string, unknown>): void;
		removeItem(): void;
		sortItems(): void;
	}): JQuery;
	editableList(action: 'addItem', data: Record<string, unknown>): JQuery;
	editableList(action: 'items'): JQuery;
}

declare const RED: EditorRED;
export const red = RED as EditorRED & {
	_(id: string, values?: Record<string, unknown>): string;
	notify(text: string, kind: string): void;
};

export interface EditorNode {
	id: string;
	type: string;
	name: string;
	changed?: boolean;
	params?: Record<string, unknown>;
	/** How many, of steps whose outputs follow the form. */
	outputs?: number;
	credentials?: Record<string, unknown>;
	_def: { defaults: Record<string, unknown>; credentials?: Record<string, unknown> };
	[property: string]: unknown;
}

export const widget = (element: JQuery) => element as unknown as JQuery & Widgets;
